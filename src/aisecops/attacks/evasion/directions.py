"""Directions to look in: random orthonormal ones, for images of low frequency.

Orthonormal probes tell more than independent ones: from the signs of d of them the normal of a flat boundary has a cosine of sqrt(2/pi) = 0.80 with the
true one, from d independent Gaussian ones 0.62. On images, models hear low frequencies best (Guo et al., UAI 2019; Li et al., CVPR 2020), and fewer dimensions
need fewer queries.
"""

from __future__ import annotations

import numpy as np

from aisecops.oracles.oracle import Floats


def orthonormal(rng: np.random.Generator, shape: tuple[int, ...], count: int) -> Floats:
    """Return ``count`` random directions of unit length in samples of ``shape``, flat, shape (count, d): orthogonal as far as the dimensions go."""
    kept = frequencies(shape)
    d = int(np.prod(kept))
    blocks = []
    for done in range(0, count, d):
        q, _ = np.linalg.qr(rng.standard_normal((d, min(d, count - done))))
        blocks.append(q.T)
    coefficients = np.concatenate(blocks)
    return coefficients if kept == shape else cosines(coefficients.reshape(count, *kept), shape)


MOST_CHANNELS = 4


def picture_axes(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return which axes of a picture of ``shape`` are its rows and its columns of pixels: the last two, unless the last one is that of the colours.

    Squares and waves that run along the colours are no squares and no waves: a picture with its channels last would be attacked by stripes.
    """
    last = len(shape) == 3 and shape[2] <= MOST_CHANNELS < min(shape[:2])
    return (0, 1) if last else (len(shape) - 2, len(shape) - 1)


def frequencies(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of the coefficients that matter: of images the lower half (from 28 pixels on) or quarter (from 56) along both axes, else all."""
    if len(shape) < 2:
        return shape
    axes = picture_axes(shape)
    return tuple(size // max(1, min(4, size // 14)) if axis in axes else size for axis, size in enumerate(shape))


def cosines(coefficients: Floats, shape: tuple[int, ...]) -> Floats:
    """Return images (flat, one a row) of ``shape`` from their lowest DCT coefficients; orthonormal, so lengths and angles stay."""
    rows, columns = picture_axes(shape)
    planes = np.moveaxis(coefficients, (rows + 1, columns + 1), (-2, -1))
    images = cosine_matrix(shape[rows], planes.shape[-2]) @ planes @ cosine_matrix(shape[columns], planes.shape[-1]).T
    return np.asarray(np.moveaxis(images, (-2, -1), (rows + 1, columns + 1)).reshape(len(coefficients), -1))


def cosine_matrix(size: int, count: int) -> Floats:
    """Return the first ``count`` DCT-II basis vectors of length ``size`` as columns."""
    place, frequency = np.arange(size)[:, None] + 0.5, np.arange(count)[None, :]
    waves = np.cos(np.pi / size * place * frequency) * np.sqrt(2.0 / size)
    waves[:, 0] /= np.sqrt(2.0)
    return np.asarray(waves)
