"""Scores of trees on a decimal grid: the votes of 10, 100 or 1,000 trees, which are honest, or sums that were rounded.

Votes add up: where crossing one threshold changes the score by a vote, and crossing another one by a vote, crossing both changes it by both, unless the same tree
asks both. Of a rounded sum one sees only the steps that pass from one multiple to the next; the second step from there, or the size of the same step from elsewhere,
depends on the digits that were cut off. And a threshold is one tree's, or a few trees': a vote, or a few. A rounded sum steps by as much as boosted leaves differ.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec
import numpy as np

from aisecops.attacks.evasion.masking.asking import Asker
from aisecops.attacks.evasion.masking.boundary import Crossings
from aisecops.attacks.evasion.masking.ground import Ground
from aisecops.attacks.evasion.masking.scores import INSTEAD, coarsest
from aisecops.attacks.evasion.masking.symptom import Symptom, Undermined
from aisecops.oracles.oracle import Flags, Floats, Integers

COLUMNS = 5
REACH, CELLS, HALVINGS = 0.25, 8, 6
LEAST = 10
"""Steps and pairs that say anything."""
PLANE = 2
SHARED = 0.11
"""Two steps of so many votes each that the same tree is in both by chance, as their product in trees, say nothing if they do not add up."""
TELLING = 4
"""Different scores that need the last digit: leaves of a small tree are 0.5 or 0.2 by chance."""
UNEVEN, A_TREE, DOUBT = 0.1, 1.5, 0.85
"""The share of pairs that do not add up is at most 0.1 and 1.5 for each tree, for 10 trees a quarter; of n pairs ``DOUBT``/sqrt(n) more. Two trees of 100 ask about
the same place seldom, of ten often. Of 36 forests of 10 to 100 fully grown trees none had more than two thirds of that."""
NONE, FEW, SOME = 0.1, 0.2, 0.5
"""Shares of steps that are a single vote, down to which scores are rounded: in the plane, elsewhere, and where pairs do not add up either."""
ROUNDS, ENOUGH = 3, 120

Carried: TypeAlias = tuple[Crossings, Integers, Flags]
"""Crossings, the column that carries each, and whether it does so alone."""


class Steps(msgspec.Struct, frozen=True):
    """Steps along columns to where the score first changes: from which point, along which column, to which value, and the score there."""

    row: Integers
    column: Integers
    value: Floats
    scores: Floats


def rounded_votes(
    ask: Asker,
    ground: Ground,
    found: Crossings,
    column: Integers,
    alone: Flags,
    seen: Floats,
    further: Callable[[], Carried | None],
    rng: np.random.Generator,
) -> Symptom | None:
    """Return the symptom if scores on a decimal grid are no votes.

    Only columns whose data lie on no lattice are walked: on a lattice many trees share a threshold. So do they in the plane, where sizes of steps are judged only
    if next to none is a single vote. Beside a boundary of a small ensemble there are few steps: as long as these say too little, ``further`` boundaries are
    looked at.

    Parameters
    ----------
    column, alone
        What carries each of the crossings ``found``, and whether it does so alone.
    seen
        Scores so far, shape (n, k).
    further
        Finds other crossings; None: there are none.
    """
    step, smooth = _grid(seen), np.flatnonzero(ground.free & (ground.lattice == 0.0) & (ground.high > ground.low))
    if not step or not len(smooth):
        return None
    single, uneven = np.zeros(0, dtype=bool), np.zeros(0, dtype=bool)
    carried: Carried | None = (found, column, alone)
    for _ in range(ROUNDS):
        if carried is None or not carried[2].any():
            break
        more = _beside(ask, ground, carried, smooth, step, rng)
        single, uneven = np.concatenate([single, more[0]]), np.concatenate([uneven, more[1]])
        if len(uneven) >= ENOUGH or (len(single) >= LEAST and _no_votes(single, uneven, step, plane=len(smooth) <= PLANE)):
            break
        carried = further()
    if len(single) < LEAST or not _no_votes(single, uneven, step, plane=len(smooth) <= PLANE):
        return None
    votes, off = _shares(single, uneven)
    return Symptom(
        name="rounded-scores",
        message=f"scores are multiples of {step:g}, but no votes: {off:.0%} of pairs of steps do not add up, {votes:.0%} of steps are a single multiple",
        evidence=(("step", step), ("uneven", off), ("single", votes)),
        undermines=(Undermined.SCORE_ATTACKS,),
        advice=INSTEAD,
    )


def _shares(single: Flags, uneven: Flags) -> tuple[float, float]:
    """The shares of steps that are a single vote, and of pairs that do not add up; 0 where pairs are too few."""
    return float(single.mean()), float(uneven.mean()) if len(uneven) >= LEAST else 0.0


def _no_votes(single: Flags, uneven: Flags, step: float, *, plane: bool) -> bool:
    votes, off = _shares(single, uneven)
    many = UNEVEN + A_TREE * step
    if off > many + DOUBT / np.sqrt(max(1, len(uneven))):
        return True
    return votes < NONE if plane else votes < FEW or (votes < SOME and off > many)


def _beside(ask: Asker, ground: Ground, carried: Carried, smooth: Integers, step: float, rng: np.random.Generator) -> tuple[Flags, Flags]:
    """Of the steps beside the crossings whether each is a single vote; of their pairs whether each does not add up."""
    found, column, alone = carried
    low, start = found.low[alone], found.start[alone]
    base = _scores(ask, low)
    steps = _steps(ask, ground, low, base, smooth, rng)
    one = np.abs(steps.scores - base[steps.row]).max(axis=1, initial=0.0) < 1.5 * step
    every = _joined(steps, _across(ask, ground, low, start, column[alone], found.high[alone]))
    return one, _uneven(ask, ground, low, start, base, every, step) > 0.5 * step


def _grid(seen: Floats) -> float:
    """The coarsest step of which all scores are multiples, of a power of ten; 0: none, or too few scores tell."""
    step = coarsest(seen)
    if not step:
        return 0.0
    multiples = np.unique(np.rint(seen / step).astype(np.int64))
    step *= int(np.gcd.reduce(multiples))
    return step if _telling(seen, step) >= TELLING else 0.0


def _telling(scores: Floats, step: float) -> int:
    """How many different scores are no multiples of twice or five times the step."""
    multiples = np.unique(np.rint(scores / step).astype(np.int64))
    return int(np.count_nonzero((multiples % 2 != 0) & (multiples % 5 != 0)))


def _steps(ask: Asker, ground: Ground, low: Floats, base: Floats, smooth: Integers, rng: np.random.Generator) -> Steps:
    """From each point along up to 5 columns, either way, to the first visible change."""
    chosen = [rng.permutation(smooth)[:COLUMNS] for _ in low]
    row, along = np.repeat(np.arange(len(low)), [len(columns) for columns in chosen]), np.concatenate(chosen)
    end, each = low[row].copy(), np.arange(len(row))
    reach = REACH * rng.choice((-1.0, 1.0), len(row)) * (ground.high - ground.low)[along]
    end[each, along] = np.clip(end[each, along] + reach, ground.low[along], ground.high[along])
    at = np.arange(1, CELLS + 1) / CELLS
    walked = _scores(ask, ground.on(low[row][:, None], end[:, None], at[None, :, None]).reshape(-1, low.shape[1]))
    changed = (walked.reshape(len(row), CELLS, -1) != base[row][:, None]).any(axis=2)
    kept = changed.any(axis=1)
    row, along, end, first = row[kept], along[kept], end[kept], changed[kept].argmax(axis=1)
    near, far = first / CELLS, (first + 1) / CELLS
    for _ in range(HALVINGS):
        middle = (near + far) / 2.0
        beyond = (_scores(ask, ground.on(low[row], end, middle[:, None])) != base[row]).any(axis=1)
        near, far = np.where(beyond, near, middle), np.where(beyond, middle, far)
    points = ground.on(low[row], end, far[:, None])
    return Steps(row, along, points[np.arange(len(row)), along], _scores(ask, points))


def _uneven(ask: Asker, ground: Ground, low: Floats, start: Floats, base: Floats, steps: Steps, step: float) -> Floats:
    """By how much two steps from one point and both together differ, shape (pairs,), for pairs of steps so small that no tree should be in both."""
    one, two = np.triu_indices(len(steps.row), 1)
    size = np.abs(steps.scores - base[steps.row]).max(axis=1) / step
    apart = (steps.row[one] == steps.row[two]) & (steps.column[one] != steps.column[two]) & (size[one] * size[two] * step <= SHARED)
    one, two = one[apart], two[apart]
    if not len(one):
        return np.zeros(0)
    row = steps.row[one]
    both = _scores(ask, _taken(ground, low, start, row, [(steps.column[which], steps.value[which]) for which in (one, two)]))
    return np.asarray(np.abs(base[row] - steps.scores[one] - steps.scores[two] + both).max(axis=1))


def _across(ask: Asker, ground: Ground, low: Floats, start: Floats, carrier: Integers, high: Floats) -> Steps:
    """The steps across the label's boundary."""
    every = np.arange(len(low))
    value = high[every, carrier]
    return Steps(every, carrier, value, _scores(ask, _taken(ground, low, start, every, [(carrier, value)])))


def _joined(one: Steps, two: Steps) -> Steps:
    return Steps(*(np.concatenate(pair) for pair in zip(msgspec.structs.astuple(one), msgspec.structs.astuple(two), strict=True)))


def _taken(ground: Ground, low: Floats, start: Floats, row: Integers, steps: list[tuple[Integers, Floats]]) -> Floats:
    points = low[row].copy()
    for column, value in steps:
        points[np.arange(len(row)), column] = value
    return ground.place(points, start[row])


def _scores(ask: Asker, points: Floats) -> Floats:
    scores = ask(points).scores
    assert scores is not None
    return scores
