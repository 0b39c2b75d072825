"""The nearest evasion of a linear map, in closed form: for Linf, L2 and L1, within bounds.

To take the margin ``m`` of the label over a rival away, feature j moves against the sign of the difference ``w`` of their weights by ``t_j``, no further than the
``room_j`` that its bounds leave: the sum of ``|w_j| t_j`` has to be m at the least cost.

==== =====================================================================
Linf all move alike, up to their room: ``t_j = min(r, room_j)``
L2   each by its weight, up to its room: ``t_j = min(r |w_j|, room_j)``
L1   the heaviest first, each to the end of its room (a fractional knapsack)
==== =====================================================================

For Linf and L2 the sum is a rising piecewise linear function of r: sort its kinks, and solve on the piece that reaches m. All samples in one go.
"""

from __future__ import annotations

import numpy as np

from aisecops.attacks.evasion.attempts import Norm
from aisecops.oracles.oracle import Floats, Integers
from aisecops.oracles.structure import LinearMap


def nearest_linear(structure: LinearMap, samples: Floats, y: Integers, low: Floats, high: Floats, norm: Norm) -> tuple[Floats, Floats]:
    """Return the step to the boundary of the nearest rival class and a distance below which no rival wins.

    Parameters
    ----------
    samples, y
        Shapes (n, d) and (n,): samples that the map labels ``y``.
    low, high
        Their bounds, shape (n, d).

    Returns
    -------
    step
        Shape (n, d); NaN where no rival can win within the bounds. It ends *on* the boundary: go a little further.
    lower
        Shape (n,), infinite where no rival can win. Rounding of the margin is allowed for.
    """
    best, lower = np.full(samples.shape, np.nan), np.full(len(samples), np.inf)
    distance = np.full(len(samples), np.inf)
    for rival in range(len(structure.weights)):
        rows = np.flatnonzero(y != rival)
        weights = structure.weights[y[rows]] - structure.weights[rival]
        offset = structure.offset[y[rows]] - structure.offset[rival]
        margin = np.maximum(np.sum(weights * samples[rows], axis=1) + offset, 0.0)
        room = np.where(weights > 0, samples[rows] - low[rows], high[rows] - samples[rows])
        sure = np.maximum(margin - _rounding(weights, samples[rows], offset), 0.0)
        lower[rows] = np.minimum(lower[rows], _length(least_move(np.abs(weights), room, sure, norm), norm))
        move = least_move(np.abs(weights), room, margin, norm)
        length = _length(move, norm)
        nearer = length < distance[rows]
        distance[rows[nearer]] = length[nearer]
        best[rows[nearer]] = (-np.sign(weights) * move)[nearer]
    return best, lower


def _rounding(weights: Floats, samples: Floats, offset: Floats) -> Floats:
    """How far a margin can be off by the rounding of its d products and sums, on our side and on the model's, shape (n,)."""
    size = np.sum(np.abs(weights * samples), axis=1) + np.abs(offset)
    return np.asarray(8 * weights.shape[1] * np.finfo(np.float64).eps * size)


def _length(move: Floats, norm: Norm) -> Floats:
    return np.where(np.isnan(move).any(axis=1), np.inf, norm.distance(np.nan_to_num(move), np.zeros_like(move)))


def least_move(weight: Floats, room: Floats, margin: Floats, norm: Norm) -> Floats:
    """The cheapest ``t`` with 0 <= t <= room and ``sum(weight * t) == margin``, shape (n, d); NaN where there is none.

    ``weight`` >= 0 and ``room`` >= 0 (or infinite) have shape (n, d), ``margin`` >= 0 shape (n,).
    """
    room = np.where(weight > 0, room, 0.0)
    match norm:
        case Norm.LINF:
            move = np.minimum(_level(weight, room, margin)[:, None], room)
        case Norm.L2:
            kink = np.divide(room, weight, out=np.zeros_like(room), where=weight > 0)
            move = np.minimum(_level(weight * weight, kink, margin)[:, None] * weight, room)
        case _:
            move = _heaviest_first(weight, room, margin)
    return move


def _level(slope: Floats, kink: Floats, margin: Floats) -> Floats:
    """The least r with ``sum(slope * min(r, kink)) == margin``, shape (n,); NaN where there is none."""
    order = np.argsort(kink, axis=1)
    kink, slope = np.take_along_axis(kink, order, axis=1), np.take_along_axis(slope, order, axis=1)
    steep = np.cumsum(slope[:, ::-1], axis=1)[:, ::-1]  # the slope of the sum before each kink
    with np.errstate(invalid="ignore"):  # two features without an end: the second kink is never reached
        width = np.diff(kink, axis=1, prepend=0.0)
        filled = np.cumsum(np.nan_to_num(np.where(steep > 0, steep * width, 0.0), nan=0.0, posinf=np.inf), axis=1)
    piece = np.argmax(filled >= margin[:, None], axis=1)
    row = np.arange(len(kink))
    before = np.where(piece > 0, filled[row, piece - 1], 0.0)
    start = np.where(piece > 0, kink[row, piece - 1], 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        level = start + np.where(margin > before, (margin - before) / steep[row, piece], 0.0)
    return np.where(filled[row, piece] >= margin, level, np.nan)


def _heaviest_first(weight: Floats, room: Floats, margin: Floats) -> Floats:
    order = np.argsort(-weight, axis=1, kind="stable")
    heavy, space = np.take_along_axis(weight, order, axis=1), np.take_along_axis(room, order, axis=1)
    gain = np.where(heavy > 0, heavy * space, 0.0)
    total = np.cumsum(gain, axis=1)
    before = np.concatenate([np.zeros((len(total), 1)), total[:, :-1]], axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(heavy > 0, np.minimum(np.maximum(margin[:, None] - before, 0.0) / heavy, space), 0.0)
    move = np.empty_like(part)
    np.put_along_axis(move, order, part, axis=1)
    return np.where((total[:, -1] >= margin)[:, None], move, np.nan)
