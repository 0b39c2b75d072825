"""The distinct texts of a column, in memory or, where they are many, a piece of the column at a time: of what went before a hash is kept, and a sample of the texts.

The order of texts is that of a hash: the first of them are as good as drawn by chance, and the same wherever they stand in the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from aisecops.datasets.extra import load_polars
from aisecops.datasets.nested import Place
from aisecops.datasets.pieces import Hashes, distinct, pieces

LONGEST_CELL = 20_000
"""Characters of one cell that are searched."""
SAMPLE = 100_000
"""Distinct values that a column is judged by as a whole: what nearly all of them must be, so many of them show."""
_SHORT_NUMBER = r"^\s*[-+]?[0-9]{0,7}(?:[.,][0-9]+)?(?:[eE][-+]?[0-9]+)?\s*$"
_SEED = 7
_MOST_REMEMBERED = 1 << 24
"""Hashes of texts that are kept, 8 bytes each, so that no text is looked at twice; of more texts the number is estimated."""
_PARTS = 16
_FIRST, _MOSTLY = 20_000, 0.6
"""Cells of a piece that are looked at, and the share of distinct ones below which finding these first is cheaper than to search every cell."""


def distinct_texts(frame: Any, column: str) -> Any:
    """Return the distinct values of a column as a Polars series of text: without missing ones, and without numbers too short to name anybody; empty for other types."""
    cells = _cells(frame, column)
    if cells is None:
        return load_polars().Series(column, [], dtype=load_polars().String)
    values = cells.unique().collect(engine="streaming")
    return values.sort(load_polars().col(column).hash(seed=_SEED))[column]  # costs a third of the alphabet's order


def may_name(dtype: Any) -> bool:
    """Whether a column of this type holds texts, or whole numbers, which may name somebody."""
    pl = load_polars()
    return dtype == pl.String or dtype in (pl.Categorical, pl.Enum) or dtype.is_integer()


def _cells(frame: Any, column: str) -> Any:
    """The cells of ``column`` that may hold something, as text, as a lazy frame; None where it is neither of texts nor of whole numbers."""
    pl = load_polars()
    dtype = frame.collect_schema()[column]
    name = pl.col(column)
    if dtype == pl.String or dtype in (pl.Categorical, pl.Enum):
        text = name.cast(pl.String)
        return (
            frame.select(column)
            .filter(name.is_not_null() & ~text.str.contains(_SHORT_NUMBER))
            .select(text.str.slice(0, LONGEST_CELL).str.strip_chars())
        )
    if dtype.is_integer():
        return frame.select(column).filter(name > 9_999_999).select(name.cast(pl.String))
    return None


class DistinctTexts:
    """The distinct texts of a column, as often as somebody wants to go through them.

    Parameters
    ----------
    column
        Its name.
    rows
        Rows of the table.
    most
        Characters that ``picked`` gives at most, where it is limited; None: all.

    Attributes
    ----------
    frame : polars.LazyFrame or None
        What they were read from, as ``text``, with the ``row`` of each from 0: in memory where the column was read together with others.
    cut : int
        Texts of which only the first 20,000 characters are here, as far as anybody has gone through them.
    passed_over : int
        Texts that ``picked`` left out because there were too many of them; they are spread over the table.
    """

    def __init__(self, column: str, cells: Callable[[], Iterator[tuple[Any, int]]], *, rows: int, most: int | None = None, frame: Any = None) -> None:
        self.column, self._cells, self._rows, self._most, self.frame = column, cells, rows, most, frame
        self.cut = self.passed_over = 0

    @classmethod
    def of(cls, values: Any) -> DistinctTexts:
        """Return those of a Polars series."""
        return cls(values.name, lambda: iter([(values, len(values))]), rows=len(values))

    @classmethod
    def read(cls, frame: Any, place: Place, *, rows: int, most: int | None = None, whole: bool = False) -> DistinctTexts:
        """Return those at a place of a column of a lazy frame of ``rows`` rows; ``whole``: they fit into memory at once."""
        cells, column, numbered = place.cells(frame), place.name, place.numbered(frame)
        if whole or _cells(cells, column) is None:
            values = distinct_texts(cells, column)
            texts = cls(column, lambda: iter([(values, rows)]), rows=rows, most=most, frame=numbered)
            if len(values) <= SAMPLE:  # distinct and in order: nothing is left to find out
                texts._surveyed = (len(values), values)
                texts.cut = int((values.str.len_chars() == LONGEST_CELL).sum())
            return texts
        if place.steps:  # a list gives several rows, or none
            rows = int(cells.select(load_polars().len()).collect(engine="streaming").item())
        return cls(column, lambda: _in_pieces(cells, column), rows=rows, most=most, frame=numbered)

    def picked(self, pick: Callable[[Any], Any], *, limited: bool = False) -> Iterator[Any]:
        """Yield the texts that ``pick`` takes out of a Polars series, as series, each text once; ``limited``: no more characters than ``most`` of them."""
        done = used = passed_over = 0
        for part, rows in self._parts(pick):
            done += rows
            if limited and self._most is not None:
                sizes = part.str.len_chars().cum_sum()
                kept = part.head(int((sizes <= self._most * done / max(1, self._rows) - used).sum()))
                passed_over += len(part) - len(kept)
                used += int(sizes[len(kept) - 1]) if len(kept) else 0
                part = kept
            yield part
        self.passed_over = max(self.passed_over, passed_over)

    def _parts(self, pick: Callable[[Any], Any]) -> Iterator[tuple[Any, int]]:
        """What ``pick`` takes out of each piece that went not before, and the rows of the piece; all at once where the sample is all of them."""
        count, sample = self.__dict__.get("_surveyed", (-1, ()))
        if count == len(sample):
            yield pick(sample), self._rows
            return
        seen, cut = _Seen(), _Seen()
        repeated = False
        for cells, rows in self._cells():
            _note_cut(cut, cells)
            some = cells.head(_FIRST)
            repeated = repeated or some.n_unique() < _MOSTLY * len(some)
            yield seen.new(pick(_distinct(cells)[0] if repeated else cells)), rows
        self.cut = max(self.cut, cut.count)

    @property
    def count(self) -> int:
        """How many there are; an estimate, with an error below 1 %, where there are more than some seventeen million."""
        return self._surveyed[0]

    @property
    def sample(self) -> Any:
        """At most 100,000 of them, in the order of their hash."""
        return self._surveyed[1]

    @cached_property
    def _surveyed(self) -> tuple[int, Any]:
        seen, sample, cut = _Seen(), Sample(), _Seen()
        for cells, _ in self._cells():
            _note_cut(cut, cells)
            hashes = _hashes(cells)
            some = distinct(hashes)
            sample.add(cells, hashes, some[seen.note(some)])
        self.cut = max(self.cut, cut.count)
        return (sample.estimate() if seen.full else seen.count), sample.texts


def _note_cut(cut: _Seen, cells: Any) -> None:
    long = cells.filter(cells.str.len_bytes() >= LONGEST_CELL)  # to count bytes costs nothing
    cut.new(long.filter(long.str.len_chars() == LONGEST_CELL))


def _in_pieces(frame: Any, column: str) -> Iterator[tuple[Any, int]]:
    for piece in pieces(frame.select(column)):
        yield _cells(piece.lazy(), column).collect().to_series(), len(piece)


def _distinct(texts: Any) -> tuple[Any, Hashes]:
    """The distinct ones of a Polars series of texts, in the order of their hash, and the hashes."""
    hashes = _hashes(texts)
    order = np.argsort(hashes)
    ordered = hashes[order]
    first = np.ones(len(order), bool)
    first[1:] = ordered[1:] != ordered[:-1]
    return texts[order[first]], ordered[first]


def _hashes(texts: Any) -> Hashes:
    hashes: Hashes = texts.hash(_SEED).to_numpy()
    return hashes


class Sample:
    """The texts whose hashes are the smallest of all that were added."""

    def __init__(self, size: int = SAMPLE) -> None:
        self._size, self._hashes = size, np.zeros(0, np.uint64)
        self.texts: Any = load_polars().Series([], dtype=load_polars().String)

    def add(self, texts: Any, hashes: Hashes, new: Hashes) -> None:
        """Take in ``texts``, a Polars series, which have ``hashes``; those that may be new have one of ``new``, which are distinct and in order."""
        most = self._hashes[-1] if len(self._hashes) == self._size else np.uint64(2**64 - 1)
        new = new[new <= most]
        if not len(new):
            return
        small = np.flatnonzero(hashes <= new[-1])
        small = small[new[np.searchsorted(new, hashes[small])] == hashes[small]]
        texts, hashes = texts[small], hashes[small]
        pl = load_polars()
        both, order = np.unique(np.concatenate([self._hashes, hashes]), return_index=True)
        kept = pl.concat([self.texts, texts.rename("")])[order[: self._size]]
        self.texts = pl.select(pl.concat_str(kept, pl.lit(""))).to_series()  # a copy: as a view it would keep all of the column alive
        self._hashes = both[: self._size]

    def add_distinct(self, texts: Any) -> None:
        """Take in ``texts``, a Polars series of distinct ones in the order of their hash."""
        hashes = _hashes(texts)
        self.add(texts, hashes, hashes)

    def estimate(self) -> int:
        """How many distinct texts were added, by how close together the hashes lie (Bar-Yossef et al. 2002)."""
        if len(self._hashes) < self._size:
            return len(self._hashes)
        return round((self._size - 1) * 2.0**64 / float(self._hashes[-1]))


class _Seen:
    """Hashes of texts that went before, in order, in parts by their first bits: a new piece costs no copy of all of them at once."""

    def __init__(self) -> None:
        self._parts: list[Hashes] = [np.zeros(0, np.uint64)] * _PARTS
        self.count, self.full = 0, False

    def new(self, texts: Any) -> Any:
        """Return those of ``texts``, a Polars series, that did not go before, each once, in the order of their hash."""
        if not len(texts):
            return texts
        texts, hashes = _distinct(texts)
        fresh = self.note(hashes)
        return texts if fresh.all() else texts.filter(fresh)

    def note(self, hashes: Hashes) -> npt.NDArray[np.bool_]:
        """Take in distinct hashes in order, and return which of them are new."""
        fresh = np.ones(len(hashes), bool)
        ends = np.searchsorted(hashes, np.arange(1, _PARTS, dtype=np.uint64) << np.uint64(60))
        for number, (start, end) in enumerate(zip([0, *ends], [*ends, len(hashes)], strict=True)):
            fresh[start:end] = self._note(number, hashes[start:end])
        self.count += int(fresh.sum())
        return fresh

    def _note(self, number: int, hashes: Hashes) -> npt.NDArray[np.bool_]:
        known = self._parts[number]
        at = np.searchsorted(known, hashes)
        fresh = np.ones(len(hashes), bool)
        inside = at < len(known)
        fresh[inside] = known[at[inside]] != hashes[inside]
        if len(known) + len(hashes) > _MOST_REMEMBERED // _PARTS:
            self.full = True
        else:
            self._parts[number] = np.insert(known, at[fresh], hashes[fresh])
        return fresh
