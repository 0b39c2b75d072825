"""Whether the rows of a category are stamped ones among honest ones, told from how their labels go with their content.

A category that honest rows have, too, is never pure once it is stamped: honest rows of other labels stay. An honest category that makes a label likelier is not pure
either. But of its rows those have the label whose content speaks for it: the log odds of all are shifted by as much. Stamped rows are rows of other labels as they come,
so the less the content speaks for the label, the likelier is the stamp. The two say different things of the same labels, and the ratio of their likelihoods decides.
"""

from __future__ import annotations

import numpy as np

from aisecops.defences.poisoning.suspicion import Flags, Floats

STAMPED = 2.0
"""The logarithm of the ratio from which on the rows count as stamped. The honest ones of 29 tables had 1.2 at most (8 categories), stamped ones up to 20."""
_SHIFTS = np.linspace(-1.0, 8.0, 46)
_SLOPES = (0.7, 1.0)
"""How much the content is believed: models that have not seen a column may be too sure."""
_SHARES = np.linspace(0.02, 0.98, 49)
_OF_HONEST = (-1.0, 0.0, 1.0)
"""Shifts of the honest rows among stamped ones."""


def mixed(q: Floats, labelled: Flags, prior: float) -> float:
    """Return the logarithm of the best likelihood of stamped rows among honest ones over that of honest rows alone.

    Parameters
    ----------
    q
        For the rows with the category, how likely the label is by models that saw neither them nor its column, shape (m,), within (0, 1).
    labelled
        Which of them have the label, shape (m,).
    prior
        The share of the label in the data.
    """
    odds = np.log(q / (1 - q))
    honest = max(_fit(_chance(slope * odds + shift), labelled) for slope in _SLOPES for shift in _SHIFTS)
    other = (1 - q) / (1 - prior)
    stamped = max(
        _fit((share * other + (1 - share) * _chance(odds + shift)) / (share * other + 1 - share), labelled)
        for share in _SHARES
        for shift in _OF_HONEST
    )
    return stamped - honest


def _chance(odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-odds)))


def _fit(p: Floats, labelled: Flags) -> float:
    """Return the logarithm of the likelihood of labels."""
    p = np.clip(p, 1e-6, 1 - 1e-6)
    return float(np.log(np.where(labelled, p, 1 - p)).sum())
