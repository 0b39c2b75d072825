"""How good a model is before anybody attacks it, so that robustness is never read alone.

Every metric takes what a model answered beside the truth (``Judged``) and returns readings with n, an interval and its method, or says why there is no number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aisecops.core.measurement import Reading
from aisecops.metrics.quality.calibration import calibration
from aisecops.metrics.quality.correctness import accuracy, balanced_accuracy, confusion, confusions, precision, recall
from aisecops.metrics.quality.discrimination import auc
from aisecops.metrics.quality.judged import Judged, judge
from aisecops.metrics.quality.losses import brier, log_loss
from aisecops.metrics.quality.slices import slice_accuracy
from aisecops.oracles.oracle import Batch, Integers, Oracle

__all__ = [
    "Judged", "accuracy", "auc", "balanced_accuracy", "brier", "calibration", "confusion", "confusions", "judge", "log_loss", "precision", "quality",
    "readings_of", "recall", "slice_accuracy",
]  # fmt: skip


def quality(
    oracle: Oracle,
    batch: Batch,
    y: Integers | Sequence[int],
    *,
    columns: Mapping[str, Sequence[Any]] | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> tuple[Reading, ...]:
    """Ask ``oracle`` once about every sample and return every metric that its answers allow.

    Parameters
    ----------
    y
        True labels, 0 to k-1.
    columns
        Whose values cut the samples into slices, by name; one value for each sample.
    level
        Confidence of each interval.
    seed
        Of the bootstrap.
    """
    return readings_of(judge(oracle, batch, y), columns=columns, level=level, seed=seed)


def readings_of(judged: Judged, *, columns: Mapping[str, Sequence[Any]] | None = None, level: float = 0.95, seed: int = 0) -> tuple[Reading, ...]:
    """Return every metric that these answers allow; parameters as of ``quality``."""
    readings = [accuracy(judged, level=level), balanced_accuracy(judged, level=level), *recall(judged, level=level), *precision(judged, level=level)]
    readings += confusions(judged, level=level)
    if judged.scores is not None:
        readings += [*auc(judged, level=level), log_loss(judged, level=level, seed=seed), brier(judged, level=level, seed=seed)]
        readings += calibration(judged, level=level, seed=seed)
    return (*readings, *slice_accuracy(judged, columns or {}, level=level))
