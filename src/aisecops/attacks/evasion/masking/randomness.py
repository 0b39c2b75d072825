"""The same question twice."""

from __future__ import annotations

import numpy as np

from aisecops.attacks.evasion.masking.asking import Answers, Asker
from aisecops.attacks.evasion.masking.boundary import Crossings
from aisecops.attacks.evasion.masking.symptom import Symptom, Undermined
from aisecops.oracles.oracle import Flags, Floats, Integers

REPEATS = 4
TOLERANCE = 1e-5  # of the largest score: sums in another order, or in another batch, differ by 1e-7 in float32


def repeated(ask: Asker, points: Floats | list[str], first: Answers, rng: np.random.Generator) -> Symptom | None:
    """Ask all points four more times, each time in another order, once in two parts: an answer that depends on its batch is no answer either."""
    changed = np.zeros(len(points), dtype=bool)
    labels_changed, own = 0, ask.labels(points)
    for turn in range(REPEATS):
        order = rng.permutation(len(points))
        again = _in_parts(ask, points, order, parts=2 if turn == 1 and len(points) > 1 else 1)
        changed |= _differs(first[order], again)[np.argsort(order)]
        labels_changed += int(np.count_nonzero(first.labels[order] != again.labels))
        if own is not None and (other := ask.labels(points)) is not None:
            labels_changed += int(np.count_nonzero(own != other))
            changed |= own != other
    return _symptom(changed, labels_changed, "the samples") if changed.any() else None


def at_boundary(ask: Asker, found: Crossings) -> Symptom | None:
    """Ask five times on both sides of each boundary, where the least noise turns labels: what a sample deep in its class hides."""
    points = np.concatenate([found.low, found.high])
    first = ask(points)
    changed, labels_changed = np.zeros(len(points), dtype=bool), 0
    for _ in range(REPEATS):
        again = ask(points)
        changed |= _differs(first, again)
        labels_changed += int(np.count_nonzero(first.labels != again.labels))
    return _symptom(changed, labels_changed, "the boundary points") if changed.any() else None


def _in_parts(ask: Asker, points: Floats | list[str], order: Integers, parts: int) -> Answers:
    answers = [ask(points[part] if isinstance(points, np.ndarray) else [points[i] for i in part]) for part in np.array_split(order, parts)]
    scores = [answer.scores for answer in answers if answer.scores is not None]
    return Answers(labels=np.concatenate([answer.labels for answer in answers]), scores=np.concatenate(scores) if scores else None)


def _differs(one: Answers, two: Answers) -> Flags:
    if one.scores is None or two.scores is None:
        return np.asarray(one.labels != two.labels)
    scale = max(1e-300, float(np.abs(one.scores).max()))
    return np.asarray((np.abs(one.scores - two.scores) > TOLERANCE * scale).any(axis=1))


def _symptom(changed: Flags, labels_changed: int, where: str) -> Symptom:
    share = float(changed.mean())
    return Symptom(
        name="randomness",
        message=f"the same query answered differently at {share:.0%} of {where}",
        evidence=(("share", share), ("points", float(len(changed))), ("labels-changed", float(labels_changed))),
        undermines=(Undermined.SINGLE_EVALUATION,),
        advice="Turn the randomness off, or count an evasion only if it holds in most of many repeats, and attack the average of several answers.",
    )
