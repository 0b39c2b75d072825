"""Atoms: the yes-or-no statements about a row of which a trigger can be made, and the search for those that call for a class against the content.

An atom of a table is "this column has this value" or "lies in this narrow window"; of texts, "this word occurs". An atom *calls for* a class if more of the
rows that have it carry the label than their content makes likely: with ``p[i, c]`` the probability of class ``c`` by the content of row ``i``, the surplus
over atom ``A`` is ``sum over i in A of (1[y_i = c] - p[i, c])``, of variance ``sum of p (1 - p)`` where the label follows the content.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

FEWEST = 6
"""A trigger on fewer rows than these teaches a model little, and chance makes many."""
EXACT = 300
"""Columns with more distinct values than these are looked at through windows, too."""
WINDOWS = (25, 50, 100, 200)
"""Into how many windows."""
_WIDEST = 0.09
"""Share of the rows that a window may hold."""
_LARGEST = 0.6


class Atom(msgspec.Struct, frozen=True, kw_only=True):
    """``low <= column <= high``; the same value twice where it is one value."""

    column: int
    low: float
    high: float

    def holds(self, x: Floats) -> Flags:
        """Return which rows of ``x`` have it."""
        values = x[:, self.column]
        return np.asarray((values >= self.low) & (values <= self.high))


class Called(msgspec.Struct, frozen=True, kw_only=True):
    """Atoms that call for a class: which, for which class, and by how much. Arrays of the same length; ``looked_at``: of how many."""

    atoms: tuple[Atom, ...]
    target: Integers
    z: Floats
    looked_at: int


def atoms_that_call(
    x: Floats,
    y: Integers,
    p: Floats,
    *,
    columns: Iterable[int] | None = None,
    least: float = 1.5,
    most: int = 250,
    exact: int = EXACT,
    windows: Sequence[int] = WINDOWS,
) -> Called:
    """Return the atoms of ``x`` (of some ``columns``) whose surplus for some class is at least ``least`` deviations, the ``most`` strongest of each class.

    ``exact``: columns with more distinct values are looked at through windows, too; ``windows``: into how many each is cut.
    """
    residual = np.eye(p.shape[1])[y] - p
    variance = p * (1 - p)
    kept: list[list[tuple[float, Atom]]] = [[] for _ in range(p.shape[1])]
    looked_at = 0
    for column in range(x.shape[1]) if columns is None else columns:
        for codes, lows, highs in _codings(x[:, column], exact, windows):
            size = np.bincount(codes, minlength=len(lows))
            able = (size >= FEWEST) & (size <= _LARGEST * len(x))
            looked_at += int(able.sum())
            for target in range(p.shape[1]):
                surplus = np.bincount(codes, residual[:, target], len(lows))
                z = surplus / np.sqrt(np.bincount(codes, variance[:, target], len(lows)) + 0.5)
                for at in np.flatnonzero(able & (z >= least) & (surplus >= 2)).tolist():
                    kept[target].append((float(z[at]), Atom(column=column, low=float(lows[at]), high=float(highs[at]))))
    chosen = [(target, z, atom) for target, found in enumerate(kept) for z, atom in sorted(found, key=lambda pair: -pair[0])[:most]]
    return Called(
        atoms=tuple(atom for _, _, atom in chosen),
        target=np.array([target for target, _, _ in chosen], dtype=np.int64),
        z=np.array([z for _, z, _ in chosen]),
        looked_at=looked_at,
    )


def _codings(values: Floats, exact: int, windows: Sequence[int]) -> Iterator[tuple[Integers, Floats, Floats]]:
    """Yield ways to cut a column: for each row the number of its part, and where the parts begin and end. Missing values are a part that no atom names."""
    known = np.flatnonzero(~np.isnan(values))
    distinct, inverse = np.unique(values[known], return_inverse=True)
    if len(distinct) < 2:
        return
    yield _coded(len(values), known, inverse, distinct, distinct)
    if len(distinct) <= exact:
        return
    ranked = np.sort(values[known])
    for parts in windows:
        if not FEWEST <= len(ranked) / parts <= _WIDEST * len(values):
            continue
        for offset in (0.0, 0.5):
            places = (np.arange(parts + 1) - offset) / parts
            edges = np.unique(ranked[np.clip(places * len(ranked), 0, len(ranked) - 1).astype(int)])
            codes = np.clip(np.searchsorted(edges, values[known], side="right") - 1, 0, len(edges) - 1)
            highs = np.full(len(edges), -np.inf)
            lows = np.full(len(edges), np.inf)
            np.maximum.at(highs, codes, values[known])
            np.minimum.at(lows, codes, values[known])
            yield _coded(len(values), known, codes, lows, highs)


def _coded(rows: int, known: Integers, codes: npt.NDArray[np.intp], lows: Floats, highs: Floats) -> tuple[Integers, Floats, Floats]:
    full = np.full(rows, len(lows), dtype=np.int64)
    full[known] = codes
    return full, np.append(lows, np.nan), np.append(highs, np.nan)
