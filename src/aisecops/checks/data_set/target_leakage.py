"""Columns that give the label away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from aisecops.checks.data_set.subject import DataSet
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, Result, check
from aisecops.core.finding import Fix, Weakness
from aisecops.core.measurement import Better, Reading
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat
from aisecops.core.text import inert

if TYPE_CHECKING:
    from aisecops.datasets.giveaway import Giveaway

_FEWEST_ROWS, _FEWEST_OF_CLASS, _MOST_CLASSES = 100, 10, 100
_MOST_ROWS = 200_000
_FEWEST_PERFECT = 20
"""Rows of other classes than the most frequent: a column without one mistake in so many needs no bound."""
_LEVEL = 0.9
"""The share of what guessing leaves wrong that one column must clear up, with confidence, to be told."""


@check(
    id="data-set/target-leakage",
    title="No column gives the label away",
    inputs=(AssetKind.DATA_SET,),
    stage=Stage.DATA,
    threat=Threat.UNRELIABILITY,
    categories=("target-leakage",),
    version=3,
)
def target_leakage(data: DataSet, ctx: Context) -> Iterator[Result]:
    """Find single columns from which the label can be read, though in use they will not be there, or not say it.

    What it finds
        Where a label column is declared, or named like one: columns whose value, or whether there is one at all, tells the class of rows that were not looked at, so
        well that at least 90 % of what guessing gets wrong comes right, with confidence over all columns. Of a label that is a number the class is the tenth that
        it lies in. And columns of texts that hold the name of the row's own class, each in its own words.

    Why it matters
        Such a column is the label in other clothes: filled in after the outcome is known, copied from it, or an identifier that was given class by class. The model
        learns it and nothing else, scores well, and fails in use.

    Example
        ``closed_by_agent`` is only filled in for complaints that turned out to be fraud.

    How to fix
        Ask when the column gets its value. What is not known at the time of the decision must not be learned from.

    Measurements
        ``giveaway`` for the strongest column: how much of what guessing gets wrong it clears up, from 0 to 1.

    Limits
        A column may honestly be that good: the finding asks a question. Leaks through two columns together, through texts that do not name the
        class, and through pictures are not found.

    References
        Kaufman et al., Leakage in data mining (ACM TKDD 2012); Kapoor and Narayanan (Patterns 2023).
    """
    yield from data.examined(lambda: _judged(data))


def _judged(data: DataSet) -> Iterator[Result]:
    from aisecops.datasets.giveaway import giveaways, in_tenths
    from aisecops.datasets.named_classes import class_names_in
    from aisecops.datasets.pieces import every
    from aisecops.datasets.sources import explained

    label = data.roles.label
    if not label:
        return
    schema = data.frame.collect_schema()
    features = [name for name in data.names if name not in (label, data.roles.split) and not schema[name].is_nested()]
    step = max(1, data.rows // _MOST_ROWS)
    with explained(data.location):
        table = every(data.frame, [label, *features], step, data.rows)
    whole, table = table, in_tenths(table, label)
    counts = table[label].drop_nulls().unique_counts()
    if len(table) < _FEWEST_ROWS or not 1 < len(counts) <= _MOST_CLASSES or counts.sort()[-2] < _FEWEST_OF_CLASS:
        return
    for name in class_names_in(whole, label, features):
        yield _named(name, label)
    found = giveaways(table, label, features)
    if not found:
        return
    best = max(found, key=lambda one: one.cleared)
    yield Reading(
        name="giveaway", value=best.cleared, unit="share", n=len(table), better=Better.LOWER, subject=inert(best.column, 60), low=best.low, level=0.95
    )
    for one in found:
        if one.low >= _LEVEL or (one.accuracy == 1.0 and (1 - one.guess) * len(table) >= _FEWEST_PERFECT):
            yield _weakness(one, label, tenths=table is not whole)


def _named(column: str, label: str) -> Weakness:
    return Weakness(
        category="target-leakage",
        identity=(column, label, "named"),
        title="Texts name the label",
        message=f"Texts of `{inert(column, 60)}` hold the class that `{inert(label, 60)}` has, by its name, and hardly ever that of another. Who wrote them, and when?",
        severity=Severity.MEDIUM,
        confidence=Confidence.MEDIUM,
        evidence={"column": inert(column, 60)},
        fix=Fix("Leave the column out, or take out what was written once the outcome was known."),
    )


def _weakness(found: Giveaway, label: str, *, tenths: bool) -> Weakness:
    name, said = inert(found.column, 60), f"`{inert(label, 60)}`"
    said = f"which tenth of {said} a row is in" if tenths else said
    how = f"Whether `{name}` is filled in" if found.by_presence else f"`{name}` alone"
    return Weakness(
        category="target-leakage",
        identity=(found.column, label),
        title="A column gives the label away",
        message=(
            f"{how} tells {said} right in {found.accuracy:.2%} of rows that were not looked at; always guessing the most frequent class is right in "
            f"{found.guess:.2%}. Will it be known when the model has to decide?"
        ),
        severity=Severity.MEDIUM,
        confidence=Confidence.MEDIUM,
        evidence={"column": name, "accuracy": round(found.accuracy, 6), "guess": round(found.guess, 6), "presence": found.by_presence},
        fix=Fix("Leave the column out unless it is known, with this value, at the time of the decision."),
    )
