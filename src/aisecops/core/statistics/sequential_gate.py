"""Whether a proportion is above or below a threshold, decided as soon as the samples say so."""

from __future__ import annotations

import math
from collections.abc import Iterable
from enum import StrEnum
from typing import SupportsIndex

from aisecops.core.statistics.interval import check_counts
from aisecops.core.statistics.special import beta_tails, beta_weight

_CONCENTRATION = (
    8.0  # bets spread by sqrt(p0 (1 - p0) / 9) around p0: the least mean sample size at distances of .1 to .2 (see benchmarks/robustness/gate.py)
)


class Side(StrEnum):
    """Where the proportion is, as far as is known."""

    ABOVE = "above"
    BELOW = "below"
    UNDECIDED = "undecided"


class SequentialGate:
    r"""Two gamblers, one betting that the proportion is below the threshold, one that it is above; the first to multiply the stake enough decides.

    Against the threshold p0 a sample x multiplies the stake of a bet on q by (q/p0)^x ((1-q)/(1-p0))^(1-x). If the proportion is p0 or above, no bet on a q
    below p0 gains on average, nor does any mixture of them; so the mixture's stake reaches 1/``error`` with probability at most ``error`` (Ville). The bets
    on each side follow a beta distribution with mean p0, cut off at p0. The stakes have a closed form:

    .. math:: S_n = \frac{w_{a,b}(p_0)}{w_{a+k,\,b+n-k}(p_0)} \cdot \frac{I_{p_0}(a + k, b + n - k)}{I_{p_0}(a, b)}, \quad w_{a,b}(p) = p^a (1-p)^b / B(a, b).

    Parameters
    ----------
    threshold
        p0, between 0 and 1.
    error
        The most that the probability of each wrong answer may be: "below" though the proportion is p0 or more, "above" though it is p0 or less.

    Attributes
    ----------
    side
        The decision; it stays once it is made.
    successes, used
        Of the samples looked at; once decided, none is.

    References
    ----------
    Waudby-Smith, I., Ramdas, A. (2023). Estimating means of bounded random variables by betting. JRSS B 86, 1-27.
    Shafer, G. (2021). Testing by betting. JRSS A 184, 407-431.
    """

    def __init__(self, threshold: float, *, error: float = 0.05) -> None:
        if not 0.0 < threshold < 1.0:
            raise ValueError(f"the threshold must lie between 0 and 1, both excluded, not {threshold}")
        if not 0.0 < error < 0.5:
            raise ValueError(f"the probability of an error must lie between 0 and 0.5, both excluded, not {error}")
        self.threshold, self.error = threshold, error
        self.side = Side.UNDECIDED
        self.successes = self.used = 0

    def observe(self, outcomes: Iterable[bool]) -> Side:
        """Look at ``outcomes`` in turn, up to the one that decides, and return where things stand."""
        for outcome in outcomes:
            if self.side is not Side.UNDECIDED:
                break
            self.used += 1
            self.successes += bool(outcome)
            self.side = self._decide()
        return self.side

    def _decide(self) -> Side:
        if stake_below(self.successes, self.used, self.threshold) >= 1.0 / self.error:
            return Side.BELOW
        if stake_below(self.used - self.successes, self.used, 1.0 - self.threshold) >= 1.0 / self.error:
            return Side.ABOVE
        return Side.UNDECIDED


def stake_below(successes: SupportsIndex, trials: SupportsIndex, threshold: float) -> float:
    """What a stake of 1 has become for the gambler who bets that the proportion is below ``threshold``: the evidence against "it is ``threshold`` or more".

    By symmetry the evidence against "or less" is ``stake_below(trials - successes, trials, 1 - threshold)``.
    """
    k, n = check_counts(successes, trials)
    a, b = _CONCENTRATION * threshold, _CONCENTRATION * (1.0 - threshold)
    posterior = beta_weight(a + k, b + n - k, threshold)
    if posterior <= 0.0:  # underflow: the samples are hopelessly far from the threshold, on one side or the other
        return math.inf if k < n * threshold else 0.0
    mass = beta_tails(a + k, b + n - k, threshold)[0] / beta_tails(a, b, threshold)[0]
    return beta_weight(a, b, threshold) / posterior * mass
