"""Noise that is keyed to the input: the same query has the same answer, but the next number of a float has another one.

A defence that draws its noise from a hash of the input passes for deterministic. But nothing that was trained tells points apart that differ by a millionth of a
column's range: a smooth model moves by its slope, a model made of boxes moves where a threshold lies between, which hardly ever happens.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from aisecops.attacks.evasion.masking.asking import Answers, Asker
from aisecops.attacks.evasion.masking.boundary import Crossings
from aisecops.attacks.evasion.masking.ground import Ground
from aisecops.attacks.evasion.masking.symptom import Symptom, Undermined
from aisecops.oracles.oracle import Flags, Floats

CLOSE, APART = 1e-6, 1e-3
"""Shares of the range: near enough to have one answer; and how far a smooth model moves, to compare with."""
CLUSTER = 4
OFF_SAMPLES = 0.01
"""How far on the way to a random point a cluster lies: a threshold can be at a sample itself."""
TOLERANCE = 1e-5
SMOOTH = 0.1
"""What a smooth model moves over ``CLOSE`` is a thousandth of what it moves over ``APART``; noise moves as much."""
ROUGH = 0.25
TURNED = 2
"""Clusters with two labels in them: a boundary runs through one of 32 in one of some 1,000 diagnoses."""

BESIDE, ACROSS = 1e-4, 4
"""Steps across a boundary, in shares of the way, and how many to either side."""
ADVICE = "Turn the noise off, or attack the average over points around each one: what was found tells about the noise, not about the model."


def keyed_noise(ask: Asker, ground: Ground, points: Floats, rng: np.random.Generator) -> Symptom | None:
    """Ask four points a millionth of the range apart beside each sample, and return the symptom if their answers have nothing to do with each other."""
    free = ground.free & (ground.high > ground.low)
    if not free.any():
        return None
    span = np.where(free, ground.high - ground.low, 0.0)
    anywhere = ground.towards(points, rng.uniform(ground.low, ground.high, points.shape))
    base = ground.on(points, anywhere, np.full((len(points), 1), OFF_SAMPLES))
    steps = rng.uniform(-1.0, 1.0, (CLUSTER, *base.shape)) * span

    def answers(size: float) -> Answers:
        return ask(ground.place((base + size * steps).reshape(-1, base.shape[1]), np.tile(points, (CLUSTER, 1))))

    near = answers(CLOSE)
    turned = int(np.count_nonzero(np.ptp(near.labels.reshape(CLUSTER, -1), axis=0)))
    rough = 0.0 if near.scores is None else float(_rough(near.scores, answers).mean())
    if turned < TURNED and rough < ROUGH:
        return None
    return Symptom(
        name="keyed-noise",
        message=f"points a millionth of the range apart have answers with nothing in common: other labels beside {turned} of {len(points)} samples, "
        f"other scores beside {rough:.0%}",
        evidence=(("labels", turned / len(points)), ("scores", rough), ("clusters", float(len(points)))),
        undermines=(Undermined.ALL,) if turned >= TURNED else (Undermined.SCORE_ATTACKS, Undermined.GRADIENT_ATTACKS),
        advice=ADVICE,
    )


def keyed_at_boundary(ask: Asker, ground: Ground, found: Crossings) -> Symptom | None:
    """Ask nine points in a row across each boundary, and return the symptom if labels go to and fro: where the input is moved, labels alone show it only there."""
    at = np.clip(found.t[:, None] + BESIDE * np.arange(-ACROSS, ACROSS + 1), 0.0, 1.0)
    points = ground.on(found.start[:, None], found.end[:, None], at[:, :, None])
    labels = ask(points.reshape(-1, points.shape[-1])).labels.reshape(at.shape)
    restless = np.count_nonzero(np.diff(labels, axis=1), axis=1) > 1
    if restless.sum() < TURNED or restless.mean() < ROUGH:
        return None
    return Symptom(
        name="keyed-noise",
        message=f"labels go to and fro within a thousandth of the way across {restless.mean():.0%} of the boundaries",
        evidence=(("boundaries", float(len(restless))), ("restless", float(restless.mean()))),
        undermines=(Undermined.ALL,),
        advice=ADVICE,
    )


def _rough(near: Floats, answers: Callable[[float], Answers]) -> Flags:
    """In which clusters scores differ nearly as much as they do a thousand times as far away, shape (n,)."""
    close = _spread(near)
    moved = close > TOLERANCE * max(1e-300, float(np.abs(near).max()))
    if moved.mean() < ROUGH:
        return moved
    far = answers(APART).scores
    assert far is not None
    return np.asarray(moved & (close > SMOOTH * _spread(far)))


def _spread(scores: Floats) -> Floats:
    return np.asarray(np.ptp(scores.reshape(CLUSTER, -1, scores.shape[1]), axis=0).max(axis=1))
