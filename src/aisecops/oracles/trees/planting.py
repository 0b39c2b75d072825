"""From the trees of a framework to one ``TreeEnsemble``."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from aisecops.core.errors import UserError
from aisecops.oracles.oracle import Flags, Floats, Integers
from aisecops.oracles.structure import Decision, TreeEnsemble


class StructureError(UserError):
    """What the model computes cannot be written as trees or a linear map exactly, or what was written disagrees with the model."""


class Tree(msgspec.Struct, frozen=True, kw_only=True):
    """One tree of n nodes, root first; a leaf has ``left`` -1. ``value`` (n, k) is read at leaves; ``cover`` (n,) counts rows of the training, if the model says."""

    feature: Integers
    threshold: Floats
    left: Integers
    right: Integers
    missing_left: Flags
    value: Floats
    cover: Floats | None = None


def planted(
    trees: Sequence[Tree], *, columns: int, base: Floats, decision: Decision, divisor: float = 1.0, single: bool = False, last: bool = False
) -> TreeEnsemble:
    """All ``trees`` in one set of flat arrays, in which leaves are their own children and ask about nothing."""
    sizes = [len(tree.left) for tree in trees]
    roots = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
    left, right = (
        np.concatenate([np.asarray(getattr(tree, side), dtype=np.int64) + root for tree, root in zip(trees, roots, strict=True)])
        for side in ("left", "right")
    )
    leaf = np.concatenate([np.asarray(tree.left) < 0 for tree in trees])
    itself = np.arange(len(leaf))
    ensemble = TreeEnsemble(
        columns=columns,
        feature=np.where(leaf, 0, np.concatenate([tree.feature for tree in trees])).astype(np.int64),
        threshold=np.where(leaf, np.inf, np.concatenate([tree.threshold for tree in trees])),
        left=np.where(leaf, itself, left),
        right=np.where(leaf, itself, right),
        missing_left=np.concatenate([tree.missing_left for tree in trees]).astype(np.bool_),
        value=np.where(leaf[:, None], np.concatenate([tree.value for tree in trees]), 0.0),
        cover=np.concatenate([np.zeros(len(tree.left)) if tree.cover is None else tree.cover for tree in trees]).astype(np.float64),
        roots=roots,
        base=np.asarray(base, dtype=np.float64),
        decision=decision,
        divisor=divisor,
        single=single,
        last=last,
    )
    if not (np.all(np.isfinite(ensemble.value)) and np.all(np.isfinite(ensemble.base))):
        raise StructureError("the model's leaves are not all finite numbers")
    return ensemble


def for_class(values: Floats, label: int, classes: int) -> Floats:
    """Leaf values (n,) of a tree that adds to the sum of one class only, as rows (n, classes)."""
    rows = np.zeros((len(values), classes))
    rows[:, label] = values
    return rows
