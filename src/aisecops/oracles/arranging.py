"""Columns by name: a table whose columns stand in another order than the model was fitted with, or has more of them, is arranged before the model sees it.

Frameworks check the order of a frame's columns, if at all; of a matrix none can. A model that is given the right numbers in the wrong places answers all the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import msgspec
import numpy as np

from aisecops.core.errors import UserError
from aisecops.core.text import inert
from aisecops.oracles.model import Model, Wanted
from aisecops.oracles.oracle import Batch, Floats, Integers
from aisecops.oracles.structure import LinearMap, Structure

_NUMBERED = re.compile(r"(?:Column_|feature_|f|x)?[0-9]+")
"""What frameworks call the columns of a matrix: these are no names."""


def arranged(names: Sequence[str] | None, wanted: Wanted, build: Callable[[Wanted], Model], *, spelt: Callable[[str], str] = str) -> Model:
    """Return what ``build`` makes of a model that was fitted with columns of these names (None: it does not say), asked with those of the layout.

    ``spelt`` is how the model's library writes the name of a column.

    Raises
    ------
    UserError
        A column of the model is not in the layout, while others are.
    """
    order = (
        None if wanted.layout is None or wanted.shape else _order(names or (), [spelt(column.name) for column in wanted.layout.columns], wanted.name)
    )
    if order is None or wanted.layout is None:
        return build(wanted)
    columns = wanted.layout.columns
    model = build(wanted.with_layout(msgspec.structs.replace(wanted.layout, columns=tuple(columns[place] for place in order))))
    encode, structure, width = model.encode, model.structure, len(columns)

    def chosen(batch: Batch) -> object:
        if not isinstance(batch, np.ndarray):
            return encode(batch)
        if batch.ndim != 2 or batch.shape[1] != width:
            raise UserError(f"the samples have shape {batch.shape[1:]}, and the layout has {width} columns", fix="declare every column once")
        return encode(np.ascontiguousarray(batch[:, order]))

    def spread() -> Structure | None:
        found = structure() if structure is not None else None
        return None if found is None else _spread(found, order, width)

    return replace(model, encode=chosen, structure=None if structure is None else spread)


def _order(names: Sequence[str], here: list[str], where: str) -> Integers | None:
    """Where each of the model's columns is in the layout; None where they are the same, or have other names altogether."""
    if not names or list(names) == here or all(_NUMBERED.fullmatch(name) for name in names):
        return None
    absent = [name for name in names if name not in here]
    if len(absent) == len(names):
        return None
    if absent:
        what = f"the model was fitted with the column `{inert(absent[0])}`, which the layout does not have"
        raise UserError(what, where=where, fix="name the columns as in training")
    return np.array([here.index(name) for name in names], dtype=np.int64)


def _spread(structure: Structure, order: Integers, width: int) -> Structure:
    """The structure in terms of the layout's columns."""
    if isinstance(structure, LinearMap):
        weights: Floats = np.zeros((len(structure.weights), width))
        weights[:, order] = structure.weights
        return msgspec.structs.replace(structure, weights=weights)
    return msgspec.structs.replace(structure, columns=width, feature=order[structure.feature])
