"""Model extraction: queries of an exact copy of linear models, fidelity of copies of a convolutional network and of trees, and what each defence takes from the thief.

    python benchmarks/privacy/extraction.py [--mnist mnist_5k.csv.gz] [--seeds 3] [--defences]

Linear: the least number of queries after which the copy is exact, over d + 1, and the largest error of its weights. Network: that of ``inversion.py``, trained on 2,000
images; the thief has 1,500 others without labels and may ask 200 times; 1,000 more measure fidelity, with a Clopper-Pearson interval over the images of all seeds.
``--defences``: full scores, scores of two decimals and of one, the score of the first class alone, labels alone, for a network, a random forest, boosted trees
and logistic regression of scikit-learn's digits. CPU seconds on one thread.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from statistics import mean

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
from inversion import CLASSES, images, rate, trained
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from aisecops.attacks.extraction import Flat, LabelsOnly, Rounded, Top, solve_linear, steal
from aisecops.oracles.opening import oracle_of
from aisecops.oracles.oracle import Oracle


def linear() -> Iterator[str]:
    """One line a data set."""
    for name, load in (("breast cancer", load_breast_cancer), ("wine", load_wine), ("digits", load_digits)):
        X, y = load(return_X_y=True)  # noqa: N806
        X = X[:, X.std(axis=0) > 0]  # noqa: N806
        X = (X - X.mean(axis=0)) / X.std(axis=0)  # noqa: N806
        model = LogisticRegression(max_iter=2000).fit(X, y)
        asked = np.random.default_rng(0).normal(0, 0.3, (2 * X.shape[1] + 20, X.shape[1]))
        answers = oracle_of(model).scores(asked)
        started = time.process_time()
        for queries in range(X.shape[1] + 2, len(asked)):
            copy = solve_linear(asked[:queries], answers[:queries])
            if copy is not None and copy.exact:
                break
        weights = model.coef_ - model.coef_[0] if len(model.coef_) > 1 else np.vstack([np.zeros_like(model.coef_), model.coef_])
        error, same = np.abs(copy.weights - weights).max(), (copy.labels(X) == model.predict(X)).mean()
        spent = time.process_time() - started
        yield f"  {name}, d = {X.shape[1]}: exact after {queries} queries, weights within {error:.1e}, the same label for {same:.1%} ({spent:.2f} CPU s)"


def convolutional(mnist: str | None, seeds: int) -> Iterator[str]:
    """One line a seed, then all."""
    X, y = images(mnist)  # noqa: N806
    parts = (2000, 3500, 4500) if mnist else (700, 1200, 1797)
    agreed = asked = 0
    for seed in range(seeds):
        order = np.random.default_rng(seed).permutation(len(y))
        train, pool, judged = order[: parts[0]], order[parts[0] : parts[1]], order[parts[1] : parts[2]] if mnist else order[parts[1] :]
        oracle = Flat(oracle_of(trained(X[train], y[train], seed, 8), classes=CLASSES, shape=X.shape[1:]), X.shape[1:])
        started = time.process_time()
        theft = steal(oracle, X[pool].reshape(len(pool), -1), X[judged].reshape(len(judged), -1), queries=200, seed=seed)
        told = ", ".join(f"{copy.queries}: {copy.fidelity:.3f} ({copy.student})" for copy in theft.copies)
        agreed, asked = agreed + round(theft.copies[-1].fidelity * theft.rows), asked + theft.rows
        yield f"  seed {seed}: {told}; {time.process_time() - started:.1f} CPU s"
    yield f"  after 200 queries: {agreed / asked:.3f}, {rate(agreed, asked)}"


def views(oracle: Oracle) -> dict[str, Oracle]:
    """What a thief may see."""
    return {
        "scores": oracle, "two decimals": Rounded(oracle, 2), "one decimal": Rounded(oracle, 1), "first class": Top(oracle, 1), "labels": LabelsOnly(oracle)
    }  # fmt: skip


def defences(seeds: int) -> Iterator[str]:
    """A table: the mean fidelity over seeds after 100 and 400 queries for each kind of model and each view."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    X, y = load_digits(return_X_y=True)  # noqa: N806
    X = X[:, X.std(axis=0) > 0] / 16  # noqa: N806
    kinds = {
        "logistic regression": lambda _: make_pipeline(StandardScaler(), LogisticRegression(max_iter=500)),
        "network (32)": lambda seed: MLPClassifier((32,), max_iter=200, random_state=seed),
        "random forest (50)": lambda seed: RandomForestClassifier(50, random_state=seed),
        "boosted trees (30)": lambda seed: HistGradientBoostingClassifier(max_iter=30, early_stopping=False, random_state=seed),
    }
    for kind, make in kinds.items():
        found: dict[str, list[tuple[float, float]]] = {}
        for seed in range(seeds):
            order = np.random.default_rng(seed).permutation(len(y))
            oracle = oracle_of(make(seed).fit(X[order[:600]], y[order[:600]]))
            for view, seen in views(oracle).items():
                fidelity = {copy.queries: copy.fidelity for copy in steal(seen, X[order[600:1100]], X[order[1100:]], queries=400, seed=seed).copies}
                found.setdefault(view, []).append((fidelity[100], fidelity[400]))
        told = ", ".join(f"{view} {mean(a for a, _ in pairs):.3f} / {mean(b for _, b in pairs):.3f}" for view, pairs in found.items())
        yield f"  {kind}: {told}"


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--mnist")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--defences", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    print("linear models")
    for line in linear():
        print(line, flush=True)
    print("convolutional network, full scores")
    for line in convolutional(arguments.mnist, arguments.seeds):
        print(line, flush=True)
    if arguments.defences:
        print("fidelity after 100 / 400 queries, digits")
        for line in defences(arguments.seeds):
            print(line, flush=True)


if __name__ == "__main__":
    main()
