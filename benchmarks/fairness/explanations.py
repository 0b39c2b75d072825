"""Measures explanations of flips: how often taking back the first one to three named changes undoes the flip, and what a pair costs, beside Shapley values of
the changed point alone (path-dependent, as TreeSHAP gives them).

    python benchmarks/fairness/explanations.py [--pairs 150]

Models: XGBoost, scikit-learn's boosting and a random forest on the breast cancer data and on made-up interactions. A flip: columns are changed one by one, by
coordinate search towards other samples, until the answer turns; nobody looked at an explanation.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from sklearn.datasets import load_breast_cancer, make_classification
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.model_selection import train_test_split

from aisecops.explain import explain_flips, tree_contributions
from aisecops.oracles.opening import oracle_of


def models():
    data = {
        "cancer": load_breast_cancer(return_X_y=True),
        "interactions": make_classification(3000, 20, n_informative=10, n_clusters_per_class=4, random_state=0),
    }
    for name, (x, y) in data.items():
        parts = train_test_split(x, y, test_size=0.5, random_state=0)
        yield f"{name}, boosting", GradientBoostingClassifier(n_estimators=100, max_depth=3, random_state=0), parts
        yield f"{name}, forest", RandomForestClassifier(50, max_depth=8, random_state=0), parts
        try:
            from xgboost import XGBClassifier
        except ImportError:
            continue
        yield f"{name}, xgboost", XGBClassifier(n_estimators=100, max_depth=6, n_jobs=1), parts


def flips(oracle, rows, pairs, seed=0):
    """Pairs of points: random columns of a sample take the values of another one until the answer turns."""
    rng, found = np.random.default_rng(seed), []
    told = oracle.labels(rows)
    for _ in range(200 * pairs):
        if len(found) == pairs:
            break
        i, j = rng.integers(0, len(rows), 2)
        if told[i] == told[j]:
            continue
        order = rng.permutation(rows.shape[1])[:10]
        steps = np.repeat(rows[i][None], len(order), axis=0)
        for step, column in enumerate(order):
            steps[step:, column] = rows[j, column]
        turned = np.flatnonzero(oracle.labels(steps) != told[i])
        if len(turned):
            found.append((rows[i], steps[turned[0]]))
    return (np.array(side) for side in zip(*found, strict=True))


def undone(oracle, before, after, ranking, k):
    points = after.copy()
    for row, columns in enumerate(ranking):
        points[row, columns[:k]] = before[row, columns[:k]]
    return float(np.mean(oracle.labels(points) == oracle.labels(before)))


def alone(oracle, trees, background, before, after):
    """Rank the changed columns by the Shapley values of the changed point alone."""
    values = tree_contributions(trees, after, background)[0]
    label = oracle.labels(after)
    sign = values[:, :, 0] * np.where(label, 1, -1)[:, None] if values.shape[2] == 1 else values[np.arange(len(after)), :, label]
    return [np.flatnonzero(differs)[np.argsort(-one[differs])] for one, differs in zip(sign, before != after, strict=True)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=150)
    args = parser.parse_args()
    print("model | pairs | changed columns | undone by top 1, 2, 3 | SHAP of the changed point alone: 1, 2, 3 | completeness error | ms a pair")
    for name, model, (train, test, labels, _) in models():
        model.fit(train, labels)
        oracle = oracle_of(model)
        before, after = flips(oracle, np.asarray(test, dtype=np.float64), args.pairs)
        trees, taken = oracle.structure(), []
        for _ in range(5):
            start = time.process_time()
            found = explain_flips(oracle, before, after)
            taken.append((time.process_time() - start) / len(before) * 1000)
        ours = [undone(oracle, before, after, [found.contributions.ranked(row) for row in range(len(before))], k) for k in (1, 2, 3)]
        theirs = [undone(oracle, before, after, alone(oracle, trees, train[:500], before, after), k) for k in (1, 2, 3)]
        error = float(np.abs(found.contributions.values.sum(axis=1) - found.contributions.change).max())
        shown = [", ".join(f"{rate:.0%}" for rate in rates) for rates in (ours, theirs)]
        changes = (before != after).sum(axis=1).mean()
        print(f"{name} | {len(before)} | {changes:.1f} | {shown[0]} | {shown[1]} | {error:.1e} | {np.median(taken):.2f}", flush=True)


if __name__ == "__main__":
    main()
