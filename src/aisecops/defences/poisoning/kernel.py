"""What rows like it say of each row, near ones most: ridge regression with a Gaussian kernel, each row answered as if it had not been there.

Neighbours count a dozen rows and no others, a linear model knows no bends, and a network has to be trained anew for each fold. Regression with a kernel bends, uses all
rows, and what it would say of a row without that row's label follows from one fit (Allen's PRESS, 1974): it is surer than five folds, and takes a quarter of the time.
Columns that say nothing drive like rows apart: columns count by how much trees use them, as far as that brings what is said of rows nearer to their labels.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from aisecops.defences.poisoning.suspicion import Floats, Integers

_LANDMARKS, _FEW = 1000, 300
"""Rows that all are compared with (Williams and Seeger 2001), and so many to choose the width by: time grows with the square."""
_WIDTHS = (0.25, 0.5, 1.0, 2.0, 4.0)
"""How fast likeness falls, in usual squared distances: ``exp(-width * squared distance / usual)``."""
_BY_USE = (0.0, 0.5, 1.0)
"""To what power the share of a column in what trees learn is taken to be its scale."""
_TREES, _LEAF = 30, 3
_PENALTIES = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
_SHARPNESS = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0)
_WRONG = 0.05
"""Share of the labels that may be wrong when the sharpness is chosen: what contradicts them is not to make answers timid."""
_STEADY = 1e-3
"""Added to the likeness of each landmark with itself: many rows are the same."""
_OWN = 0.999
"""The most that a row's own label says of it."""

Rows = npt.NDArray[np.float32]


def kernel(told: Sequence[Floats], y: Integers, classes: int, *, seed: int = 0) -> Floats:
    """Return what each row looks like to all the others, shape (n, classes).

    Which columns, their scales, width and ridge are those with the least squared error on rows left out.

    Parameters
    ----------
    told
        The rows in one way or several (pixels, and what pictures answer to pieces), each of shape (n, features), scaled.
    """
    ways = [way for z in told if z.shape[1] for way in _ways(z.astype(np.float32), y, seed)]
    order = np.random.default_rng(seed).permutation(len(y))
    few, landmarks = order[:_FEW], order[:_LANDMARKS]
    if not ways:
        return np.tile(np.bincount(y, minlength=classes) / len(y), (len(y), 1))

    def error(apart: Rows, width: float) -> float:
        return _left_out(_features(apart, few, width), y, classes)[0]

    apart = [_apart(z, few) for z in ways]
    best = min(range(len(ways)), key=lambda at: error(apart[at], 1.0))
    width = min(_WIDTHS, key=lambda some: error(apart[best], some))
    return _told(_left_out(_features(_apart(ways[best], landmarks), landmarks, width), y, classes)[1], y)


def _ways(rows: Rows, y: Integers, seed: int) -> list[Rows]:
    """Return rows with all columns alike, and with each on a scale by how much trees use it."""
    from sklearn.ensemble import ExtraTreesClassifier

    forest = ExtraTreesClassifier(_TREES, min_samples_leaf=_LEAF, random_state=seed, n_jobs=1).fit(rows, y)
    with np.errstate(invalid="ignore"):
        use = np.nan_to_num(forest.feature_importances_)  # no number where no column was of use
    return [rows * ((use / use.mean()) ** power).astype(np.float32) for power in _BY_USE] if use.any() else [rows]


def _apart(rows: Rows, landmarks: Integers) -> Rows:
    """Return squared distances, shape (n, landmarks), as parts of the usual one."""
    length = np.einsum("ij,ij->i", rows, rows)
    apart = np.maximum(length[:, None] + length[landmarks] - 2 * (rows @ rows[landmarks].T), 0)
    return np.asarray(apart / (np.median(apart) or apart.mean() or np.float32(1.0)))


def _features(apart: Rows, landmarks: Integers, width: float) -> Rows:
    """Return columns, shape (n, landmarks), whose inner products are the likeness of rows as far as landmarks know it; each has mean 0."""
    from scipy.linalg import cholesky, solve_triangular  # type: ignore[import-untyped]

    like = np.exp(apart * np.float32(-width))
    root = cholesky(like[landmarks].astype(np.float64) + _STEADY * np.eye(len(landmarks)), lower=True)
    found = solve_triangular(root.astype(np.float32), like.T, lower=True, check_finite=False).T
    return np.asarray(found - found.mean(axis=0))


def _left_out(features: Rows, y: Integers, classes: int) -> tuple[float, Floats]:
    """Return the least mean squared error of all penalties, and the answers of that one for each row without its own label, shape (n, classes)."""
    shares = np.bincount(y, minlength=classes) / len(y)
    wanted = (np.eye(classes)[y] - shares).astype(np.float32)
    strength, axes = np.linalg.eigh((features.T @ features).astype(np.float64))
    turned = features @ axes.astype(np.float32)
    squares, said = np.square(turned), turned.T @ wanted
    best = (np.inf, np.zeros((len(y), classes)))
    for penalty in _PENALTIES:
        weight = (1 / (np.maximum(strength, 0) + penalty)).astype(np.float32)
        own = np.minimum(squares @ weight + 1 / len(y), _OWN)[:, None]  # what a row's own label counts in its answer: the diagonal of the hat matrix
        answers = (turned @ (weight[:, None] * said) - own * wanted) / (1 - own)
        error = float(np.square(answers - wanted).mean())
        best = min(best, (error, answers + shares), key=lambda one: one[0])
    return best


def _told(answers: Floats, y: Integers) -> Floats:
    """Return answers around 0 and 1 as probabilities, as sharp as makes the labels likeliest."""
    rows, classes = np.arange(len(y)), answers.shape[1]

    def sharp(factor: float) -> Floats:
        p = np.exp(factor * (answers - answers.max(axis=1, keepdims=True)))
        return np.asarray(p / p.sum(axis=1, keepdims=True), dtype=np.float64)

    return max((sharp(factor) for factor in _SHARPNESS), key=lambda p: float(np.log((1 - _WRONG) * p[rows, y] + _WRONG / classes).mean()))
