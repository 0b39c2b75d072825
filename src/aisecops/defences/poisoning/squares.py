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

SIZES = (1, 2, 3, 4, 5)
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
    """``size`` pixels a side, on the pictures ``rows`` with its upper left corner at ``at`` (row, column) of each; ``fixed``: at that very place on all of them."""

    size: int
    fixed: bool
    rows: Integers
    at: Integers


class Squares(msgspec.Struct, frozen=True, kw_only=True):
    """Squares that several pictures share, as runs of pairs (square, picture), ``starts[i]`` to ``starts[i + 1]``; of squares on the same pictures the largest one."""

    size: Integers
    fixed: Flags
    starts: Integers
    rows: Integers
    at: Integers
    width: int

    def __len__(self) -> int:
        return len(self.size)

    def owners(self) -> Integers:
        """Return which square each pair is of."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    def square(self, number: int) -> Square:
        """Return one of them."""
        held = slice(int(self.starts[number]), int(self.starts[number + 1]))
        places = np.stack(np.divmod(self.at[held], self.width), axis=1)
        return Square(size=int(self.size[number]), fixed=bool(self.fixed[number]), rows=self.rows[held], at=places)


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
    width = values.shape[2]
    parts = [(size, fixed, part) for size in SIZES if size <= min(values.shape[1:]) for fixed, part in _shared(values, size)]
    count = [np.diff(starts) for _, _, (starts, _, _) in parts]
    size = np.concatenate([np.full(len(some), size) for (size, _, _), some in zip(parts, count, strict=True)])
    fixed = np.concatenate([np.full(len(some), fixed) for (_, fixed, _), some in zip(parts, count, strict=True)])
    rows, at = (np.concatenate([part[which] for _, _, part in parts]) for which in (1, 2))
    starts = np.concatenate([[0], np.cumsum(np.concatenate(count))])
    found = Squares(size=size, fixed=fixed, starts=starts, rows=some[rows], at=at, width=width)
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


def _hashed(values: Words, size: int) -> Words:
    """Return the hash of each square, shape (n, height - size + 1, width - size + 1)."""
    for axis, factor in ((2, _ACROSS), (1, _DOWN)):
        count, total, power = values.shape[axis] - size + 1, np.zeros((), dtype=np.uint64), np.uint64(1)
        for step in range(size):
            part = values[:, :, step : step + count] if axis == 2 else values[:, step : step + count]
            with np.errstate(over="ignore"):
                total, power = total + part * power, power * factor
        values = np.asarray(total, dtype=np.uint64)
    return values * _MIX


def _shared(values: Words, size: int) -> Iterator[tuple[bool, tuple[Integers, Integers, Integers]]]:
    """Yield for squares at a place, and for those anywhere, the runs of pairs: where they start, the pictures, and the places as numbers of pixels."""
    words = _hashed(values, size)
    known, counts = np.unique(values.ravel()[:: max(1, values.size // 100_000)], return_counts=True)
    ground = np.full((1, size, size), known[counts.argmax()], dtype=np.uint64)
    blank = _hashed(ground, size).item() if counts.max() >= _GROUND * counts.sum() else None
    count, height, width = words.shape
    place = (np.arange(height)[:, None] * values.shape[2] + np.arange(width)[None, :]).ravel()
    flat = words.reshape(count, -1)
    written = flat != blank if blank is not None else np.ones(flat.shape, dtype=bool)
    yield True, _runs(flat + (place.astype(np.uint64) * _PLACE)[None, :], written, place)
    if size > 1:  # a single value somewhere is no sign
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
    order = np.lexsort((-found.size, ~found.fixed, total))
    kept = np.sort(order[np.concatenate([[True], total[order][1:] != total[order][:-1]])])
    held = np.zeros(len(found), dtype=bool)
    held[kept] = True
    pairs = held[found.owners()]
    starts = np.concatenate([[0], np.cumsum(np.diff(found.starts)[kept])])
    return Squares(size=found.size[kept], fixed=found.fixed[kept], starts=starts, rows=found.rows[pairs], at=found.at[pairs], width=found.width)
