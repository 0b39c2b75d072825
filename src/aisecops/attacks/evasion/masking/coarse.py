"""Scores of so few values that nothing tells whether a small model gives them or a mask.

A forest of ten fully grown trees *is* a grid of tenths, a fully grown tree *is* a winner alone; who rounds the scores of ten nearly pure trees to one digit, sharpens
them by a temperature, or shows only the winner of some small trees, answers as such a model might. An honest model must not be accused. But a score attack gains
as little from the one as from the other: between the steps it sees a plateau.
"""

from __future__ import annotations

import numpy as np

from aisecops.attacks.evasion.masking.scores import INSTEAD
from aisecops.attacks.evasion.masking.symptom import Symptom, Undermined
from aisecops.oracles.oracle import Floats

LEVELS = 21
"""Values of a class's score in all answers: the votes of twenty trees, steps of 0.05."""
ENOUGH = 200
"""Answers, on both sides of boundaries among them, that would show more of them."""
END = 1e-10
AT_ENDS = 0.6
"""Share of answers that are 0 and 1 to ten digits, from which on scores tell a way for fewer samples than not."""


def coarse_scores(seen: Floats) -> Symptom | None:
    """Return the symptom if ``seen``, all scores so far of a model made of boxes, shape (n, k), take too few values."""
    if len(seen) < ENOUGH:
        return None
    levels = max(len(np.unique(column)) for column in seen.T)
    ends = float((np.minimum(np.abs(seen), np.abs(seen - 1.0)) <= END).all(axis=1).mean())
    if levels > LEVELS and ends < AT_ENDS:
        return None
    what = f"take {levels} values in {len(seen)} answers" if levels <= LEVELS else f"are 0 and 1 in {ends:.0%} of {len(seen)} answers"
    return Symptom(
        name="coarse-scores",
        message=f"scores {what}: those of a small model, or rounded, sharpened or cut to the winner; which of these, no question tells",
        evidence=(("levels", float(levels)), ("at-ends", ends), ("answers", float(len(seen)))),
        undermines=(Undermined.SCORE_ATTACKS,),
        advice=INSTEAD + " Or give the model's file: a structure that can be read settles it.",
        certain=False,
    )
