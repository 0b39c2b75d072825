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


def frequencies(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of the coefficients that matter: of images the lower half (from 28 pixels on) or quarter (from 56) along both axes, else all."""
    if len(shape) < 2:
        return shape
    return *shape[:-2], *(size // max(1, min(4, size // 14)) for size in shape[-2:])


def cosines(coefficients: Floats, shape: tuple[int, ...]) -> Floats:
    """Return images (flat, one a row) of ``shape`` from their lowest DCT coefficients; orthonormal, so lengths and angles stay."""
    rows, columns = coefficients.shape[-2:]
    images = cosine_matrix(shape[-2], rows) @ coefficients @ cosine_matrix(shape[-1], columns).T
    return np.asarray(images.reshape(len(coefficients), -1))


def cosine_matrix(size: int, count: int) -> Floats:
    """Return the first ``count`` DCT-II basis vectors of length ``size`` as columns."""
    place, frequency = np.arange(size)[:, None] + 0.5, np.arange(count)[None, :]
    waves = np.cos(np.pi / size * place * frequency) * np.sqrt(2.0 / size)
    waves[:, 0] /= np.sqrt(2.0)
    return np.asarray(waves)
