"""What was measured, for people at a terminal: numbers with their intervals in lines, and what one check measured in many ways as a table."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from aisecops.core.asset import Asset
from aisecops.core.measurement import Better, Bound, Measurement
from aisecops.core.run import Run
from aisecops.core.text import count
from aisecops.report.figures import figure
from aisecops.report.layout import Line, cells, clip, line
from aisecops.report.pivot import Pivot, by_assets, pivots

_MEASUREMENTS = 10
_ROWS = 16
_TABLE = 98
_CORNER = 30
_SUBJECT = 60
_PATH = 160
_ALL = 1 << 30
_ABBREVIATED = 4
"""Letters up to which a unit is an abbreviation (``s``, ``ms``), which has no plural."""
_PLAIN_UNITS = frozenset({"", "1", "fraction", "ratio", "probability", "share"})
_SIDES = {
    (Bound.ATTACK, Better.HIGHER): "≤ ",
    (Bound.ATTACK, Better.LOWER): "≥ ",
    (Bound.CERTIFICATE, Better.HIGHER): "≥ ",
    (Bound.CERTIFICATE, Better.LOWER): "≤ ",
}
"""On which side of the number the truth lies: an attack shows that it is no better, a certificate that it is no worse."""
_FIRST = (
    "accuracy", "balanced-accuracy", "clean-accuracy", "robust-accuracy", "certified-accuracy", "attack-success", "evasion-distance-median", "calibration-error",
    "auc",
)  # fmt: skip


def measured(run: Run, *, verbose: bool) -> Iterator[Line]:
    """Yield what was measured, asset by asset: a number with its interval, and whether the truth can only be below it (an attack) or above (a certificate)."""
    names = {asset.id: _asset_name(asset) for asset in run.assets}
    groups = by_assets(run.measurements)
    if groups:
        yield line(("Measured", "title"))
    for assets, group in groups.items():
        yield line("  ", (", ".join(names.get(asset, asset) for asset in assets), "path"), hang=4)
        tables = pivots(group)
        told = {member.id for table in tables for member in table.members()}
        lines = group if verbose else [m for m in group if m.id not in told]
        shown = sorted(lines, key=_telling)[: _ALL if verbose else _MEASUREMENTS]
        width = max((len(_measured(m)) for m in shown), default=0)
        for m in shown:
            yield line(f"    {_measured(m):<{width}}  ", (_value(m), "incomplete" if m.blocked else "code"), (_interval(m), "dim"), hang=6)
        if len(lines) > len(shown):
            yield line((f"    and {len(lines) - len(shown):,} more: --verbose", "dim"))
        for table in tables:
            yield from _table(table, verbose)


def _table(table: Pivot, verbose: bool) -> Iterator[Line]:
    """A number in each cell; a leak that an attack found with the end of its interval that a gate compares."""
    rows = table.rows[: _ALL if verbose else _ROWS]
    columns = [(*_folded(table.title), *(clip(subject, _CORNER) for subject, _ in rows))]
    columns += [
        (*_folded(name), *map(_cell, column)) for name, column in zip(table.columns, zip(*(row for _, row in rows), strict=True), strict=True)
    ]
    widths = [max(map(cells, column)) for column in columns]
    fitting = sum(total <= _TABLE for total in accumulate(width + 2 for width in widths))
    first, second, *told = ("  ".join(map(_padded, texts, widths)).rstrip() for texts in zip(*columns[:fitting], strict=True))
    yield from (line(("    " + head, "dim")) for head in (first, second) if head)
    for (subject, _), text in zip(rows, told, strict=True):
        yield line("  → " if subject in table.chosen else "    ", (text, "code" if subject in table.chosen else ""))
    if table.chosen & {subject for subject, _ in rows}:
        yield line(("    → recommended", "dim"))
    for noun, left in (("row", len(table.rows) - len(rows)), ("column", len(columns) - fitting)):
        if left:
            yield line((f"    and {count(left, f'more {noun}')}: --verbose", "dim"))


def _cell(measurement: Measurement | None) -> str:
    if measurement is None or measurement.value is None or measurement.blocked:
        return "–"
    if measurement.bound is Bound.ATTACK and measurement.better is Better.LOWER and measurement.high is not None:
        return f"{figure(measurement.value)} (≤ {figure(measurement.high)})"
    return figure(measurement.value)


def _folded(name: str) -> tuple[str, str]:
    """A heading on at most two lines: tables are narrow."""
    first, _, last = name.rpartition(" ")
    return first, last


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cells(text))


def _telling(measurement: Measurement) -> int:
    """What a reader has to know first comes first."""
    return _FIRST.index(measurement.name) if measurement.name in _FIRST else len(_FIRST)


def _asset_name(asset: Asset) -> str:
    name = asset.facts.get("name")
    return f"{clip(name, _PATH)} ({clip(asset.path, _PATH)})" if isinstance(name, str) and name != asset.path else clip(asset.path, _PATH)


def _measured(measurement: Measurement) -> str:
    return clip(f"{measurement.name.replace('-', ' ')} {measurement.subject}".rstrip(), _SUBJECT)


def _value(measurement: Measurement) -> str:
    if measurement.blocked:
        return f"not usable: {measurement.blocked}"
    if measurement.value is None:
        return "no value"
    unit = "" if measurement.unit in _PLAIN_UNITS else f" {measurement.unit}"
    unit = unit[:-1] if measurement.value == 1 and len(unit) > _ABBREVIATED and unit.endswith("s") else unit
    side = _SIDES.get((measurement.bound, measurement.better), "") if measurement.bound and measurement.better else ""
    return f"{side}{figure(measurement.value)}{unit}"


def _interval(measurement: Measurement) -> str:
    samples = f"n = {measurement.n:,}" if measurement.n else ""
    if measurement.low is None or measurement.high is None:
        return f"  {samples}".rstrip()
    level = f"{measurement.level:.0%}" if measurement.level else ""
    return f"  [{figure(measurement.low)}, {figure(measurement.high)}]  " + ", ".join(part for part in (level, samples) if part)
