"""What a model computes, where that can be read, in terms of the matrix that oracles are asked with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aisecops.oracles.layout import ColumnType, Layout

if TYPE_CHECKING:
    from aisecops.oracles.structure import Structure


def structure_in(model: Any, layout: Layout | None) -> Structure | None:
    """Return the structure of ``model``, if its columns are those of the matrix as they are.

    With a frame they are not where a category's number is no number that the model computes with, where only whole numbers can be asked about (an exact evasion
    lies at any), and where the model takes its columns by name, in an order of its own.
    """
    if layout is not None and layout.frame:
        real = all(column.type is ColumnType.REAL for column in layout.columns)
        if not real or _names(model, layout) != [column.name for column in layout.columns]:
            return None
    from aisecops.oracles.extraction import structure_of

    return structure_of(model)


def _names(model: Any, layout: Layout) -> list[str]:
    """The columns in the order of the model: those of estimators, of XGBoost's and of LightGBM's boosters; the layout's where it names none."""
    names = getattr(model, "feature_names_in_", None)
    if names is None:
        names = getattr(model, "feature_names", None)
    if names is None and callable(getattr(model, "feature_name", None)):
        names = model.feature_name()
    return [column.name for column in layout.columns] if names is None else [str(name) for name in names]
