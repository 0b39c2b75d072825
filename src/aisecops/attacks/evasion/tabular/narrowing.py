"""Making an evasion cheaper, systematically: units go back to the sample where they can, then as near to it as they can."""

from __future__ import annotations

import numpy as np

from aisecops.attacks.evasion.tabular.search import Search
from aisecops.oracles.oracle import Flags, Floats, Integers

_FRACTIONS = np.arange(1, 8) / 8
_PASSES = 4
_BLOCKS = 12
_BLOCK_ROUNDS = 8


def narrow(search: Search, stale: Integers | None = None) -> None:
    """Bring the best evasions of the rows (all that have one) nearer: along the line, by whole units, by parts of units."""
    rows = search.started() if stale is None else np.intersect1d(stale, search.started())
    shorten(search, rows, np.ones((len(rows), search.units), dtype=np.bool_))
    for _ in range(_PASSES):
        rows = np.intersect1d(rows, search.started())
        before = search.distance[rows].copy()
        put_back(search, rows)
        shrink(search, rows)
        rows = rows[search.distance[rows] < before * 0.999]
        if not len(rows):
            return


def shorten(search: Search, rows: Integers, units: Flags, *, rounds: int = 2) -> None:
    """Move some units of the best evasions towards the sample: eight steps between what is known to evade and what is not, again within the step found."""
    near, far = np.zeros(len(rows)), np.ones(len(rows))
    start = search.points[rows].copy()
    columns = search.columns(units)
    for _ in range(rounds):
        share = near[:, None] + (far - near)[:, None] * _FRACTIONS
        index = np.repeat(np.arange(len(rows)), len(_FRACTIONS))
        origin = search.origin[rows[index]]
        points = np.where(columns[index], origin + share.reshape(-1, 1) * (start[index] - origin), start[index])
        evades = search.try_out(rows[index], points).reshape(len(rows), len(_FRACTIONS))
        best = np.where(evades.any(axis=1), evades.argmax(axis=1), len(_FRACTIONS))
        steps = np.column_stack((near, share, far))
        here = np.arange(len(rows))
        near, far = steps[here, best], steps[here, best + 1]


def put_back(search: Search, rows: Integers) -> None:
    """Put changed units back: of rows with many a twelfth at a time, drawn at random, as long as that pays; then each by itself."""
    rng = np.random.default_rng(len(rows))
    for _ in range(_BLOCK_ROUNDS):
        changed = search.changed(rows, search.points[rows])
        many = changed.sum(axis=1) > 2 * _BLOCKS
        rows_left, before = rows[many], search.distance[rows[many]].copy()
        if not len(rows_left):
            break
        _put_blocks_back(search, rows_left, np.where(changed[many], rng.integers(_BLOCKS, size=changed[many].shape), -1))
        if np.all(search.distance[rows_left] > 0.9 * before):
            break
    changed = search.changed(rows, search.points[rows])
    _put_blocks_back(search, rows, np.where(changed, np.cumsum(changed, axis=1) - 1, -1))


def _put_blocks_back(search: Search, rows: Integers, block: Integers) -> None:
    """Ask about each best evasion with one block of units put back, then with several of those at once that could go alone; ``block`` has shape (m, units)."""
    points = search.points[rows].copy()
    present = np.zeros((len(rows), int(block.max(initial=-1)) + 1), dtype=np.bool_)
    held, unit = np.nonzero(block >= 0)
    present[held, block[held, unit]] = True
    which, number = np.nonzero(present)
    proposals = np.where(search.columns(block[which] == number[:, None]), search.origin[rows[which]], points[which])
    saved = search.distance[rows[which]] - _cost(search, rows[which], proposals)
    evades = search.try_out(rows[which], proposals)
    gain = np.full(present.shape, -np.inf)
    gain[which[evades], number[evades]] = saved[evades]
    rank = np.argsort(np.argsort(-gain, axis=1, kind="stable"), axis=1, kind="stable")
    possible = np.isfinite(gain)
    for size in _sizes(possible):
        chosen = possible & (rank < size)
        several = np.flatnonzero(chosen.sum(axis=1) == size)
        if len(several):
            units = np.take_along_axis(np.pad(chosen[several], ((0, 0), (0, 1))), block[several], axis=1)  # -1 finds the padding
            search.try_out(rows[several], np.where(search.columns(units), search.origin[rows[several]], points[several]))


def shrink(search: Search, rows: Integers) -> None:
    """Shorten the changed units of each best evasion one after the other, the dearest first."""
    points = search.points[rows]
    changed = search.changed(rows, points)
    price = np.full(changed.shape, -1.0)
    which, unit = np.nonzero(changed)
    single = np.arange(search.units) == unit[:, None]
    price[which, unit] = search.distance[rows[which]] - _cost(
        search, rows[which], np.where(search.columns(single), search.origin[rows[which]], points[which])
    )
    order = np.argsort(-price, axis=1, kind="stable")
    for place in range(int(changed.sum(axis=1).max(initial=0))):
        live = np.flatnonzero(changed[np.arange(len(rows)), order[:, place]] & (search.left[rows] > 0))
        if len(live):
            shorten(search, rows[live], np.arange(search.units) == order[live, place][:, None])


def _cost(search: Search, rows: Integers, proposals: Floats) -> Floats:
    return search.price(rows, search.repaired(rows, proposals))


def _sizes(possible: Flags) -> list[int]:
    """Return 2, 4, 8, ... and the numbers of blocks that can go in some row."""
    counts = possible.sum(axis=1)
    most = int(counts.max(initial=0))
    return sorted({size for size in (*(2**power for power in range(1, 11)), *counts.tolist()) if 2 <= size <= most})
