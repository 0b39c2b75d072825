"""A first evasion for each sample: the sample itself, a sample of another class, or noise, moved along the line to the sample until just before it flips back."""

from __future__ import annotations

import numpy as np

from aisecops.attacks.evasion.attempts import Norm
from aisecops.attacks.evasion.rounds import MEMORY, Rounds
from aisecops.core.errors import UserError
from aisecops.oracles.oracle import Floats, Integers

NEAREST = 4
"""Starts that are walked from; if all of them fail, twice as many more."""

MOST = 1000
"""Starts that are looked at, where memory allows."""


def begin(rounds: Rounds, starts: Floats | None, rng: np.random.Generator, *, steps: int = 7) -> None:
    """Find a first evasion of each sample and walk it to the boundary.

    A sample that the model gets wrong already is an evasion of distance 0, after one query. The other samples serve as starts, too: their labels are known then.
    Those of ``starts`` (the more, the nearer) are asked for once for all. Where no start of another class stays an evasion in the space, noise is tried, for a
    quarter of the budget.
    """
    most = min(MOST, max(20, MEMORY // max(1, rounds.origin.shape[1])))
    pool, labels = drawn(rounds.samples.reshape(rounds.origin.shape), rounds.answers(np.arange(rounds.n), rounds.origin)[1], most, rng)
    if starts is not None and len(starts) and len(rounds.live()):
        flat = checked_starts(starts, rounds).reshape(len(starts), -1)
        flat, _ = drawn(flat, np.zeros(len(flat), dtype=np.int64), min(most, max(1, rounds.n * rounds.queries // 20)), rng)
        pool, labels = np.concatenate([pool, flat]), np.concatenate([labels, rounds.survey(flat)])
    from_pool(rounds, pool, labels, steps)
    from_noise(rounds, rng, steps)


def drawn(points: Floats, labels: Integers, most: int, rng: np.random.Generator) -> tuple[Floats, Integers]:
    """Return at most so many of the points and their labels."""
    if len(points) <= most:
        return points, labels
    chosen = rng.choice(len(points), most, replace=False)
    return points[chosen], labels[chosen]


def checked_starts(starts: Floats, rounds: Rounds) -> Floats:
    """Return ``starts`` as an array of samples.

    Raises
    ------
    UserError
        They are not shaped as the samples are.
    """
    starts = np.asarray(starts, dtype=np.float64)
    if starts.shape[1:] != rounds.shape[1:]:
        raise UserError(f"starts are of shape {starts.shape[1:]} each, samples of {rounds.shape[1:]}")
    return starts


def from_pool(rounds: Rounds, pool: Floats, labels: Integers, steps: int) -> None:
    """Walk from the nearest points of other classes, in turn."""
    distance = squared(rounds.origin, np.nan_to_num(pool))
    distance[~rounds.evading(np.arange(rounds.n)[:, None], labels[None, :])] = np.inf
    order = np.argsort(distance, axis=1, kind="stable")[:, : 3 * NEAREST]
    for place, choice in enumerate(order.T):
        rows = rounds.live()
        if place >= NEAREST:
            rows = rows[~rounds.found[rows]]
        rows = rows[np.isfinite(distance[rows, choice[rows]])]
        chosen = pool[choice[rows]]
        walk(rounds, rows, np.where(np.isnan(chosen), rounds.origin[rows], chosen), steps)


def squared(a: Floats, b: Floats) -> Floats:
    """Return the squared Euclidean distances of all rows of ``a`` to all of ``b``, shape (len(a), len(b))."""
    return np.asarray((a * a).sum(axis=1)[:, None] - 2 * a @ b.T + (b * b).sum(axis=1)[None, :])


def from_noise(rounds: Rounds, rng: np.random.Generator, steps: int, *, tries: int = 5) -> None:
    """Walk from noise: uniform in the box where it is bounded, its corners every other time; where it is not, Gaussian and ever wider."""
    bounded = np.isfinite(rounds.high - rounds.low)
    low, high = np.where(bounded, rounds.low, 0.0), np.where(bounded, rounds.high, 0.0)
    for turn in range(max(1, rounds.queries // 4 // tries)):
        rows = rounds.live()
        rows = np.repeat(rows[~rounds.found[rows]], tries)
        if not len(rows):
            return
        uniform = low[rows] + rng.random((len(rows), low.shape[1])) * (high[rows] - low[rows])
        if turn % 2:
            uniform = np.where(uniform - low[rows] < high[rows] - uniform, low[rows], high[rows])
        wide = rounds.origin[rows] + 2.0 ** (turn % 8) * rounds.scale[rows] * rng.standard_normal(uniform.shape)
        points = np.where(rounds.free[rows], np.where(bounded[rows], uniform, wide), rounds.origin[rows])
        rounds.ask(rows, points)
        found = np.unique(rows)[rounds.found[np.unique(rows)]]
        walk(rounds, found, rounds.points[found], steps, known=True)


def walk(rounds: Rounds, rows: Integers, outer: Floats, steps: int, *, near: float = 0.0, known: bool = False) -> None:
    """Bisect between the samples ``rows`` and ``outer``, no farther than their best evasion.

    ``near`` is the share of the way that is not worth asking about; ``known``: that ``outer`` evades need not be asked.
    """
    span = rounds.norm.distance(outer, rounds.origin[rows])
    far = np.minimum(1.0, np.divide(rounds.distance[rows], span, out=np.ones_like(span), where=span > 0))
    if not known and len(rows):
        _, evades = rounds.ask(rows, between(rounds, rows, outer, far))
        rows, outer, far = rows[evades], outer[evades], far[evades]
    close = np.full(len(rows), near)
    for _ in range(steps if len(rows) else 0):
        middle = (close + far) / 2
        _, evades = rounds.ask(rows, between(rounds, rows, outer, middle))
        close, far = np.where(evades, close, middle), np.where(evades, middle, far)


def between(rounds: Rounds, rows: Integers, outer: Floats, share: Floats) -> Floats:
    """Return the point at that share of the distance from sample to ``outer``: on the line; for Linf ``outer`` clipped to the ball, which keeps small changes."""
    change = outer - rounds.origin[rows]
    if rounds.norm is Norm.LINF:
        radius = (share * np.abs(change).max(axis=1, initial=0.0))[:, None]
        return rounds.origin[rows] + np.clip(change, -radius, radius)
    return rounds.origin[rows] + share[:, None] * change
