"""Whether rows are spread as a stamp is: an attacker writes his sign on whichever rows he has, an honest value comes with what goes along with it.

Rows that carry a sign and its label are compared with rows of other labels by the columns that the sign leaves alone. Poisoned rows *are* rows of other labels, so
nothing tells the two apart; customers of one shop, patients of one ward, lots of one day are told apart at once. An attacker who chooses rows that are alike is not
found so, and is not found.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aisecops.defences.poisoning.suspicion import Flags, Floats, Integers

_FOLDS = 4
_TREES = 80
_OTHERS = 4_000
_APART = 0.65
"""Area under the ROC curve from which on, with confidence, the rows are of one kind: what is left to the honest rows among the carriers."""
_DEVIATIONS = 2.6


def of_one_kind(z: Floats, rows: Flags, others: Flags, without: Sequence[int], *, seed: int = 0) -> bool:
    """Tell whether ``rows`` are of one kind among ``others`` by the columns of ``z`` besides ``without``.

    Parameters
    ----------
    z
        Scaled columns, shape (n, columns).
    rows, others
        Those that carry the sign with its label, and those of other labels without it, shape (n,).
    """
    kept = np.setdiff1d(np.arange(z.shape[1]), np.asarray(without, dtype=np.int64))
    few, many = int(rows.sum()), int(others.sum())
    if not len(kept) or min(few, many) < _FOLDS:
        return False
    area = _area(*_asked(z[:, kept], np.flatnonzero(rows), np.flatnonzero(others), seed))
    # Hanley and McNeil 1982, at an area of one half
    spread = float(np.sqrt((few + many + 1) / (12.0 * few * many)))
    return area - _DEVIATIONS * spread > 0.5 and area > _APART


def _asked(z: Floats, rows: Integers, others: Integers, seed: int) -> tuple[Floats, Floats]:
    """Return what trees that did not see them say of ``rows`` and of ``others``: how likely each carries the sign."""
    from sklearn.ensemble import ExtraTreesClassifier

    rng = np.random.default_rng(seed)
    others = others if len(others) <= _OTHERS else rng.choice(others, _OTHERS, replace=False)
    both = np.concatenate([rows, others])
    carries = np.arange(len(both)) < len(rows)
    fold = np.concatenate([rng.permutation(len(part)) % _FOLDS for part in (rows, others)])
    told = np.zeros(len(both))
    for number in range(_FOLDS):
        forest = ExtraTreesClassifier(_TREES, min_samples_leaf=3, class_weight="balanced", random_state=seed, n_jobs=1)
        forest.fit(z[both[fold != number]].astype(np.float32), carries[fold != number])
        told[fold == number] = forest.predict_proba(z[both[fold == number]].astype(np.float32))[:, 1]
    return told[carries], told[~carries]


def _area(ours: Floats, theirs: Floats) -> float:
    """Return the area under the ROC curve: how often one of ``ours`` is above one of ``theirs``, ties by half."""
    order = np.sort(theirs)
    below, upto = np.searchsorted(order, ours, side="left"), np.searchsorted(order, ours, side="right")
    return float((below + upto).mean() / (2 * len(theirs)))
