"""Whether explanations hold: over seeds of the method, and from one version of a model to the next."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import combinations

import msgspec
import numpy as np

from aisecops.core.errors import UserError
from aisecops.core.statistics import bonferroni
from aisecops.core.statistics.special import normal_quantile
from aisecops.oracles.oracle import Floats


class Stability(msgspec.Struct, frozen=True, kw_only=True):
    """How far explanations of the same rows agree over seeds: means over all pairs of seeds and all rows.

    ``top``: the share of the ``k`` largest columns that two explanations have in common. ``order``: the rank correlation (Spearman) of all columns. ``worst`` is the
    smallest ``top`` of a row, averaged over its pairs of seeds.
    """

    top: float
    order: float
    worst: float
    k: int
    seeds: int
    n: int


def stability(explain: Callable[[int], Floats], seeds: Sequence[int], *, k: int = 3) -> Stability:
    """Explain with each of at least two seeds and compare.

    Parameters
    ----------
    explain
        From a seed to contributions of the same rows, shape (n, d).
    """
    explained = [np.abs(np.asarray(explain(seed), dtype=np.float64)) for seed in seeds]
    if len(explained) < 2 or any(one.shape != explained[0].shape or one.ndim != 2 for one in explained):
        raise UserError("stability compares explanations of the same rows by two or more seeds")
    many = min(k, explained[0].shape[1])
    tops = [_top(one, many) for one in explained]
    shared = np.mean([(a & b).sum(axis=1) / many for a, b in combinations(tops, 2)], axis=0)
    order = np.mean([rank_correlations(a, b) for a, b in combinations(explained, 2)])
    return Stability(top=float(shared.mean()), order=float(order), worst=float(shared.min()), k=many, seeds=len(explained), n=len(shared))


class ColumnDrift(msgspec.Struct, frozen=True, kw_only=True):
    """How the share of ``column`` in the explanations changed: ``before``, ``after``, and the ``change`` with an interval that holds together with the others."""

    column: str
    before: float
    after: float
    change: float
    low: float
    high: float


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """How two versions explain the same rows: ``distance`` is half the sum of absolute changes of shares (0: alike, 1: other columns altogether)."""

    columns: tuple[ColumnDrift, ...]
    distance: float
    n: int

    @property
    def moved(self) -> tuple[ColumnDrift, ...]:
        """The columns whose share surely changed, the most first."""
        return tuple(sorted((one for one in self.columns if one.low > 0 or one.high < 0), key=lambda one: -abs(one.change)))


def drift(before: Floats, after: Floats, names: Sequence[str], *, level: float = 0.95) -> Drift:
    """Compare the contributions of two versions of a model on the same rows, shape (n, d), n >= 30.

    Each row is turned into shares (absolute contributions that add up to 1), so that versions with other scales can be compared; intervals are those of paired
    means, normal, for all columns together. Rows that either version explains by nothing at all have no shares and are left out.
    """
    old, new = np.abs(np.asarray(before, dtype=np.float64)), np.abs(np.asarray(after, dtype=np.float64))
    if old.shape != new.shape or old.ndim != 2 or old.shape[1] != len(names) or not np.all(np.isfinite(old) & np.isfinite(new)):
        raise UserError("drift compares finite contributions of the same rows and columns")
    told = (old.sum(axis=1) > 0) & (new.sum(axis=1) > 0)
    n = int(told.sum())
    if n < 30:
        raise UserError(f"{n} rows that both versions explain are too few: at least 30 are needed")
    first, second = old[told] / old[told].sum(axis=1, keepdims=True), new[told] / new[told].sum(axis=1, keepdims=True)
    change = second - first
    z = -normal_quantile((1.0 - bonferroni(level, len(names))) / 2.0)
    mean, width = change.mean(axis=0), z * change.std(axis=0, ddof=1) / math.sqrt(n)
    columns = tuple(
        ColumnDrift(
            column=name, before=float(first[:, i].mean()), after=float(second[:, i].mean()), change=float(mean[i]), low=float(mean[i] - width[i]),
            high=float(mean[i] + width[i]),
        )
        for i, name in enumerate(names)
    )  # fmt: skip
    return Drift(columns=columns, distance=float(np.abs(mean).sum() / 2.0), n=n)


def _top(sizes: Floats, k: int) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    chosen = np.zeros(sizes.shape, dtype=bool)
    np.put_along_axis(chosen, np.argsort(-sizes, axis=1, kind="stable")[:, :k], values=True, axis=1)
    return chosen


def rank_correlations(one: Floats, two: Floats) -> Floats:
    """Spearman's correlation of each row of ``one`` with that of ``two``, shape (n, d); 1 where both are constant, 0 where one is."""
    a, b = _centred_ranks(one), _centred_ranks(two)
    size = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    alike = np.all(a == 0, axis=1) & np.all(b == 0, axis=1)
    return np.asarray(np.where(size > 0, (a * b).sum(axis=1) / np.where(size > 0, size, 1.0), alike.astype(np.float64)))


def _centred_ranks(sizes: Floats) -> Floats:
    """Ranks of each row's entries around 0: half of how many more are smaller than are larger, equal ones in between."""
    found = [
        np.searchsorted(ordered, row, "left") + np.searchsorted(ordered, row, "right") for row, ordered in zip(sizes, np.sort(sizes), strict=True)
    ]
    return np.asarray((np.array(found, dtype=np.float64) - sizes.shape[1]) / 2.0)
