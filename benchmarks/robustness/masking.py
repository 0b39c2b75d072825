"""Does the diagnosis flag every trap, and no honest model?

    python benchmarks/robustness/masking.py [--models 200] [--traps 2] [--seed 0] [--verbose]

Honest: small trees, forests, boosters, naive Bayes, linear models and nets on data sets of scikit-learn and synthetic tables, behind an oracle that gives
scores (and, every fourth, labels alone). The share flagged with its Clopper-Pearson interval. Traps: noisy answers, quantised input, constant scores, clipped or
rounded probabilities, saturated logits, failing queries, each around nets, linear models, forests and boosters: how many are flagged, by the symptom expected
or by another, and where the diagnosis says that no question tells (which blocks a number by scores, too, and accuses nobody). Queries and CPU seconds a diagnosis.
"""

from __future__ import annotations

import argparse
import os
import time
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from aisecops.attacks.evasion.masking import Symptom, diagnose
from aisecops.attacks.evasion.space import Box
from aisecops.core.statistics import clopper_pearson
from aisecops.oracles.oracle import Capability, OracleError

Scores = Callable[[np.ndarray], np.ndarray]


class Opaque:
    """An oracle that gives scores alone, or labels alone."""

    def __init__(self, scores: Scores, k: int, *, labels_only: bool = False) -> None:
        self.name, self.classes, self._scores = "opaque", tuple(map(str, range(k))), scores
        self.capabilities = frozenset({Capability.LABELS if labels_only else Capability.SCORES})
        self.queries = 0

    def scores(self, batch):
        self.queries += len(batch)
        return np.asarray(self._scores(batch), dtype=np.float64)

    def labels(self, batch):
        return self.scores(batch).argmax(axis=1)


def data(name: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    from sklearn import datasets

    rng = np.random.default_rng(seed)
    match name:
        case "digits":
            x, y = datasets.load_digits(return_X_y=True)
            return x[:900] / 16.0, y[:900]
        case "digits-binary":
            x, y = datasets.load_digits(return_X_y=True)
            return x[:900] / 16.0, (y[:900] >= 5).astype(int)
        case "breast-cancer" | "wine" | "iris":
            x, y = getattr(datasets, "load_" + name.replace("-", "_"))(return_X_y=True)
            return (x - x.min(0)) / (x.max(0) - x.min(0)) if seed % 2 else x, y
        case "moons":
            return datasets.make_moons(400, noise=0.25, random_state=seed)
        case "blobs":
            return datasets.make_blobs(400, n_features=5, centers=4, cluster_std=4.0, random_state=seed)
        case "synthetic":
            k = 2 + seed % 2
            return datasets.make_classification(600, 12, n_informative=6, n_classes=k, flip_y=0.05, random_state=seed)
        case "uniform":
            x = rng.random((600, 8))
            return x, (x[:, 0] + x[:, 1] * x[:, 2] + 0.3 * rng.standard_normal(600) > 0.8).astype(int)
        case "counts":
            x = rng.poisson((2, 5, 9, 1, 30, 3), (600, 6)).astype(float)
            return x, (x @ (1, -0.5, 0.3, 2, 0.05, -1) + rng.standard_normal(600) > 4.0).astype(int)
        case "one-hot":
            groups = np.eye(4)[rng.integers(0, 4, 600)], np.eye(3)[rng.integers(0, 3, 600)]
            x = np.hstack([*groups, rng.integers(0, 2, (600, 3)), rng.standard_normal((600, 3))])
            return x, (x[:, 0] + x[:, 5] + x[:, 8] + x[:, 10] + 0.4 * rng.standard_normal(600) > 0.9).astype(int)
    raise ValueError(name)


DATA = ("digits", "digits-binary", "breast-cancer", "wine", "iris", "moons", "blobs", "synthetic", "uniform", "counts", "one-hot")


def learners(seed: int) -> dict[str, Callable[[], object]]:
    import lightgbm
    import xgboost
    from sklearn import ensemble, naive_bayes, tree
    from sklearn.linear_model import LogisticRegression
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rng = np.random.default_rng(seed)
    trees, depth = int(rng.choice((10, 20, 30, 50, 100))), [None, 3, 6][seed % 3]
    width = int(rng.choice((8, 16, 32)))
    return {
        "tree": lambda: tree.DecisionTreeClassifier(max_depth=depth, random_state=seed),
        "forest": lambda: ensemble.RandomForestClassifier(trees, max_depth=depth, random_state=seed),
        "extra-trees": lambda: ensemble.ExtraTreesClassifier(trees, max_depth=depth, random_state=seed),
        "gradient-boosting": lambda: ensemble.GradientBoostingClassifier(n_estimators=min(trees, 30), random_state=seed),
        "hist-boosting": lambda: ensemble.HistGradientBoostingClassifier(max_iter=min(trees, 30), random_state=seed),
        "ada-boost": lambda: ensemble.AdaBoostClassifier(n_estimators=min(trees, 30), random_state=seed),
        "xgboost": lambda: xgboost.XGBClassifier(n_estimators=trees, max_depth=4, n_jobs=1, random_state=seed),
        "lightgbm": lambda: lightgbm.LGBMClassifier(n_estimators=trees, n_jobs=1, verbose=-1, random_state=seed),
        "gaussian-bayes": naive_bayes.GaussianNB,
        "bernoulli-bayes": lambda: naive_bayes.BernoulliNB(binarize=0.3),
        "net": lambda: make_pipeline(StandardScaler(), MLPClassifier((width,), max_iter=200, random_state=seed)),
        "deep-net": lambda: make_pipeline(StandardScaler(), MLPClassifier((width, width), max_iter=200, random_state=seed)),
        "raw-net": lambda: MLPClassifier((width,), max_iter=300, activation=("relu", "tanh")[seed % 2], random_state=seed),
        "logistic": lambda: make_pipeline(StandardScaler(), LogisticRegression(C=float(10 ** rng.uniform(-2, 3)), max_iter=500)),
    }


def softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def traps(scores: Scores, data: np.ndarray, seed: int) -> Iterator[tuple[str, str, bool, Scores]]:
    """(kind, variant, whether it shows by labels alone, the masked scores)."""
    rng = np.random.default_rng(seed)
    low, high = data.min(0), data.max(0)
    span = np.where(high > low, high - low, 1.0)
    limit = float(np.quantile(np.mean((data - low) / span, axis=1), 0.9))
    for sigma in (0.01, 0.1):
        yield "noise", f"scores {sigma}", False, lambda x, s=sigma: scores(x) + s * rng.standard_normal((len(x), scores(x[:1]).shape[1]))
    for sigma in (0.01, 0.05):
        yield "noise", f"input {sigma}", True, lambda x, s=sigma: scores(x + s * span * rng.standard_normal(x.shape))
    for rate in (0.02, 0.1):
        yield "noise", f"flips {rate}", True, lambda x, r=rate: flipped(scores(x), r, rng)
    for levels in (4, 8, 16, 32):
        yield "quantised", f"{levels} levels", True, lambda x, n=levels - 1: scores(low + np.rint((x - low) / span * n) / n * span)
    yield "quantised", "floor 10", True, lambda x: scores(low + np.floor((x - low) / span * 10) / 10 * span)
    yield "constant", "one-hot", False, lambda x: np.eye(scores(x[:1]).shape[1])[scores(x).argmax(1)]
    yield "constant", "0.9", False, lambda x: confident(scores(x))
    yield "constant", "all equal", False, lambda x: np.full_like(scores(x), 1.0 / scores(x[:1]).shape[1])
    for bound in (0.4, 0.1, 0.01):
        yield "clipped", f"at {bound}", False, lambda x, b=bound: np.clip(scores(x), b, 1 - b)
    for digits in (0, 1, 2, 3):
        yield "rounded", f"{digits} digits", False, lambda x, d=digits: np.round(scores(x), d)
    yield "saturated", "logits x 1e4", False, lambda x: softmax(1e4 * np.log(np.clip(scores(x), 1e-12, 1.0)))
    yield "failing", "NaN rows", False, lambda x: np.where(rng.random((len(x), 1)) < 0.05, np.nan, scores(x))
    yield "failing", "raises", True, lambda x: failing(scores, x, low, span, limit)


def flipped(scores: np.ndarray, rate: float, rng: np.random.Generator) -> np.ndarray:
    return np.where(rng.random((len(scores), 1)) < rate, np.roll(scores, 1, axis=1), scores)


def confident(scores: np.ndarray) -> np.ndarray:
    k = scores.shape[1]
    return np.where(np.eye(k)[scores.argmax(1)] == 1, 0.9, 0.1 / (k - 1))


def failing(scores: Scores, x: np.ndarray, low: np.ndarray, span: np.ndarray, limit: float) -> np.ndarray:
    if np.mean((x - low) / span, axis=1).max() > limit:
        raise OracleError("time-out")
    return scores(x)


EXPECTED = {
    "noise": "randomness", "quantised": "quantised-input", "constant": "constant", "clipped": "clipped-scores", "rounded": "-scores", "saturated": "constant-scores",
    "failing": "failing-queries",
}  # fmt: skip


def judged(oracle: Opaque, x: np.ndarray, y: np.ndarray, seed: int) -> tuple[tuple[Symptom, ...], float]:
    began = time.process_time()
    rows = np.random.default_rng(seed).permutation(len(x))[:200]
    found = diagnose(oracle, x[rows], y[rows], space=Box(x.min(0), x.max(0)), seed=seed, doubts=True)
    return found, time.process_time() - began


def honest(count: int, seed: int, verbose: bool) -> None:
    flagged, unsaid, queries, seconds = [], [], defaultdict(list), []
    names, totals = list(learners(0)), Counter()
    for i in range(count):
        name, source = names[i % len(names)], DATA[(i // len(names) + i) % len(DATA)]
        x, y = data(source, seed + i)
        model = learners(seed + i)[name]().fit(x, y)
        oracle = Opaque(model.predict_proba, len(np.unique(y)), labels_only=i % 4 == 3)
        found, spent = judged(oracle, x, y, seed + i)
        totals[name] += 1
        seconds.append(spent)
        queries["labels alone" if i % 4 == 3 else "scores"].append(oracle.queries)
        if found and not any(symptom.certain for symptom in found):
            unsaid.append(name)
        elif found:
            flagged.append(name)
            print(f"  flagged: {name} on {source} (model {i}): {'; '.join(s.name + ': ' + s.message for s in found)}", flush=True)
        elif verbose:
            print(f"  clean: {name} on {source}")
    interval = clopper_pearson(len(flagged), count)
    print(
        f"honest: {len(flagged)} of {count} flagged = {len(flagged) / count:.1%} [{interval.low:.1%}, {interval.high:.1%}] {dict(Counter(flagged))}"
    )
    print(f"  no question tells: {len(unsaid)} {dict(Counter(unsaid))}")
    for kind, asked in queries.items():
        print(f"  queries, {kind}: median {np.median(asked):.0f}, most {max(asked)}")
    print(f"  CPU seconds a diagnosis: median {np.median(seconds):.2f}")


def trapped(repeats: int, seed: int, verbose: bool) -> None:
    table: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    vacuous = 0
    for i in range(repeats):
        for name, source in (("net", "digits"), ("net", "breast-cancer"), ("deep-net", "synthetic"), ("logistic", "wine"), ("forest", "synthetic"),
                             ("gradient-boosting", "breast-cancer"), ("xgboost", "digits"), ("lightgbm", "uniform")):  # fmt: skip
            x, y = data(source, seed + i)
            model = learners(seed + i)[name]().fit(x, y)
            k, family = len(np.unique(y)), "smooth" if "net" in name or name == "logistic" else "trees"
            for kind, variant, by_labels, scores in traps(model.predict_proba, x, seed + i):
                if kind in ("clipped", "rounded") and np.array_equal(scores(x), model.predict_proba(x)):
                    vacuous += 1  # nothing is hidden: no score lies beyond the bound, or has so many digits
                    continue
                for labels_only in (False, True) if by_labels else (False,):
                    found, _ = judged(Opaque(scores, k, labels_only=labels_only), x, y, seed + i)
                    named = any(s.certain and EXPECTED[kind] in s.name for s in found)
                    hit = "expected" if named else "other" if any(s.certain for s in found) else "no telling" if found else "missed"
                    table[kind, variant + (", labels" if labels_only else ""), family][hit] += 1
                    if verbose and hit != "expected":
                        print(f"  {hit}: {kind} {variant} labels={labels_only} around {name} on {source}: {[s.name for s in found]}", flush=True)
    print(f"{'trap':<12}{'variant':<24}{'around':<9}{'as expected':>12}{'otherwise':>11}{'no telling':>12}{'missed':>8}")
    for (kind, variant, family), hits in sorted(table.items()):
        print(f"{kind:<12}{variant:<24}{family:<9}{hits['expected']:>12}{hits['other']:>11}{hits['no telling']:>12}{hits['missed']:>8}")
    total = sum(table.values(), Counter())
    flagged = total["expected"] + total["other"]
    print(f"traps flagged: {flagged} of {total.total()}, and {total['no telling']} where no question tells")
    print(f"left out, because they change none of the model's scores: {vacuous}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=int, default=200)
    parser.add_argument("--traps", type=int, default=2, help="repetitions of the eight models")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--verbose", action="store_true")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    honest(arguments.models, arguments.seed, arguments.verbose)
    trapped(arguments.traps, arguments.seed, arguments.verbose)


if __name__ == "__main__":
    main()
