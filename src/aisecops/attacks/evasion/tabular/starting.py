"""A first evasion of each row: what other rows have in the columns that may change, then values drawn at random."""

from __future__ import annotations

import numpy as np

from aisecops.attacks.evasion.tabular.search import Search
from aisecops.oracles.oracle import Flags, Floats, Integers

_DONORS = 48
"""Rows of another class that are priced for each sample; the cheapest are asked about first."""
_WAVES = (4, 8, 16, 20)
_RANDOM_SHARE = 0.8
"""The share of the budget that goes into random rows where no other row's values evade: a dear evasion is better than none, and the rest makes it cheaper."""
_RANDOM_BATCH = 24


def begin(search: Search, pool: Floats, rng: np.random.Generator) -> Flags:
    """Ask about the samples and the pool, then about samples with the pool's values; return the rows of the pool and their labels as one evades for each sample.

    Returns
    -------
    numpy.ndarray
        For each sample and row of the pool whether that row has a label that counts as evasion, shape (n, pool).
    """
    everyone = np.arange(search.n)
    search.answers(everyone, search.origin)
    useful = np.zeros((search.n, len(pool)), dtype=np.bool_)
    if len(pool) and len(search.live()):
        labels = search.survey(pool)
        useful = search.evading(everyone[:, None], labels[None, :])
        _cross(search, pool, useful, rng)
    _draw(search, pool, rng)
    return useful


def _cross(search: Search, pool: Floats, useful: Flags, rng: np.random.Generator) -> None:
    """Ask about samples that take all that may change from a row of another class, the cheapest first, until one evades."""
    rows = search.live()
    donors = np.argsort(np.where(useful[rows], rng.random((len(rows), len(pool))), 2.0), axis=1)[:, :_DONORS]
    flat_rows, flat = np.repeat(rows, donors.shape[1]), donors.ravel()
    placed = search.repaired(flat_rows, pool[flat])
    cost = search.price(flat_rows, placed)
    cost[~useful[flat_rows, flat] | (cost == 0)] = np.inf
    order = np.argsort(cost.reshape(donors.shape), axis=1, kind="stable")
    start = 0
    for wave in _WAVES:
        places = order[:, start : start + wave]
        index = (np.arange(len(rows))[:, None] * donors.shape[1] + places).ravel()
        open_ = np.isfinite(cost[index]) & (~search.found[flat_rows[index]])
        search.try_out(flat_rows[index[open_]], placed[index[open_]])
        start += wave


def _draw(search: Search, pool: Floats, rng: np.random.Generator) -> None:
    """Ask about samples in which a random part of what may change has random values.

    These are bounds, values of the pool, or anything between; every other time all are those of one row of the pool, which go together.
    """
    tries = max(1, int(_RANDOM_SHARE * search.queries / _RANDOM_BATCH))
    for _ in range(tries):
        rows = search.live()
        rows = np.repeat(rows[~search.found[rows]], _RANDOM_BATCH)
        if not len(rows):
            return
        values = random_values(search, rows, pool, rng)
        if len(pool):
            values[::2] = np.nan_to_num(pool[rng.integers(len(pool), size=len(values[::2]))])
        chosen = rng.random((len(rows), search.units)) < rng.random((len(rows), 1))
        search.try_out(rows, np.where(search.columns(chosen & search.movable[rows]), values, search.origin[rows]))


def random_values(search: Search, rows: Integers, pool: Floats, rng: np.random.Generator) -> Floats:
    """Return values for all columns of ``rows``: a third each from the bounds, from rows of the pool, and evenly between the bounds."""
    shape = (len(rows), search.origin.shape[1])
    low, high = np.maximum(search.floor[rows], search.domain.low), np.minimum(search.ceiling[rows], search.domain.high)
    even = low + (high - low) * rng.random(shape)
    ends = np.where(rng.random(shape) < 0.5, low, high)
    others = np.nan_to_num(pool[rng.integers(len(pool), size=shape), np.arange(shape[1])]) if len(pool) else even
    kind = rng.integers(3, size=(len(rows), search.units + 1))[:, search.unit]
    return np.where(kind == 0, ends, np.where(kind == 1, others, even))
