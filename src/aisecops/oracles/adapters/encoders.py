"""What the steps of a scikit-learn pipeline want of their columns: names to choose them by, and texts where they were fitted with texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from aisecops.core.errors import UserError
from aisecops.core.text import inert
from aisecops.oracles.layout import ColumnType, Layout


def chooses_by_name(estimator: Any) -> bool:
    """Whether a step takes its columns by name: then a matrix will not do."""
    return any(True for _ in _chosen(estimator))


def check_texts(estimator: Any, layout: Layout | None, where: str) -> None:
    """Refuse numbers in a column whose encoder was fitted with texts: one that ignores what it does not know would ignore all of them, and the model answer.

    Raises
    ------
    UserError
        There is such a column.
    """
    numbers = {column.name for column in layout.columns if column.type is not ColumnType.CATEGORY} if layout is not None and layout.frame else set()
    for encoder, columns in _chosen(estimator):
        for name, known in zip(columns, _categories(encoder), strict=False):
            if name in numbers and len(known) and all(isinstance(value, str) for value in known):
                what = (
                    f"the column `{inert(name, 60)}` held texts in training ({inert(str(known[0]), 20)}, ...), and holds numbers or truth values here"
                )
                fix = "declare it in the `domain` as `type: category` with its `categories` as they were written in training"
                raise UserError(what, where=where, fix=fix)


def _chosen(estimator: Any) -> Iterator[tuple[Any, list[str]]]:
    """Yield each step that gets columns by name, and these."""
    parts = [estimator, *(estimator.get_params(deep=True).values() if hasattr(estimator, "get_params") else ())]
    steps = [part for part in parts if hasattr(part, "transformers")]
    for part in steps:
        for _, step, columns in getattr(part, "transformers_", None) or ():
            names = [columns] if isinstance(columns, str) else list(columns) if np.iterable(columns) else []
            if names and all(isinstance(name, str) for name in names):
                yield step, names


def _categories(step: Any) -> list[Any]:
    """The categories of each column, if the step is an encoder, or a pipeline with one behind steps that keep the columns."""
    found = getattr(step, "categories_", None)
    inner = getattr(step, "steps", None)
    if found is None and isinstance(inner, list):
        found = next((known for _, each in inner if (known := getattr(each, "categories_", None)) is not None), None)
    return list(found) if found is not None else []
