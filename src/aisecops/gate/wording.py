"""The words that reasons share."""

from __future__ import annotations

from collections.abc import Sequence

SHOWN = 3
"""How many examples a reason gives: it is one line on a screen; the record holds the rest."""


def examples(texts: Sequence[str]) -> str:
    """The first few of ``texts``, and how many more there are."""
    more = len(texts) - SHOWN
    shown = "; ".join(texts[:SHOWN])
    return f"{shown}; and {more:,} more" if more > 0 else shown


def figure(number: float, beside: float) -> str:
    """``number`` in few digits, but enough to tell it from ``beside``: 0.4999999 must not read as the limit 0.5 that it missed."""
    short = f"{number:.4g}"
    return short if number == beside or short != f"{beside:.4g}" else repr(number)
