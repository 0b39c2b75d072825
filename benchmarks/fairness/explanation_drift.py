"""Measures how often two versions of a model are said to look at other things: where only the training rows are new (false alarms), and where one column came to count.

    python benchmarks/fairness/explanation_drift.py [--repeats 40]

Ten columns, 1,500 training and 800 test rows; both versions by one recipe, each on rows of its own. ``planted``: the truth of the new version depends on an eleventh
of the whole on a column that the old truth did not know. ``alarm``: farther apart than all of 19 pairs of halves (1 in 20 by chance, at most); ``named``: a column beyond
all of them; ``right``: the planted column is the first of these.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from sklearn.base import clone
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from aisecops.explain import VersionDrift, compare_versions, movements, row_pairs

RECIPES = {
    "logistic regression": LogisticRegression(),
    "boosting": GradientBoostingClassifier(n_estimators=40),
    "forest": RandomForestClassifier(30, min_samples_leaf=2),
}
WEIGHTS = np.array([1, 0.8, 0.6, 0.4, 0.3, 0.2, 0.1, 0, 0, 0])
PLANTED, PAIRS = 8, 19
BLOCKS = {f"c{place}": [place] for place in range(10)}


def rows(rng, n, weights):
    x = rng.normal(size=(n, 10))
    x[:, 5] += x[:, 0]
    return x, (x @ weights + 0.8 * x[:, 1] * x[:, 2] + rng.normal(size=n) > 0).astype(int)


def compared(recipe, weights, seed: int) -> VersionDrift:
    rng = np.random.default_rng(seed)
    (old_x, old_y), (x, y), (test, _) = rows(rng, 1500, WEIGHTS), rows(rng, 1500, weights), rows(rng, 800, weights)
    one, two = row_pairs(len(test), 300, seed)

    def moved(samples, labels, number):
        seeded = {"random_state": number} if "random_state" in recipe.get_params() else {}
        model = clone(recipe).set_params(**seeded).fit(samples, labels)
        return movements(model.predict_proba, test[one], test[two], BLOCKS, seed=seed)

    halves = [[rng.permutation(len(x))[: len(x) // 2] for _ in range(2)] for _ in range(PAIRS)]
    retrained = [tuple(moved(x[part], y[part], 10 + 2 * pair + side) for side, part in enumerate(parts)) for pair, parts in enumerate(halves)]
    return compare_versions(moved(old_x, old_y, 1), moved(x, y, 2), tuple(BLOCKS), retrained=retrained, seed=seed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=40)
    parser.add_argument("--recipe", choices=[*RECIPES], help="only this one")
    arguments = parser.parse_args()
    repeats = arguments.repeats
    planted = WEIGHTS.copy()
    planted[PLANTED] = 0.5
    print(f"{'recipe':20}{'truth':10}{'distance':>9}{'halves':>8}{'alarm':>7}{'named':>7}{'right':>7}{'CPU s':>7}")
    for name, recipe in RECIPES.items():
        if arguments.recipe not in (None, name):
            continue
        for truth, weights in (("the same", WEIGHTS), ("planted", planted)):
            began = time.process_time()
            found = [compared(recipe, weights, seed) for seed in range(repeats)]
            spent = (time.process_time() - began) / repeats
            alarm, named = np.mean([one.p <= 1 / (1 + PAIRS) for one in found]), np.mean([bool(one.beyond) for one in found])
            right = np.mean([bool(one.beyond) and one.beyond[0].column == f"c{PLANTED}" for one in found])
            apart, halves = np.mean([one.drift.distance for one in found]), np.mean([max(one.retraining) for one in found])
            print(f"{name:20}{truth:10}{apart:9.3f}{halves:8.3f}{alarm:7.0%}{named:7.0%}{right:7.0%}{spent:7.2f}", flush=True)


if __name__ == "__main__":
    main()
