"""How often a leak of membership is reported where there is none: targets that have seen neither side, and gates that stand exactly at their limit.

    python benchmarks/privacy/null.py [--targets 200] [--records 400] [--audits 1000] [--first 0]

For each target (random forest, XGBoost, logistic regression, network) fresh records are drawn, the model is trained on others of the same kind, and the whole
attack runs with four shadow models. The verdict is the one of `model/membership-inference`: the lower bound of the area above 0.51, or that of a rate above 1.5 times
its false-positive rate. Then, of a Gaussian mechanism whose epsilon is known: how often each measured lower bound exceeds it. Then, for a gate "rate at 1 % at most
5 %" and an attack whose true rate is exactly 5 %: how often two consecutive runs differ.
"""

from __future__ import annotations

import argparse
import os
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

from aisecops.attacks.inference.differential import clopper_pearson_bound, gaussian_bound, one_run_bound
from aisecops.attacks.inference.differential.bounds import gaussian_epsilon
from aisecops.attacks.inference.membership import audit, clones, rate_at
from aisecops.core.statistics.special import normal_quantile
from aisecops.oracles.opening import oracle_of


def targets() -> dict[str, object]:
    """The kinds of models."""
    models: dict[str, object] = {
        "random forest": RandomForestClassifier(20, random_state=0),
        "logistic regression": LogisticRegression(max_iter=500),
        "network": MLPClassifier((16,), max_iter=60, random_state=0),
    }
    try:
        from xgboost import XGBClassifier

        models["XGBoost"] = XGBClassifier(n_estimators=20, max_depth=5, n_jobs=1, random_state=0)
    except ImportError:
        print("xgboost is not installed: left out")
    return models


def alarm(model: object, records: int, seed: int) -> tuple[bool, bool]:
    """Whether a leak is reported, and whether the precondition fails."""
    X, y = make_classification(  # noqa: N806
        3 * records, n_features=10, n_informative=5, flip_y=0.15, class_sep=0.8, random_state=seed
    )
    model.fit(X[2 * records :], y[2 * records :])
    X, y = X[: 2 * records], y[: 2 * records]  # noqa: N806
    found = audit(oracle_of(model), (X[:records], y[:records]), (X[records:], y[records:]), shadows=clones(model, X, y), count=4, seed=seed)
    leak = found.area.interval.low > 0.51 or any(rate.interval.low > 1.5 * rate.fpr for rate in found.rates)
    return leak and not found.blind.shifted, found.blind.shifted


def flips(n: int, runs: int) -> tuple[float, float]:
    """How often consecutive runs of a gate at its limit differ: judged by the value, and by the lower bound."""
    rng = np.random.default_rng(0)
    shift = normal_quantile(0.99) - normal_quantile(0.95)  # at 1 % of the others, 5 % of the members are above
    rates = [rate_at(rng.normal(shift, 1, n), rng.normal(0, 1, n), 0.01) for _ in range(runs)]
    by_value = [rate.value is not None and rate.value > 0.05 for rate in rates]
    by_bound = [rate.interval.low > 0.05 for rate in rates]
    return float(np.mean(np.diff(by_value))), float(np.mean(np.diff(by_bound)))


def exceeded(mu: float, m: int, runs: int) -> str:
    """How often each lower bound exceeds the epsilon of a Gaussian mechanism with ``m`` canaries, and the median bound."""
    rng, found = np.random.default_rng(int(100 * mu) + m), []
    bounds = (one_run_bound, clopper_pearson_bound, gaussian_bound)
    for _ in range(runs):
        inside = rng.random(m) < 0.5
        scores = rng.normal(size=m) + mu * inside
        found.append([bound(scores[inside], scores[~inside]).epsilon for bound in bounds])
    truth, values = gaussian_epsilon(mu, 1e-5), np.array(found)
    told = (
        f"{bound.__name__} {above:.1%} (median {half:.2f})"
        for bound, above, half in zip(bounds, (values > truth).mean(0), np.median(values, 0), strict=True)
    )
    return f"epsilon {truth:.2f}, {m} canaries, {runs} audits: exceeded by " + ", ".join(told)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--targets", type=int, default=200)
    parser.add_argument("--records", type=int, default=400)
    parser.add_argument("--audits", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    arguments = parser.parse_args()
    models = targets()
    total = 0
    for name, model in models.items():
        started, each = time.process_time(), arguments.targets // len(models)
        outcomes = [alarm(model, arguments.records, seed) for seed in range(arguments.first, arguments.first + each)]
        alarms, void = (sum(outcome[place] for outcome in outcomes) for place in (0, 1))
        total += alarms
        print(
            f"{name:20} {alarms:3} alarms, {void} void, of {each} null targets; {(time.process_time() - started) / each:.2f} CPU s each", flush=True
        )
    print(f"all: {total} of {each * len(models)} = {total / (each * len(models)):.1%}")
    for mu in (0.0, 1.0):
        print(exceeded(mu, 500, arguments.audits), flush=True)
    for n in (500, 2000, 10_000):
        by_value, by_bound = flips(n, 400)
        print(f"gate at its limit, n = {n:6,}: consecutive runs differ {by_value:.1%} by the value, {by_bound:.1%} by the lower bound")


if __name__ == "__main__":
    main()
