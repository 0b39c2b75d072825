"""A table in memory: named columns of float64 in which a category is its number and a missing value NaN, and what the numbers stand for."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.core.errors import UserError
from aisecops.core.text import count, count_of, inert
from aisecops.datasets.domain.declaration import ColumnType

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


class TableError(UserError):
    """A table cannot be read, or has not what was asked of it."""


class LayoutColumn(msgspec.Struct, frozen=True, kw_only=True):
    """What a column's numbers stand for; fields as of ``oracles.layout.LayoutColumn``."""

    name: str
    type: ColumnType
    categories: tuple[str, ...] = ()


class TableColumn(msgspec.Struct, frozen=True, kw_only=True):
    """One column.

    Parameters
    ----------
    name, type
        As in the file.
    values
        Shape (n,); a category is its number in ``categories``, a missing value NaN.
    categories
        Of a category, the names of its numbers, sorted.
    """

    name: str
    type: ColumnType
    values: Floats
    categories: tuple[str, ...] = ()

    @property
    def missing(self) -> int:
        """How many values are missing."""
        return int(np.isnan(self.values).sum())

    def texts(self) -> list[str]:
        """Return the values as they are written: categories by name, whole numbers without a point, truth values as ``true`` and ``false``, a missing one empty."""
        match self.type:
            case ColumnType.CATEGORY:
                return ["" if np.isnan(value) else self.categories[int(value)] for value in self.values]
            case ColumnType.BOOLEAN:
                return ["" if np.isnan(value) else "true" if value else "false" for value in self.values]
            case ColumnType.INTEGER:
                return ["" if np.isnan(value) else str(int(value)) for value in self.values]
            case ColumnType.REAL:
                return ["" if np.isnan(value) else repr(float(value)) for value in self.values]


class Labels(msgspec.Struct, frozen=True, kw_only=True):
    """The label column: numbers from 0 on, shape (n,), and the classes that they stand for, in the order in which scikit-learn sorts them."""

    codes: Integers
    classes: tuple[str, ...]


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """Columns of the same length. ``where``: what messages call it, a path as a rule."""

    columns: tuple[TableColumn, ...]
    where: str = ""

    @classmethod
    def of_matrix(cls, matrix: Floats, names: Sequence[str] = (), *, where: str = "") -> Table:
        """Return the table of a matrix (n, columns); columns without a name are called ``x0``, ``x1``, ..."""
        matrix = np.asarray(matrix, dtype=np.float64)
        names = tuple(names) or tuple(f"x{number}" for number in range(matrix.shape[1]))
        return cls(columns=tuple(TableColumn(name=str(n), type=ColumnType.REAL, values=v) for n, v in zip(names, matrix.T, strict=True)), where=where)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.columns[0].values) if self.columns else 0

    def column(self, name: str) -> TableColumn:
        """Return a column. Raises ``TableError`` if there is none of that name."""
        for column in self.columns:
            if column.name == name:
                return column
        near = difflib.get_close_matches(name, self.names, n=1)
        fix = f"did you mean `{inert(near[0], 60)}`?" if near else f"it has {', '.join(inert(known, 40) for known in self.names[:12])}"
        raise TableError(f"there is no column `{inert(name, 60)}`", where=self.where, fix=fix)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the values of a column as they are written."""
        return tuple(self.column(name).texts())

    def without(self, *names: str) -> Table:
        """Return the table without some columns. Raises ``TableError`` if one is not there."""
        for name in names:
            self.column(name)
        return msgspec.structs.replace(self, columns=tuple(column for column in self.columns if column.name not in names))

    def matrix(self, *, missing: bool = True) -> Floats:
        """Return the values, shape (n, columns).

        Parameters
        ----------
        missing
            False: raise ``TableError`` if a value is missing.
        """
        if not missing:
            for column in self.columns:
                if column.missing:
                    row = int(np.flatnonzero(np.isnan(column.values))[0])
                    what = f"column `{inert(column.name, 60)}` misses {count_of(column.missing, self.rows, 'value')}, the first in row {row + 1}"
                    raise TableError(what, where=self.where, fix="fill them, leave the rows out, or use a model that takes missing values")
        return np.column_stack([column.values for column in self.columns]) if self.columns else np.zeros((0, 0))

    def layout(self) -> tuple[LayoutColumn, ...]:
        """Return what the numbers of ``matrix`` stand for."""
        return tuple(LayoutColumn(name=column.name, type=column.type, categories=column.categories) for column in self.columns)

    def labels(self, name: str) -> Labels:
        """Return a column as labels.

        Raises
        ------
        TableError
            It has missing values, or real numbers: a model that predicts numbers is not what this is for.
        """
        column = self.column(name)
        if column.missing:
            row = int(np.flatnonzero(np.isnan(column.values))[0]) + 1
            raise TableError(
                f"the label `{inert(name, 60)}` is missing in {count(column.missing, 'row')}, first in row {row}",
                where=self.where,
                fix="leave these rows out",
            )
        values, codes = np.unique(column.values, return_inverse=True)
        if column.type == ColumnType.REAL and np.any(values != np.rint(values)):
            raise TableError(
                f"the label `{inert(name, 60)}` holds real numbers, not classes", where=self.where, fix="name the column that holds the class"
            )
        if column.type == ColumnType.CATEGORY:
            classes = tuple(column.categories[int(value)] for value in values)
        else:
            classes = tuple({0.0: "False", 1.0: "True"}[value] if column.type == ColumnType.BOOLEAN else str(int(value)) for value in values.tolist())
        return Labels(codes=codes.astype(np.int64), classes=classes)
