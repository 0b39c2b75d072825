"""Lower bounds on epsilon: never above the truth beyond the error allowed, and not so low that they say nothing."""

from __future__ import annotations

import numpy as np
import pytest

from aisecops.attacks.inference.differential import clopper_pearson_bound, gaussian_bound, one_run_bound
from aisecops.attacks.inference.differential.bounds import gaussian_epsilon

BOUNDS = (one_run_bound, clopper_pearson_bound, gaussian_bound)


def audits(mu: float, m: int, count: int) -> np.ndarray:
    """The three bounds over ``count`` audits of a Gaussian mechanism with m canaries."""
    rng = np.random.default_rng(int(10 * mu) + m)
    found = []
    for _ in range(count):
        inside = rng.random(m) < 0.5
        scores = rng.normal(size=m) + mu * inside
        found.append([bound(scores[inside], scores[~inside]).epsilon for bound in BOUNDS])
    return np.array(found)


def test_epsilon_of_a_gaussian_mechanism():
    assert gaussian_epsilon(1.0, 1e-5) == pytest.approx(4.377, abs=2e-3)
    assert gaussian_epsilon(2.0, 1e-5) == pytest.approx(10.0, abs=0.01)
    assert gaussian_epsilon(0.0, 1e-5) == 0


@pytest.mark.parametrize("mu", [0.0, 1.0])
def test_the_truth_is_exceeded_in_five_percent_at_most(mu):
    found = audits(mu, 300, 100)
    assert ((found > gaussian_epsilon(mu, 1e-5)).mean(axis=0) <= 0.05).all()


def test_of_a_leak_a_good_part_is_shown():
    median = np.median(audits(1.0, 4000, 9), axis=0) / gaussian_epsilon(1.0, 1e-5)
    assert median[0] > 0.35
    assert median[1] > 0.2
    assert median[2] > 0.7


def test_equal_scores_and_few_canaries_show_nothing():
    for bound in BOUNDS:
        assert bound(np.ones(200), np.ones(200)).epsilon == 0
        assert bound(np.ones(2), np.zeros(2)).epsilon == 0


def test_what_a_bound_rests_on_is_said():
    found = gaussian_bound(np.arange(100.0), -np.arange(100.0))
    assert "Gaussian" in found.assumes
    assert not one_run_bound(np.arange(100.0), -np.arange(100.0)).assumes
