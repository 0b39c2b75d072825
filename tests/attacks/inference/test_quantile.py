"""Quantile regression: stronger than confidence where records differ in difficulty, and no advantage of its own making."""

from __future__ import annotations

import numpy as np
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier

from aisecops.attacks.inference.membership import area, audit, clones
from aisecops.attacks.inference.membership.quantile import quantile_or_none, quantile_scores
from aisecops.oracles.opening import oracle_of

N = 1000
KNOWN = np.arange(2 * N) >= N


def signals(seed: int, gap: float):
    """A model's logits that depend on the first column much, and on membership by ``gap``."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(2 * N, 4))
    return 4 * X[:, 0] + rng.normal(size=2 * N) + gap * ~KNOWN, X, (X[:, 0] > 0).astype(int)


def test_records_are_compared_with_their_like():
    signal, X, y = signals(0, 1.0)
    scores = quantile_scores(signal, X, y, KNOWN)
    assert area(scores[~KNOWN], scores[KNOWN]).value > area(signal[~KNOWN], signal[KNOWN]).value + 0.1
    assert quantile_or_none(signal, X, y, KNOWN) is not None


def test_known_records_get_no_advantage():
    values = []
    for seed in range(12):
        signal, X, y = signals(seed, 0.0)
        scores = quantile_scores(signal, X, y, KNOWN)
        values.append(area(scores[~KNOWN], scores[KNOWN]).value)
    assert abs(np.mean(values) - 0.5) < 0.01


def test_where_there_is_nothing_to_learn_confidence_stays():
    rng = np.random.default_rng(0)
    assert quantile_or_none(rng.normal(size=2 * N), rng.normal(size=(2 * N, 4)), rng.integers(0, 2, 2 * N), KNOWN) is None


def test_it_is_one_of_the_attacks_that_shadows_choose_from():
    X, y = make_classification(800, n_features=6, n_informative=4, flip_y=0.2, random_state=0)
    model = RandomForestClassifier(8, random_state=0).fit(X[:400], y[:400])
    leak = audit(oracle_of(model), (X[:400], y[:400]), (X[400:], y[400:]), shadows=clones(model, X, y), count=8)
    assert set(leak.attacks) == {"rmia", "lira", "learned-ratio", "quantile"}
    assert 0.5 < leak.attacks["quantile"][1] < leak.attacks[leak.attack][1]
