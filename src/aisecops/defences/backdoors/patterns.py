"""Triggers in images by gradients: a faint picture over everything (blends), and a few pixels of any colour anywhere (Neural Cleanse with a hard number of pixels).

One trigger for all samples is optimised for each class. On honest models such universal perturbations exist, too: what counts is how much stronger they are here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from aisecops.defences.backdoors.contrast import Contrast, Proposal, all_to
from aisecops.defences.backdoors.triggers import Pattern, Trigger, Values
from aisecops.oracles.oracle import Capability, Floats, Integers, Loss, Oracle

_STEPS = 20
SPARSE = "a few pixels of any value"


def faint(strength: float) -> str:
    """Return the name of the family."""
    return f"a picture of {strength:.0%} of the range over the image"


class PatternSearch:
    """Optimises one trigger a class by the gradients of the examined model; nothing where it has none.

    Parameters
    ----------
    low, high
        The range of a pixel.
    strengths
        How far a faint picture changes a pixel, in shares of the range.
    share
        Of the pixels, how many a sparse trigger may set; three at least.
    rows
        Samples that a step looks at.
    """

    def __init__(self, low: float, high: float, *, strengths: Sequence[float] = (0.1, 0.2), share: float = 0.015, rows: int = 16) -> None:
        self._low, self._high, self._strengths, self._share, self._rows = low, high, tuple(strengths), share, rows
        self.families = (*map(faint, self._strengths), SPARSE)

    def propose(self, contrast: Contrast) -> list[Proposal]:
        """Return a trigger of each family for each class."""
        if Capability.GRADIENT not in contrast.oracle.capabilities:
            return []
        samples = np.asarray(contrast.batch, dtype=np.float64)[: self._rows]
        slopes = _Slopes(contrast.oracle, samples, contrast.classes)
        return [*self._faint(slopes), *self._sparse(slopes)]

    def _faint(self, slopes: _Slopes) -> list[Proposal]:
        """Sign steps with momentum on the mean loss of all samples, one picture a class, from the faintest to the strongest, each begun with the one before."""
        span = self._high - self._low
        picture, found = np.zeros((slopes.classes, *slopes.samples.shape[1:])), list[Proposal]()
        for strength in self._strengths:
            reach, moved = strength * span, np.zeros_like(picture)
            for step in range(_STEPS // 2):
                slope = slopes(partial(self._added, slopes.samples, picture))
                moved = 0.9 * moved + slope / (np.abs(slope).mean(axis=tuple(range(1, slope.ndim)), keepdims=True) + 1e-12)
                picture = np.clip(picture - reach * (0.5 if step < _STEPS // 4 else 0.2) * np.sign(moved), -reach, reach)
            family = faint(strength)
            found += [
                Proposal(all_to(target, slopes.classes), Pattern(family, picture[target].copy(), self._low, self._high))
                for target in range(slopes.classes)
            ]
        return found

    def _added(self, samples: Floats, picture: Floats, target: int) -> Floats:
        return np.asarray(np.clip(samples + picture[target], self._low, self._high))

    def _sparse(self, slopes: _Slopes) -> list[Proposal]:
        """Hard thresholding: optimise values and weights of all pixels, keep the heaviest, and optimise these alone."""
        k, shape = slopes.classes, slopes.samples.shape[1:]
        count = max(3, round(self._share * int(np.prod(shape))))
        span = self._high - self._low
        weight, value = np.full((k, *shape), 0.1), np.full((k, *shape), (self._low + self._high) / 2)
        mean_weight, mean_value = np.zeros_like(weight), np.zeros_like(value)
        for step in range(_STEPS):
            slope, by_weight = slopes.blended(weight, value)
            mean_weight, mean_value = 0.8 * mean_weight + by_weight, 0.8 * mean_value + slope * weight
            pressure = 0.0 if step < _STEPS // 3 else 0.3 * np.abs(mean_weight).max(axis=tuple(range(1, weight.ndim)), keepdims=True)
            weight = np.clip(weight - 0.1 * _scaled(mean_weight + pressure), 0, 1)
            value = np.clip(value - 0.25 * span * np.sign(mean_value), self._low, self._high)
        return [Proposal(all_to(target, k), self._kept(weight[target], value[target], count)) for target in range(k)]

    def _kept(self, weight: Floats, value: Floats, count: int) -> Trigger:
        places = np.argsort(-weight.ravel(), kind="stable")[:count]
        return Values(SPARSE, sorted(places.tolist()), value.ravel()[np.sort(places)].tolist())


class _Slopes:
    """Mean gradients of the loss towards each class, all classes in one call."""

    def __init__(self, oracle: Oracle, samples: Floats, classes: int) -> None:
        self.oracle, self.samples, self.classes = oracle, samples, classes
        self._targets = np.repeat(np.arange(classes), len(samples))

    def __call__(self, stamped: Callable[[int], Floats]) -> Floats:
        """The mean gradient by the sample for each class, shape (k, ...); ``stamped``: from a class to the stamped samples."""
        return np.asarray(self._gradients(np.concatenate([stamped(target) for target in range(self.classes)])).mean(axis=1))

    def blended(self, weight: Floats, value: Floats) -> tuple[Floats, Floats]:
        """The mean gradients by the sample and by the weight, where samples are ``(1 - weight) * sample + weight * value``, each (k, ...)."""
        difference = value[:, None] - self.samples[None]
        stamped = self.samples[None] + weight[:, None] * difference
        gradients = self._gradients(stamped.reshape(-1, *self.samples.shape[1:]))
        return gradients.mean(axis=1), (gradients * difference).mean(axis=1)

    def _gradients(self, stamped: Floats) -> Floats:
        targets: Integers = self._targets
        _, gradient = self.oracle.gradient(stamped, targets, Loss.CROSS_ENTROPY)
        return np.asarray(gradient).reshape(self.classes, len(self.samples), *self.samples.shape[1:])


def _scaled(slope: Floats) -> Floats:
    return np.asarray(slope / (np.abs(slope).max(axis=tuple(range(1, slope.ndim)), keepdims=True) + 1e-12))
