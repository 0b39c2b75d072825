"""Preference data: which of two answers people liked better, in a column for each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from aisecops.datasets.extra import load_polars
from aisecops.datasets.roles import words_of

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_WHO = (".role", ".from", ".speaker")
"""Who speaks, of records that were taken apart: the same on both sides."""
_PAIRS = (("chosen", "rejected"), ("accepted", "rejected"), ("preferred", "dispreferred"), ("preferred", "rejected"), ("better", "worse"))


class SameAnswers(msgspec.Struct, frozen=True, kw_only=True):
    """Pairs of which both answers are the same.

    Parameters
    ----------
    chosen, rejected
        The columns.
    rows
        Where they hold the same, from 0, ascending, shape (n,).
    pairs
        How many rows have both.
    """

    chosen: str
    rejected: str
    rows: npt.NDArray[np.int64]
    pairs: int


def same_answers(frame: Any) -> Iterator[SameAnswers]:
    """Yield, for each two columns of a lazy Polars frame that hold the better and the worse answer as texts or turns, where these are the same but for white space."""
    pl = load_polars()
    schema = frame.collect_schema()
    named = {words_of(name): name for name, dtype in schema.items() if (dtype == pl.String or dtype.is_nested()) and not name.endswith(_WHO)}
    for words, chosen in named.items():
        for better, worse in _PAIRS:
            rejected = named.get(re.sub(rf"\b{better}\b", worse, words), chosen)
            if rejected == chosen or schema[chosen] != schema[rejected]:
                continue
            sides = [pl.col(name).str.strip_chars() if schema[name] == pl.String else pl.col(name) for name in (chosen, rejected)]
            both = sides[0].is_not_null() & sides[1].is_not_null()
            asked = frame.select(((sides[0] == sides[1]) & both).alias("same"), both.alias("both")).collect(engine="streaming")
            rows = asked["same"].fill_null(value=False).arg_true().to_numpy().astype("int64")
            if len(rows):
                yield SameAnswers(chosen=chosen, rejected=rejected, rows=rows, pairs=int(asked["both"].sum()))
