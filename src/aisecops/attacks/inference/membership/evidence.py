"""What shadow models say about one target: for each record, what the target's confidence would be had it been trained on the record, and had it not.

Everything here is about a ``Case``: a target, real or a shadow that plays one, and the other shadows, whose training records are known.
"""

from __future__ import annotations

import msgspec
import numpy as np

from aisecops.attacks.inference.membership.confidences import floor_of, logits
from aisecops.oracles.oracle import Flags, Floats

_TINY = 1e-12


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """Confidences in the right label: of the target, shape (n,), and of K shadows, (K, n), with which of these were trained on which records, (K, n)."""

    target: Floats
    shadows: Floats
    inside: Flags

    def without(self, *numbers: int) -> Case:
        """The same with fewer shadows."""
        kept = np.setdiff1d(np.arange(len(self.shadows)), numbers)
        return Case(target=self.target, shadows=self.shadows[kept], inside=self.inside[kept])

    def playing(self, number: int) -> Case:
        """The case in which a shadow is the target. Its twin, trained on all other records, is left out: it would give the answer away."""
        twin = number ^ 1
        rest = self.without(number, twin)
        return Case(target=self.shadows[number], shadows=rest.shadows, inside=rest.inside)


def lira(case: Case) -> Floats:
    """Return the log likelihood ratio of two normal distributions of logits, that of shadows trained on the record and that of the others, shape (n,).

    Two variances are estimated for each record, from K/2 shadows each: empirical Bayes shrinks them towards those of all records, without which few shadows (or
    forests, whose confidence in a training record is often the same in each) give a ratio that is mostly noise.

    References
    ----------
    Carlini et al., Membership inference attacks from first principles (S&P 2022).
    """
    target, (mean_in, variance_in), (mean_out, variance_out) = _normal(case)
    inside = -0.5 * np.log(variance_in) - (target - mean_in) ** 2 / (2 * variance_in)
    outside = -0.5 * np.log(variance_out) - (target - mean_out) ** 2 / (2 * variance_out)
    return np.asarray(inside - outside)


def rmia(case: Case) -> Floats:
    """Return log(p(record) of the target / mean p(record) over shadows), shape (n,): RMIA's ratio.

    The published score is the share of other records that the ratio exceeds, which is the rank of this number; its ties at 1 are lost there.

    References
    ----------
    Zarifzadeh, Liu, Shokri, Low-cost high-power membership inference attacks (ICML 2024).
    """
    return np.asarray(np.log(case.target + _TINY) - np.log(case.shadows.mean(axis=0) + _TINY))


def features(case: Case) -> Floats:
    """Return what a learned ratio sees of each record, shape (n, 14)."""
    target, (mean_in, variance_in), (mean_out, variance_out) = _normal(case)
    inside, outside = _means(case.shadows, case.inside), _means(case.shadows, ~case.inside)
    ratio, likelihood = rmia(case), lira(case)
    return np.column_stack(
        [
            target, mean_in, mean_out, target - mean_in, target - mean_out, mean_in - mean_out,
            np.sqrt(variance_in), np.sqrt(variance_out), (target - mean_out) / np.sqrt(variance_out),
            case.target, case.target - inside, case.target - outside, ratio, likelihood,
        ]
    )  # fmt: skip


def _normal(case: Case) -> tuple[Floats, tuple[Floats, Floats], tuple[Floats, Floats]]:
    floor = floor_of(case.shadows)
    shadows = logits(case.shadows, floor)
    return logits(case.target, floor), _fitted(shadows, case.inside), _fitted(shadows, ~case.inside)


def _means(values: Floats, chosen: Flags) -> Floats:
    return np.asarray(np.where(chosen, values, 0.0).sum(axis=0) / np.maximum(1, chosen.sum(axis=0)))


def _fitted(values: Floats, chosen: Flags) -> tuple[Floats, Floats]:
    """Mean and shrunken variance of the ``chosen`` values of each record."""
    counts = chosen.sum(axis=0)
    mean = _means(values, chosen)
    squares = np.where(chosen, (values - mean) ** 2, 0.0).sum(axis=0)
    freedom = np.maximum(0, counts - 1).astype(np.float64)
    pooled = float(squares.sum() / max(1.0, freedom.sum())) or _TINY
    if not freedom.any():
        pooled = float(values.var()) or _TINY  # one shadow a side: the spread over records stands in
    prior = _prior_freedom(squares, freedom, pooled)
    return mean, np.asarray((squares + prior * pooled) / (freedom + prior))


def _prior_freedom(squares: Floats, freedom: Floats, pooled: float) -> float:
    """How many observations the variance of all records is worth: by the moments of a scaled inverse chi-square distribution of variances."""
    known = freedom > 0
    if known.sum() < 2:
        return 4.0
    relative = (squares[known] / freedom[known]) / pooled
    noise = float(np.mean(2.0 / freedom[known]))
    excess = (float(relative.var()) - noise) / (1.0 + noise)
    return float(np.clip(4.0 + 2.0 / excess, 4.0, 100.0)) if excess > 0 else 100.0
