"""Columns of texts in which the name of the row's own class stands: what somebody wrote once the outcome was known."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from aisecops.datasets.extra import load_polars

_SHORTEST = 2
_OWN, _OTHER = 0.9, 0.05
_MOST_CLASSES = 20
_MOST_ROWS = 20_000
_FEWEST_ROWS = 50


def class_names_in(table: Any, label: str, features: Sequence[str]) -> list[str]:
    """Return the columns of a Polars frame whose texts name the row's own class in nine of ten rows, and another one in hardly any.

    Columns of one word a cell are left to ``aisecops.datasets.giveaway``, and so are classes that are numbers.
    """
    pl = load_polars()
    table = table.filter(pl.col(label).is_not_null()).head(_MOST_ROWS)
    classes = [str(name).strip() for name in table[label].unique().to_list()]
    if not 1 < len(classes) <= _MOST_CLASSES or len(table) < _FEWEST_ROWS:
        return []
    if any(len(name) < _SHORTEST or not re.search(r"[^\W\d_]", name) for name in classes):
        return []
    own = table[label].cast(pl.String).str.strip_chars()
    found = []
    for name in features:
        texts = table[name]
        if texts.dtype == pl.String and texts.n_unique() > len(classes) and float(texts.str.contains(r"\S\s+\S").mean() or 0) > _OWN:
            held = {known: texts.str.contains(rf"(?i)(?:^|\W){re.escape(known)}(?:\W|$)").fill_null(value=False) for known in classes}
            mine = sum(int((held[known] & (own == known)).sum()) for known in classes)
            other = sum(int((held[known] & (own != known)).sum()) for known in classes)
            if mine >= _OWN * len(table) and other <= _OTHER * len(table):
                found.append(name)
    return found
