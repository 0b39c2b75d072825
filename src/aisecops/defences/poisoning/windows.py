"""What the rest of a picture says of its label: neighbours by all of it but one window.

Where pictures of a class differ much (letters of many fonts, photographs), a sticker makes those that bear it each other's nearest neighbours, all with one label:
the content seems to explain the label. What lies outside the window that holds the sticker knows nothing of it.
"""

from __future__ import annotations

import numpy as np

from aisecops.defences.poisoning import content
from aisecops.defences.poisoning.suspicion import Floats, Integers

_SIDES = 2
"""A window is half as high and as wide as the picture; windows begin at each quarter, so that a sticker of up to a quarter of the side lies wholly in one."""
_STEPS = (0.0, 0.25, 0.5)
_SIDE = 16


def without_windows(images: Floats, y: Integers, classes: int, *, seed: int = 0) -> list[tuple[Integers, Floats]]:
    """Return, for each window, its columns (those that no other window holds nearer to its middle) and the probabilities of the classes by the rest.

    Parameters
    ----------
    images
        Shape (n, height, width) or (n, height, width, channels); a column is a value of the flattened picture.
    """
    height, width = images.shape[1:3]
    if min(height, width) < 2 * _SIDES:
        return []
    boxes = [(round(top * height), round(left * width)) for top in _STEPS for left in _STEPS]
    owner = _owners(boxes, height, width)
    small, rows, columns = _thinned(images)
    found = []
    for number, (top, left) in enumerate(boxes):
        inside = (rows >= top) & (rows < top + height // _SIDES) & (columns >= left) & (columns < left + width // _SIDES)
        rest = small[:, ~inside].reshape(len(small), -1)
        held = np.broadcast_to((owner == number).reshape(height, width, *(1,) * (images.ndim - 3)), images.shape[1:])
        seen = content.calibrated(content.neighbours((rest - rest.mean()) / (rest.std() or 1.0), y, classes, seed=seed), y)
        found.append((np.flatnonzero(held), seen))
    return found


def _owners(boxes: list[tuple[int, int]], height: int, width: int) -> Integers:
    """Return for each pixel the window whose middle is nearest, shape (height, width)."""
    rows, columns = np.meshgrid(np.arange(height) + 0.5, np.arange(width) + 0.5, indexing="ij")
    away = [(rows - top - height / _SIDES / 2) ** 2 + (columns - left - width / _SIDES / 2) ** 2 for top, left in boxes]
    return np.asarray(np.argmin(away, axis=0), dtype=np.int64)


def _thinned(images: Floats) -> tuple[Floats, Integers, Integers]:
    """Return every so many pixels that at most 16 a side are left, shape (n, rows, columns, ...), and where they were: neighbours need no more, and time counts."""
    step = max(1, -(-min(images.shape[1:3]) // _SIDE))
    small = images[:, step // 2 :: step, step // 2 :: step]
    places = (np.arange(step // 2, images.shape[axis], step) for axis in (1, 2))
    rows, columns = np.meshgrid(*places, indexing="ij")
    return small, rows, columns
