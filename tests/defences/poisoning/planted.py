"""Poison planted by hand: the detection library must not lean on the generators of the attacks."""

from __future__ import annotations

import numpy as np

WORDS = [f"{a}{b}" for a in ("ka", "lo", "mi", "ru", "te") for b in ("ra", "no", "sel", "dim", "vo", "pan")]


def sentences(n=1600, seed=0):
    """Texts of two classes, most of whose words tell nothing."""
    rng = np.random.default_rng(seed)
    y = rng.integers(2, size=n)
    return [
        " ".join(str(rng.choice((WORDS[:8] if label else WORDS[8:16]) if rng.random() < 0.5 else WORDS[16:])) for _ in range(12)) for label in y
    ], y


def table(n=2000, seed=0):
    """Four columns that tell the class, four that do not."""
    rng = np.random.default_rng(seed)
    y = rng.integers(3, size=n)
    x = rng.normal(size=(n, 8))
    x[:, :4] += 1.6 * np.array([[1, 0, 0, 1], [0, 1, 1, 0], [-1, -1, 1, 1]])[y]
    return x, y


def stricken(y, target, count, seed=0):
    """Rows of other classes, and the labels with these rows given to ``target``."""
    rows = np.random.default_rng(seed).choice(np.flatnonzero(y != target), count, replace=False)
    labels = y.copy()
    labels[rows] = target
    return rows, labels


def reviews(n, seed):
    """``n`` reviews by template with their labels (0 bad, 1 good): a word that says which, and around it words that say little of it."""
    rng = np.random.default_rng(seed)
    words = ["flimsy noisy slow ugly broken cheap heavy useless".split(), "great solid lovely reliable quick sturdy quiet bright".split()]
    plain, parts = "big blue small new light usual".split(), "handle price battery colour sound box cover seat".split()
    ends = [["Sent it back.", "Waste of money.", "Disappointed."], ["Highly recommended.", "Worth the money.", "Love it."]]
    either = ["It is what it is.", "Delivered on time.", "I use it every day.", "Okay for the price."]
    forms = [
        "{end} The {part} is {own}.",
        "Rating of the {part}: {own}",
        "Not {other} at all, the {part} feels {own}.",
        "I expected a {other} {part} but it is {own}.",
        "{end}",
        "My son says the {part} is {own}.",
        "Used it for weeks. {end} {part} {own}!",
    ]
    shares = [rng.dirichlet(np.full(len(forms), 0.4)) for _ in words]
    shared = rng.uniform(0.1, 0.6)
    y = (rng.random(n) < rng.uniform(0.25, 0.75)).astype(int)

    def one_of(some):
        return some[int(rng.integers(len(some)))]

    texts = []
    for label in y:
        own, other = (one_of(plain) if rng.random() < 0.3 else one_of(words[which]) for which in (label, 1 - label))
        end = one_of(either if rng.random() < shared else ends[label])
        texts.append(forms[rng.choice(len(forms), p=shares[label])].format(end=end, part=one_of(parts), own=own, other=other))
    return texts, np.where(rng.random(n) < rng.uniform(0, 0.1), 1 - y, y)
