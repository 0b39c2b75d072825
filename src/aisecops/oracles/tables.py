"""From a matrix to the columns and frames that a model of tables eats, and back, by a ``Layout``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from aisecops.core.errors import UserError
from aisecops.core.text import inert
from aisecops.oracles.layout import ColumnType, Layout, LayoutColumn
from aisecops.oracles.oracle import Floats

Column: TypeAlias = npt.NDArray[Any]


def columns_of(matrix: Floats, layout: Layout) -> dict[str, Column]:
    """Return the columns by name: floats, int64, bool, or objects (strings and, where missing, NaN).

    Integers and truth values with a missing cell become float64 and objects: what pandas reads from a file with an empty cell.

    Raises
    ------
    UserError
        Another number of columns, a fraction in an integer column, or a number that no category has: the model would be asked about something else.
    """
    if matrix.ndim != 2 or matrix.shape[1] != len(layout.columns):
        raise UserError(
            f"the samples have shape {matrix.shape[1:]}, and the layout has {len(layout.columns)} columns", fix="declare every column once"
        )
    return {column.name: _cells(matrix[:, place], column) for place, column in enumerate(layout.columns)}


def _cells(values: Floats, column: LayoutColumn) -> Column:
    match column.type:
        case ColumnType.REAL:
            return values
        case ColumnType.INTEGER:
            return _integers(values, column.name)
        case ColumnType.BOOLEAN:
            return _chosen(values, (False, True), column.name)
        case ColumnType.CATEGORY:
            return _chosen(values, column.categories, column.name)


def _integers(values: Floats, name: str) -> Column:
    missing = np.isnan(values)
    wrong = ~missing & ((values != np.rint(values)) | (np.abs(values) > 2.0**63 - 1024))
    if wrong.any():
        raise UserError(
            f"{values[wrong][0]:g} is no integer", where=f"column `{inert(name)}`", fix="keep to whole numbers here (the domain's repair does)"
        )
    return values if missing.any() else values.astype(np.int64)


def _chosen(values: Floats, choices: tuple[Any, ...], name: str) -> Column:
    missing = np.isnan(values)
    numbers = np.where(missing, len(choices), values)
    wrong = ~missing & ((numbers != np.rint(numbers)) | (numbers < 0) | (numbers >= len(choices)))
    if wrong.any():
        what = f"{values[wrong][0]:g} is not the number of one of its {len(choices)} values"
        raise UserError(what, where=f"column `{inert(name)}`", fix=f"numbers 0 to {len(choices) - 1} stand for them")
    if choices == (False, True) and not missing.any():
        return numbers.astype(np.bool_)
    table = np.array([*choices, np.nan], dtype=object)
    return np.asarray(table[numbers.astype(np.int64)])


def frame_of(matrix: Floats, layout: Layout, *, categoricals: bool | None = None) -> Any:
    """Return the pandas DataFrame that ``matrix`` stands for; ``categoricals`` overrides the layout's."""
    pandas = _pandas()
    if all(column.type is ColumnType.REAL for column in layout.columns) and matrix.ndim == 2 and matrix.shape[1] == len(layout.columns):
        return pandas.DataFrame(matrix, columns=[column.name for column in layout.columns])
    categoricals = layout.categoricals if categoricals is None else categoricals
    columns = columns_of(matrix, layout)
    for column in layout.columns:
        if column.type is ColumnType.CATEGORY:
            columns[column.name] = _category_series(pandas, columns[column.name], column, categoricals)
    return pandas.DataFrame(columns)


def _category_series(pandas: Any, cells: Column, column: LayoutColumn, categoricals: bool) -> Any:
    if categoricals:
        return pandas.Categorical(cells, categories=list(column.categories))
    return pandas.Series(cells, dtype="str" if pandas.Series(["a"]).dtype == "str" else object)  # as pandas itself reads strings, from 3.0 on


def matrix_of(table: Any, layout: Layout) -> Floats:
    """Return the matrix that a frame (or a mapping from names to columns) is by ``layout``: the inverse of ``frame_of``.

    Raises
    ------
    UserError
        A column is missing, or a cell is not of its type or none of its categories.
    """
    names = set(table) if isinstance(table, Mapping) else set(table.columns)
    absent = [column.name for column in layout.columns if column.name not in names]
    if absent:
        raise UserError(f"the table has no column `{inert(absent[0])}`", fix="the layout names the columns of the table")
    return np.stack([_numbers(np.asarray(table[column.name], dtype=object), column) for column in layout.columns], axis=1)


def _numbers(cells: Column, column: LayoutColumn) -> Floats:
    where = f"column `{inert(column.name)}`"
    if column.type is ColumnType.CATEGORY:
        numbers = {category: float(number) for number, category in enumerate(column.categories)}
        unseen = next((cell for cell in cells if not _missing(cell) and str(cell) not in numbers), None)
        if unseen is not None:
            raise UserError(
                f"`{inert(str(unseen), 60)}` is none of its {len(numbers)} categories", where=where, fix="add it to the layout, or leave the row out"
            )
        return np.array([np.nan if _missing(cell) else numbers[str(cell)] for cell in cells], dtype=np.float64)
    try:
        return np.array([np.nan if _missing(cell) else float(cell) for cell in cells], dtype=np.float64)
    except (TypeError, ValueError):
        raise UserError("a cell is no number", where=where, fix="declare it as a category") from None


def layout_of(frame: Any) -> Layout:
    """Return the layout of a pandas frame: its names, and types by its dtypes; the strings found become the categories, sorted."""
    return Layout(columns=tuple(_column_of(str(name), frame[name]) for name in frame.columns))


def _column_of(name: str, series: Any) -> LayoutColumn:
    if hasattr(series, "cat"):
        return LayoutColumn(name=name, type=ColumnType.CATEGORY, categories=tuple(str(category) for category in series.cat.categories))
    kind = getattr(series.dtype, "kind", "O")
    if kind in "iu":
        return LayoutColumn(name=name, type=ColumnType.INTEGER)
    if kind == "f":
        return LayoutColumn(name=name)
    cells = [cell for cell in series if not _missing(cell)]
    if kind == "b" or (cells and all(isinstance(cell, bool | np.bool_) for cell in cells)):
        return LayoutColumn(name=name, type=ColumnType.BOOLEAN)
    return LayoutColumn(name=name, type=ColumnType.CATEGORY, categories=tuple(sorted({str(cell) for cell in cells})))


def _missing(cell: Any) -> bool:
    return cell is None or type(cell).__name__ == "NAType" or bool(cell != cell)


def _pandas() -> Any:
    try:
        import pandas
    except ImportError:
        raise UserError("this model eats data frames, and pandas is not installed", fix="pip install pandas") from None
    return pandas
