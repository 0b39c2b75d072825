"""From a confirmed trigger to the probability that each row which carries it is poisoned."""

from __future__ import annotations

import math

import msgspec
import numpy as np

from aisecops.defences.poisoning.atoms import FEWEST
from aisecops.defences.poisoning.conjunctions import judged
from aisecops.defences.poisoning.suspicion import Flags, Floats, Integers, Trigger

GATE = math.log(0.002)
"""The logarithm of the chance of a trigger in clean data from which on there is an alarm; several views of chance make it conservative (measured:
``docs/poisoning.md``).
"""
CONTRADICTED = 0.5
"""The share of a trigger's labelled rows that the content must give to other classes: an honest column that content has not understood does not get there."""
SURPLUS = 0.5
"""Of the carriers that need an explanation, the share that must have the label."""
RANGE = (0.02, 0.98)
"""No content is surer than this."""


class Confirmation(msgspec.Struct, frozen=True, kw_only=True):
    """What models that have seen neither the rows nor the trigger say of them."""

    expected: float
    carried: int
    labelled: int
    z: float
    chance: float

    def trigger(self, name: str, features: tuple[str, ...], target: int, rows: Integers) -> Trigger:
        """Return what was confirmed as a trigger of that name for ``target``, on ``rows``."""
        return Trigger(name=name, features=features, target=target, rows=rows, expected=self.expected, carried=self.carried, z=self.z, p=self.chance)


def confirmed(
    q: Floats,
    labelled: Flags,
    correction: float,
    *,
    middle: float | None = None,
    gate: float = GATE,
    effect: float = 1.0,
    surplus: float = SURPLUS,
    ratio: float = 0.0,
) -> Confirmation | None:
    """Return the confirmation of a trigger, or None if content explains its labels.

    Parameters
    ----------
    q
        For the rows that carry it, how likely the label is by models that saw neither them nor it, shape (m,).
    labelled
        Which of them have the label, shape (m,).
    correction
        The logarithm of how many candidates there were.
    middle
        Half-way between what such models say of honest rows with the label and with others. Where given, the mean of ``q`` must be below it: where classes are hard to
        tell apart all ``q`` are near a half, and to count those on either side of it is to toss a coin.
    gate
        The logarithm of the chance from which on there is an alarm.
    effect
        The design effect of the rows, where they are not independent (``members``): they say as little as so many times fewer.
    surplus
        Of the carriers that need an explanation, the share that must have the label.
    ratio
        The logarithm of a likelihood ratio for a stamp, where one is known: without one it exceeds ``a`` with a chance of at most ``1 / a`` (Markov).
    """
    log_p, z = judged(np.ones((1, len(q)), dtype=bool), labelled, q)
    count, expected = int(labelled.sum()), float(q.sum())
    chance = min(float(log_p[0]) / effect, -ratio) + correction
    contradicted = (q[labelled] < 0.5).mean() >= CONTRADICTED if middle is None else count and q[labelled].mean() < middle
    if chance > gate or count < FEWEST or not contradicted or count - expected < surplus * (len(q) - expected):
        return None
    return Confirmation(expected=expected, carried=len(q), labelled=count, z=float(z[0]), chance=min(1.0, math.exp(max(chance, -700.0))))


def probability(q: Floats, labelled: Flags, *, prior: float) -> Floats:
    """Return, for the carriers that have the label, the probability of being poisoned, shape (labelled,).

    Honest carriers have the label as often as their content says: those without it tell how many honest ones there are with it. Content then tells rows apart.
    """
    honest = float((q / (1 - q))[~labelled].sum())
    count = int(labelled.sum())
    odds = (max(count - honest, 0.0) + 0.5) / (min(honest, count) + 0.5)
    posterior = odds * (1 - q[labelled]) / q[labelled] * prior / max(1 - prior, 1e-9)
    return np.asarray(posterior / (1 + posterior))
