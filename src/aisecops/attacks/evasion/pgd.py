"""Projected gradient descent: steps up a loss of the model within a ball around the sample, from several random points.

Every step is projected after the gradient is taken, never inside what is differentiated: a feature that a clip holds at its bound would have no gradient there
and never move. Samples that are beaten leave.

References
----------
Madry et al.: Towards Deep Learning Models Resistant to Adversarial Attacks. ICLR 2018.
"""

from __future__ import annotations

import numpy as np

from aisecops.attacks.evasion.attempts import Attempts, Norm
from aisecops.attacks.evasion.ball import clip, drawn, radius, steepest
from aisecops.attacks.evasion.rounds import Rounds, within
from aisecops.attacks.evasion.space import Space
from aisecops.oracles.oracle import Capability, Floats, Integers, Loss, Oracle, needs

SUSPECT = {Loss.CROSS_ENTROPY: np.log(2.0) - 1e-3, Loss.MARGIN: -1e-3, Loss.DLR: -1e-3, Loss.TARGET: -1e-3}
"""Below this loss a sample is surely not beaten (its label has more than half of the probability, or the largest logit), and its label need not be asked for."""


def pgd(
    oracle: Oracle,
    samples: Floats,
    y: Integers,
    *,
    space: Space,
    norm: Norm = Norm.LINF,
    epsilon: float | None = None,
    queries: int = 1000,
    seed: int = 0,
    starts: Floats | None = None,  # noqa: ARG001 - one signature for all attacks
    target: Integers | None = None,
    loss: Loss = Loss.CROSS_ENTROPY,
    iterations: int = 40,
    restarts: int = 5,
) -> Attempts:
    """Look for an evasion of each sample within ``epsilon`` by Linf or L2, by the gradient of a loss.

    Parameters
    ----------
    oracle
        Answers gradients and labels.
    queries
        The most for each sample, gradients included: a step costs one, and one more when its loss says that the sample may be beaten.
    loss
        What to climb; with ``target`` always the target loss.
    iterations, restarts
        Steps, of 2.5 epsilon in all, from each of so many points: the first is the sample itself, the others are random.
    """
    needs(oracle, Capability.GRADIENT, Capability.LABELS, purpose="the attack pgd")
    within(norm, Norm.LINF, Norm.L2, attack="pgd")
    reach = radius(epsilon, "pgd")
    rounds = Rounds(oracle, samples, y, space=space, norm=norm, queries=queries, target=target, epsilon=epsilon, limit=epsilon)
    wanted = None if rounds.target is None else (Loss.TARGET, rounds.target)
    with rounds.until_spent():
        rng = np.random.default_rng(seed)
        rounds.ask(np.arange(rounds.n), rounds.origin)
        for restart in range(restarts):
            rows = rounds.live()
            points = drawn(rounds, rows, reach, rng) if restart else rounds.origin[rows]
            for step in range(iterations):
                rows, points = remaining(rounds, rows, points)
                if not len(rows):
                    break
                points, _, slope = climb(rounds, rows, points, *(wanted or (loss, None)))
                size = 2.5 * reach / iterations
                points = clip(rounds, rows, points + size * steepest(norm, slope), reach)
                if step == iterations - 1:
                    rounds.ask(rows, points)
    return rounds.attempts()


def remaining(rounds: Rounds, rows: Integers, points: Floats) -> tuple[Integers, Floats]:
    """Return those of ``rows``, and their points, that are still worth a query."""
    stays = np.isin(rows, rounds.live())
    return rows[stays], points[stays]


def climb(rounds: Rounds, rows: Integers, points: Floats, loss: Loss, target: Integers | None) -> tuple[Floats, Floats, Floats]:
    """Return what was asked for ``points``, the loss and its slope there; ask for the labels of those that may be beaten. ``target`` is by sample, (n,)."""
    placed, losses, slope = rounds.gradient(rows, points, loss, None if target is None else target[rows])
    suspect = losses >= SUSPECT[loss]
    if suspect.any():
        rounds.ask(rows[suspect], placed[suspect])
    return placed, losses, slope
