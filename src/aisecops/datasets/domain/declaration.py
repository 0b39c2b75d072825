"""What a manifest says about a table: its columns, what may change in them, and what has to hold between them.

The structs hold text and numbers alone, so that reading a manifest needs no numpy; ``Rules`` computes with them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from aisecops.core.errors import UserError
from aisecops.core.text import inert

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from aisecops.core.yaml_text import Mistake
    from aisecops.datasets.domain.changes import CellChange
    from aisecops.datasets.domain.checking import Violations
    from aisecops.datasets.domain.rules import Rules

    Floats = npt.NDArray[np.float64]


class DomainError(UserError):
    """A domain contradicts itself, or does not fit the table that it is used on."""


class ColumnType(StrEnum):
    """What the cells of a column are. A category is held as the number of its name in ``categories``."""

    REAL = "real"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    CATEGORY = "category"


class Change(StrEnum):
    """Which way somebody who wants to deceive the model can move a column."""

    FREE = "free"
    IMMUTABLE = "immutable"
    INCREASE = "increase-only"
    DECREASE = "decrease-only"


class Column(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab", omit_defaults=True):
    """One column, in the order of the table.

    Parameters
    ----------
    name, type
        As in the table. ``categories``: the names of a category's values, in the order of their numbers.
    low, high
        The least and greatest value of any row; left out: none.
    down, up
        How far a value may fall or rise from the row's own: a number in the column's unit, or a share of the value such as ``20%``.
    group
        The columns with the same name here are one-hot: exactly one of them is 1.
    change
        ``free``, ``immutable``, ``increase-only`` or ``decrease-only``.
    formula
        The column follows from others: ``in_bytes + out_bytes`` (the language: ``aisecops.datasets.domain.formula``).
    cost
        The price of one unit of change; left out: 1 for the whole range ``high - low`` (of another category: 1; of a derived column: 0).
    fixed-cost
        The price of changing the cell at all, whatever by.
    missing
        Whether a value may be missing (NaN). A missing value stays missing, none is made so.
    personal
        Reports mask its values.
    """

    name: str
    type: ColumnType = ColumnType.REAL
    categories: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    down: float | str | None = None
    up: float | str | None = None
    group: str = ""
    change: Change = Change.FREE
    formula: str = ""
    cost: float | None = None
    fixed_cost: float = 0.0
    missing: bool = False
    personal: bool = False

    def mistakes(self) -> Iterator[tuple[str, str, str]]:
        """Yield what is wrong with the column alone: key, what, fix."""
        for key in ("low", "high", "cost", "fixed_cost"):
            value = getattr(self, key)
            if value is not None and not math.isfinite(value):
                yield key.replace("_", "-"), f"{value} is no bound and no price", "leave it out"
        if self.low is not None and self.high is not None and self.low > self.high:
            yield "low", f"low ({self.low:g}) is above high ({self.high:g})", "swap them"
        for key in ("down", "up"):
            if (value := getattr(self, key)) is not None and amount(value) is None:
                yield (
                    key,
                    f"`{inert(str(value), 40)}` is neither an amount nor a share",
                    "write a number from 0 on (its unit is the column's), or a share such as 20%",
                )
        if (self.cost or 0.0) < 0 or self.fixed_cost < 0:
            yield "cost", "a price below 0", "a change that costs nothing has cost 0"
        yield from self._type_mistakes()

    def _type_mistakes(self) -> Iterator[tuple[str, str, str]]:
        category = self.type == ColumnType.CATEGORY
        if category != bool(self.categories):
            yield "categories", "a category needs its categories, and no other type has them", "list the names of the values, or set type: category"
        if len(set(self.categories)) != len(self.categories):
            yield "categories", "a category is named twice", "name each once"
        if category and (self.low is not None or self.high is not None or self.formula):
            yield "type", "a category has neither bounds nor a formula", "leave out the categories that may not be"
        if self.group and (self.type in {ColumnType.REAL, ColumnType.CATEGORY} or self.formula):
            yield "group", "a member of a one-hot group is a column of 0 and 1 without a formula", "set type: boolean"


def amount(value: float | str) -> tuple[float, bool] | None:
    """Return ``down`` or ``up`` as a number and whether that is a share of the value; None if it is neither."""
    share = isinstance(value, str) and value.strip().endswith("%")
    try:
        number = float(value.strip().removesuffix("%") if isinstance(value, str) else value)
    except ValueError:
        return None
    number = number / 100 if share else number
    return (number, share) if 0 <= number < math.inf else None


class Domain(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab", omit_defaults=True, dict=True):
    """The points that a table can hold, and what it costs to get from one to another.

    It is a ``Space`` of the evasion attacks (``low``, ``high``, ``plain``, ``project``). Points are matrices (n, columns) of float64, origins the rows that they
    came from; what an origin has itself is never an offence of its bounds or types.

    Parameters
    ----------
    columns
        All columns of the table that the model gets, in order.
    relations
        What has to hold in every row: ``in_bytes <= total``, ``if protocol == "udp" then flags == 0``.
    tolerance
        By how much, relative to the size of the values, an equality may be off: tables are rounded.
    """

    columns: tuple[Column, ...]
    relations: tuple[str, ...] = ()
    tolerance: float = 1e-6

    def mistakes(self) -> Iterator[Mistake]:
        """Yield what contradicts itself, with its place in the domain: for the reader of a manifest."""
        from aisecops.datasets.domain.binding import mistakes

        return mistakes(self)

    @cached_property
    def rules(self) -> Rules:
        """The domain as arrays. Raises ``DomainError`` at its first mistake."""
        from aisecops.datasets.domain.rules import Rules

        for mistake in self.mistakes():
            raise DomainError(mistake.what, where=_spoken(mistake.path), fix=mistake.fix)
        return Rules(self)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)

    @property
    def low(self) -> Floats:
        """The least values, shape (columns,). Raises ``DomainError`` where a column has no bound: steps are scaled by the range."""
        return self._finite(self.rules.low, "low")

    @property
    def high(self) -> Floats:
        """The greatest values, shape (columns,). Raises ``DomainError`` like ``low``."""
        return self._finite(self.rules.high, "high")

    @property
    def plain(self) -> bool:
        """Whether the box between ``low`` and ``high`` is all that it asks for."""
        return self.rules.plain

    def bounds(self, origin: Floats) -> tuple[Floats, Floats]:
        """Return the least and greatest values that each row may take, shape (n, columns), infinite where nothing bounds them, NaN where the row misses a value."""
        return self.rules.bounds(self._points(origin))

    def project(self, points: Floats, origin: Floats) -> Floats:
        """The same as ``repair``: how the protocol ``Space`` calls it."""
        return self.repair(points, origin)

    def repair(self, points: Floats, origin: Floats) -> Floats:
        """Return a valid point near each of ``points``, shape (n, columns).

        Types, bounds and groups are settled cell by cell, derived columns recomputed, relations met by a bounded number of alternating projections along their
        gradients; columns of relations that resist go back to the origin's values, in the end the whole row does. Valid points (and origins) stay as they
        are, bit by bit, so that a second repair changes nothing. The result is valid wherever the origin is.
        """
        from aisecops.datasets.domain.repairing import repair

        return repair(self.rules, self._points(points), self._points(origin))

    def check(self, points: Floats, origin: Floats | None = None) -> Violations:
        """Return what each row breaks, by name; without ``origin``, as rows of data: what may not change is not asked then."""
        from aisecops.datasets.domain.checking import check

        return check(self.rules, self._points(points), None if origin is None else self._points(origin))

    def cost(self, points: Floats, origin: Floats) -> Floats:
        """Return what it costs to get from each origin to its point, shape (n,): the prices of the columns, summed. A one-hot group counts as one column."""
        return self.rules.cost(self._points(points), self._points(origin))

    def changes(self, point: Floats, origin: Floats) -> tuple[CellChange, ...]:
        """Return the cells in which one point differs from its origin, as reports show them: categories by name, personal values masked."""
        from aisecops.datasets.domain.changes import changes

        return changes(self, point, origin)

    def bounded(self, points: Floats) -> Domain:
        """Return this domain in which columns without bounds take those of ``points``: real data, shape (n, columns)."""
        from aisecops.datasets.domain.rules import bounded

        return bounded(self, self._points(points))

    def _points(self, points: Floats) -> Floats:
        import numpy as np

        points = np.asarray(points, dtype=np.float64)
        if points.ndim != 2 or points.shape[1] != len(self.columns):
            shape = "x".join(map(str, points.shape))
            raise DomainError(
                f"the domain has {len(self.columns)} columns, the points are {shape}",
                fix="give a matrix with one column for each of the domain's, in its order",
            )
        return points

    def _finite(self, values: Floats, key: str) -> Floats:
        import numpy as np

        if missing := [self.columns[int(i)].name for i in np.flatnonzero(~np.isfinite(values))]:
            names = ", ".join(inert(name, 40) for name in missing[:5])
            raise DomainError(
                f"no {key} for {names}", where="domain.columns", fix="give each column low and high, or take them from data: domain.bounded(points)"
            )
        return values.copy()


def _spoken(path: tuple[str | int, ...]) -> str:
    """Return a place as people write it: ``domain.columns[2].low``."""
    return "domain" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
