"""How rows of numbers become what a model of tables eats: names, types and categories of its columns.

Attacks work on matrices of float64; a pipeline that was trained on a DataFrame wants names, strings and integers back. The layout is that translation and
nothing more: which values make sense is the ``Domain``'s to say.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec


class ColumnType(StrEnum):
    """What a cell becomes: a float, an integer, a truth value, or one of the categories of its column (whose number the matrix holds)."""

    REAL = "real"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    CATEGORY = "category"


class LayoutColumn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One column, in the order of the matrix. ``categories``: the strings that the numbers 0, 1, ... stand for."""

    name: str
    type: ColumnType = ColumnType.REAL
    categories: tuple[str, ...] = ()


class Layout(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The columns. ``frame``: the model is given a DataFrame with these names and types; else the matrix as it is.

    ``categoricals``: categories go in as pandas' ``category`` columns, from which HistGradientBoosting, LightGBM and XGBoost learn; else as strings.
    """

    columns: tuple[LayoutColumn, ...]
    frame: bool = True
    categoricals: bool = False
