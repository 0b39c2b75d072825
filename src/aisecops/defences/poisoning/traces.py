"""Traces that moving a picture between its pixels leaves, place by place: what moved by half a pixel is smoother than what moved by a whole one.

Every pixel that a smooth field (WaNet: Nguyen and Tran 2021) moves by a fraction is a mean of its neighbours, so noise and edges are weaker there, by a factor that
depends on the fraction alone (Popescu and Farid 2005, and Gallagher 2005, read resizing and turning from the same). The field is the same for all pictures, and so is
the map of these factors, whatever they show: it stands out in the logarithm of how much a picture varies at each place, beside how much it varies as a whole.
"""

from __future__ import annotations

import numpy as np

from aisecops.defences.poisoning.suspicion import Floats

_SIDE = 24
_FLOOR = (0.002, 0.05)
"""What is added before logarithms are taken: a share of the range of all values, and of the picture's own middle variation."""


def traces(images: Floats) -> Floats:
    """Return how much each picture varies down, across and aslant at each place, shape (n, 3 * places): logarithms, less the picture's mean one.

    Parameters
    ----------
    images
        Shape (n, height, width) or (n, height, width, channels), at least two pixels a side. Colours are looked at one by one and their variation added, for noise is
        each one's own. Places are pixels, or blocks where there are more than 24 a side.
    """
    pictures = images if images.ndim == 4 else images[..., None]
    span = float(np.ptp(images)) or 1.0
    padded = np.pad(pictures, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="edge")
    here, right, below = padded[:, 1:-1, 1:-1], padded[:, 1:-1, 2:], padded[:, 2:, 1:-1]
    down, across = 2 * here - padded[:, :-2, 1:-1] - below, 2 * here - padded[:, 1:-1, :-2] - right
    aslant = here - right - below + padded[:, 2:, 2:]
    return np.concatenate([_relative(np.abs(part).sum(axis=3) / span) for part in (down, across, aslant)], axis=1)


def _relative(size: Floats) -> Floats:
    for axis in (1, 2):
        length = size.shape[axis]
        starts = np.unique(np.arange(min(length, _SIDE)) * length // min(length, _SIDE))
        counts = np.diff(np.append(starts, length)).reshape((1, -1, 1) if axis == 1 else (1, 1, -1))
        size = np.add.reduceat(size, starts, axis=axis) / counts
    share, own = _FLOOR
    logs = np.log(size + share + own * np.median(size, axis=(1, 2), keepdims=True))
    return np.asarray((logs - logs.mean(axis=(1, 2), keepdims=True)).reshape(len(size), -1))
