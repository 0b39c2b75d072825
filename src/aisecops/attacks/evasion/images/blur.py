"""Blur: out of focus, through frosted glass, of a moving camera, of a camera that zooms."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from aisecops.attacks.evasion.images.pixels import Pixels
from aisecops.attacks.evasion.images.sampling import Matrix, along_both, convolve, displaced, gaussian_blur, zooming

_FINE = 5
"""Points a pixel, each way, by which a disc's area in it is counted."""
_ANGLES = 16
_ZOOM_STEP = 0.01


def defocus_blur(x: Pixels, rng: np.random.Generator, radius: float, softness: float) -> Pixels:  # noqa: ARG001 - all take it
    """Spread each pixel over a disc of ``radius``, whose edge is softened by a Gaussian."""
    return gaussian_blur(convolve(x, _disc(radius)), softness)


@lru_cache(maxsize=64)
def _disc(radius: float) -> Matrix:
    reach = int(np.ceil(radius + 0.5))
    fine = (np.arange((2 * reach + 1) * _FINE) + 0.5) / _FINE - reach - 0.5
    inside = (fine[:, None] ** 2 + fine**2 <= (radius + 0.25) ** 2).astype(np.float64)
    kernel = inside.reshape(2 * reach + 1, _FINE, 2 * reach + 1, _FINE).sum(axis=(1, 3))
    return np.asarray(kernel / kernel.sum(), dtype=np.float32)


def glass_blur(x: Pixels, rng: np.random.Generator, sigma: float, reach: float) -> Pixels:
    """Blur a little, read each pixel from a random place around it (normal, ``reach`` pixels), blur again."""
    n, _, height, width = x.shape
    shifts = reach * rng.standard_normal((2, n, height, width), dtype=np.float32)
    rows, columns = np.arange(height, dtype=np.float32)[:, None] + shifts[0], np.arange(width, dtype=np.float32) + shifts[1]
    return gaussian_blur(displaced(gaussian_blur(x, sigma), rows, columns), sigma)


def motion_blur(x: Pixels, rng: np.random.Generator, length: float, sigma: float) -> Pixels:
    """Smear each image in a direction of its own (between -45 and 45 degrees), with weights that fall off as a Gaussian's half."""
    turns = rng.integers(_ANGLES, size=len(x))
    made = np.empty_like(x)
    for turn in np.unique(turns).tolist():
        made[turns == turn] = convolve(x[turns == turn], streak(length, sigma, -45 + 90 * (turn + 0.5) / _ANGLES))
    return made


@lru_cache(maxsize=512)
def streak(length: float, sigma: float, angle: float) -> Matrix:
    """Return the kernel of a motion: points along a line from the middle out, each shared among the four pixels around it."""
    reach = int(np.ceil(length)) + 1
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1))
    along = np.arange(0, length + 1e-9, 0.5)
    weights = np.exp(-(along**2) / (2 * sigma * sigma))
    y, x = reach + along * np.sin(np.radians(angle)), reach + along * np.cos(np.radians(angle))
    top, left = np.floor(y).astype(int), np.floor(x).astype(int)
    for i, j in ((0, 0), (0, 1), (1, 0), (1, 1)):
        share = (1 - abs(y - top - i)) * (1 - abs(x - left - j))
        np.add.at(kernel, (np.minimum(top + i, 2 * reach), np.minimum(left + j, 2 * reach)), weights * share)
    return np.asarray(kernel / kernel.sum(), dtype=np.float32)


def zoom_blur(x: Pixels, rng: np.random.Generator, furthest: float) -> Pixels:  # noqa: ARG001 - all take it
    """Average the image, which counts twice, with magnifications of its middle, up to ``furthest``."""
    factors = np.arange(1.0, furthest + 1e-9, _ZOOM_STEP if x.shape[2] < 128 else 2 * _ZOOM_STEP).tolist()
    total = x.copy()
    for factor in factors:
        total += along_both(x, zooming(x.shape[2], factor), zooming(x.shape[3], factor))
    return total / np.float32(len(factors) + 1)
