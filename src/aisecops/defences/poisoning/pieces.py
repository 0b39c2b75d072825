"""What pictures show, wherever it stands and in whatever colours: how much each quarter of a picture answers to small pieces of pictures.

Neighbours and trees compare pixel with pixel: where the same thing stands elsewhere in another colour before another ground, they know next to nothing. Some random
pieces of the data itself, whitened, as filters, and a linear rule on their mean answers know much more (Coates, Ng and Lee 2011), for a second of work. Answers count
without their sign: a light cross before a dark ground is a cross.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from aisecops.defences.poisoning.suspicion import Floats, Integers

_COUNT, _SIDE, _DRAWN = 160, 6, 4000
_WIDEST = 32
_AT_ONCE = 64
_LEAST = 0.01
"""Of the variance of all values: what pieces without any content are divided by at least."""
_SMOOTH = 0.1
_STILL, _RIDGE = 1e-3, 1e-3
"""What answers that are the same everywhere are divided by, and what is added to the variance of each."""

Rows = npt.NDArray[np.float32]


class Pieces:
    """Filters drawn from ``images``, and the answers of those pictures that were asked for, each worked out once.

    Parameters
    ----------
    images
        Shape (n, height, width) or (n, height, width, channels), at least 6 pixels a side; averaged over blocks where there are more than 32.
    """

    def __init__(self, images: Floats, *, seed: int = 0) -> None:
        pictures = images if images.ndim == 4 else images[..., None]
        block = max(1, -(-min(pictures.shape[1:3]) // _WIDEST))
        high, wide = pictures.shape[1] // block, pictures.shape[2] // block
        cut = pictures[:, : high * block, : wide * block].reshape(len(pictures), high, block, wide, block, -1)
        self._pictures = (cut.mean(axis=(2, 4)) / (float(images.std()) or 1.0)).astype(np.float32)
        self._side = min(_SIDE, high // 2, wide // 2)
        rng = np.random.default_rng(seed)
        rows, tops, lefts = (rng.integers(limit, size=_DRAWN) for limit in (len(pictures), high - self._side + 1, wide - self._side + 1))
        drawn = self._normed(self._windows(self._pictures)[rows, tops, lefts])
        self._middle = drawn.mean(axis=0)
        variance, axes = np.linalg.eigh(np.cov((drawn - self._middle).T.astype(np.float64)))
        whitening = axes / np.sqrt(np.maximum(variance, 0) + _SMOOTH * variance.mean() + 1e-9) @ axes.T
        filters = (drawn[:_COUNT] - self._middle) @ whitening
        self._filters = (whitening @ (filters / (np.linalg.norm(filters, axis=1, keepdims=True) + 1e-9)).T).astype(np.float32)
        self._known: dict[int, Rows] = {}

    def answers(self, rows: Integers) -> Floats:
        """Return the square roots of the mean answers in each quarter, shape (rows, 4 * pieces)."""
        missing = np.array([row for row in rows.tolist() if row not in self._known], dtype=np.int64)
        for start in range(0, len(missing), _AT_ONCE):
            some = missing[start : start + _AT_ONCE]
            self._known.update(zip(some.tolist(), self._answered(self._pictures[some]), strict=True))
        return np.sqrt(np.stack([self._known[row] for row in rows.tolist()]).astype(np.float64))

    def _answered(self, pictures: Rows) -> Rows:
        size = np.abs((self._normed(self._windows(pictures)) - self._middle) @ self._filters)
        size = np.maximum(0, size - size.mean(axis=3, keepdims=True))
        down, across = size.shape[1] // 2, size.shape[2] // 2
        halves = (size[:, :down], size[:, down:])
        return np.concatenate([part.mean(axis=(1, 2)) for half in halves for part in (half[:, :, :across], half[:, :, across:])], axis=1)

    def _windows(self, pictures: Rows) -> Rows:
        return sliding_window_view(pictures, (self._side, self._side), axis=(1, 2))

    def _normed(self, windows: Rows) -> Rows:
        """Return windows (..., channels, side, side) as rows, each colour around its mean, all of it of length about 1 a value."""
        middled = windows - windows.mean(axis=(-2, -1), keepdims=True)
        rows = middled.reshape(*windows.shape[:-3], -1)
        return np.asarray(rows / np.sqrt((rows * rows).mean(axis=-1, keepdims=True) + _LEAST))


def unseen(answers: Floats, y: Integers, classes: int, held: npt.NDArray[np.bool_]) -> Floats:
    """Return what rows ``held`` out look like to a linear rule (shrunk discriminants: Ledoit and Wolf 2004) that saw none of them, shape (held, classes)."""
    from sklearn.covariance import ledoit_wolf
    from sklearn.utils.extmath import softmax

    full = np.zeros((int(held.sum()), classes))
    known, labels = answers[~held], y[~held]
    present, own = np.unique(labels, return_inverse=True)
    middle, deviation = known.mean(axis=0), known.std(axis=0) + _STILL
    z = (known - middle) / deviation
    means = np.stack([z[own == number].mean(axis=0) for number in range(len(present))])
    within = ledoit_wolf(z - means[own])[0]
    # Plain equations, with a ridge: scikit-learn's singular values did not converge for MNIST, whose borders hardly answer to any piece.
    weights = np.linalg.solve(within + _RIDGE * np.eye(len(within)), means.T)
    offsets = np.log(np.bincount(own) / len(own)) - (means.T * weights).sum(axis=0) / 2
    full[:, present] = softmax((answers[held] - middle) / deviation @ weights + offsets)
    return full
