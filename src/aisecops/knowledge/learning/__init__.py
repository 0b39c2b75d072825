"""What the libraries of machine learning do with data: who loads, splits, learns from and scores it. Data: ``learning.json`` beside this module."""

from __future__ import annotations

import os
from functools import cache

import msgspec


class Learning(msgspec.Struct, frozen=True):
    """Names of functions (access paths; ``*`` is a part of one) and classes, by what they do.

    ``splitters``: path to ``pairs`` (two results for each argument) or ``parts`` (one for each size). ``transformers``: what a class learns, to its names;
    ``uses_labels`` are those that look at the labels, too. ``harmless`` learn nothing that could tell of other rows. ``model_classes`` is a regular expression.
    """

    loaders: tuple[str, ...]
    presplit: tuple[str, ...]
    splitters: dict[str, str]
    folds: frozenset[str]
    cross_validation: frozenset[str]
    searches: frozenset[str]
    transformers: dict[str, frozenset[str]]
    resamplers: frozenset[str]
    uses_labels: frozenset[str]
    harmless: frozenset[str]
    pipelines: frozenset[str]
    compositions: frozenset[str]
    statistics: frozenset[str]
    metrics: frozenset[str]
    scoring_methods: frozenset[str]
    model_classes: str


@cache
def learning() -> Learning:
    """Return what is known."""
    with open(os.path.join(os.path.dirname(__file__), "learning.json"), "rb") as file:
        return msgspec.json.decode(file.read(), type=Learning)
