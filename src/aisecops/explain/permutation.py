"""How much a model's answers rest on each column: what shuffling it costs, with an interval that knows where the shuffled values come from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from aisecops.core.errors import UserError
from aisecops.core.statistics import bonferroni
from aisecops.core.statistics.special import normal_quantile
from aisecops.oracles.oracle import Floats, Integers, Oracle


class Importance(msgspec.Struct, frozen=True, kw_only=True):
    """The accuracy that shuffling ``column`` costs, and ``changed``, the share of answers that it changes.

    ``low`` and ``high`` hold together with the intervals of the other columns, as do ``changed_low`` and ``changed_high``.
    """

    column: str
    drop: float
    low: float
    high: float
    changed: float
    changed_low: float
    changed_high: float
    n: int


def permutation_importance(
    oracle: Oracle,
    x: Floats,
    y: Integers | Sequence[int],
    blocks: Mapping[str, Sequence[int]],
    *,
    repeats: int = 5,
    seed: int = 0,
    level: float = 0.95,
) -> tuple[Importance, ...]:
    """Shuffle each block of columns among the samples and see what the model still gets right; the most important first.

    Parameters
    ----------
    x, y
        Samples that the model was not trained on, shape (n, d), and their labels, n >= 20.
    blocks
        Which columns are shuffled together, by name: one each, or the columns of a one-hot group.
    repeats
        Shuffles of each block, at least 1.
    level
        Of all intervals together.

    Notes
    -----
    A shuffled answer depends on two samples: the one asked about, and the one that lent its value. The drop is a U-statistic, and its variance is that of each
    sample's part in both roles (Hajek projection); an interval over the samples asked about alone is too narrow. A term ln(2/a)/n keeps it honest where few answers
    change.

    References
    ----------
    Fisher, A., Rudin, C., Dominici, F. (2019). All models are wrong, but many are useful. JMLR 20(177) (model reliance as a U-statistic).
    """
    samples, truth = np.asarray(x, dtype=np.float64), np.asarray(y)
    n = len(samples)
    if n < 20 or samples.ndim != 2 or truth.shape != (n,) or not blocks or repeats < 1:
        raise UserError("permutation importance needs at least 20 labelled rows of a table, and columns to shuffle")
    told = oracle.labels(samples)
    each = bonferroni(level, len(blocks))
    rng = np.random.default_rng(seed)
    found = []
    for name, columns in blocks.items():
        lost, moved = np.zeros((2, n)), np.zeros((2, n))
        for _ in range(repeats):
            order = rng.permutation(n)
            shuffled = samples.copy()
            shuffled[:, list(columns)] = samples[order][:, list(columns)]
            answers = oracle.labels(shuffled)
            for parts, outcome in ((lost, (told == truth).astype(float) - (answers == truth)), (moved, (answers != told).astype(float))):
                parts[0] += outcome / repeats
                parts[1][order] += outcome / repeats  # the lender's part
        drop, width = _estimate(lost, each)
        share, spread = _estimate(moved, each)
        found.append(
            Importance(
                column=name, drop=drop, low=drop - width, high=drop + width, changed=share, changed_low=max(0.0, share - spread),
                changed_high=min(1.0, share + spread), n=n,
            )
        )  # fmt: skip
    return tuple(sorted(found, key=lambda one: -one.drop))


def _estimate(parts: Floats, level: float) -> tuple[float, float]:
    """The mean and the half width of its interval from each sample's part as asked about and as lender, shape (2, n)."""
    n = parts.shape[1]
    mean = float(parts[0].mean())
    influence = parts.sum(axis=0) - 2.0 * mean
    error = math.sqrt(float(influence @ influence) / (n * (n - 1)))
    return mean, -normal_quantile((1.0 - level) / 2.0) * error + math.log(2.0 / (1.0 - level)) / n
