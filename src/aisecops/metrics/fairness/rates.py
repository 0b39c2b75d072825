"""The rates that groups are compared by, as counts: hits of trials in each group."""

from __future__ import annotations

from enum import StrEnum

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.core.errors import UserError
from aisecops.core.text import inert
from aisecops.metrics.fairness.groups import Groups
from aisecops.oracles.oracle import Flags, Integers


class Rate(StrEnum):
    """What share of whom.

    ``selection-rate``: of all, who gets the favourable answer (demographic parity). ``true-positive-rate``: of those whom it is due to (equal opportunity).
    ``false-positive-rate``: of those whom it is not due to; with the former: equalised odds. ``positive-predictive-value``: of the favourable answers,
    those that were right (predictive parity). ``error-rate``: of all, who gets the favourable answer wrongly or misses it.
    ``base-rate``: of all, whom it is due to; says nothing of the model.
    """

    SELECTION = "selection-rate"
    TRUE_POSITIVE = "true-positive-rate"
    FALSE_POSITIVE = "false-positive-rate"
    PREDICTIVE_VALUE = "positive-predictive-value"
    ERROR = "error-rate"
    BASE = "base-rate"


_PARITY, _OPPORTUNITY = (Rate.SELECTION,), (Rate.TRUE_POSITIVE,)
_ODDS = (Rate.TRUE_POSITIVE, Rate.FALSE_POSITIVE)
_OTHER_NAMES = {
    "selection_rate": _PARITY, "demographic_parity": _PARITY, "statistical_parity": _PARITY, "disparate_impact": _PARITY,
    "true_positive_rate": _OPPORTUNITY, "false_negative_rate": _OPPORTUNITY, "recall_score": _OPPORTUNITY, "equal_opportunity": _OPPORTUNITY,
    "false_positive_rate": (Rate.FALSE_POSITIVE,), "true_negative_rate": (Rate.FALSE_POSITIVE,), "predictive_equality": (Rate.FALSE_POSITIVE,),
    "precision_score": (Rate.PREDICTIVE_VALUE,), "predictive_parity": (Rate.PREDICTIVE_VALUE,), "equalized_odds": _ODDS,
    "accuracy_score": (Rate.ERROR,), "zero_one_loss": (Rate.ERROR,),
}  # fmt: skip
_ENDINGS = ("_difference", "_ratio", "_group_min", "_group_max")


def rates_of(name: str) -> tuple[Rate, ...]:
    """Return the rates that ``name`` compares: one of ours, or a name of fairlearn or AIF360 (``equalized_odds_difference``, ``disparate_impact``).

    Rates that add up to 1 (accuracy and error, true and false negatives) differ between groups by the same amount.

    Raises
    ------
    UserError
        Nobody knows the name.
    """
    plain = name.strip().lower().replace("-", "_").replace(" ", "_")
    for ending in _ENDINGS:
        plain = plain.removesuffix(ending)
    own = next(((rate,) for rate in Rate if rate.value.replace("-", "_") == plain), None)
    found = own or _OTHER_NAMES.get(plain)
    if found is None:
        known = ", ".join(rate.value for rate in Rate)
        raise UserError(f"{inert(name, 60)!r} is no fairness metric that we know", where="metrics", fix=f"use one of {known}, or a name of fairlearn")
    return found


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """Hits of trials for each rate (m) in each group (g): two matrices, shape (m, g)."""

    rates: tuple[Rate, ...]
    hits: Integers
    trials: Integers


def count(groups: Groups, due: Flags, favoured: Flags, rates: tuple[Rate, ...]) -> Counts:
    """Count in one pass over the samples.

    Parameters
    ----------
    due
        Whether the true answer is the favourable one, shape (n,).
    favoured
        Whether the model gives the favourable answer, shape (n,).
    """
    g = len(groups.names)
    cells = np.bincount(groups.member * 4 + due * 2 + favoured, minlength=4 * g).reshape(g, 4)
    refused, false_positive, missed, true_positive = cells.T.astype(np.int64)
    n = cells.sum(axis=1)
    positives, selected = missed + true_positive, false_positive + true_positive
    table: dict[Rate, tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]] = {
        Rate.SELECTION: (selected, n),
        Rate.TRUE_POSITIVE: (true_positive, positives),
        Rate.FALSE_POSITIVE: (false_positive, refused + false_positive),
        Rate.PREDICTIVE_VALUE: (true_positive, selected),
        Rate.ERROR: (missed + false_positive, n),
        Rate.BASE: (positives, n),
    }
    return Counts(rates=rates, hits=np.stack([table[rate][0] for rate in rates]), trials=np.stack([table[rate][1] for rate in rates]))
