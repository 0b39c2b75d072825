"""Fingerprints: how often models that were trained independently are called copies (promised: at most the level), and which copies are known.

    python benchmarks/privacy/fingerprints.py [--independent 100] [--references 60]

Digits of scikit-learn; the owner's model is a network of 32 units trained on 700 images. Copies: itself, weights of 4 bits, 30/50/70 % of the weights at 0, trained
further on 300 other images, extracted with 200 to 1,000 queries. Independent: same recipe and rows with another seed; same recipe on other rows of the same pool;
a forest.
"""

from __future__ import annotations

import argparse
import copy
import os
import time
import warnings

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from sklearn.datasets import load_digits
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.neural_network import MLPClassifier

from aisecops.attacks.extraction.fingerprint import Fingerprint, compare, make_fingerprint
from aisecops.attacks.extraction.references import references_of
from aisecops.attacks.extraction.students import best_student, chosen
from aisecops.oracles.opening import oracle_of

CLASSES = tuple("0123456789")
warnings.simplefilter("ignore")


def network(seed: int) -> MLPClassifier:
    """The owner's recipe."""
    return MLPClassifier((32,), max_iter=60, random_state=seed)


class Copied:
    """A student as a thing to ask."""

    name, classes, capabilities = "copy", CLASSES, frozenset()

    def __init__(self, owner: MLPClassifier, rows: np.ndarray) -> None:
        scores = np.log(owner.predict_proba(rows) + 1e-5)
        self.name, self._student = best_student(rows, np.eye(10)[owner.predict(rows)], scores - scores.mean(axis=1, keepdims=True), 0)

    def labels(self, batch: np.ndarray) -> np.ndarray:
        """The student's."""
        return chosen(self._student(batch))


def copies(owner: MLPClassifier, X: np.ndarray, y: np.ndarray) -> dict[str, object]:  # noqa: N803
    """By what was done to the owner's model."""
    made: dict[str, object] = {"itself": oracle_of(owner)}
    bits = copy.deepcopy(owner)
    bits.coefs_ = [np.round(w / np.abs(w).max() * 7) / 7 * np.abs(w).max() for w in owner.coefs_]
    made["4 bits"] = oracle_of(bits)
    for share in (0.3, 0.5, 0.7):
        pruned = copy.deepcopy(owner)
        pruned.coefs_ = [np.where(np.abs(w) < np.quantile(np.abs(w), share), 0, w) for w in owner.coefs_]
        made[f"pruned {share:.0%}"] = oracle_of(pruned)
    for rounds in (1, 5, 20):
        tuned = copy.deepcopy(owner)
        for _ in range(rounds):
            tuned.partial_fit(X[:300], y[:300])
        made[f"trained further, {rounds} epochs"] = oracle_of(tuned)
    for queries in (200, 500, 1000):
        stolen = Copied(owner, X[:queries])
        made[f"extracted, {queries} queries ({stolen.name})"] = stolen
    return made


def independent(X: np.ndarray, y: np.ndarray, rows: slice, number: int) -> dict[str, object]:  # noqa: N803
    """One of each kind, with seeds that no reference has."""
    rng = np.random.default_rng(10_000 + number)
    other = rng.choice(len(y), 700, replace=False)
    drawn = rng.integers(rows.start, rows.stop, 700)
    return {
        "same rows, other seed": network(20_000 + number).fit(X[rows], y[rows]),
        "other rows of the pool": network(30_000 + number).fit(X[other], y[other]),
        "forest, rows drawn": RandomForestClassifier(30, random_state=number).fit(X[drawn], y[drawn]),
        "extra trees (no family)": ExtraTreesClassifier(30, random_state=number).fit(X[rows], y[rows]),
    }


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--independent", type=int, default=100)
    parser.add_argument("--references", type=int, default=60)
    args = parser.parse_args()
    X, y = load_digits(return_X_y=True)  # noqa: N806
    order = np.random.default_rng(0).permutation(len(y))
    X, y, rows = X[order] / 16, y[order], slice(0, 700)  # noqa: N806
    owner = network(12345).fit(X[rows], y[rows])
    started = time.process_time()
    families, _ = references_of(owner, X[rows], y[rows], CLASSES, count=args.references, seed=1)
    fingerprint: Fingerprint = make_fingerprint(oracle_of(owner), X[rows], families, questions=200, seed=2)
    print(f"made in {time.process_time() - started:.1f} CPU s; references: { {name: (min(f), max(f)) for name, f in fingerprint.families.items()} }")
    for name, suspect in copies(owner, X[700:], y[700:]).items():
        found = compare(fingerprint, suspect)  # type: ignore[arg-type]
        print(f"{name:<36} {found.matches:>4} of {found.questions}  p {found.worst:.3f}  {'a copy' if found.copy else 'missed'}")
    called: dict[str, list[int]] = {}
    for number in range(args.independent):
        for name, model in independent(X, y, rows, number).items():
            called.setdefault(name, []).append(int(compare(fingerprint, oracle_of(model)).copy))
    for name, copied in called.items():
        print(f"{name:<36} called a copy: {sum(copied)} of {len(copied)} (allowed 5 %)")


if __name__ == "__main__":
    main()
