"""Auto-PGD: projected gradient ascent with momentum whose step halves when progress stalls, without anything to tune.

``apgd_ce`` climbs the cross-entropy; ``apgd_t`` climbs, class after class, the logit of one other class over that of the label. The original's targeted loss
divides this by a gap of logits; the steps of both go by the sign or direction of the slope alone, and ours are computed in float64, so that a model that scales
its logits up hides nothing. On a plain defended network the two find all that the four attacks of AutoAttack find.

References
----------
Croce, Hein: Reliable evaluation of adversarial robustness with an ensemble of diverse parameter-free attacks. ICML 2020.
"""

from __future__ import annotations

import numpy as np

from aisecops.attacks.evasion.attempts import Attempts, Norm
from aisecops.attacks.evasion.ball import clip, drawn, radius, steepest
from aisecops.attacks.evasion.pgd import climb
from aisecops.attacks.evasion.rounds import Rounds, within
from aisecops.attacks.evasion.space import Space
from aisecops.oracles.oracle import Capability, Flags, Floats, Integers, Loss, Oracle, needs

MOMENTUM, PROGRESS = 0.75, 0.75
"""The weight of the new step beside the last one; the share of steps that has to raise the loss (both from the paper)."""

TARGETS = 9
"""Classes tried by ``apgd_t``: those nearest to winning."""


def apgd_ce(
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
    iterations: int = 100,
    restarts: int = 1,
) -> Attempts:
    """Look for an evasion of each sample within ``epsilon`` by Linf or L2, up the cross-entropy (with ``target``: up the target's logit); as ``pgd``."""
    rounds, reach = opened(oracle, samples, y, space, norm, epsilon, queries, target, "apgd-ce")
    loss = Loss.CROSS_ENTROPY if target is None else Loss.TARGET
    with rounds.until_spent():
        rng = np.random.default_rng(seed)
        rounds.ask(np.arange(rounds.n), rounds.origin)
        for _ in range(restarts):
            ascend(rounds, reach, loss, rounds.target, iterations, rng)
    return rounds.attempts()


def apgd_t(
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
    iterations: int = 100,
) -> Attempts:
    """Look for an evasion of each sample within ``epsilon`` by Linf or L2, towards each of the nine nearest other classes in turn; as ``pgd``.

    The queries are shared out among the classes.
    """
    rounds, reach = opened(oracle, samples, y, space, norm, epsilon, queries, target, "apgd-t")
    with rounds.until_spent():
        rng = np.random.default_rng(seed)
        rounds.ask(np.arange(rounds.n), rounds.origin)
        classes = nearest_classes(rounds) if rounds.target is None else rounds.target[:, None]
        steps = max(1, min(iterations, (rounds.queries - 1) // max(1, classes.shape[1]) - 1))
        for aim in classes.T:
            ascend(rounds, reach, Loss.TARGET, aim, steps, rng)
    return rounds.attempts()


def opened(
    oracle: Oracle,
    samples: Floats,
    y: Integers,
    space: Space,
    norm: Norm,
    epsilon: float | None,
    queries: int,
    target: Integers | None,
    attack: str,
) -> tuple[Rounds, float]:
    """Return the account of an attack by gradients, and the radius of its ball; or refuse."""
    needs(oracle, Capability.GRADIENT, Capability.LABELS, purpose=f"the attack {attack}")
    within(norm, Norm.LINF, Norm.L2, attack=attack)
    reach = radius(epsilon, attack)
    return Rounds(oracle, samples, y, space=space, norm=norm, queries=queries, target=target, epsilon=epsilon, limit=epsilon), reach


def nearest_classes(rounds: Rounds) -> Integers:
    """Return for each sample the classes other than its label, the likeliest first, shape (n, at most nine); one gradient query for each class."""
    k, rows = len(rounds.oracle.classes), rounds.live()
    lead = np.full((rounds.n, k), -np.inf)
    for aim in range(k):
        others = rows[rounds.y[rows] != aim]
        if k > 2 and len(others):
            lead[others, aim] = rounds.gradient(others, rounds.origin[others], Loss.TARGET, np.full(len(others), aim))[1]
    lead[np.arange(rounds.n), rounds.y] = -np.inf
    order = np.argsort(-lead, axis=1, kind="stable")
    others = order[order != rounds.y[:, None]].reshape(rounds.n, k - 1)
    return np.asarray(others[:, :TARGETS], dtype=np.int64)


def ascend(rounds: Rounds, reach: float, loss: Loss, target: Integers | None, iterations: int, rng: np.random.Generator) -> None:
    """Run Auto-PGD once from random points, on the samples that are live."""
    rows = rounds.live()
    if not len(rows):
        return
    state = Ascent(rounds, rows, drawn(rounds, rows, reach, rng), reach)
    marks = checkpoints(iterations)
    for step in range(iterations):
        stays = np.isin(state.rows, rounds.live())
        if not stays.any():
            return
        if not stays.all():
            state.keep(stays)
        placed, losses, slope = climb(rounds, state.rows, state.points, loss, target)
        state.note(placed, losses, slope)
        if step in marks:
            state.judge(step - marks[step])
        state.move(first=step == 0)
    stays = np.isin(state.rows, rounds.live())
    rounds.ask(state.rows[stays], state.points[stays])


def checkpoints(iterations: int) -> dict[int, int]:
    """Return the steps at which progress is judged, each with the one before (the paper's schedule: ever closer, at least 6 % apart)."""
    shares, marks = [0.0, 0.22], {}
    while shares[-1] < 1:
        marks[int(np.ceil(shares[-1] * iterations))] = int(np.ceil(shares[-2] * iterations))
        shares.append(shares[-1] + max(shares[-1] - shares[-2] - 0.03, 0.06))
    return {mark: before for mark, before in marks.items() if mark > before}


class Ascent:
    """Where each of m samples is, was, and was best; its step and progress."""

    def __init__(self, rounds: Rounds, rows: Integers, points: Floats, reach: float) -> None:
        self.rounds, self.rows, self.points, self.reach = rounds, rows, points, reach
        self.before = points.copy()
        self.best, self.best_slope = points.copy(), np.zeros_like(points)
        self.best_loss, self.last_loss = np.full(len(rows), -np.inf), np.full(len(rows), -np.inf)
        self.slope = np.zeros_like(points)
        self.size = np.full(len(rows), 2 * reach)
        self.raised = np.zeros(len(rows), dtype=np.int64)
        self.best_then, self.halved = np.full(len(rows), -np.inf), np.ones(len(rows), dtype=bool)

    def keep(self, stays: Flags) -> None:
        """Forget the samples that are done with."""
        for name, value in vars(self).items():
            if isinstance(value, np.ndarray):
                setattr(self, name, value[stays])

    def note(self, points: Floats, losses: Floats, slope: Floats) -> None:
        """Take in the loss and slope at the present points."""
        self.points, self.slope = points, slope
        self.raised += losses > self.last_loss
        self.last_loss = losses
        better = losses > self.best_loss
        self.best[better], self.best_slope[better], self.best_loss[better] = points[better], slope[better], losses[better]

    def judge(self, steps: int) -> None:
        """Halve the step, and go back to the best point, where too few of the last steps raised the loss or nothing has changed since the last halving."""
        stalled = (self.raised < PROGRESS * steps) | (~self.halved & (self.best_loss <= self.best_then))
        self.size[stalled] /= 2
        self.points[stalled], self.slope[stalled], self.last_loss[stalled] = self.best[stalled], self.best_slope[stalled], self.best_loss[stalled]
        self.before[stalled] = self.best[stalled]
        self.raised[:], self.best_then, self.halved = 0, self.best_loss.copy(), stalled

    def move(self, *, first: bool) -> None:
        """Step: up the slope, and on along the last step."""
        rounds, rows = self.rounds, self.rows
        ahead = clip(rounds, rows, self.points + self.size[:, None] * steepest(rounds.norm, self.slope), self.reach)
        weight = 1.0 if first else MOMENTUM
        blended = self.points + weight * (ahead - self.points) + (1 - weight) * (self.points - self.before)
        self.before, self.points = self.points, clip(rounds, rows, blended, self.reach)
