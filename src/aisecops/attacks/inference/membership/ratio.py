"""The learned likelihood ratio: a classifier that has seen, on shadow models that play the target, what membership looks like.

No fixed score wins: RMIA is best on forests with few shadows, LiRA on networks. Each shadow is a target whose truth is known, so that what works for this kind of
model and data can be learned from shadows alone; the truth about the target is never looked at.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np

from aisecops.attacks.inference.membership.confidences import floor_of, logits
from aisecops.attacks.inference.membership.evidence import Case, features, lira, rmia
from aisecops.attacks.inference.membership.quantile import quantile_scores
from aisecops.attacks.inference.membership.rates import area
from aisecops.oracles.oracle import Flags, Floats, Integers

_ROWS = 6_000
"""Rows that one of the two classifiers is trained on, at most: 16,000 and twice the trees find no more members on forests, boosters or networks."""
_PLAYED = 8
"""Shadows that play the target, and pairs in turn left out for it: more of either change nothing that can be measured, and take longer."""
_FEATURE_FPR = 0.01
_MANY = 8
"""Shadows from which on quantile regression is tried, too: with fewer it would take longer than all the rest."""
FIXED: dict[str, Callable[[Case], Floats]] = {"rmia": rmia, "lira": lira}


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """The scores of the target's records by the attack that did best on shadows, shape (n,); ``attacks``: how each one did there (mean rate at 1 %, mean area)."""

    attack: str
    scores: Floats
    attacks: dict[str, tuple[float, float]]


class Records(msgspec.Struct, frozen=True, kw_only=True):
    """What quantile regression learns from: the records, shape (n, d), their labels, and which are known not to be members, shape (n,)."""

    X: Floats
    y: Integers
    others: Flags


def judge(case: Case, *, records: Records | None = None, seed: int = 0) -> Judged:
    """Score the records of ``case`` by the attack that is best at shadows which play the target; with ``records``, quantile regression is one of them."""
    learned = _Learned(case, seed)
    attacks = {name: _success(case, [score(case.playing(number)) for number in _playing(case)]) for name, score in FIXED.items()}
    attacks["learned-ratio"] = _success(case, learned.played)
    if records is not None and len(case.shadows) >= _MANY:
        attacks["quantile"] = _quantile_success(case, records, seed)
    best = max(attacks, key=lambda name: sum(attacks[name]))
    if best == "quantile":
        assert records is not None
        scores = quantile_scores(_signal(case.target), records.X, records.y, records.others, seed=seed)
    else:
        scores = learned.scores(case) if best == "learned-ratio" else FIXED[best](case)
    return Judged(attack=best, scores=scores, attacks=attacks)


def _quantile_success(case: Case, records: Records, seed: int) -> tuple[float, float]:
    """On the first shadow of two pairs: each trial takes as long as a shadow of a small model does."""
    tried = [0, 2]
    played = Case(target=case.target, shadows=case.shadows[tried], inside=case.inside[tried])
    signals = [_signal(shadow) for shadow in played.shadows]
    scores = [quantile_scores(signal, records.X, records.y, ~inside, seed=seed) for signal, inside in zip(signals, played.inside, strict=True)]
    return _success(played, scores)


def _signal(confidences: Floats) -> Floats:
    return logits(confidences, floor_of(confidences))


def _success(case: Case, played: list[Floats]) -> tuple[float, float]:
    """Mean rate at 1 % and mean area over shadows that play the target."""
    rates, areas = [], []
    for number, scores in enumerate(played):
        members, others = scores[case.inside[number]], scores[~case.inside[number]]
        threshold = -np.sort(-others)[min(len(others) - 1, int(len(others) * _FEATURE_FPR))]
        rates.append(float((members > threshold).mean()))
        areas.append(area(members, others).value)
    return float(np.mean(rates)), float(np.mean(areas))


def _playing(case: Case) -> range:
    return range(min(_PLAYED, len(case.shadows)))


class _Learned:
    """Two classifiers, each trained on one half of the pairs of shadows and tried on the other, so that choosing between attacks is fair; the target gets their mean."""

    def __init__(self, case: Case, seed: int) -> None:
        from sklearn.ensemble import HistGradientBoostingClassifier

        rng = np.random.default_rng(seed)
        seen = [features(case.playing(number)) for number in _playing(case)]
        pairs = np.arange(len(seen)) // 2 % 2
        self._models = []
        for half in (0, 1):
            X = np.concatenate([seen[number] for number in np.flatnonzero(pairs == half)])  # noqa: N806
            y = np.concatenate([case.inside[number] for number in np.flatnonzero(pairs == half)])
            rows = rng.permutation(len(y))[:_ROWS]
            model = HistGradientBoostingClassifier(
                max_iter=15, learning_rate=0.35, max_leaf_nodes=8, min_samples_leaf=40, l2_regularization=1.0, early_stopping=False, random_state=seed
            )
            self._models.append(model.fit(X[rows], y[rows]))
        self.played: list[Floats] = [
            np.asarray(self._models[1 - half].decision_function(part), dtype=np.float64) for half, part in zip(pairs, seen, strict=True)
        ]

    def scores(self, case: Case) -> Floats:
        """The mean log ratio over both classifiers and over leaving out each pair: the classifiers have learned from that many shadows."""
        parts = [features(case.without(pair, pair + 1)) for pair in _playing(case)[::2]]
        return np.asarray(np.mean([model.decision_function(part) for model in self._models for part in parts], axis=0))
