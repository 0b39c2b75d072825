"""The epsilon that a training run has kept, recomputed from what it did: noise, sampling, steps, and the search for its hyper-parameters.

A claim of epsilon is for one run, most often, and the model that is shipped is the best of many. Whoever picks the best has looked at all of them: that is paid for,
too, either by composing all runs, or, if their number was drawn at random, by a formula that costs far less.

References
----------
Abadi et al., Deep learning with differential privacy (CCS 2016); Papernot, Steinke, Hyperparameter tuning with Renyi differential privacy (ICLR 2022); Chua et al., How
private are DP-SGD implementations? (ICML 2024), for shuffled batches. The accountants are those of dp-accounting.
"""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Any

import msgspec

from aisecops.core.errors import UserError

_INTERVALS = (1e-3, 1e-4)
"""Of the discretised privacy loss, and of one that is small; rounding goes up, so that epsilon does, too (by less than 2 % where it is above 0.1)."""
_SMALL = 1.0


class Sampling(StrEnum):
    """How the batch of a step is drawn.

    ``poisson``: each record by a coin of its own, which amplifies privacy. ``shuffled``: in fixed batches, each record once an epoch; amplification is not proven for
    these as most programs account for it, and none is counted.
    """

    POISSON = "poisson"
    SHUFFLED = "shuffled"


class Search(StrEnum):
    """How many runs there were to choose from.

    ``composition``: a number that was fixed before or grew as one went on; all runs are composed. ``geometric``, ``logarithmic``, ``poisson``: a number drawn from this
    distribution before the first run, whose mean is given (Papernot and Steinke 2022).
    """

    COMPOSITION = "composition"
    GEOMETRIC = "geometric"
    LOGARITHMIC = "logarithmic"
    POISSON = "poisson"


_SHAPES = {Search.GEOMETRIC: 1.0, Search.LOGARITHMIC: 0.0, Search.POISSON: math.inf}


class Training(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """What DP-SGD did.

    Parameters
    ----------
    noise_multiplier
        Standard deviation of the noise, in clipping norms; above 0.
    sample_rate
        Share of the records in a batch; above 0, at most 1.
    steps
        Of the optimiser.
    sampling, runs, search
        How batches were drawn; how many models were trained to choose this one from (their mean number, for a random one), and how that number came about.
    """

    noise_multiplier: float
    sample_rate: float
    steps: int
    sampling: Sampling = Sampling.POISSON
    runs: float = 1
    search: Search = Search.COMPOSITION

    def __post_init__(self) -> None:
        if not 0 < self.noise_multiplier < math.inf or not 0 < self.sample_rate <= 1 or self.steps < 1:
            raise ValueError("`noise-multiplier` is above 0, `sample-rate` above 0 and at most 1, `steps` at least 1")
        if not 1 <= self.runs < math.inf or (self.search is Search.COMPOSITION and self.runs != int(self.runs)):
            raise ValueError("`runs` is at least 1, and a whole number where runs are composed")


class Spent(msgspec.Struct, frozen=True, kw_only=True):
    """Epsilon at ``delta``: of one run, and of the search that the model comes from; ``method``: of the latter, in words."""

    one_run: float
    searched: float
    delta: float
    method: str


def account(training: Training, delta: float) -> Spent:
    """Return what ``training`` has spent, for neighbours that differ in one record more or less.

    Raises
    ------
    UserError
        dp-accounting is not installed.
    """
    try:
        import dp_accounting
    except ModuleNotFoundError:
        raise UserError("recomputing epsilon needs dp-accounting, which is not installed", fix="pip install 'aisecops[privacy]'") from None
    gaussian = dp_accounting.GaussianDpEvent(training.noise_multiplier)
    if training.sampling is Sampling.POISSON:
        step, count = dp_accounting.PoissonSampledDpEvent(training.sample_rate, gaussian), training.steps
    else:  # a step of an epoch touches each record once
        step, count = gaussian, math.ceil(training.steps * training.sample_rate - 1e-9)
    one = _composed(step, count, delta)
    if training.search is Search.COMPOSITION:
        all_runs = one if training.runs == 1 else _composed(step, count * int(training.runs), delta)
        return Spent(one_run=one, searched=all_runs, delta=delta, method="privacy-loss distribution, composition of all runs")
    found = _selected(step, count, training, delta)
    return Spent(one_run=one, searched=max(one, found), delta=delta, method=f"renyi, random number of trials ({training.search})")


def _composed(step: Any, count: int, delta: float) -> float:
    from dp_accounting.pld import PLDAccountant

    found = math.inf
    for interval in _INTERVALS:
        found = min(found, float(PLDAccountant(value_discretization_interval=interval).compose(step, count).get_epsilon(delta)))
        if found > _SMALL:
            break
    return found


def _selected(step: Any, count: int, training: Training, delta: float) -> float:
    from dp_accounting.dp_event import RepeatAndSelectDpEvent, SelfComposedDpEvent
    from dp_accounting.rdp import RdpAccountant

    event = RepeatAndSelectDpEvent(SelfComposedDpEvent(step, count), training.runs, _SHAPES[training.search])
    return float(RdpAccountant().compose(event).get_epsilon(delta))
