"""The precondition: without the model, members and others must look alike.

Members and others that come from different times or sources differ in themselves, and every attack then measures that difference (Das, Zhang, Tramèr, Blind
baselines beat membership inference attacks for foundation models, 2024).
"""

from __future__ import annotations

import msgspec
import numpy as np

from aisecops.attacks.inference.membership.rates import Area, area
from aisecops.core.statistics import Interval
from aisecops.oracles.oracle import Floats, Integers

_FOLDS, _LINEAR_FOLDS = 3, 5
_FAR = 5.0
"""Standard deviations beyond which a feature counts as so far."""
_LEVEL = 0.99
"""A precondition that fails by chance voids a whole examination: it may do so in one of 200."""
_NOMINAL = 0.9997
"""DeLong's interval is for scores of one model. Those of several, trained on overlapping parts of the records, spread further where there is nothing to learn (at
400 to 2,000 records a side 1.4 times as far for least squares, 1.2 for trees: measured), which is what this level makes up for."""


class BlindBaseline(msgspec.Struct, frozen=True, kw_only=True):
    """How well members are told from others by their own columns, by a model that was trained on other records: 0.5 is not at all."""

    area: Area

    @property
    def shifted(self) -> bool:
        """Whether they differ by themselves: every number about membership is void then."""
        return self.area.interval.low > 0.5


def blind_baseline(members: tuple[Floats, Integers], others: tuple[Floats, Integers], *, seed: int = 0) -> BlindBaseline:
    """Train a classifier to tell members (samples (n, d), labels (n,)) from others without asking the model, each record judged by one that has not seen it."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    records = np.concatenate([np.column_stack(part) for part in (members, others)])
    member, fold = _folds(len(members[1]), len(others[1]), _FOLDS, seed)
    scores = np.zeros(len(member))
    for part in range(_FOLDS):
        model = HistGradientBoostingClassifier(max_iter=10, learning_rate=0.3, max_leaf_nodes=15, early_stopping=False, random_state=seed)
        model.fit(records[fold != part], member[fold != part])
        raw = model.decision_function(records[fold == part])
        scores[fold == part] = raw
    return _judged(scores[member == 1], scores[member == 0])


def blind_to_a_linear_model(features: Floats, members: int, *, seed: int = 0) -> BlindBaseline:
    """Return the same for what an attack on a linear model can see of records, in milliseconds: least squares on ``features``, shape (n, p), members first.

    The features are those that the attack's scores are linear in (``Influence.features``) and their squares: a difference between the sides that
    shows in neither cannot reach those scores.
    """
    centred = features - features.mean(axis=0)
    spread = centred.std(axis=0)
    seen = np.clip(centred[:, spread > 0] / spread[spread > 0], -_FAR, _FAR)
    seen = np.column_stack([np.ones(len(seen)), seen, seen**2])
    member, fold = _folds(members, len(features) - members, _LINEAR_FOLDS, seed)
    signs = np.where(member == 1, 1.0, -1.0)
    gram, push = seen.T @ seen + np.eye(seen.shape[1]), seen.T @ signs
    scores = np.zeros(len(member))
    for part in range(_LINEAR_FOLDS):
        out = seen[fold == part]
        scores[fold == part] = out @ np.linalg.solve(gram - out.T @ out, push - out.T @ signs[fold == part])
    return _judged(scores[member == 1], scores[member == 0])


def _judged(members: Floats, others: Floats) -> BlindBaseline:
    found = area(members, others, _NOMINAL)
    interval = Interval(found.interval.low, found.interval.high, _LEVEL, f"{found.interval.method}, cross-fitted")
    return BlindBaseline(area=msgspec.structs.replace(found, interval=interval))


def _folds(members: int, others: int, folds: int, seed: int) -> tuple[Integers, Integers]:
    """Which records are members, members first, and the fold of each, shapes (n,)."""
    rng = np.random.default_rng(seed)
    fold = np.concatenate([rng.permutation(members) % folds, rng.permutation(others) % folds])
    return np.repeat(np.array([1, 0]), [members, others]), fold
