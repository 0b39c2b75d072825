"""The precondition: without the model, members and others must look alike.

Members and others that come from different times or sources differ in themselves, and every attack then measures that difference (Das, Zhang, Tramèr, Blind
baselines beat membership inference attacks for foundation models, 2024).
"""

from __future__ import annotations

import msgspec
import numpy as np

from aisecops.attacks.inference.membership.rates import Area, area
from aisecops.oracles.oracle import Floats, Integers

_FOLDS = 5
_LEVEL = 0.99
"""A precondition that fails by chance voids a whole examination: it may do so in one of 200."""


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
    member = np.repeat([1, 0], [len(members[1]), len(others[1])])
    rng = np.random.default_rng(seed)
    fold = np.empty(len(member), dtype=np.int64)
    for side in (0, 1):
        rows = np.flatnonzero(member == side)
        fold[rows] = rng.permutation(len(rows)) % _FOLDS
    scores = np.zeros(len(member))
    for part in range(_FOLDS):
        model = HistGradientBoostingClassifier(max_iter=30, max_leaf_nodes=15, early_stopping=False, random_state=seed)
        model.fit(records[fold != part], member[fold != part])
        raw = model.decision_function(records[fold == part])
        scores[fold == part] = raw
    return BlindBaseline(area=area(scores[member == 1], scores[member == 0], _LEVEL))
