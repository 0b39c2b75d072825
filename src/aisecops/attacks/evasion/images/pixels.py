"""Batches of images as the functions here work on them: (n, channels, height, width), values 0 to 1, single precision."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from aisecops.core.errors import UserError
from aisecops.oracles.oracle import Floats

Pixels: TypeAlias = npt.NDArray[np.float32]
"""Shape (n, channels, height, width), 0 to 1."""


def pixels(images: Floats, low: float = 0.0, high: float = 1.0) -> Pixels:
    """Return a copy of ``images``, shape (n, height, width) or (n, channels, height, width) with values from ``low`` to ``high``, as ``Pixels``.

    Raises
    ------
    UserError
        If they have another shape, or values outside, or the bounds are none.
    """
    given = np.asarray(images, dtype=np.float64)
    if given.ndim not in (3, 4) or not all(given.shape[1:]):
        raise UserError(f"images of shape {given.shape}", fix="give (n, height, width) or (n, channels, height, width)")
    if given.ndim == 4 and given.shape[1] > 4 >= given.shape[3]:
        raise UserError(
            f"images of shape {given.shape} have their channels last", fix="give (n, channels, height, width): images.transpose(0, 3, 1, 2)"
        )
    if not low < high:
        raise UserError(f"pixels from {low} to {high} have no range", fix="give the least and the greatest value of a pixel")
    slack = 1e-6 * (high - low)
    if given.size and not (given.min() >= low - slack and given.max() <= high + slack):
        raise UserError(f"pixels lie outside {low} to {high}, or are NaN", fix="give the least and the greatest value of a pixel as low and high")
    scaled = np.clip((given - low) / (high - low), 0.0, 1.0).astype(np.float32)
    return scaled if given.ndim == 4 else scaled[:, None]


def as_given(changed: Pixels, images: Floats, low: float, high: float) -> Floats:
    """Return ``changed`` in the shape of the images that it came from and between their bounds."""
    return low + (high - low) * np.clip(changed, 0.0, 1.0).astype(np.float64).reshape(np.shape(images))


def brightness(x: Pixels) -> Pixels:
    """Return the value of each pixel (its largest channel), shape (n, 1, height, width)."""
    return np.asarray(x.max(axis=1, keepdims=True))
