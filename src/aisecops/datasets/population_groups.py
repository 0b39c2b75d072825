"""Which rows of a column belong to which declared group: by its name in any spelling, by a number, or by a band of numbers (``18-29``, ``65+``)."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping

_NUMBER = r"(\d+(?:\.\d+)?)"
_WHOLE = re.compile(r"(-?\d+)\.0+")
_BETWEEN = re.compile(rf"(?:from )?{_NUMBER}\s*(?:-|to|\.\.)\s*{_NUMBER}")
_FROM = re.compile(rf"(?:>=?\s*|over |from ){_NUMBER}|{_NUMBER}\s*(?:\+|(?:years? )?(?:and|or|&) (?:over|older|above|more|up))")
_BELOW = re.compile(rf"(?:<|under |below |less than |up to |<=\s*|until ){_NUMBER}|{_NUMBER} (?:and|or) (?:under|younger|below|less)")
_INTERVAL = re.compile(r"[\[(]\s*(-?[\d.]+|-?inf)\s*[,;]\s*(-?[\d.]+|inf)\s*[\])]")
_INCLUSIVE = ("<=", "up to", "until")
_NUMERIC = 0.98


def shares(groups: Mapping[str, float]) -> dict[str, float]:
    """Return the shares of the population that were written as shares, per cents that make 100, or numbers of persons. Raises ``ValueError``."""
    total = sum(groups.values())
    if not groups or min(groups.values()) <= 0 or not math.isfinite(total):
        raise ValueError("shares are above 0, and their sum is 1 at most")
    if total <= 1.0001:
        return dict(groups)
    whole = all(value == int(value) for value in groups.values())
    if 99 <= total <= 101 and len(groups) > 1:
        return {name: value / 100 if total <= 100 else value / total for name, value in groups.items()}
    if whole and total >= 1_000 and len(groups) > 1:
        return {name: value / total for name, value in groups.items()}
    raise ValueError(
        "shares are above 0, and their sum is 1 at most: write shares, per cents that make 100 together, or the number of persons in each group"
    )


def counted(cells: Iterable[tuple[str, int]], names: Iterable[str]) -> dict[str, int] | None:
    """Return how many rows each of ``names`` has, of cells as they are written with their numbers; None: not one of the names, nor a band of them, is there."""
    cells, names = list(cells), list(names)
    form = _form if len({_form(name) for name in names}) == len(set(names)) else str  # `a` and `A` may be two groups
    found = dict.fromkeys(names, 0)
    known = {form(name): name for name in names}
    for cell, count in cells:
        if (name := known.get(form(cell))) is not None:
            found[name] += count
    if any(found.values()) or not cells:
        return found
    return _banded(cells, names)


def _form(text: str) -> str:
    plain = " ".join(unicodedata.normalize("NFKC", text).casefold().replace("_", " ").split())
    whole = _WHOLE.fullmatch(plain)
    return whole[1] if whole else plain


def _banded(cells: list[tuple[str, int]], names: list[str]) -> dict[str, int] | None:
    bands = {name: band for name in names if (band := _band(name)) is not None}
    numbers = [(number, count) for cell, count in cells if (number := _number(cell)) is not None]
    if len(bands) < len(names) or sum(count for _, count in numbers) < _NUMERIC * sum(count for _, count in cells):
        return None
    return {name: sum(count for number, count in numbers if low <= number < high) for name, (low, high) in bands.items()}


def _band(name: str) -> tuple[float, float] | None:
    """The numbers that a name stands for, from and below; the upper end of `18-29` is 30: persons are as old as their last birthday."""
    text = re.sub(r"[\u2010-\u2015]", "-", _form(name))
    text = re.sub(r"^(?:ages?d? )|(?: (?:years?(?: old)?|yrs?|jahre|ans))$", "", text).strip()
    if found := _INTERVAL.fullmatch(text):
        low, high = _number(found[1], -math.inf), _number(found[2], math.inf)
        if low is None or high is None:
            return None
        return (math.nextafter(low, math.inf) if text[0] == "(" else low, math.nextafter(high, math.inf) if text[-1] == "]" else high)
    if found := _BETWEEN.fullmatch(text):
        low, high = float(found[1]), float(found[2])
        return (low, high + (1.0 if high == int(high) else 0.0)) if low <= high else None
    if found := _FROM.fullmatch(text):
        number = float(found[1] or found[2])
        return (number + 1.0 if text.startswith((">", "over")) and not text.startswith(">=") else number, math.inf)
    if found := _BELOW.fullmatch(text):
        number = float(found[1] or found[2])
        return (-math.inf, number + 1.0 if found[2] or text.startswith(_INCLUSIVE) else number)
    return None


def _number(cell: str, infinite: float | None = None) -> float | None:
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if math.isfinite(number) else infinite
