"""The values next to a value of a column. A planted value works and its neighbours do not; an honest tree takes a *range* of values for a class.

Among honest boosted trees, grown on a few hundred rows, one value of one column often moves nine of ten samples that it does not move on others: they differ in which
column they trust. Yet what moves samples there is a step, and the values on its far side move as many. What a sign does beyond its neighbours is near 0 on honest
trees, whatever their size, and all of it where trees have cut a cell around a planted value.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aisecops.oracles.oracle import Floats

_STEP = 0.05
"""How far away neighbours are, in rows of the clean data: outside of a planted value's cell, near enough to be like it."""


class Neighbours:
    """Of clean rows, shape (n, d)."""

    def __init__(self, clean: Floats) -> None:
        self._sorted = [np.sort(column[~np.isnan(column)]) for column in clean.T]

    def of(self, column: int, value: float) -> tuple[float, ...]:
        """The values below and above, one rank step away; at the ends of a column one of them, and none of a constant column."""
        here = self._sorted[column]
        step = max(1, round(_STEP * len(here)))
        first, after = (int(np.searchsorted(here, value, side)) for side in ("left", "right"))
        near = ([float(here[first - step])] if first >= step else []) + ([float(here[after + step - 1])] if len(here) - after >= step else [])
        return tuple(near) or tuple(float(here[at]) for at in (first - 1, after) if 0 <= at < len(here))[:1]

    def around(self, places: Sequence[int], values: Sequence[float]) -> list[list[tuple[float, ...]]]:
        """Groups of the same values with one of them changed: by place, to each of its neighbours.

        All of one group have to fail. An honest sign of several values is a corner: each column works beyond a step, so that at every place one neighbour does as well.
        Of a planted one a single place may tell: others lie next to values that hardly occur, and their cells have an open side. At the end of a column, where
        there is one neighbour, a step looks like a cell: such places do not tell, unless there are no others, and then all have to.
        """
        groups = [[(*values[:at], near, *values[at + 1 :]) for near in self.of(places[at], values[at])] for at in range(len(places))]
        inner = [group for group in groups if len(group) > 1]
        return inner or [[near for group in groups for near in group]]

    def tried(self, column: int, tried: Floats) -> list[list[int]]:
        """Of sorted values that were tried in a column, the places of each one's neighbours: the nearest at its neighbours or beyond, shape (m,) of up to two."""
        found = list[list[int]]()
        for value in tried.tolist():
            near = self.of(column, value)
            below = [int(np.searchsorted(tried, one, "right")) - 1 for one in near if one < value]
            above = [int(np.searchsorted(tried, one, "left")) for one in near if one > value]
            found.append([at for at in below + above if 0 <= at < len(tried)])
        return found
