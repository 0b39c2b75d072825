"""What a set of pixels is called."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from aisecops.defences.poisoning.squares import Square
from aisecops.defences.poisoning.suspicion import Flags, Floats, Integers

_ALL_OVER = 0.3
_SPOTS = 4
_NEARLY, _FEW, _SLACK, _ELSEWHERE = 0.75, 0.02, 1.1, 0.5


def region(places: Sequence[tuple[np.intp, ...]], area: int) -> tuple[str, tuple[str, ...]]:
    """Return the name of pixels ``(row, column, ...)``, the most telling first, in an image of ``area`` pixels, and each as ``row,column``."""
    features = tuple(dict.fromkeys(f"{int(place[0])},{int(place[1])}" for place in places))
    rows, columns = [int(place[0]) for place in places], [int(place[1]) for place in places]
    top, bottom, left, right = min(rows), max(rows), min(columns), max(columns)
    if (bottom - top + 1) * (right - left + 1) > _ALL_OVER * area:
        return f"a pattern all over the image, seen best at pixels {'; '.join(features[:3])} (row,column)", features
    return f"pixels of {_box(top, bottom, left, right)}", features


def of_sign(places: Sequence[tuple[np.intp, ...]], held: Integers, images: Floats) -> tuple[str, tuple[str, ...]]:
    """Return the name of a sign that was proven at some ``places``, the most telling first, on the pictures ``held``: all pixels that it sets, where it sets any.

    Corners of a patch that often have its value anyway prove nothing, and are a part of it nevertheless.
    """
    pixels = _stamped(images, held) if len(held) else np.zeros(images.shape[1:3], dtype=bool)
    proven = list(dict.fromkeys((int(place[0]), int(place[1])) for place in places))
    if not any(pixels[place] for place in proven) or _boxes(pixels) is None:
        return region(places, images.shape[1] * images.shape[2])
    further = [(row, column) for row, column in np.argwhere(pixels).tolist() if (row, column) not in proven]
    return spots(pixels), tuple(f"{row},{column}" for row, column in (*(place for place in proven if pixels[place]), *further))


def spots(marked: npt.NDArray[np.bool_]) -> str:
    """Return the name of the pixels ``marked``, shape (height, width): up to four rectangles, or a pattern all over the image."""
    boxes = _boxes(marked)
    if boxes is None:
        return "a pattern all over the image"
    return "pixels of " + " and of ".join(_box(*box) for box in sorted(boxes))


def _box(top: int, bottom: int, left: int, right: int) -> str:
    return f"{_span('row', top, bottom)}, {_span('column', left, right)}"


def _span(what: str, first: int, last: int) -> str:
    return f"{what} {first}" if first == last else f"{what}s {first} to {last}"


def _boxes(marked: npt.NDArray[np.bool_]) -> list[list[int]] | None:
    """Return the rectangles (top, bottom, left, right) around pixels that touch, or None where they are many, or large."""
    boxes: list[list[int]] = []
    for row, column in np.argwhere(marked).tolist():
        near = [box for box in boxes if box[0] - 1 <= row <= box[1] + 1 and box[2] - 1 <= column <= box[3] + 1]
        boxes = [box for box in boxes if box not in near]
        rows, columns = [row, *(at for box in near for at in box[:2])], [column, *(at for box in near for at in box[2:])]
        boxes.append([min(rows), max(rows), min(columns), max(columns)])
    area = sum((box[1] - box[0] + 1) * (box[3] - box[2] + 1) for box in boxes)
    return None if len(boxes) > _SPOTS or area > _ALL_OVER * marked.size else boxes


def named(group: Sequence[Square], held: Integers, images: Floats) -> tuple[str, tuple[str, ...]]:
    """Return what the square that nearly all of the rows bear is called, the largest that the fewest others bear: by its pixels if it is at one place."""
    held = held if len(held) else group[0].rows
    share = [float(np.isin(held, one.rows).mean()) for one in group]
    complete = [one for one, part in zip(group, share, strict=True) if part >= max(share) - _FEW]
    fewest = min(len(one.rows) for one in complete)
    placed = [one for one, part in zip(group, share, strict=True) if one.fixed and part >= _NEARLY]
    square = max(placed or [one for one in complete if len(one.rows) <= _SLACK * fewest], key=lambda one: one.height * one.width)
    pixels = _stamped(images, held) if square.fixed or _at_one_place(square, held) else None
    if pixels is not None and pixels.any():
        return spots(pixels), tuple(f"{row},{column}" for row, column in np.argwhere(pixels).tolist())
    (top, left), height, width = square.at[0].tolist(), square.height, square.width
    inside = images[square.rows[0], top : top + height, left : left + width].reshape(height, width, -1)
    lines = [" ".join(",".join(f"{value:.6g}" for value in pixel) for pixel in line) for line in inside.tolist()]
    return f"a {'square' if height == width else 'strip'} of {height} x {width} pixels wherever it stands ({' / '.join(lines)})", (
        f"{height}x{width}",
        *lines,
    )


def _stamped(images: Floats, held: Integers) -> Flags:
    """Return the pixels that have one value on nearly all of the rows, and another on most other pictures, shape (height, width)."""
    values = np.median(images[held], axis=0, keepdims=True)
    same = (images == values).reshape(*images.shape[:3], -1).all(axis=3)
    return np.asarray((same[held].mean(axis=0) >= _NEARLY) & (np.delete(same, held, axis=0).mean(axis=0) <= _ELSEWHERE))


def _at_one_place(square: Square, held: Integers) -> bool:
    count = np.unique(square.at[np.isin(square.rows, held)], axis=0, return_counts=True)[1]
    return bool(len(count)) and bool(count.max() >= _NEARLY * count.sum())
