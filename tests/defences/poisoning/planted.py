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
