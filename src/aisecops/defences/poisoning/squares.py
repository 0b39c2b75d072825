"""Exact squares of pixels, at one place or wherever they stand: the signs that a sticker leaves, whoever's label its pictures have.

A pasted sticker is the same to the last value on every picture. So each square of up to five pixels a side is a word, a picture is a bag of words, and those that several
pictures share are looked at. Words are compared by a hash of their values that is rolled over the picture, so that all squares of a size cost a few additions a pixel.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.defences.poisoning.atoms import FEWEST
from aisecops.defences.poisoning.suspicion import Flags, Floats, Integers

Words = npt.NDArray[np.uint64]

SHAPES = ((1, 1), (1, 3), (3, 1), (2, 2), (3, 3), (4, 4), (5, 5))
"""Heights and widths: what is larger holds several of them, what is thinner than two pixels a strip."""
_MOST = 0.3
"""Share of the pictures from which on a square is a fact of the data."""
_GROUND = 0.1
"""Share of all pixels from which on a value is background: a square of nothing else is no sign, and there are many."""
_ACROSS, _DOWN, _PLACE, _MIX = (np.uint64(odd) for odd in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93))
_BUCKETS = 20
"""Bits of the table in which words are counted before any are sorted: most are on one or two pictures."""
_PIXELS = 24_000_000
"""As many as 24,000 pictures of 32 x 32 are searched; memory grows with them."""


class Square(msgspec.Struct, frozen=True, kw_only=True):
    """``height`` by ``width`` pixels on the pictures ``rows``, with the upper left corner at ``at`` (row, column) of each; ``fixed``: at that place on all of them."""

    height: int
    width: int
    fixed: bool
    rows: Integers
    at: Integers


class Squares(msgspec.Struct, frozen=True, kw_only=True):
    """Squares that several pictures share, as runs of pairs (square, picture), ``starts[i]`` to ``starts[i + 1]``; of squares on the same pictures the largest one.

    ``shape``: which of ``SHAPES``; ``across``: the width of a picture.
    """

    shape: Integers
    fixed: Flags
    starts: Integers
    rows: Integers
    at: Integers
    across: int

    def __len__(self) -> int:
        return len(self.shape)

    def owners(self) -> Integers:
        """Return which square each pair is of."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    def square(self, number: int) -> Square:
        """Return one of them."""
        held = slice(int(self.starts[number]), int(self.starts[number + 1]))
        places = np.stack(np.divmod(self.at[held], self.across), axis=1)
        height, width = SHAPES[int(self.shape[number])]
        return Square(height=height, width=width, fixed=bool(self.fixed[number]), rows=self.rows[held], at=places)


def squares(images: Floats, *, seed: int = 0) -> Squares:
    """Return the squares that at least six of the pictures share, and no more than three in ten.

    Parameters
    ----------
    images
        Shape (n, height, width) or (n, height, width, channels), the values as they are. Of very many only some are searched, drawn by ``seed``.
    """
    some = np.arange(len(images))
    if images.shape[1] * images.shape[2] * len(images) > _PIXELS:
        count = max(FEWEST, _PIXELS // (images.shape[1] * images.shape[2]))
        some = np.sort(np.random.default_rng(seed).choice(len(images), min(count, len(images)), replace=False))
    values = _coded(images[some])
    fitting = [number for number, shape in enumerate(SHAPES) if max(shape) <= min(values.shape[1:])]
    parts = [(number, fixed, part) for number in fitting for fixed, part in _shared(values, SHAPES[number])]
    count = [np.diff(starts) for _, _, (starts, _, _) in parts]
    shape = np.concatenate([np.full(len(some), number) for (number, _, _), some in zip(parts, count, strict=True)])
    fixed = np.concatenate([np.full(len(some), fixed) for (_, fixed, _), some in zip(parts, count, strict=True)])
    rows, at = (np.concatenate([part[which] for _, _, part in parts]) for which in (1, 2))
    starts = np.concatenate([[0], np.cumsum(np.concatenate(count))])
    found = Squares(shape=shape, fixed=fixed, starts=starts, rows=some[rows], at=at, across=values.shape[2])
    return _distinct(found, len(images))


def _coded(images: Floats) -> Words:
    """Return one number for each pixel, shape (n, height, width), the same for the same values."""
    bits = np.ascontiguousarray(images, dtype=np.float64).view(np.uint64)
    bits = bits if bits.ndim == 4 else bits[..., None]
    code = np.zeros(bits.shape[:3], dtype=np.uint64)
    for channel in range(bits.shape[3]):
        code = (code * _DOWN + bits[..., channel]) * _MIX
        code ^= code >> np.uint64(29)
    return code


def _hashed(values: Words, shape: tuple[int, int]) -> Words:
    """Return the hash of each square, shape (n, rows, columns) of their upper left corners."""
    for axis, size, factor in ((2, shape[1], _ACROSS), (1, shape[0], _DOWN)):
        count, total, power = values.shape[axis] - size + 1, np.zeros((), dtype=np.uint64), np.uint64(1)
        for step in range(size):
            part = values[:, :, step : step + count] if axis == 2 else values[:, step : step + count]
            with np.errstate(over="ignore"):
                total, power = total + part * power, power * factor
        values = np.asarray(total, dtype=np.uint64)
    return values * _MIX


def _shared(values: Words, shape: tuple[int, int]) -> Iterator[tuple[bool, tuple[Integers, Integers, Integers]]]:
    """Yield for squares at a place, and for those anywhere, the runs of pairs: where they start, the pictures, and the places as numbers of pixels."""
    words = _hashed(values, shape)
    known, counts = np.unique(values.ravel()[:: max(1, values.size // 100_000)], return_counts=True)
    ground = np.full((1, *shape), known[counts.argmax()], dtype=np.uint64)
    blank = _hashed(ground, shape).item() if counts.max() >= _GROUND * counts.sum() else None
    count, height, width = words.shape
    place = (np.arange(height)[:, None] * values.shape[2] + np.arange(width)[None, :]).ravel()
    flat = words.reshape(count, -1)
    written = flat != blank if blank is not None else np.ones(flat.shape, dtype=bool)
    yield True, _runs(flat + (place.astype(np.uint64) * _PLACE)[None, :], written, place)
    if shape != (1, 1):  # a single value somewhere is no sign
        yield False, _runs(flat, written, place)


def _runs(words: Words, written: Flags, place: Integers) -> tuple[Integers, Integers, Integers]:
    bucket = ((words * _MIX) >> np.uint64(64 - _BUCKETS)).astype(np.int64)
    written = written & (np.bincount(bucket[written], minlength=1 << _BUCKETS) >= FEWEST)[bucket]
    rows, column = np.nonzero(written)
    word = words[written]
    order = np.argsort(word, kind="stable")
    word, rows, at = word[order], rows[order], place[column[order]]
    new = np.ones(len(word), dtype=bool)
    new[1:] = word[1:] != word[:-1]
    first = new.copy()
    first[1:] |= rows[1:] != rows[:-1]  # once a picture
    owner, rows, at = np.cumsum(new)[first] - 1, rows[first], at[first]
    size = np.bincount(owner)
    kept = (size >= FEWEST) & (size <= _MOST * len(words))
    held = kept[owner]
    return np.concatenate([[0], np.cumsum(size[kept])]), rows[held], at[held]


def _distinct(found: Squares, n: int) -> Squares:
    """Keep one of the squares that are on the same pictures: at a place rather than anywhere, and the largest."""
    if not len(found):
        return found
    sign = np.random.default_rng(0).integers(1 << 63, size=n, dtype=np.uint64)[found.rows]
    total = np.add.reduceat(sign, found.starts[:-1])
    order = np.lexsort((-found.shape, ~found.fixed, total))
    kept = np.sort(order[np.concatenate([[True], total[order][1:] != total[order][:-1]])])
    held = np.zeros(len(found), dtype=bool)
    held[kept] = True
    pairs = held[found.owners()]
    starts = np.concatenate([[0], np.cumsum(np.diff(found.starts)[kept])])
    return Squares(shape=found.shape[kept], fixed=found.fixed[kept], starts=starts, rows=found.rows[pairs], at=found.at[pairs], across=found.across)
