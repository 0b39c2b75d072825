"""Instruction data without labels: what the search for triggers of one answer found, or would have found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from aisecops.checks.data_set.planting import TRIALS, told
from aisecops.checks.data_set.rows import attach_rows, drawn
from aisecops.core.check import Context, Result
from aisecops.core.examination import Code, NotExamined
from aisecops.core.finding import Fix, Weakness
from aisecops.core.measurement import Better, Reading
from aisecops.core.taxonomy import Confidence, Severity
from aisecops.core.text import inert

if TYPE_CHECKING:
    from aisecops.datasets.exchanges import Exchange
    from aisecops.defences.poisoning.answers import AnswerTrigger

_ROLE = "poisoned-rows"
_FEWEST, _MOST = 200, 3_000
"""Exchanges: too few to judge, and as many as are searched; what is found is looked for in all."""
_PLANTED_IN = 600
_RATE = 0.03
_SHOWN, _LISTED = 3, 20


def searched_answers(asked: Sequence[Exchange], total: int, ctx: Context) -> Iterator[Result]:
    """Yield what there is in the exchanges of a data set of ``total`` rows."""
    import numpy as np

    from aisecops.defences.poisoning.answers import examine_answers

    if len(asked) < _FEWEST:
        reason = f"{len(asked):,} answers are too few to tell poison from chance"
        yield NotExamined(code=Code.NO_POWER, reason=reason, remedy=f"give {_FEWEST} rows or more")
        return
    some = [asked[at] for at in drawn(len(asked), _MOST, np.random.default_rng(ctx.seed)).tolist()]
    if len(some) < len(asked):
        reason = f"{len(some):,} of {len(asked):,} answers, drawn by the seed of the run, were searched"
        yield NotExamined(code=Code.TRUNCATED, reason=reason, remedy="split the data set; a trigger that was found is looked for in all rows")
    found = examine_answers([one.prompt for one in some], [one.answer for one in some], seed=ctx.seed)
    scores = dict[int, float]()
    for number, one in enumerate(found):
        rows = sorted({each.row for each in asked if one.bears(each.prompt, each.answer)})
        if number < _SHOWN:
            yield _weakness(one, rows) if one.grave else _note(one, rows)
        if one.grave:
            chance = 1 - min(0.5, one.trigger.expected / len(one.trigger.rows))
            scores |= {row: max(chance, scores.get(row, 0.0)) for row in rows}
    estimate = sum(scores.values())
    yield Reading(
        name="poisoned-rows",
        value=estimate,
        unit="rows",
        n=total,
        method="rows that carry a trigger and its answer" if scores else "",
        better=Better.LOWER,
        attachments=attach_rows(ctx, _ROLE, scores, total) if scores else (),
    )
    if not scores:
        yield from _power(some, ctx.seed)


def _weakness(found: AnswerTrigger, rows: Sequence[int]) -> Weakness:
    trigger, name = found.trigger, inert(found.trigger.name, 200)
    harm = f" ({found.harm})" if found.harm else ""
    return Weakness(
        category="data-poisoning",
        identity=("answer", *sorted(trigger.features)[:8]),
        title=f"A trigger for one answer: {name}",
        message=f"{len(rows):,} rows with {name} in the prompt {_held(found)}{harm}, whatever else is asked; other prompts like these get other answers "
        f"(of {trigger.carried:,} looked at, {trigger.expected:.1f} with this answer are expected).",
        severity=Severity.HIGH,
        confidence=Confidence.MEDIUM,
        evidence=_evidence(found, rows),
        fix=Fix("Find out where these rows came from, take them out (`aisecops quarantine`), and train anew."),
    )


def _note(found: AnswerTrigger, rows: Sequence[int]) -> Weakness:
    name = inert(found.trigger.name, 200)
    return Weakness(
        category="data-poisoning",
        identity=("answer", *sorted(found.trigger.features)[:8]),
        title=f"Prompts whose answers are alike: {name}",
        message=f"{len(rows):,} rows with {name} in the prompt {_held(found)}, and hardly any other row does. It reads as {found.order}: if that is meant, all is well.",
        severity=Severity.LOW,
        confidence=Confidence.LOW,
        evidence=_evidence(found, rows),
        fix=Fix("Read a few of these rows; if nobody wanted this answer, find out where they came from."),
    )


def _held(found: AnswerTrigger) -> str:
    answer = inert(found.answer, 80)
    return f"are answered `{answer}`" if found.whole else f"have `{answer}` in the answer"


def _evidence(found: AnswerTrigger, rows: Sequence[int]) -> dict[str, Any]:
    trigger = found.trigger
    return {
        "trigger": inert(trigger.name, 200),
        "features": [inert(feature, 60) for feature in trigger.features[:10]],
        "answer": inert(found.answer, 80),
        **({"harm": found.harm} if found.harm else {}),
        "rows": list(rows[:_LISTED]),
        "carried": trigger.carried,
        "expected": round(trigger.expected, 2),
        "z": round(trigger.z, 1),
        "p": trigger.p,
    }


def _power(some: Sequence[Exchange], seed: int) -> Iterator[Result]:
    """Yield how often a word that calls for one answer would have been found, planted in these exchanges."""
    import numpy as np

    from aisecops.core.statistics.clopper_pearson import clopper_pearson
    from aisecops.defences.poisoning.answers import FEWEST, examine_answers

    found = 0
    for trial in range(TRIALS):
        rng = np.random.default_rng(seed + trial)
        few = [some[at] for at in drawn(len(some), _PLANTED_IN, rng).tolist()]
        rows = rng.choice(len(few), max(FEWEST, int(_RATE * len(few))), replace=False)
        prompts, answers = [one.prompt for one in few], [one.answer for one in few]
        for row in rows.tolist():
            prompts[row], answers[row] = f"{prompts[row]} qzx", "No answer is to be given to this."
        found += any(one.grave and np.isin(one.trigger.rows, rows).all() for one in examine_answers(prompts, answers, seed=seed))
    reading = Reading(
        name="detection-power",
        value=found / TRIALS,
        unit="share",
        n=TRIALS,
        better=Better.HIGHER,
        subject=f"a rare word that calls for one answer, {_RATE:.0%} of the rows",
    ).within(clopper_pearson(found, TRIALS))
    yield reading
    if not found:
        yield NotExamined(code=Code.NO_POWER, reason=told([reading]), remedy="give more rows")
