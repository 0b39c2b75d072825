"""What a model computes, as data: the tree ensembles and linear maps that can be attacked exactly."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from aisecops.oracles.oracle import Floats


class LinearMap(msgspec.Struct, frozen=True, kw_only=True):
    """Scores ``x @ weights.T + offset``: ``weights`` (k, d), ``offset`` (k,); the label is the largest, ties go to the lower class."""

    weights: Floats
    offset: Floats


class TreeEnsemble(msgspec.Struct, frozen=True, kw_only=True):
    """Trees whose leaves add up to scores."""


Structure: TypeAlias = LinearMap | TreeEnsemble
