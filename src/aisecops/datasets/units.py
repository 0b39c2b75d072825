"""Numbers in the wrong unit: a few values of a column that become like all others once they are divided by a factor between units."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.content.personal.headers import words
from aisecops.datasets.extra import load_polars
from aisecops.datasets.plausibility import Implausible, implausible
from aisecops.datasets.two_samples import ks_distance, ks_p

_FACTORS = {
    10.0: "a decimal point",
    100.0: "percent, or cm for m",
    1000.0: "thousandths",
    1e6: "millionths",
    60.0: "minutes",
    3600.0: "seconds for hours",
}
_OF_MEASURES = {2.54: "inches for cm", 2.2046: "pounds for kg", 3.2808: "feet for m", 1.6093: "miles for km"}
_MEASURE = re.compile(
    r"\b(?:height|length|width|depth|distance|size|weight|mass|stature|waist|hip|girth|diameter|radius|elevation|altitude|speed|cm|mm|m|km|kg|lbs?|ft|feet|inch(?:es)?|miles?)\b"
)
"""Names of what is measured in two systems: elsewhere such small factors are chance."""
_OF_BLOOD = {
    r"glucose|blood sugar": 18.016,
    r"cholesterol|hdl|ldl": 38.67,
    r"triglycerides?": 88.57,
    r"creatinine": 88.42,
    r"bilirubin": 17.1,
    r"uric acid|urate": 59.48,
    r"calcium": 4.008,
    r"urea": 6.006,
}
"""By how much milligrams a decilitre and moles a litre (milli- or micro-, whichever is usual) differ: molar masses."""
_TEMPERATURE = re.compile(r"\b(?:temp|temperature|celsius|fahrenheit)\b")
_FEWEST, _FEWEST_WRONG, _MOST_WRONG = 100, 5, 0.2
_NEAR, _SLIPS = 0.04, 2.0
"""How far the medians of the logarithms may be from the factor: so much, or so many standard errors of the median of the few."""
_DECIMALS, _FIGURES = 4, 9
"""Decimals that a column may have been rounded to (of more it makes no difference), and those to which logarithms of equal values agree."""
_LEAST_GAP, _SEVERAL, _WIDER_OF_FEW, _WIDER = 0.15, 12, 5.0, 2.0
"""The gap between the few and the many, as a logarithm; and by how much it is wider than any among the many: of fewer than so many values, and of more."""
_SAMPLE = 100_000
"""Rows of a large table that are looked at first."""
_CELLS, _COLUMNS = 1 << 21, 250
"""Cells and columns that are asked for at once: a question about one column of thousands costs more than its answer, one about all of them much memory."""
_ALIKE = 0.01
"""The p-value of the two-sample Kolmogorov-Smirnov test below which the scaled values are not like the others."""


class WrongUnit(msgspec.Struct, frozen=True, kw_only=True):
    """Values of a column that are ``factor`` times too large (too small, where it is below 1), as rows from 0, shape (n,)."""

    column: str
    factor: float
    meaning: str
    rows: npt.NDArray[np.int64]


def wrong_units(frame: Any, columns: Sequence[str]) -> Iterator[WrongUnit | Implausible]:
    """Yield the columns of a lazy Polars frame in which a few positive values stand apart by a factor between units, and are like the others once it is taken out.

    And whatever else a column of numbers itself excludes (``aisecops.datasets.plausibility``): each column is read once for both.
    """
    pl = load_polars()
    rows = frame.select(pl.len()).collect().item()
    step = max(1, rows // _SAMPLE)
    together = min(_COLUMNS, max(1, _CELLS // max(1, rows // step)))
    for start in range(0, len(columns), together):
        cells = frame.select(pl.col(name).cast(pl.Float64, strict=False) for name in columns[start : start + together])
        for column in (cells.gather_every(step) if step > 1 else cells).collect(engine="streaming").iter_columns():
            found = _wrong(column.name, column.to_numpy())
            if found and step > 1:
                found = _wrong(column.name, cells.select(column.name).collect(engine="streaming").to_series().to_numpy())
            yield from found


def _wrong(name: str, cells: npt.NDArray[np.float64]) -> list[WrongUnit | Implausible]:
    odd = list(implausible(name, cells))
    left = cells.copy() if odd else cells
    for one in odd:
        if one.kind == "placeholder":
            left[one.rows] = np.nan
    unit = _apart(name, left) or _fahrenheit(name, left)
    if unit is None:
        return list(odd)
    return [unit, *(one for one in odd if not np.isin(one.rows, unit.rows).all())]


def _apart(name: str, cells: npt.NDArray[np.float64]) -> WrongUnit | None:
    rows = np.flatnonzero(np.isfinite(cells) & (cells > 0))
    if len(rows) < _FEWEST or len(rows) < 0.9 * np.isfinite(cells).sum() or _is_clock(name, cells[rows]):
        return None
    logs = np.log10(cells[rows])
    order = np.sort(logs)
    gaps = np.diff(order)
    at = int(gaps.argmax())
    low, high = order[: at + 1], order[at + 1 :]
    few, many = (low, high) if len(low) < len(high) else (high, low)
    if not _FEWEST_WRONG <= len(few) <= _MOST_WRONG * len(rows) or gaps[at] < max(_LEAST_GAP, _wider(len(few)) * np.diff(many).max()):
        return None
    if few is low and not _stands_apart(10**few, 10**many):
        return None
    ratio = np.median(few) - np.median(many)
    factors = _factors_for(words(name))
    near = min(factors, key=lambda factor: abs(abs(ratio) - np.log10(factor)))
    shift = np.log10(near) if ratio > 0 else -np.log10(near)
    off = max(_NEAR, _SLIPS * 1.25 * float(np.std(many)) / np.sqrt(len(few)))
    if abs(ratio - shift) > off or _p(few.round(_FIGURES), _as_coarse(many + shift, few)) < _ALIKE:
        return None
    wrong = rows[(logs > order[at] + gaps[at] / 2) == (few is high)]
    return WrongUnit(column=name, factor=near if ratio > 0 else 1 / near, meaning=factors[near], rows=wrong)


def _factors_for(name: str) -> dict[float, str]:
    """The factors between units that a column of this name, as words, can mix."""
    blood = {factor: "mg/dl for mol/l" for pattern, factor in _OF_BLOOD.items() if re.search(rf"\b(?:{pattern})\b", name)}
    return {**_FACTORS, **blood, **(_OF_MEASURES if _MEASURE.search(name) else {})}


def _as_coarse(logs: npt.NDArray[np.float64], few: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Round values to the decimals of the few, all as logarithms: 1.7 m among centimetres is no 1.74, and the others must not be held against it."""
    values = 10**few
    decimals = next((count for count in range(_DECIMALS) if np.allclose(values, values.round(count), rtol=1e-9, atol=0)), None)
    if decimals is None:
        return logs.round(_FIGURES)
    rounded: npt.NDArray[np.float64] = np.log10(np.maximum((10**logs).round(decimals), 0.5 * 10.0**-decimals)).round(_FIGURES)
    return rounded


def _stands_apart(few: npt.NDArray[np.float64], many: npt.NDArray[np.float64]) -> bool:
    """Whether small values are far from the others by difference, too: of what is spread down to zero, the logarithms of the least are always far apart."""
    tail = many[: max(_FEWEST_WRONG, len(many) // 5)]
    return bool(many[0] - few[-1] >= _wider(len(few)) * np.diff(tail).max())


def _is_clock(name: str, values: npt.NDArray[np.float64]) -> bool:
    """Whether a column of times holds hours and minutes as one number (930): the hours before ten have a figure less."""
    return "time" in words(name).split() and bool(np.all((values <= 2400) & (values % 100 < 60) & (values == np.rint(values))))


def _wider(few: int) -> float:
    return _WIDER if few >= _SEVERAL else _WIDER_OF_FEW


def _fahrenheit(name: str, cells: npt.NDArray[np.float64]) -> WrongUnit | None:
    """A few temperatures that are like all others once they are turned into degrees Celsius, or Fahrenheit."""
    rows = np.flatnonzero(np.isfinite(cells))
    if len(rows) < _FEWEST or not _TEMPERATURE.search(words(name)):
        return None
    order = np.sort(cells[rows])
    at = int(np.diff(order).argmax())
    low, high = order[: at + 1], order[at + 1 :]
    few, many = (low, high) if len(low) < len(high) else (high, low)
    turned = (few - 32) / 1.8 if few is high else few * 1.8 + 32
    if not _FEWEST_WRONG <= len(few) <= _MOST_WRONG * len(rows) or order[at + 1] - order[at] < np.ptp(many) or _p(turned, many) < _ALIKE:
        return None
    wrong = rows[(cells[rows] > order[at]) == (few is high)]
    return WrongUnit(
        column=name, factor=1.8 if few is high else 1 / 1.8, meaning="Fahrenheit for Celsius" if few is high else "Celsius for Fahrenheit", rows=wrong
    )


def _p(one: npt.NDArray[np.float64], two: npt.NDArray[np.float64]) -> float:
    return ks_p(ks_distance(one, two), len(one), len(two))
