"""Each sample's worst case over attacks and seeds: what robustness is."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from aisecops.attacks.evasion.attempts import Attempts, Norm
from aisecops.core.errors import UserError
from aisecops.oracles.oracle import Capability, Flags, Floats


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """One attack with one seed, on the samples of an evaluation.

    Parameters
    ----------
    attack, seed
        Which.
    capability
        What it relies on: a symptom of masking undermines it by that.
    attempts
        What became of each sample: of all n, or of those alone that the model had right, in their order.
    epsilon
        For attacks that search within a fixed distance only: beyond it they say nothing. None: it searched for the nearest evasion.
    """

    attack: str
    capability: Capability
    attempts: Attempts
    seed: int = 0
    epsilon: float | None = None


class Worst(msgspec.Struct, frozen=True, kw_only=True):
    """Each sample's worst case over all attacks and seeds, in one norm.

    ``distance``: of the nearest evasion, shape (n,); 0 where the model is wrong already, infinite where none was found. ``lower``: proven, below which there is
    none; 0 where nothing is. ``reach``: the distance up to which at least one attack searched.
    """

    norm: Norm
    correct: Flags
    distance: Floats
    lower: Floats | None
    reach: float
    relied_on: frozenset[Capability]

    @property
    def refuted(self) -> int:
        """Samples with an evasion nearer than what is proven, beyond the float precision to which a proven optimum equals its witness."""
        if self.lower is None:
            return 0
        return int(np.count_nonzero(self.correct & (self.distance < self.lower * (1.0 - 1e-6) - 1e-12)))


def worst(trials: Sequence[Trial], correct: Flags) -> Worst:
    """Return each sample's worst case over ``trials``, all of one norm."""
    n, norm = len(correct), trials[0].attempts.norm
    distance, lower, proven = np.full(n, np.inf), np.zeros(n), False
    for trial in trials:
        rows = _rows(trial, correct)
        attempts = trial.attempts
        evaded = attempts.found & ~np.isnan(attempts.distance)
        distance[rows] = np.minimum(distance[rows], np.where(evaded, attempts.distance, np.inf))
        if attempts.lower is not None:
            proven = True
            lower[rows] = np.fmax(lower[rows], attempts.lower)
    distance[~correct], lower[~correct] = 0.0, 0.0
    reach = max(np.inf if trial.epsilon is None else trial.epsilon for trial in trials)
    relied_on = frozenset(trial.capability for trial in trials)
    return Worst(norm=norm, correct=correct, distance=distance, lower=lower if proven else None, reach=float(reach), relied_on=relied_on)


def _rows(trial: Trial, correct: Flags) -> Flags:
    """Which of the n samples the rows of a trial are."""
    tried = len(trial.attempts.distance)
    if tried == len(correct):
        return np.ones(len(correct), dtype=bool)
    if tried == np.count_nonzero(correct):
        return correct
    raise UserError(
        f"{trial.attack} tried {tried} samples, not the {len(correct)} of the evaluation or the {np.count_nonzero(correct)} that the model has right"
    )
