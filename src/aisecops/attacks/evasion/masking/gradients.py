"""Gradients that point nowhere."""

from __future__ import annotations

import numpy as np

from aisecops.attacks.evasion.masking.symptom import Symptom, Undermined
from aisecops.oracles.oracle import Capability, Floats, Integers, Loss, Oracle

ZERO_SHARE = 0.2
BETTER_SHARE = 0.7
STEP = 0.01


def gradients(oracle: Oracle, samples: Floats, y: Integers, extent: Floats, rng: np.random.Generator) -> list[Symptom]:
    """Return what the gradients of the oracle suffer from, asking 5 times for each sample.

    A step of 1 % of the range along the sign of a useful gradient raises the loss more than the same step in a random direction; almost always.
    """
    if Capability.GRADIENT not in oracle.capabilities:
        return []
    zero = {loss: _zero(oracle.gradient(samples, y, loss)[1]) for loss in (Loss.CROSS_ENTROPY, Loss.MARGIN)}
    if max(zero.values()) >= ZERO_SHARE:
        return [_zero_gradients(zero[Loss.CROSS_ENTROPY], zero[Loss.MARGIN], len(samples))]
    base, slope = oracle.gradient(samples, y, Loss.MARGIN)
    along = oracle.gradient(samples + STEP * extent * np.sign(slope), y, Loss.MARGIN)[0]
    aside = oracle.gradient(samples + STEP * extent * rng.choice((-1.0, 1.0), samples.shape), y, Loss.MARGIN)[0]
    better = float(np.mean((along > aside) & (along > base)))
    return [_useless_gradients(better, len(samples))] if better < BETTER_SHARE else []


def _zero(slope: Floats) -> float:
    """The share of samples whose gradient is 0 or not finite."""
    flat = slope.reshape(len(slope), -1)
    return float(np.mean(~np.isfinite(flat).all(axis=1) | (flat == 0.0).all(axis=1)))


def _zero_gradients(cross_entropy: float, margin: float, n: int) -> Symptom:
    saturated = margin < ZERO_SHARE
    reason = "the cross-entropy is saturated, the margin is not" if saturated else "something in the model stops them"
    elsewhere = "Attack by scores or labels, or a differentiable copy of the model."
    return Symptom(
        name="zero-gradients",
        message=f"the gradient is zero at {max(cross_entropy, margin):.0%} of {n} samples: {reason}",
        evidence=(("cross-entropy", cross_entropy), ("margin", margin), ("samples", float(n))),
        undermines=(Undermined.GRADIENT_ATTACKS,),
        advice="Attack the margin or the difference-of-logits ratio, and by scores or labels beside." if saturated else elsewhere,
    )


def _useless_gradients(better: float, n: int) -> Symptom:
    return Symptom(
        name="useless-gradients",
        message=f"a step along the gradient beats a random step of the same size at {better:.0%} of {n} samples only",
        evidence=(("better", better), ("samples", float(n))),
        undermines=(Undermined.GRADIENT_ATTACKS,),
        advice="Attack by scores or labels, or a differentiable copy of the model.",
    )
