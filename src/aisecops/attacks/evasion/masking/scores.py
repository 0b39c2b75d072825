"""Scores that say no more than labels, or not enough more."""

from __future__ import annotations

import numpy as np

from aisecops.attacks.evasion.masking.asking import Answers
from aisecops.attacks.evasion.masking.symptom import Symptom, Undermined
from aisecops.oracles.oracle import Flags, Floats, Integers

SATURATED = 0.95
DUPLICATES = 0.2
DECIMALS = 1000.0
AT_END, DRIVEN = 1e-10, 0.4
INSTEAD = "Attack by labels alone (decision attacks), or ask for the model's logits."


def constant_answers(answers: Answers) -> Symptom | None:
    """One answer, to the last bit, whatever is asked."""
    rows = answers.labels[:, None] if answers.scores is None else answers.scores
    if len(rows) < 2 or not (rows == rows[0]).all():
        return None
    return Symptom(
        name="constant-answers",
        message=f"{len(rows)} different queries had one answer",
        evidence=(("queries", float(len(rows))),),
        undermines=(Undermined.ALL,),
        advice="Look at the model or its input pipeline: nothing can change this answer.",
    )


def inconsistent(answers: Answers, labels: Integers | None) -> Symptom | None:
    """Labels that are often not where the largest score is."""
    if labels is None or answers.scores is None:
        return None
    best = answers.scores.max(axis=1)
    disagree = answers.scores[np.arange(len(labels)), np.clip(labels, 0, answers.scores.shape[1] - 1)] < best
    if disagree.mean() <= 0.2:
        return None
    return Symptom(
        name="inconsistent-scores",
        message=f"the label is not where the largest score is, for {disagree.mean():.0%} of the samples",
        evidence=(("share", float(disagree.mean())), ("samples", float(len(labels)))),
        undermines=(Undermined.SCORE_ATTACKS,),
        advice="A score attack would follow scores that do not decide. " + INSTEAD,
    )


def label_in_disguise(answers: Answers) -> tuple[float, Floats]:
    """Return the share of rows that say no more than the label, and the row that each label has.

    A row says no more if it is the most frequent one of its label, to the last bit, or 0 and 1 alone.
    """
    assert answers.scores is not None
    disguised = ((answers.scores == 0.0) | (answers.scores == 1.0)).all(axis=1)
    usual = []
    for label in np.unique(answers.labels):
        members = answers.labels == label
        rows, counts = np.unique(answers.scores[members], axis=0, return_counts=True)
        usual.append(rows[counts.argmax()])
        disguised[members] |= (answers.scores[members] == usual[-1]).all(axis=1)
    return float(disguised.mean()), np.array(usual)


def driven_to_ends(answers: Answers) -> float:
    """Return the share of rows that are 0 and 1 to ten digits, and yet not 0: logits beyond 23, which a temperature gives and trees hardly add up to."""
    assert answers.scores is not None
    ends = (np.minimum(np.abs(answers.scores), np.abs(answers.scores - 1.0)) <= AT_END).all(axis=1)
    return float(np.mean(ends & ((answers.scores > 0.0) & (answers.scores <= AT_END)).any(axis=1)))


def constant_scores(share: float, queries: int) -> Symptom:
    """The scores say no more than the label."""
    return Symptom(
        name="constant-scores",
        message=f"the scores say no more than the label at {share:.0%} of {queries} points, on both sides of boundaries and between",
        evidence=(("share", share), ("queries", float(queries))),
        undermines=(Undermined.SCORE_ATTACKS, Undermined.GRADIENT_ATTACKS),
        advice=INSTEAD,
    )


def rounded_scores(flat: float, answers: Answers) -> Symptom:
    """Scores do not change over small steps, though the model behind them is not made of boxes."""
    assert answers.scores is not None
    step = coarsest(answers.scores)
    digits = f", in steps of {step:g}" if step else ""
    return Symptom(
        name="rounded-scores",
        message=f"small steps change no score on {flat:.0%} of the boundary's sides, and where they change all columns have a part: scores are rounded{digits}",
        evidence=(("flat-share", flat), ("step", step)),
        undermines=(Undermined.SCORE_ATTACKS,),
        advice=INSTEAD,
    )


def coarsest(scores: Floats) -> float:
    """The coarsest power of ten of which all scores are multiples; 0: none down to 1e-6."""
    for digits in range(1, 7):
        scaled = scores * 10.0**digits
        if np.allclose(scaled, np.rint(scaled), rtol=0.0, atol=1e-7 * 10.0**digits + 1e-9):
            return float(10.0**-digits)
    return 0.0


def rounded_sums(answers: Answers) -> Symptom | None:
    """Probabilities with few digits that do not add up to 1: no model computes these, rounding does."""
    assert answers.scores is not None
    scores = answers.scores
    if scores.shape[1] < 3 or scores.min() < 0.0 or scores.max() > 1.0 or not (step := coarsest(scores)):
        return None
    off = np.abs(scores.sum(axis=1) - 1.0)
    share = float(np.mean(off > step / 2.0))
    if share < 0.05 or off.max() > scores.shape[1] * step:
        return None
    return Symptom(
        name="rounded-scores",
        message=f"scores are multiples of {step:g}, and {share:.0%} of their rows do not add up to 1: they are rounded",
        evidence=(("step", step), ("share", share)),
        undermines=(Undermined.SCORE_ATTACKS,),
        advice=INSTEAD,
    )


def clipped_scores(samples: Answers, seen: Floats, *, smooth: bool) -> Symptom | None:
    """Scores that stop at a bound.

    A smooth model gives no two samples the same scores, unless both are at the ends of what floats can say. Trees do; but their largest and smallest scores are fractions
    of leaves or sums of weights: if both are numbers of three digits while those between are not, a bound was set.
    """
    assert samples.scores is not None
    plateau = _plateaus(samples.scores) if smooth else 0.0
    bounded = _bounded(samples.scores, seen)
    if max(plateau, bounded) == 0.0:
        return None
    return clipped(max(plateau, bounded), float(seen.min()), float(seen.max()))


def clipped(share: float, low: float, high: float) -> Symptom:
    """So many samples are at a bound."""
    return Symptom(
        name="clipped-scores",
        message=f"{share:.0%} of the samples have exactly the same scores as another, between {low:g} and {high:g}: scores are clipped",
        evidence=(("share", share), ("low", low), ("high", high)),
        undermines=(Undermined.SCORE_ATTACKS,),
        advice=INSTEAD,
    )


def bounds(seen: Floats, others: int) -> Floats:
    """What may be bounds: the least and the largest score, where they are numbers of three digits inside (0, 1), with so many others between.

    One alone, if the other end does not reach as far: scores that stop at 0.1 stop at 0.9, too.
    """
    column = seen[:, 1:2] if seen.shape[1] == 2 else seen
    ends = np.array([column.min(), column.max()])
    between = np.unique(column[(column > ends[0]) & (column < ends[1])])
    if len(between) < others or ends[0] <= 1e-6 or ends[1] >= 1.0 - 1e-6:
        return ends[:0]
    bound, reach = _few_digits(ends), np.abs(ends - 0.5)
    return np.asarray(ends[bound & (reach >= reach.max(where=~bound, initial=0.0))])


def _plateaus(scores: Floats) -> float:
    """The share of samples that share their scores with others, if they are many, on two plateaus or at a number of three digits; else 0."""
    rows, counts = np.unique(scores, axis=0, return_counts=True)
    ends = (np.minimum(np.abs(rows), np.abs(rows - 1.0)) <= 1e-6).all(axis=1)
    shared = (counts > 1) & ~ends
    share = float(counts[shared].sum() / len(scores))
    two = np.count_nonzero(shared) > 1 or bool(_few_digits(rows[shared]).all(axis=1).any())
    return share if share >= DUPLICATES and two else 0.0


def _bounded(samples: Floats, seen: Floats) -> float:
    """The share of samples at a bound, if both bounds are numbers of three digits inside (0, 1) and most scores between are not; else 0.

    Votes of a forest are such numbers, too, between as at the ends: there a third of the samples must be at the bounds.
    """
    ends = bounds(seen, 8)
    if not len(ends):
        return 0.0
    column, own = (scores[:, 1:2] if scores.shape[1] == 2 else scores for scores in (seen, samples))
    inside = np.unique(column[(column > column.min()) & (column < column.max())])
    share = float(np.mean(np.isin(own, ends).any(axis=1)))
    return share if share >= (0.33 if _few_digits(inside).mean() > 0.5 else 0.05) else 0.0


def _few_digits(values: Floats) -> Flags:
    return np.asarray(np.abs(values * DECIMALS - np.rint(values * DECIMALS)) <= 1e-7 * DECIMALS * np.maximum(1.0, np.abs(values)))
