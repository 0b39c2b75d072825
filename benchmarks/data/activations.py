"""Rows accused of poison in pictures: our detector beside ART's activation clustering and spectral signatures, on the same arrays.

    python benchmarks/data/activations.py [--seeds 3] [--first 3000] [--peer-python PATH]

The set is scikit-learn's digits, poisoned by the attacks of ``aisecops.attacks.poisoning``, and clean. ``--peer-python`` names a Python that has
adversarial-robustness-toolbox and scikit-learn (``pip install adversarial-robustness-toolbox scikit-learn``); it gets the arrays and trains the network that both of
its defences look into: 64 hidden units, trained until it fits the poisoned data. Activation clustering takes its own defaults (ten principal components, the smaller
of two clusters); spectral signatures are told the true rate of the poison, which a user does not know. Hard verdicts: the share of the poisoned rows that is accused
(TPR), that of the clean rows (FPR), and processor seconds, the network's training included; medians of the seeds.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

from aisecops.attacks.poisoning import images
from aisecops.defences.poisoning.matrices import examine_images

PEER = r'''
import json, sys, time
import numpy as np
from sklearn.neural_network import MLPClassifier
from art.defences.detector.poison import ActivationDefence, SpectralSignatureDefense

held = np.load(sys.argv[1])
x, y, rate = held["x"].reshape(len(held["x"]), -1) / 16.0, held["y"], float(held["rate"])
began = time.process_time()
net = MLPClassifier((64,), alpha=1e-4, max_iter=400, random_state=0).fit(x, y)
trained = time.process_time() - began


class Network:
    """What the defences ask of a network: the activations of its hidden layer."""

    layer_names = ["hidden"]
    nb_classes = len(net.classes_)
    input_shape = x.shape[1:]

    def get_activations(self, x, layer, batch_size=128, framework=False):
        return np.maximum(x @ net.coefs_[0] + net.intercepts_[0], 0.0)


told = {}
one_hot = np.eye(len(net.classes_))[y]
for name, make in (
    ("clustering", lambda: ActivationDefence(Network(), x, one_hot).detect_poison(nb_clusters=2, nb_dims=10, reduce="PCA")),
    ("spectral", lambda: SpectralSignatureDefense(Network(), x, one_hot, expected_pp_poison=max(rate, 0.005)).detect_poison()),
):
    began = time.process_time()
    _, clean = make()
    told[name] = {"accused": (1 - np.asarray(clean)).astype(int).tolist(), "seconds": trained + time.process_time() - began}
print(json.dumps(told))
'''


def attacks(x, y, seed):
    """What is done to the pictures, by name; clean ones come last."""
    target = seed % 10
    return {
        "BadNets 1 %": images.badnets(x, y, target=target, rate=0.01, seed=seed),
        "BadNets 5 %": images.badnets(x, y, target=target, rate=0.05, seed=seed),
        "low contrast 5 %": images.low_contrast(x, y, target=target, seed=seed),
        "blend 5 %": images.blend(x, y, target=target, seed=seed),
        "clean": None,
    }


def ours(x, y):
    began = time.process_time()
    found = examine_images(x, y)
    return {"aisecops": {"accused": found.flagged.astype(int).tolist(), "seconds": time.process_time() - began}}


def theirs(python, x, y, rate):
    with tempfile.TemporaryDirectory() as folder:
        np.savez(Path(folder) / "held.npz", x=x, y=y, rate=rate)
        done = subprocess.run([python, "-W", "ignore", "-c", PEER, str(Path(folder) / "held.npz")], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr.strip().splitlines()[-1])
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first", type=int, default=3000)
    parser.add_argument("--peer-python", default="")
    args = parser.parse_args()
    digits = load_digits()
    found: dict[str, dict[str, list[tuple[float, float, float]]]] = {}
    for seed in range(args.first, args.first + args.seeds):
        for name, poisoned in attacks(digits.images, digits.target, seed).items():
            x, y = (digits.images, digits.target) if poisoned is None else (poisoned.samples, poisoned.y)
            mask = np.zeros(len(y), dtype=bool) if poisoned is None else poisoned.mask
            told = ours(x, y) | (theirs(args.peer_python, x, y, float(mask.mean())) if args.peer_python else {})
            for who, said in told.items():
                accused = np.array(said["accused"], dtype=bool)
                rates = (accused[mask].mean() if mask.any() else float("nan"), accused[~mask].mean(), said["seconds"])
                found.setdefault(name, {}).setdefault(who, []).append(rates)
    print(f"{args.seeds} seeds from {args.first}, {len(digits.target):,} pictures\n{'attack':18}{'detector':14}{'TPR':>8}{'FPR':>8}{'CPU s':>8}")
    for name, detectors in found.items():
        for who, rows in detectors.items():
            tpr, fpr, seconds = (statistics.median(column) for column in zip(*rows, strict=True))
            print(f"{name:18}{who:14}{'' if name == 'clean' else f'{tpr:.3f}':>8}{fpr:8.4f}{seconds:8.2f}")


if __name__ == "__main__":
    main()
