"""What a set of pixels is called."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

_ALL_OVER = 0.3
_SPOTS = 4


def region(places: Sequence[tuple[np.intp, ...]], area: int) -> tuple[str, tuple[str, ...]]:
    """Return the name of pixels ``(row, column, ...)``, the most telling first, in an image of ``area`` pixels, and each as ``row,column``."""
    features = tuple(dict.fromkeys(f"{int(place[0])},{int(place[1])}" for place in places))
    rows, columns = [int(place[0]) for place in places], [int(place[1]) for place in places]
    top, bottom, left, right = min(rows), max(rows), min(columns), max(columns)
    if (bottom - top + 1) * (right - left + 1) > _ALL_OVER * area:
        return f"a pattern all over the image, seen best at pixels {'; '.join(features[:3])} (row,column)", features
    return f"pixels of rows {top} to {bottom}, columns {left} to {right}", features


def spots(marked: npt.NDArray[np.bool_]) -> str:
    """Return the name of the pixels ``marked``, shape (height, width): up to four rectangles, or a pattern all over the image."""
    boxes: list[list[int]] = []  # top, bottom, left, right
    for row, column in np.argwhere(marked).tolist():
        near = [box for box in boxes if box[0] - 1 <= row <= box[1] + 1 and box[2] - 1 <= column <= box[3] + 1]
        boxes = [box for box in boxes if box not in near]
        rows, columns = [row, *(at for box in near for at in box[:2])], [column, *(at for box in near for at in box[2:])]
        boxes.append([min(rows), max(rows), min(columns), max(columns)])
    area = sum((box[1] - box[0] + 1) * (box[3] - box[2] + 1) for box in boxes)
    if len(boxes) > _SPOTS or area > _ALL_OVER * marked.size:
        return "a pattern all over the image"
    return "pixels of " + " and of ".join(f"rows {top} to {bottom}, columns {left} to {right}" for top, bottom, left, right in sorted(boxes))
