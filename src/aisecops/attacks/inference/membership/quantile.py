"""Membership by quantile regression: a record of which the model is surer than of its like that it was not trained on.

No shadow model: a regression learns from records that are known not to be members (the attacker has such ones) which confidence only one in twenty of their kind exceeds.
What lies above looks like a member. Each record is scored by a regression that has not seen it: peers that fit and score the same records report an advantage of
their own making.

References
----------
Bertran, Tang, Kearns, Morgenstern, Roth, Wu, Scalable membership inference attacks via quantile regression (NeurIPS 2023).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from aisecops.oracles.oracle import Flags, Floats, Integers

QUANTILE = 0.95
_FOLDS = 2
_BETTER = 0.95
"""By how much the regression's loss has to be below that of one threshold for all, on records that neither has seen, to be used without shadows to try it on."""


def quantile_scores(signal: Floats, X: Floats, y: Integers, known: Flags, *, seed: int = 0) -> Floats:  # noqa: N803
    """Return by how much the ``signal`` of each record (its logit, shape (n,)) exceeds what is expected of one of its kind that was not trained on.

    Parameters
    ----------
    X, y
        The records, shape (n, d), and their labels.
    known
        Which of them are known not to be members, shape (n,).
    """
    return _scored(signal, X, y, known, seed)[0]


def quantile_or_none(signal: Floats, X: Floats, y: Integers, known: Flags, *, seed: int = 0) -> Floats | None:  # noqa: N803
    """Return the scores where the regression says more of unseen non-members than one threshold for all; whether members score higher is not looked at."""
    scores, loss, plain = _scored(signal, X, y, known, seed)
    return scores if loss < _BETTER * plain else None


def _scored(signal: Floats, X: Floats, y: Integers, known: Flags, seed: int) -> tuple[Floats, float, float]:  # noqa: N803
    records, fold = np.column_stack([X, y]), _folds(known, seed)
    expected, plain = np.zeros(len(signal)), np.zeros(len(signal))
    for part in range(_FOLDS):
        learnt = known & (fold != part)
        expected[fold == part] = _regression(seed).fit(records[learnt], signal[learnt]).predict(records[fold == part])
        plain[fold == part] = np.quantile(signal[learnt], QUANTILE)
    losses = [_pinball(signal[known] - guess[known]) for guess in (expected, plain)]
    return signal - expected, losses[0], losses[1]


def _regression(seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingRegressor

    return HistGradientBoostingRegressor(
        loss="quantile", quantile=QUANTILE, max_iter=30, learning_rate=0.15, max_leaf_nodes=8, early_stopping=False, random_state=seed
    )


def _folds(known: Flags, seed: int) -> Integers:
    rng, fold = np.random.default_rng(seed), np.zeros(len(known), dtype=np.int64)
    for side in (known, ~known):
        rows = np.flatnonzero(side)
        fold[rows] = rng.permutation(len(rows)) % _FOLDS
    return fold


def _pinball(above: Floats) -> float:
    return float(np.mean(np.maximum(QUANTILE * above, (QUANTILE - 1.0) * above)))
