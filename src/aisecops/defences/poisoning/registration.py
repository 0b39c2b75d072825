"""Registration of two sets of pictures: the one smooth field that moves pictures of the second onto those of the first, who matches whom unknown.

Iterated closest points (Besl and McKay 1992) with Gauss-Newton steps on the grey values (Lucas and Kanade 1981): match each picture to the nearest moved one, then
move the field so that all matched pairs differ less, from blurred pictures to sharp ones. A single pair says little about the field; hundreds say much.
Pictures are rows of matrices, float32, one value for each of ``height * width`` pixels.
"""

from __future__ import annotations

from functools import lru_cache

import msgspec
import numpy as np
import numpy.typing as npt

Pictures = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

_WAVES, _FINENESS = 10, 0.75
"""Half-waves an axis, and how many there are for each pixel at most: fields on a grid of 8 points have 7, and 6 were too coarse for two in three of these."""
_STIFFNESS = 1e-3
_STEPS = 3


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A smooth displacement: cosines of fewer than ``_WAVES`` half-waves an axis, ``weights`` of shape (2, waves)."""

    height: int
    width: int
    weights: Floats

    @classmethod
    def still(cls, height: int, width: int) -> Field:
        """Return the field that moves nothing."""
        return cls(height=height, width=width, weights=np.zeros((2, _waves(height, width) ** 2)))

    @property
    def displacement(self) -> Floats:
        """How far each pixel reaches, in pixels, shape (2, height * width)."""
        return np.asarray(self.weights @ _cosines(self.height, self.width))

    def moved(self, pictures: Pictures) -> Pictures:
        """Return the pictures sampled where the field points, bilinearly, the border repeated."""
        return np.asarray(pictures @ self.sampling().T)

    def sampling(self) -> Pictures:
        """Return the matrix (pixels, pixels) that samples: a warp is linear in the picture."""
        down, across = self.displacement.reshape(2, self.height, self.width)
        rows = np.clip(np.arange(self.height)[:, None] + down, 0, self.height - 1).ravel()
        columns = np.clip(np.arange(self.width)[None, :] + across, 0, self.width - 1).ravel()
        top, left = np.floor(rows).astype(int), np.floor(columns).astype(int)
        below, right, u, v = np.minimum(top + 1, self.height - 1), np.minimum(left + 1, self.width - 1), rows - top, columns - left
        matrix, every = np.zeros((len(rows), len(rows))), np.arange(len(rows))
        for line, place, share in ((top, left, (1 - u) * (1 - v)), (top, right, (1 - u) * v), (below, left, u * (1 - v)), (below, right, u * v)):
            np.add.at(matrix, (every, line * self.width + place), share)
        return matrix.astype(np.float32)


def registered(first: Pictures, second: Pictures, field: Field, *, blurs: tuple[float, ...] = (0.14, 0.07, 0.0)) -> Field:
    """Return the field, from ``field`` on, that moves pictures of ``second`` onto those of ``first``; ``blurs``: widths in shares of the height, one stage each."""
    for blur in blurs:
        a, b = _blurred(first, field, blur), _blurred(second, field, blur)
        slopes = [part.reshape(b.shape) for part in np.gradient(b.reshape(-1, field.height, field.width), axis=(1, 2))]
        for _ in range(_STEPS):
            field = _stepped(a, b, slopes, field)
    return field


def _stepped(first: Pictures, second: Pictures, slopes: list[Pictures], field: Field) -> Field:
    """Return the field after one Gauss-Newton step on the pairs that are nearest now."""
    sampling = field.sampling().T
    moved = second @ sampling
    match = ((moved * moved).sum(axis=1) - 2 * first @ moved.T).argmin(axis=1)
    down, across = (part[match] @ sampling for part in slopes)
    left = first - moved[match]
    waves = _cosines(field.height, field.width)
    both = waves * (down * across).sum(axis=0) @ waves.T
    curvature = np.block([[waves * (down**2).sum(axis=0) @ waves.T, both], [both.T, waves * (across**2).sum(axis=0) @ waves.T]])
    slope = np.concatenate([waves @ (down * left).sum(axis=0), waves @ (across * left).sum(axis=0)])
    number = np.arange(_waves(field.height, field.width))
    rough = np.tile(np.add.outer(number**2, number**2).ravel() + 0.1, 2)
    stiffness = _STIFFNESS * np.trace(curvature) / len(curvature) * rough + 1e-9
    step = np.linalg.solve(curvature + np.diag(stiffness), slope - stiffness * field.weights.ravel())
    return Field(height=field.height, width=field.width, weights=field.weights + step.reshape(2, -1))


def distances(a: Pictures, b: Pictures) -> Pictures:
    """Return the distance of each picture of ``a`` to each of ``b``."""
    squares = (-2 * a) @ b.T
    squares += (a * a).sum(axis=1)[:, None]
    squares += (b * b).sum(axis=1)[None, :]
    np.maximum(squares, 1e-9, out=squares)
    return np.asarray(np.sqrt(squares, out=squares))


@lru_cache(maxsize=8)
def _cosines(height: int, width: int) -> Floats:
    """Return products of cosines, shape (waves, height * width)."""
    number = np.arange(_waves(height, width))[:, None]
    lines, places = (np.cos(np.pi * number * (np.arange(length) + 0.5) / length) for length in (height, width))
    return np.asarray(np.einsum("ah,bw->abhw", lines, places).reshape(-1, height * width))


def _waves(height: int, width: int) -> int:
    """Return how many cosines an axis has: pixels tell no more of a field than their number."""
    return min(_WAVES, max(1, int(_FINENESS * min(height, width))))


def _blurred(pictures: Pictures, field: Field, blur: float) -> Pictures:
    if not blur:
        return pictures
    lines, places = (_bell(length, blur * field.height) for length in (field.height, field.width))
    return np.asarray((lines @ pictures.reshape(-1, field.height, field.width) @ places.T).reshape(pictures.shape))


def _bell(length: int, width: float) -> Pictures:
    at = np.arange(length)
    bell = np.exp(-0.5 * ((at[:, None] - at[None, :]) / width) ** 2)
    return np.asarray(bell / bell.sum(axis=1, keepdims=True), dtype=np.float32)
