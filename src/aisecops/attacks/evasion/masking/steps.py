"""Inputs that are rounded before the model sees them.

Trees are constant between thresholds, too. But a tree ensemble's thresholds lie where its training data put them: irregularly, or, where the data lie on a
lattice (integers, grey levels), on it or halfway between its points. A quantiser's lie at equal distances of its own. So each threshold that lies on a grid is
evidence for a quantiser, in bits: log2 of how unlikely that is by chance, which is little where the data's lattice explains it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np

from aisecops.attacks.evasion.masking.asking import Asker
from aisecops.attacks.evasion.masking.boundary import Crossings
from aisecops.attacks.evasion.masking.ground import Ground
from aisecops.attacks.evasion.masking.symptom import Symptom, Undermined
from aisecops.oracles.oracle import Flags, Floats, Integers

Threshold: TypeAlias = tuple[int, float]
"""A column and a value."""
LINES = 6
CELLS = 64
JUMPS = 8
HALVINGS = 10  # a jump is found to 1/64 * 2^-10 of the range
REGULAR = 0.05
ON_GRID = 0.02
EXACT = 1e-3
BITS = 18.0
RAW_STEPS = (1.0, 0.5, 0.25, 0.2, 0.125, 0.1, 0.05, 0.02, 0.01)
LEVELS = (*range(2, 65), 99, 100, 127, 128)


def crossed(found: Crossings, column: Integers, alone: Flags) -> list[Threshold]:
    """The thresholds at which crossings change the label."""
    return [(int(j), float((a[j] + b[j]) / 2.0)) for j, a, b in zip(column[alone], found.low[alone], found.high[alone], strict=True)]


def quantised_input(
    ask: Asker, ground: Ground, found: Crossings, column: Integers, alone: Flags, known: list[Threshold], rng: np.random.Generator
) -> Symptom | None:
    """Return the symptom if the thresholds that are ``known``, and those along a few lines, are those of a quantiser."""
    lines = _lines(ask, ground, found.low[alone], column[alone], rng) if ask.with_scores else []
    step = _regular(ground, lines) or _common_grid(ground, known + [(j, z) for j, line in lines for z in line])
    if not step:
        return None
    return Symptom(
        name="quantised-input",
        message=f"the answer changes only at equally spaced values of the input, {step:.2g} of the range apart: smaller steps change nothing",
        evidence=(("step", step), ("thresholds", float(len(known) + sum(len(line) for _, line in lines)))),
        undermines=(Undermined.GRADIENT_ATTACKS, Undermined.SCORE_ATTACKS),
        advice="Attack with steps of at least the quantum, by labels alone, or the model behind the quantiser.",
    )


def undecided(ground: Ground, known: list[Threshold]) -> bool:
    """Whether all thresholds ``known`` lie on some grid, so that more of them would tell."""
    columns, values = _distinct(ground, known)
    return any(np.all(np.abs(place - np.rint(place)) <= ON_GRID) for place, _ in _grids(ground, columns, values))


def _lines(ask: Asker, ground: Ground, base: Floats, column: Integers, rng: np.random.Generator) -> list[tuple[int, Floats]]:
    """Walk along up to 6 columns through boundary points, first those that carry a crossing, and return where the scores jump: up to 8 neighbouring jumps of each."""
    carriers, first = np.unique(column, return_index=True)
    others = rng.permutation(np.setdiff1d(np.flatnonzero(ground.free & (ground.high > ground.low)), carriers))
    chosen = rng.permutation(len(first))[:LINES]
    columns = np.concatenate([carriers[chosen], others[: LINES - len(chosen)]])
    rows = np.concatenate([first[chosen], rng.integers(0, len(base), len(columns) - len(chosen))])
    at = np.linspace(0.0, 1.0, CELLS + 1)
    start, end = base[rows].copy(), base[rows].copy()
    every = np.arange(len(rows))
    start[every, columns], end[every, columns] = ground.low[columns], ground.high[columns]
    answers = ask(ground.on(start[:, None], end[:, None], at[None, :, None]).reshape(-1, base.shape[1])).scores
    assert answers is not None
    changes = (np.diff(answers.reshape(len(rows), CELLS + 1, -1), axis=1) != 0.0).any(axis=2)
    line, cell = _neighbouring(changes, rng)
    if not len(line):
        return []
    before = answers.reshape(len(rows), CELLS + 1, -1)[line, cell]
    low, high = at[cell], at[cell + 1]
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        scores = ask(ground.on(start[line], end[line], middle[:, None])).scores
        assert scores is not None
        changed = (scores != before).any(axis=1)
        low, high = np.where(changed, low, middle), np.where(changed, middle, high)
    z = (1.0 - (low + high) / 2.0) * ground.low[columns[line]] + (low + high) / 2.0 * ground.high[columns[line]]
    return [(int(columns[i]), z[line == i]) for i in every if (line == i).any()]


def _neighbouring(changes: Flags, rng: np.random.Generator) -> tuple[Integers, Integers]:
    """(line, cell) of up to 8 changes of each line, one after the other from a random one on."""
    chosen = []
    for i, row in enumerate(changes):
        cells = np.flatnonzero(row)
        begin = int(rng.integers(0, max(1, len(cells) - JUMPS + 1)))
        chosen += [(i, cell) for cell in cells[begin : begin + JUMPS]]
    pairs = np.array(chosen, dtype=np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _regular(ground: Ground, lines: list[tuple[int, Floats]]) -> float:
    """The step, in shares of the range, if the jumps on most lines are whole multiples of one distance apart, and not where the data's lattice is; else 0."""
    steps, judged, evidence = [], 0, 0
    for j, z in lines:
        if len(z) < 3 or _on_lattice(ground, np.full(len(z), j), z).mean() > 0.5:
            continue
        judged += 1
        gaps = np.diff(np.sort(z))
        step = float(gaps.min())
        ratios = gaps / step if step > 0 else np.array([0.5])
        if np.all(np.abs(ratios - np.rint(ratios)) <= REGULAR * np.maximum(1.0, ratios / 4.0)):
            evidence += len(gaps) - 1
            steps.append(step / (ground.high[j] - ground.low[j]))
    return float(np.median(steps)) if evidence >= 6 and len(steps) >= 0.8 * judged else 0.0


def _on_lattice(ground: Ground, columns: Integers, values: Floats) -> Flags:
    """Whether each threshold lies on the lattice of its column's data, or halfway between two of its points."""
    lattice = ground.lattice[columns]
    coarse = np.isfinite(lattice) & (lattice > 0.0)
    halves = 2.0 * (values - ground.origin[columns]) / np.where(coarse, lattice, 1.0)
    return np.asarray(np.isinf(lattice) | (coarse & (np.abs(halves - np.rint(halves)) <= 2.0 * ON_GRID)))


def _common_grid(ground: Ground, thresholds: list[Threshold]) -> float:
    """The step, in shares of the range, of the coarsest grid on which nearly all ``thresholds`` (column, value) lie, over all columns; 0: none."""
    columns, values = _distinct(ground, thresholds)
    if len(values) < 4:
        return 0.0
    span, explained = ground.high[columns] - ground.low[columns], _on_lattice(ground, columns, values)
    for place, width in _grids(ground, columns, values):
        within = width <= span  # where a single step spans a column, all of its thresholds are near the same point
        if within.sum() < 4 or within.mean() < 0.5:
            continue
        on = within & (np.abs(place - np.rint(place)) <= ON_GRID)
        chance = np.where(explained, ground.lattice[columns] / width, 2.0 * ON_GRID)
        bits = -np.log2(np.clip(chance[on], 1e-3, 1.0)).sum()
        if (
            on.sum() >= 0.9 * within.sum()
            and bits >= BITS
            and (np.ptp(np.rint(place[on])) > 0 or _exactly(place[on], values[on]))
            and _several(values[on])
        ):
            return float(np.median(width / span))
    return 0.0


def _distinct(ground: Ground, thresholds: list[Threshold]) -> tuple[Integers, Floats]:
    """The thresholds, each once, though it was found in several places: by column, at least 1e-4 of the range apart."""
    ordered = sorted(thresholds)
    columns, values = np.array([j for j, _ in ordered], dtype=np.int64), np.array([z for _, z in ordered], dtype=np.float64)
    if not len(values):
        return columns, values
    near = (np.diff(columns) == 0) & (np.diff(values) <= 1e-4 * (ground.high - ground.low)[columns[1:]])
    kept = np.concatenate([[True], ~near])
    return columns[kept], values[kept]


def _exactly(place: Floats, values: Floats) -> bool:
    """Whether thresholds that are all at the same step of their columns are so to a thousandth, at four values: chance does not put them all in the very middle."""
    apart = np.diff(np.sort(values)) > 1e-3 * np.abs(values).max()
    return bool(np.all(np.abs(place - np.rint(place)) <= EXACT) and np.count_nonzero(apart) >= 3)


def _several(values: Floats) -> bool:
    """Whether there is more than one: naive Bayes on binarised columns has one threshold for all of them, and is honest."""
    return bool(np.ptp(values) > 1e-3 * np.abs(values).max())


def _grids(ground: Ground, columns: Integers, values: Floats) -> Iterator[tuple[Floats, Floats]]:
    """Grids to try, thresholds on their points or halfway between, as (place in steps, width of a step): 3 to 129 levels, then round numbers."""
    span = ground.high[columns] - ground.low[columns]
    for offset in (0.5, 0.0):
        for levels in LEVELS:
            yield (values - ground.low[columns]) / span * levels + offset, span / levels
        for step in RAW_STEPS:
            yield values / step + offset, np.full(len(values), step)
