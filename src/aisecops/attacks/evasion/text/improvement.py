"""A text that the first plans did not get through: its moves are weighed within the text itself, and better rewritings are looked for."""

from __future__ import annotations

import random
from collections.abc import Sequence

from aisecops.attacks.evasion.text.case import Case, Move, Script, edits_of
from aisecops.attacks.evasion.text.shortening import shorten

_ALTERNATIVES = 2
"""Other rewritings of a place that are tried in a round."""
_DRAWS = 8
"""Plans drawn at random in a round where there are no scores to go by."""


def improve(case: Case, scored: bool, rounds: int, beam: int, seed: int) -> Script:
    """Improve the plan, at most ``rounds`` times, until it evades."""
    rng = random.Random(f"{seed}:{case.text}")  # noqa: S311 - draws edits, no keys
    for turn in range(rounds):
        if case.best is not None or not case.moves:
            return
        if not scored:
            yield from _draw(case, rng, turn)
        elif turn == 0:
            yield from _weigh(case)
        else:
            yield from _replace(case, turn, beam)


def _weigh(case: Case) -> Script:
    """Ask what each place's strongest move does alone within the text, plan anew, and ask about the new plan."""
    rows = list(case.moves.values())
    margins = yield [case.after(row[:1]) for row in rows]
    for row, margin in zip(rows, margins, strict=True):
        row[0] = Move(row[0].edit, case.clean - margin if margin == margin else row[0].gain)
    plan = case.planned(frugal=False)
    if plan and set(edits_of(plan)) != set(edits_of(case.plan)):
        case.plan = plan
        yield from shorten(case, scored=True)


def _replace(case: Case, turn: int, beam: int) -> Script:
    """Ask, within the edited text, what the next rewritings of each place would do there; take the best together, in up to ``beam`` numbers at once."""
    first = 1 + (turn - 1) * _ALTERNATIVES
    rows = {move.edit: row for row in case.moves.values() for move in row}
    wanted = [(at, other) for at, move in enumerate(case.plan) for other in rows[move.edit][first : first + _ALTERNATIVES]]
    states = [_with(case, [(at, other)]) for at, other in wanted]
    margins = yield [case.after(state) for state in states]
    best: dict[int, tuple[float, Move]] = {}
    for (at, other), margin in zip(wanted, margins, strict=True):
        if margin < min(case.reached, best.get(at, (case.reached, other))[0]):
            best[at] = (margin, other)
    ranked = sorted(best, key=lambda at: best[at][0])
    numbers = sorted({max(len(ranked) >> shift, 1) for shift in range(beam)}) if ranked else []
    plans = [case.within(_with(case, [(at, best[at][1]) for at in ranked[:number]])) for number in numbers]
    margins = yield [case.after(plan) for plan in plans]
    for plan, margin in zip(plans, margins, strict=True):
        if margin < 0:
            case.evaded(edits_of(plan))
        if margin < case.reached:
            case.plan, case.reached = plan, margin


def _with(case: Case, changes: Sequence[tuple[int, Move]]) -> tuple[Move, ...]:
    plan = list(case.plan)
    for at, other in changes:
        plan[at] = other
    return tuple(plan)


def _draw(case: Case, rng: random.Random, turn: int) -> Script:
    """Ask about plans that edit every place by one family, then about such in a random order of places with a random rewriting of each."""
    plans = _by_family(case) if turn == 0 else []
    while len(plans) < _DRAWS:
        moves = [rng.choice(row) for row in case.moves.values()]
        rng.shuffle(moves)
        plans.append(case.within(moves))
    margins = yield [case.after(plan) for plan in plans]
    for plan, margin in zip(plans, margins, strict=True):
        if margin < 0:
            case.evaded(edits_of(plan))


def _by_family(case: Case) -> list[tuple[Move, ...]]:
    rows = case.moves.values()
    families = {move.edit.family: None for row in rows for move in row}
    return [case.within([next((move for move in row if move.edit.family is family), row[0]) for row in rows]) for family in families]
