"""Texts that are nearly the same, found by MinHash and confirmed one by one.

A text is the set of its three-word shingles. Two texts whose sets overlap by the share J (Jaccard) have each of 64 minima in common with probability J; sixteen
bands of four let a pair with J = 0.8 slip with probability (1 - 0.8^4)^16 = 0.02 %, and 0.5 with 36 %. Pairs that meet in a band are compared in full, so a
pair that is told is one.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.datasets.extra import load_polars

Words = npt.NDArray[np.uint64]
Integers = npt.NDArray[np.int64]
_SHINGLE = 3
_BANDS, _ROWS = 16, 4
_BUCKET = 40
"""Texts of a bucket that are paired with each other: the rest pairs with the first of them, so that a flood of one text costs no square."""
_TOGETHER = 50_000
"""Texts that are taken apart at once: their words take many times the memory of the shingles that are kept."""


class Shingles(msgspec.Struct, frozen=True):
    """Texts as sets of shingles, sorted within each text: those of text i are ``hashes[ends[i - 1]:ends[i]]``."""

    hashes: Words
    ends: Integers

    def of(self, text: int) -> Words:
        """Return the shingles of one text."""
        return self.hashes[int(self.ends[text - 1]) if text else 0 : int(self.ends[text])]


class Pairs(msgspec.Struct, frozen=True):
    """Pairs of texts by their numbers from 0, and the Jaccard similarity of their shingles: shape (n,) each."""

    left: Integers
    right: Integers
    similarity: npt.NDArray[np.float64]


def near_duplicates(texts: Sequence[str], others: Sequence[str] | None = None, *, threshold: float = 0.8, seed: int = 0) -> Pairs:
    """Return pairs of texts whose three-word shingles overlap by ``threshold`` at least.

    Parameters
    ----------
    texts, others
        ``left`` is a number in ``texts``, ``right`` one in ``others``; without ``others`` pairs are sought among ``texts``, with ``left < right``. Capitals and
        punctuation do not count. A text of fewer than three words is one shingle.
    threshold
        From 0.5 on: below, too many pairs slip through the bands.

    References
    ----------
    Broder, A. (1997). On the resemblance and containment of documents. Compression and Complexity of Sequences.
    """
    if not 0.5 <= threshold <= 1.0:
        raise ValueError(f"a threshold lies between 0.5 and 1, not {threshold}")
    ours = shingled(texts)
    theirs = ours if others is None else shingled(others)
    candidates = _candidates(_signatures(ours, seed), None if others is None else _signatures(theirs, seed))
    return _confirmed(ours, theirs, candidates, threshold)


def shingled(texts: Sequence[str]) -> Shingles:
    """Return the shingles of ``texts``. Hashes are Polars' own: they hold within one process."""
    parts = [_shingled(texts[start : start + _TOGETHER]) for start in range(0, len(texts), _TOGETHER)]
    if not parts:
        return Shingles(np.zeros(0, np.uint64), np.zeros(0, np.int64))
    offsets = np.cumsum([0, *(len(part.hashes) for part in parts[:-1])])
    return Shingles(
        np.concatenate([part.hashes for part in parts]), np.concatenate([part.ends + offset for part, offset in zip(parts, offsets, strict=True)])
    )


def _shingled(texts: Sequence[str]) -> Shingles:
    pl = load_polars()
    series = pl.Series("text", list(texts), dtype=pl.String)
    words = series.str.to_lowercase().str.extract_all(r"[\p{L}\p{N}\p{M}]+")
    lengths = words.list.len().fill_null(0).to_numpy().astype(np.int64)
    flat = words.filter(words.list.len() > 0).explode().hash(seed=7).to_numpy().astype(np.uint64) if lengths.sum() else np.zeros(0, np.uint64)
    owners = np.repeat(np.arange(len(lengths)), lengths)
    if len(flat) >= _SHINGLE:
        joined = _mixed(flat[:-2] ^ _mixed(flat[1:-1] ^ _mixed(flat[2:])))
        whole = owners[:-2] == owners[2:]
        joined, owner = joined[whole], owners[:-2][whole]
    else:
        joined, owner = np.zeros(0, np.uint64), np.zeros(0, np.int64)
    short = np.flatnonzero((lengths > 0) & (lengths < _SHINGLE))
    if len(short):
        starts = np.cumsum(lengths) - lengths
        places = zip(starts[short], lengths[short], strict=True)
        single = np.array([int(np.bitwise_xor.reduce(_mixed(flat[s : s + n] + np.arange(n, dtype=np.uint64)))) for s, n in places], np.uint64)
        joined, owner = np.concatenate([joined, single]), np.concatenate([owner, short])
    order = np.lexsort((joined, owner))
    joined, owner = joined[order], owner[order]
    first = np.ones(len(joined), dtype=bool)
    first[1:] = (joined[1:] != joined[:-1]) | (owner[1:] != owner[:-1])
    joined, owner = joined[first], owner[first]
    return Shingles(joined, np.cumsum(np.bincount(owner, minlength=len(lengths))).astype(np.int64))


def _mixed(words: Words) -> Words:
    """One round of splitmix64."""
    words = words + np.uint64(0x9E3779B97F4A7C15)
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


def _signatures(shingles: Shingles, seed: int) -> tuple[Integers, Words]:
    """Return the numbers of the texts that have shingles, and the band keys of each, shape (texts, bands)."""
    counts = np.diff(shingles.ends, prepend=0)
    texts = np.flatnonzero(counts)
    if not len(texts):
        return texts, np.zeros((0, _BANDS), np.uint64)
    starts = (shingles.ends - counts)[texts]
    rng = np.random.default_rng(seed)
    salts = rng.integers(1, 1 << 63, _BANDS * _ROWS, dtype=np.uint64) | np.uint64(1)
    keys = np.zeros((len(texts), _BANDS), np.uint64)
    folded = shingles.hashes ^ (shingles.hashes >> np.uint64(32))
    hashed = np.empty_like(folded)
    for number, salt in enumerate(salts):
        np.multiply(folded, salt, out=hashed)  # multiply-shift: the high bits are those that count
        least = np.minimum.reduceat(hashed, starts)
        band = number // _ROWS
        keys[:, band] = _mixed(keys[:, band] ^ least)
    return texts, keys


def _candidates(ours: tuple[Integers, Words], theirs: tuple[Integers, Words] | None) -> Words:
    """Pairs that meet in a band, as ``left << 32 | right``, each once."""
    found = [np.zeros(0, np.uint64)]
    texts, keys = ours
    count = len(texts)
    for band in range(_BANDS):
        both = keys[:, band] if theirs is None else np.concatenate([keys[:, band], theirs[1][:, band]])
        order = np.argsort(both, kind="stable")
        edges = np.flatnonzero(np.diff(both[order])) + 1
        bounds = np.concatenate([[0], edges, [len(order)]])
        starts, sizes = bounds[:-1], np.diff(bounds)
        told = sizes > 1
        if theirs is not None and len(order):
            mine = np.add.reduceat(order < count, starts, dtype=np.int64)
            told = (mine > 0) & (mine < sizes)
        lone = starts[told & (sizes == 2)]  # nearly all buckets: the earlier number comes first, and ours before theirs
        left, right = order[lone], order[lone + 1]
        found.append(_packed(texts[left], texts[right] if theirs is None else theirs[0][right - count]))
        for start, end in zip(starts[told & (sizes > 2)], bounds[1:][told & (sizes > 2)], strict=True):
            found.append(_paired(order[start:end], texts, count, theirs))
    return np.unique(np.concatenate(found))


def _paired(members: Integers, texts: Integers, count: int, theirs: tuple[Integers, Words] | None) -> Words:
    if theirs is None:
        left, right = texts[members[:_BUCKET]], texts[members]
        one, two = np.repeat(left, len(right)), np.tile(right, len(left))
        kept = one < two
        return _packed(one[kept], two[kept])
    left, right = texts[members[members < count]], theirs[0][members[members >= count] - count][:_BUCKET]
    return _packed(np.repeat(left, len(right)), np.tile(right, len(left)))


def _packed(left: Integers, right: Integers) -> Words:
    return (left.astype(np.uint64) << np.uint64(32)) | right.astype(np.uint64)


def _confirmed(ours: Shingles, theirs: Shingles, candidates: Words, threshold: float) -> Pairs:
    left, right = (candidates >> np.uint64(32)).astype(np.int64), (candidates & np.uint64(0xFFFFFFFF)).astype(np.int64)
    similarity = np.array([_jaccard(ours.of(i), theirs.of(j)) for i, j in zip(left.tolist(), right.tolist(), strict=True)], dtype=np.float64)
    kept = similarity >= threshold
    return Pairs(left[kept], right[kept], similarity[kept])


def _jaccard(one: Words, two: Words) -> float:
    both = np.concatenate([one, two])
    both.sort()
    shared = int(np.count_nonzero(both[1:] == both[:-1]))
    return shared / (len(both) - shared)
