"""Epsilon recomputed: against another accountant, against the mechanism's own formula, and with the search counted."""

from __future__ import annotations

import math
import sys

import dp_accounting
import numpy as np
import pytest
from dp_accounting.pld import PLDAccountant
from dp_accounting.rdp import RdpAccountant

from aisecops.attacks.inference.differential import Sampling, Search, Training, account
from aisecops.attacks.inference.differential.bounds import gaussian_epsilon
from aisecops.core.errors import UserError

DELTA = 1e-5
RUN = Training(noise_multiplier=1.1, sample_rate=0.01, steps=1000)


def with_(**changed) -> Training:
    return Training(**({"noise_multiplier": 1.1, "sample_rate": 0.01, "steps": 1000} | changed))


@pytest.mark.parametrize(("noise", "steps"), [(1.0, 1), (4.0, 16), (10.0, 400)])
def test_full_batches_are_a_gaussian_mechanism(noise, steps):
    spent = account(with_(noise_multiplier=noise, sample_rate=1.0, steps=steps), DELTA)
    assert spent.one_run == pytest.approx(gaussian_epsilon(math.sqrt(steps) / noise, DELTA), rel=0.01)


def test_sampling_amplifies_and_renyi_accounting_is_a_little_above():
    spent = account(RUN, DELTA)
    step = dp_accounting.PoissonSampledDpEvent(0.01, dp_accounting.GaussianDpEvent(1.1))
    renyi = RdpAccountant().compose(step, 1000).get_epsilon(DELTA)
    assert 0.8 * renyi < spent.one_run < renyi


def test_a_search_costs_what_its_runs_cost():
    alone, twenty = account(RUN, DELTA), account(with_(runs=20), DELTA)
    assert alone.searched == alone.one_run
    assert twenty.one_run == alone.one_run
    assert twenty.searched == pytest.approx(account(with_(steps=20_000), DELTA).one_run)
    assert twenty.searched > 3 * alone.one_run


def trials_formula(epsilon: np.ndarray, orders: np.ndarray, mean: float) -> np.ndarray:
    """Theorem 2 of Papernot and Steinke for a geometric number of runs (eta = 1, gamma = 1 / mean), the best second order."""
    spent = [
        min(
            e + 2 * (1 - 1 / second) * other + 2 * math.log(mean) / second + math.log(mean) / (order - 1)
            for second, other in zip(orders, epsilon, strict=True)
        )
        for order, e in zip(orders, epsilon, strict=True)
    ]
    return np.array(spent)


def test_a_random_number_of_trials_follows_the_paper():
    orders = np.concatenate([np.arange(1.1, 11, 0.1), np.arange(11, 256)])
    one = orders / (2 * 4.0**2)  # of a Gaussian mechanism with noise 4
    found = trials_formula(one, orders, 10)
    by_hand = min(e + math.log1p(-1 / a) - math.log(DELTA * a) / (a - 1) for a, e in zip(orders, found, strict=True))
    spent = account(with_(noise_multiplier=4.0, sample_rate=1.0, steps=1, runs=10, search=Search.GEOMETRIC), DELTA)
    assert spent.searched == pytest.approx(by_hand, rel=0.02)
    assert "random number of trials (geometric)" in spent.method


@pytest.mark.parametrize("search", [Search.GEOMETRIC, Search.LOGARITHMIC, Search.POISSON])
def test_a_random_number_of_trials_costs_less_than_composition_and_more_than_nothing(search):
    spent = account(with_(runs=50, search=search), DELTA)
    assert spent.one_run < spent.searched < account(with_(runs=50), DELTA).searched


def test_shuffled_batches_are_not_amplified():
    shuffled = account(with_(sampling=Sampling.SHUFFLED), DELTA)
    assert shuffled.one_run == pytest.approx(gaussian_epsilon(math.sqrt(10) / 1.1, DELTA), rel=0.01)
    assert shuffled.one_run > 5 * account(RUN, DELTA).one_run


@pytest.mark.parametrize("wrong", [{"noise_multiplier": 0}, {"sample_rate": 1.5}, {"steps": 0}, {"runs": 0.5}, {"runs": 2.5}])
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError, match="`"):
        with_(**wrong)


def test_without_the_library_the_way_out_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "dp_accounting", None)
    with pytest.raises(UserError) as refused:
        account(RUN, DELTA)
    assert "aisecops[privacy]" in refused.value.fix


def test_a_small_epsilon_is_as_exact_as_a_large_one():
    step = dp_accounting.PoissonSampledDpEvent(0.0041, dp_accounting.GaussianDpEvent(3.72))
    fine = PLDAccountant(value_discretization_interval=2e-5).compose(step, 1488).get_epsilon(5e-6)
    found = account(Training(noise_multiplier=3.72, sample_rate=0.0041, steps=1488), 5e-6).one_run
    assert fine <= found < 1.005 * fine
