"""How fast and how sure the nearest evasion of tree ensembles is found: ours for Linf, L2 and L1, Veritas side by side for Linf.

    python benchmarks/robustness/trees.py [--samples 20] [--seconds 10] [--models xgboost,...] [--norms linf,l2,l1] [--digits] [--peer-python PATH]

Models of 100 trees on breast_cancer (30 features scaled to 0..1; 10 classes of digits with --digits), correctly classified test samples. CPU seconds of one
thread a sample; proven: distance equals certificate; gap: distance over certificate, and the share where it is at most 1.05; flips: evasions that change the
label of the real model. Veritas runs in PATH's Python on the same XGBoost model: its delta is where its binary search ended, and its examples are asked of
the real model, too.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.ensemble import ExtraTreesClassifier, GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.model_selection import train_test_split

from aisecops.attacks.evasion.attempts import Norm
from aisecops.attacks.evasion.trees.bracketing import bracketed
from aisecops.attacks.evasion.trees.nearest import Ensemble, Nearest
from aisecops.oracles.opening import oracle_of

PEER = """
import json, sys, time
import numpy as np, veritas, xgboost
model, samples, labels, start = json.load(open(sys.argv[1]))
booster = xgboost.XGBClassifier(); booster.load_model(model)
trees, x = veritas.get_addtree(booster, silent=True), np.array(samples)
found = []
for row, label in zip(x, labels):
    began = time.process_time()
    source, target = (trees, None) if label else (None, trees)
    search = veritas.VeritasRobustnessSearch(row, start, source, target, num_steps=25, silent=True)
    delta, low, high = search.search()
    took, examples = time.process_time() - began, [np.asarray(e) for e in search.generated_examples]
    flips = [float(np.max(np.abs(e - row))) for e in examples if booster.predict(e[None])[0] != label]
    found.append((took, delta, min(flips, default=None), len(examples)))
print(json.dumps(found))
"""


def models(digits: bool) -> dict[str, object]:
    """One of each kind, 100 trees (a class)."""
    from lightgbm import LGBMClassifier
    from xgboost import XGBClassifier

    boosters = {"xgboost": XGBClassifier(n_estimators=100, max_depth=6, n_jobs=1)}
    if digits:
        return boosters
    return boosters | {
        "gradient-boosting": GradientBoostingClassifier(n_estimators=100, random_state=0),
        "hist-gradient-boosting": HistGradientBoostingClassifier(max_iter=100, random_state=0),
        "lightgbm": LGBMClassifier(n_estimators=100, verbose=-1, n_jobs=1),
        "forest": RandomForestClassifier(100, max_depth=8, random_state=0),
        "extra-trees": ExtraTreesClassifier(100, max_depth=8, random_state=0),
    }


def measure(name: str, model: object, norm: Norm, x: np.ndarray, y: np.ndarray, seconds: float, others: np.ndarray) -> None:
    """Search sample by sample, and print a line."""
    oracle = oracle_of(model)
    began = time.process_time()
    ensemble = Ensemble(oracle.structure())
    setup, free, rows = time.process_time() - began, np.full(x.shape[1], np.inf), []
    for sample, label in zip(x, y, strict=True):
        began = time.process_time()
        foreign = others[ensemble.trees.decide(others) != label]
        bracket = bracketed(Nearest(ensemble, sample, int(label), -free, free, norm), foreign, seconds, np.inf)
        took = time.process_time() - began
        point = np.full(len(sample), np.nan) if bracket.point is None else bracket.point
        rows.append(
            (took, bracket.proven, norm.distance(point[None], sample[None])[0] / bracket.lower, oracle.labels(np.nan_to_num(point)[None])[0] != label)
        )
    took, proven, gap, flips = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    leaves, near = len(ensemble.leaves.tree), np.mean(gap <= 1.05)
    print(f"{name:24}{norm:6}{leaves:7}{1e3 * setup:9.1f}{1e3 * np.median(took):11.1f}{1e3 * took.max():10.1f}{proven.mean():9.0%}", end="")
    print(f"{np.median(gap):9.3f}{near:8.0%}{gap.max():9.3f}{flips.mean():8.0%}", flush=True)


def veritas(python: str, model: object, x: np.ndarray, y: np.ndarray) -> None:
    """Run Veritas on the XGBoost model, and print a line."""
    with tempfile.TemporaryDirectory() as folder:
        path, ask = os.path.join(folder, "model.json"), os.path.join(folder, "ask.json")
        model.save_model(path)
        with open(ask, "w") as file:
            json.dump([path, x.tolist(), [int(label) for label in y], 0.5], file)
        answer = subprocess.run([python, "-c", PEER, ask], capture_output=True, text=True, check=False)
    if answer.returncode:
        print("veritas: did not run:", answer.stderr.strip().splitlines()[-1])
        return
    rows = json.loads(answer.stdout.strip().splitlines()[-1])
    took, flips = np.array([row[0] for row in rows]), [row for row in rows if row[2] is not None]
    worst = max((row[2] / row[1] for row in flips), default=float("nan"))
    print(
        f"{'veritas (xgboost)':24}{'linf':6}{'':16}{1e3 * np.median(took):11.1f}{1e3 * took.max():10.1f}{'':26}{worst:9.3f}{len(flips) / len(rows):8.0%}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--models", default="")
    parser.add_argument("--norms", default="linf,l2,l1")
    parser.add_argument("--digits", action="store_true")
    parser.add_argument("--peer-python", default="")
    options = parser.parse_args()
    x, y = (load_digits if options.digits else load_breast_cancer)(return_X_y=True)
    x = (x - x.min(axis=0)) / np.maximum(np.ptp(x, axis=0), 1e-9)
    x, test, y, labels = train_test_split(x, y, random_state=0, test_size=0.3)
    print(
        f"{'model':24}{'norm':6}{'leaves':>7}{'setup ms':>9}{'median ms':>11}{'max ms':>10}{'proven':>9}{'med gap':>9}{'<=5 %':>8}{'max gap':>9}{'flips':>8}"
    )
    for name, model in models(options.digits).items():
        if options.models and name not in options.models.split(","):
            continue
        model.fit(x, y)
        right = np.flatnonzero(model.predict(test) == labels)[: options.samples]
        for norm in options.norms.split(","):
            measure(name, model, Norm(norm), test[right], labels[right], options.seconds, test)
        if name == "xgboost" and options.peer_python and not options.digits:
            veritas(options.peer_python, model, test[right], labels[right])


if __name__ == "__main__":
    main()
