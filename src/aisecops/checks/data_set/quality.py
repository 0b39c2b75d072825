"""Whether a data set is fit to learn from."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from aisecops.checks.data_set.rows import attach_rows, drawn
from aisecops.checks.data_set.subject import DataSet
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, Result, check
from aisecops.core.examination import Code, NotExamined
from aisecops.core.finding import Fix, Weakness
from aisecops.core.measurement import Better, Reading
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat
from aisecops.core.text import agreeing, count, count_of, inert

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from aisecops.datasets.pandera_schema import Schema
    from aisecops.datasets.profile import ColumnProfile

    Scores = npt.NDArray[np.float32]

_FEWEST_ROWS = 20
"""Rows below which a constant or an empty column says nothing."""
_MOSTLY_MISSING, _REPEATED, _RARE = 0.5, 0.01, 0.01
_FEWEST_OF_CLASS = 10
_MOST_NAMED = 12


@check(
    id="data-set/quality",
    title="A data set is fit to learn from",
    inputs=(AssetKind.DATA_SET,),
    stage=Stage.DATA,
    threat=Threat.UNRELIABILITY,
    categories=("data-quality",),
    version=11,
)
def quality(data: DataSet, ctx: Context) -> Iterator[Result]:
    """Find what is missing, constant, repeated, mixed, impossible or written in several ways, and labels that are missing or rare.

    What it finds
        Columns that are mostly missing, that hold one value, or numbers with a few texts among them, and columns that are another one in every row; categories that
        differ in capitals, spaces, unseen and look-alike characters only, that are one thing by two words (yes and Y), that say in several ways that nothing is there, or
        that are rare and a frequent one but for a letter or two; texts whose encoding was damaged; rows that repeat another row, exactly or with a little noise, and
        pictures that repeat another one, where chance does not explain it; keys that two rows have; preference pairs of one and the same answer; values in another unit,
        or in the place of another column's; what a column's own values or its name exclude (-1 or 999 among ages, a few values with the other sign, a latitude of 400,
        infinity, days decades from all others, days written in several ways, values among days that are none); labels that are missing, and classes with very few rows;
        cells outside the domain that the manifest declares, and whatever breaks the pandera schema that it names (``schema``).

    Why it matters
        A model learns mistakes as readily as facts. ``Berlin`` and ``berlin`` become two cities; a repeated row counts twice and may stand in the test set, too; a
        class of five rows is learned by heart. Whoever wants to poison data hides best where nobody looks at quality.

    Example
        ``age`` holds 999 in 41 rows, where the form had no answer.

    How to fix
        Mend it where the data comes from, and keep the rule: declare ``domain`` in ``aisecops.yaml``, so that the next version is held to it.

    Measurements
        ``rows``, ``missing-share``, ``repeated-share`` and ``near-repeated-share``. The rows that repeat others or are impossible are attached as Parquet: ``row``,
        ``score``, ``flagged``.

    Limits
        Values that are wrong and plausible are not found; misspelt categories only where the rare values of a column are mostly such, with the first letter right; of
        units only factors of 10, 100, 1,000, 60, 2.54 and the like that leave a gap; wrong signs only where nothing is near zero. What few of a column's rows
        break is told (5 % of what its name excludes, and of signs and days); what more break is taken to be its rule; of large tables a
        sample has to show something before all rows are asked. Repeated rows are told only of tables in which,
        were the columns independent, fewer than one pair would agree by accident; rows with noise only of tables with four continuous columns, of more than 50,000
        rows in a sample. Pictures with hardly any detail are compared by their bytes alone.

    References
        Sambasivan et al., "Everyone wants to do the model work, not the data work" (CHI 2021); ISO/IEC 5259-2:2024.
    """
    yield from data.examined(lambda: _judged(data, ctx))
    yield from data.examined(lambda: _of_pictures(data, ctx), kinds=("images",))


def _judged(data: DataSet, ctx: Context) -> Iterator[Result]:
    from aisecops.datasets.profile import profile
    from aisecops.datasets.sources import explained

    with explained(data.location):
        columns = profile(data.frame)
        rows = columns[0].rows if columns else 0
        yield Reading(name="rows", value=float(rows), unit="rows", n=max(rows, 1))
        if not rows:
            yield _told("empty", (), "The table has a header and no rows.", Severity.LOW)
            return
        cells, lost = rows * len(columns), sum(column.missing for column in columns)
        yield Reading(name="missing-share", value=lost / cells, unit="share", n=cells, better=Better.LOWER)
        if data.headless:
            yield _told("header", (), f"The first line is a row: the columns are called `column_1` to `column_{len(columns)}` here.", Severity.LOW)
        if rows >= _FEWEST_ROWS:
            yield from _of_columns(data, columns)
        yield from _of_labels(data, columns)
        yield from _of_rows(data, ctx, columns, rows)
        yield from _of_listed_pictures(data, ctx)


def _of_columns(data: DataSet, columns: Sequence[ColumnProfile]) -> Iterator[Weakness]:
    from aisecops.datasets.profile import constant

    allowed = {column.name for column in data.declared.domain.columns if column.missing} if data.declared.domain else set()
    if missing := [c for c in columns if c.missing >= _MOSTLY_MISSING * c.rows and c.name not in allowed]:
        listed = _listed([f"{inert(c.name, 60)} ({c.missing / c.rows:.0%})" for c in missing])
        yield _told("missing", [c.name for c in missing], f"Mostly missing: {listed}.", Severity.LOW)
    filled = [c for c in columns if c.missing < _MOSTLY_MISSING * c.rows]
    if same := constant(data.frame, filled):
        aside = ", empty cells aside" if any(c.missing for c in filled if c.name in same) else ""
        yield _told("constant", same, f"One value in all rows{aside}: {_listed([f'`{inert(name, 60)}`' for name in same])}.", Severity.LOW)
    if mixed := [c for c in columns if c.mostly_numbers and c.numbers < c.present]:
        listed = _listed([f"`{inert(c.name, 60)}` ({c.present - c.numbers:,} of {c.present:,})" for c in mixed])
        yield _told("mixed", [c.name for c in mixed], f"Texts among numbers: {listed}.", Severity.LOW)
    yield from _of_categories(data, columns)


def _of_categories(data: DataSet, columns: Sequence[ColumnProfile]) -> Iterator[Weakness]:
    """Categories in several spellings; values are shown unless the name of their column promises personal data."""
    from aisecops.content.personal.headers import promised
    from aisecops.datasets.profile import categories, misspelt, same_things, variants, without_value

    same, near, words, empty = [], [], [], []
    missing = {column.name: column.missing for column in columns if not column.mostly_numbers}  # texts among numbers are told as such
    for name, values in categories(data.frame, columns):
        same += variants(name, values)
        near += [(name, one) for one in misspelt(values)]
        words += [(name, same) for same in same_things(values)]
        if name in missing and (said := without_value(values, missing[name])):
            beside = f" and {missing[name]:,} empty cells" if missing[name] else ""
            empty.append((name, f"`{inert(name, 60)}`: {_spellings(said)}{beside}"))
    if same:
        shown = _listed(
            [f"`{inert(v.column, 60)}`: {_spellings(v.spellings) if promised(v.column) is None else f'{len(v.spellings)} spellings'}" for v in same]
        )
        cells, names = sum(variant.cells for variant in same), sorted({variant.column for variant in same})
        yield _told("variants", names, f"Categories that differ in capitals, spaces and hyphens only, {count(cells, 'cell')}: {shown}.", Severity.LOW)
    if near:
        shown = _listed(
            [
                f"`{inert(name, 60)}`: {f'{_spellings([one.value])} for {_spellings([one.meant])}' if promised(name) is None else 'a value'}"
                for name, one in near
            ]
        )
        cells, names = sum(one.cells for _, one in near), sorted({name for name, _ in near})
        yield _told(
            "misspelt", names, f"Rare categories that are a frequent one but for a letter or two, {count(cells, 'cell')}: {shown}.", Severity.LOW
        )
    if words:
        shown = _listed([f"`{inert(name, 60)}`: {_spellings(same)}" for name, same in words])
        yield _told("synonyms", sorted({name for name, _ in words}), f"One thing by several words: {shown}.", Severity.LOW)
    if empty:
        yield _told(
            "nothing",
            [name for name, _ in empty],
            f"Values that are not there, told in several ways: {_listed([said for _, said in empty])}.",
            Severity.LOW,
        )


def _spellings(values: Sequence[str]) -> str:
    return ", ".join(repr(inert(value, 30)) for value in values[:3])


def _of_labels(data: DataSet, columns: Sequence[ColumnProfile]) -> Iterator[Weakness]:
    from aisecops.datasets.extra import load_polars

    pl: Any = load_polars()
    label = next((column for column in columns if column.name == data.roles.label), None)
    if label is None:
        return
    name = inert(label.name, 60)
    if label.missing:
        yield _told("label-missing", [label.name], f"The label `{name}` is missing in {count_of(label.missing, label.rows, 'row')}.", Severity.MEDIUM)
    if not 1 < label.distinct <= 100 or label.rows < 10 * _FEWEST_OF_CLASS:
        return
    told = data.collect(
        data.frame.select(pl.col(label.name).cast(pl.String).alias("value")).drop_nulls().group_by("value").len().sort("len", "value")
    )
    counts = [(str(value), int(rows)) for value, rows in told.iter_rows()]
    rare = [(value, rows) for value, rows in counts if rows < _FEWEST_OF_CLASS or rows < _RARE * label.rows]
    if rare and len(rare) < len(counts):
        listed = _listed([f"{inert(value, 30)} ({count(rows, 'row')})" for value, rows in rare])
        yield _told("imbalance", [label.name, *sorted(value for value, _ in rare)], f"Rare classes of `{name}`: {listed}.", Severity.LOW)


def _of_rows(data: DataSet, ctx: Context, columns: Sequence[ColumnProfile], rows: int) -> Iterator[Result]:
    import numpy as np

    from aisecops.checks.data_set.odd_cells import odd_cells, of_keys
    from aisecops.datasets.profile import accidental, impossible, repeated

    scores = np.zeros(rows, np.float32)
    names = [column.name for column in columns if column.name != data.roles.id]
    again = repeated(data.frame, names)
    unlikely = len(again) > 0 and accidental(data.frame, names, rows) < 1
    if unlikely and len(again) >= max(2, _REPEATED * rows):
        scores[again] = 1.0
        what = f"{len(again):,} of {rows:,} rows repeat an earlier one, the first of them row {again[0]:,} (from 0); by accident not one pair would be expected."
        yield _told("repeated", [], what, Severity.LOW)
    yield from _of_near_rows(data, ctx, columns, scores)
    for odd in (*odd_cells(data, columns), *of_keys(data, columns, again)):
        scores[odd.rows] = np.maximum(scores[odd.rows], 0.8)
        yield _told(odd.kind, [odd.column], odd.message, Severity.LOW)
    for found in impossible(data.frame, data.declared.domain) if data.declared.domain else ():
        scores[found.rows] = 1.0
        what = f"`{inert(found.column, 60)}` is {found.why} in {_rows(found.rows)}: the domain excludes it."
        yield _told(f"impossible:{found.why}", [found.column], what, Severity.MEDIUM)
    if data.declared.schema:
        yield from _of_schema(data, data.declared.schema, scores)
    attachments = attach_rows(ctx, "data-quality-rows", scores, rows) if scores.any() else ()
    yield Reading(name="repeated-share", value=len(again) / rows, unit="share", n=rows, better=Better.LOWER, attachments=attachments)


def _as_numbers(frame: Any, columns: Sequence[ColumnProfile]) -> Any:
    """Return a frame in which columns of numbers written as text are numbers: as text thousands of them take several times the memory."""
    from aisecops.datasets.extra import load_polars

    pl: Any = load_polars()
    return frame.with_columns(pl.col(c.name).cast(pl.Float64, strict=False) for c in columns if c.textual and c.numbers == c.present)


def _of_near_rows(data: DataSet, ctx: Context, columns: Sequence[ColumnProfile], scores: Scores) -> Iterator[Result]:
    """Rows of numbers that are nearly another row; of a large table in a sample, whose size the reading says."""
    import numpy as np

    from aisecops.datasets.near_rows import most_rows, near_among
    from aisecops.datasets.pieces import columns_at

    roles, rows = data.roles, columns[0].rows
    names = [name for name in data.names if name not in (roles.id, roles.label, roles.split, roles.text)]
    most = most_rows(len(names))
    chosen = drawn(rows, most, np.random.default_rng(ctx.seed))
    if len(names) < 4 or rows < _FEWEST_ROWS:
        return
    pairs = near_among(columns_at(_as_numbers(data.frame, columns), names, chosen))
    if pairs is None:
        return
    again = np.unique(chosen[pairs.right])
    yield Reading(
        name="near-repeated-share",
        value=len(again) / len(chosen),
        unit="share",
        n=len(chosen),
        better=Better.LOWER,
        method="" if rows <= most else f"sample of {most:,} rows by the seed",
    )
    if len(again) >= max(2, _REPEATED * len(chosen)):
        scores[again] = np.maximum(scores[again], 0.9)
        what = f"{len(again):,} of {len(chosen):,} rows are another row with a little noise, the first of them row {again[0]:,} (from 0)."
        yield _told("near-repeated", [], what, Severity.LOW)


def _of_listed_pictures(data: DataSet, ctx: Context) -> Iterator[Weakness]:
    from aisecops.checks.data_set.pictures import listed_files

    files = listed_files(data, ctx)
    named = data.collect(data.frame.select(data.roles.image)).to_series().is_not_null().to_list() if files else []
    lost = [row for row, file in enumerate(files) if named[row] and not file]
    if lost:
        column = inert(data.roles.image, 60)
        those = f"{count_of(len(lost), sum(named), 'picture')} that the table names in `{column}`{agreeing(len(lost), 'is/are')} not there"
        what = f"{those}; the first is in row {lost[0]:,} (from 0)."
        yield _told("no-picture", [data.roles.image], what, Severity.LOW)


def _of_pictures(data: DataSet, ctx: Context) -> Iterator[Result]:
    """Pictures of a folder that stand there twice, and those that cannot be read."""
    from aisecops.checks.data_set.pictures import compared, named, pictures_of

    pictures = pictures_of(data)
    if pictures is None:
        return
    yield from named(pictures)
    pairs = compared(pictures)
    again = sorted({right for _, right, _ in pairs})
    yield Reading(name="rows", value=float(len(pictures.names) + pictures.more), unit="pictures", n=max(1, len(pictures.names)))
    if not pictures.names:
        return
    scores = {right: alike for _, right, alike in pairs}
    attachments = attach_rows(ctx, "data-quality-rows", scores, len(pictures.names)) if scores else ()
    yield Reading(
        name="repeated-share",
        value=len(again) / len(pictures.names),
        unit="share",
        n=len(pictures.names),
        better=Better.LOWER,
        attachments=attachments,
    )
    if again:
        first = next((left, right) for left, right, _ in pairs if right == again[0])
        same = sum(alike == 1.0 for _, _, alike in pairs)
        torn = sum(os.path.dirname(pictures.names[left]) != os.path.dirname(pictures.names[right]) for left, right, _ in pairs)
        labels = f", {torn:,} with two labels" if torn else ""
        what = (
            f"{count_of(len(again), len(pictures.names), 'picture', 'is/are')} another picture, exactly or nearly ({count(same, 'pair')} of the same bytes{labels}): "
            f"{inert(pictures.names[first[1]], 80)} is {inert(pictures.names[first[0]], 80)}."
        )
        yield _told("repeated-pictures", [], what, Severity.LOW)


def _of_schema(data: DataSet, schema: Schema, scores: Scores) -> Iterator[Result]:
    """What the table breaks of a pandera schema; rows that do are noted in ``scores``."""
    import numpy as np

    from aisecops.datasets.pandera_rules import violations

    found, unchecked = violations(data.stored, schema)
    for one in found:
        scores[np.asarray(one.rows, np.int64)] = 1.0
        where = f" in {_rows(one.rows)}" if len(one.rows) else ""
        what = f"`{inert(one.column, 60)}` {inert(one.why, 80)}{where}" if one.column else inert(one.why, 80)
        yield _told(f"schema:{one.why}", [one.column], f"{what}: the schema says otherwise.", Severity.MEDIUM)
    if unchecked:
        listed = _listed([f"`{inert(one.column or 'the table', 40)}`: {inert(one.rule, 60)} ({one.why})" for one in unchecked])
        yield NotExamined(
            code=Code.NO_PARSER, reason=f"rules of the schema that were not looked at: {listed}", remedy="validate with pandera itself, too"
        )


def _rows(rows: Sequence[int] | npt.NDArray[np.int64]) -> str:
    first = f"row {rows[0]:,} (from 0)"
    return f"{count(len(rows), 'row')}, the first of them {first}" if len(rows) > 1 else f"one row, {first}"


def _listed(parts: Sequence[str]) -> str:
    return ", ".join(parts[:_MOST_NAMED]) + (f" and {len(parts) - _MOST_NAMED:,} more" if len(parts) > _MOST_NAMED else "")


_TITLES = {
    "header": "A table without a header",
    "empty": "A data set without rows",
    "missing": "Columns that are mostly missing",
    "constant": "Columns that say nothing",
    "mixed": "Numbers and texts in one column",
    "variants": "One category in several spellings",
    "misspelt": "Categories that seem misspelt",
    "label-missing": "Rows without a label",
    "imbalance": "Classes with very few rows",
    "repeated": "Rows that stand there twice",
    "near-repeated": "Rows that are another row with a little noise",
    "no-picture": "Pictures that are not there",
    "repeated-pictures": "Pictures that stand there twice",
    "unit": "Values in another unit",
    "impossible": "Impossible values",
    "implausible": "Values that cannot be",
    "days": "Days written in several ways",
    "no-day": "Values among days that are none",
    "synonyms": "One category in several words",
    "nothing": "Missing values in several words",
    "damaged": "Damaged texts",
    "key": "Keys that two rows have",
    "swapped": "Cells in the wrong column",
    "twin": "One column under two names",
    "no-preference": "Pairs of the same answer",
    "schema": "The schema is not kept",
}


def _told(kind: str, columns: Sequence[str], message: str, severity: Severity) -> Weakness:
    return Weakness(
        category="data-quality",
        identity=(kind, *columns),
        title=_TITLES[kind.partition(":")[0]],
        message=message,
        severity=severity,
        confidence=Confidence.HIGH if kind.startswith(("impossible", "label", "constant", "empty", "schema")) else Confidence.MEDIUM,
        evidence={"kind": kind.partition(":")[0], "columns": [inert(name, 60) for name in columns[:_MOST_NAMED]]},
        fix=Fix("Mend it where the data comes from; declare what has to hold as `domain` in aisecops.yaml."),
    )
