"""fairlearn's reductions as a mitigation (extra ``fairness``): a mixture of models, trained so that a rate hardly differs between groups."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from aisecops.core.errors import UserError
from aisecops.core.text import inert
from aisecops.datasets.extra import MissingExtraError
from aisecops.metrics.fairness.groups import group_by
from aisecops.metrics.fairness.rates import Rate
from aisecops.oracles.oracle import Flags, Floats

_MOMENTS = {
    Rate.SELECTION: "DemographicParity", Rate.TRUE_POSITIVE: "TruePositiveRateParity", Rate.FALSE_POSITIVE: "FalsePositiveRateParity",
    Rate.ERROR: "ErrorRateParity",
}  # fmt: skip


class Reduced(msgspec.Struct, frozen=True, kw_only=True):
    """A trained mixture. It needs no protected column to answer; it draws one of its models for each sample, by the seed."""

    mixture: Any
    rate: Rate

    def apply(self, samples: Floats, *, seed: int = 0) -> Flags:
        """Return whether each sample, shape (n, d), gets the favourable answer."""
        return np.asarray(self.mixture.predict(samples, random_state=seed), dtype=bool)


def reduced(
    estimator: Any,
    samples: Floats,
    due: Flags | Sequence[bool],
    columns: Mapping[str, Sequence[Any]],
    *,
    rate: Rate = Rate.SELECTION,
    difference: float = 0.02,
    rounds: int = 50,
) -> Reduced:
    """Train copies of ``estimator`` with weights and labels that the exponentiated gradient chooses, until no group's rate is far from that of all.

    Measure what it buys and costs with ``price``, on other samples than these.

    Parameters
    ----------
    estimator
        Unfitted, of scikit-learn's interface, with ``sample_weight``.
    samples, due
        Shape (n, d), and who is due the favourable answer, shape (n,).
    columns
        The protected columns; their combinations are the groups.
    rate
        ``selection-rate``, ``true-positive-rate``, ``false-positive-rate`` or ``error-rate``.
    difference
        How far a group's rate may lie from that of all, on these samples.
    rounds
        Of training, at most.

    Raises
    ------
    MissingExtraError
        fairlearn is not installed.
    UserError
        Another rate, shapes that differ, or an estimator that cannot be trained so.

    References
    ----------
    Agarwal, A., Beygelzimer, A., Dudik, M., Langford, J., Wallach, H. (2018). A reductions approach to fair classification. ICML.
    """
    if rate not in _MOMENTS:
        raise UserError(f"reductions can equalise {', '.join(_MOMENTS)}, not {rate}", where="rate")
    truth, groups = np.asarray(due, dtype=bool), group_by(columns, depth=len(columns))[-1]
    if len(samples) != len(truth) or len(truth) != len(groups.member):
        raise UserError("samples, outcomes and columns have different lengths", fix="give one outcome for each sample")
    try:
        from fairlearn import reductions  # type: ignore[import-untyped]
    except ImportError:
        raise MissingExtraError("reductions need fairlearn, which is not installed", "fairness") from None
    mixture = reductions.ExponentiatedGradient(
        estimator, getattr(reductions, _MOMENTS[rate])(difference_bound=difference), eps=difference, max_iter=rounds
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            mixture.fit(samples, truth.astype(int), sensitive_features=groups.member)
    except Exception as wrong:
        said = inert(" ".join(f"{type(wrong).__name__}: {wrong}".split()), 160)
        raise UserError(
            f"fairlearn cannot train this estimator ({said})", fix="give one of scikit-learn's interface that takes `sample_weight`"
        ) from wrong
    return Reduced(mixture=mixture, rate=rate)
