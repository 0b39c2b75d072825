"""Measurements of one check that differ in two ways, what was measured and on what, read best as a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import NamedTuple

from aisecops.core.measurement import Measurement

_LEAST = 3
"""Columns and rows: fewer are as well told in lines."""
_ALIKE = 2 / 3
_CHOSEN = "-recommended"


class Pivot(NamedTuple):
    """A table: a row for each subject, a column for each name. Where a row has no number in a column, there is None."""

    check: str
    title: str
    """What all names begin with, in words; empty if nothing."""
    columns: tuple[str, ...]
    """The names, less the title."""
    rows: tuple[tuple[str, tuple[Measurement | None, ...]], ...]
    chosen: frozenset[str]
    """The subjects that the check recommends."""

    def members(self) -> Iterator[Measurement]:
        """Yield what the table tells."""
        return (one for _, cells in self.rows for one in cells if one is not None)


def by_assets(measurements: Iterable[Measurement]) -> dict[tuple[str, ...], list[Measurement]]:
    """Return the measurements of each asset, or of each set of assets that were measured together, in the order of the record."""
    groups: dict[tuple[str, ...], list[Measurement]] = {}
    for one in measurements:
        groups.setdefault(one.assets, []).append(one)
    return groups


def pivots(measurements: Iterable[Measurement]) -> list[Pivot]:
    """Return the tables that ``measurements``, of one asset, give: at least three names that were measured on mostly the same three or more subjects."""
    by_check: dict[str, dict[str, dict[str, Measurement]]] = {}
    for one in measurements:
        by_check.setdefault(one.check, {}).setdefault(one.name, {})[one.subject] = one
    return [found for check, names in by_check.items() if (found := _pivot(check, names)) is not None]


def _pivot(check: str, names: dict[str, dict[str, Measurement]]) -> Pivot | None:
    many = {name: on for name, on in names.items() if len(on) >= _LEAST and "" not in on}
    rows = list(dict.fromkeys(subject for on in many.values() for subject in on))
    columns = [name for name, on in many.items() if len(on) >= _ALIKE * len(rows)]
    if len(columns) < _LEAST:
        return None
    words = [name.split("-") for name in columns]
    shared = min(len(list(takewhile(lambda alike: len(set(alike)) == 1, zip(*words, strict=False)))), min(map(len, words)) - 1)
    return Pivot(
        check=check,
        title=" ".join(words[0][:shared]),
        columns=tuple(" ".join(parts[shared:]) for parts in words),
        rows=tuple((subject, tuple(many[name].get(subject) for name in columns)) for subject in rows),
        chosen=frozenset(subject for name, on in names.items() if name.endswith(_CHOSEN) for subject in on),
    )
