"""Training with Opacus: it learns, the budget is kept, and what cannot be trained privately says so."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from aisecops.core.errors import UserError
from aisecops.defences.leakage.private_training import private_settings, trained_network
from aisecops.oracles.training import NetworkTraining

RNG = np.random.default_rng(0)
X = RNG.normal(size=(400, 5))
Y = (X[:, 0] + 0.5 * X[:, 1] > 0).astype(np.int64)
RECIPE = NetworkTraining(epochs=4, batch=50, optimiser="sgd", learning_rate=0.3, momentum=0.5)


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def network() -> torch.nn.Module:
    return torch.nn.Sequential(torch.nn.Linear(5, 16), torch.nn.ReLU(), torch.nn.Linear(16, 2))


def accuracy(module: torch.nn.Module) -> float:
    with torch.no_grad():
        return float((module(torch.tensor(X, dtype=torch.float32)).argmax(dim=1).numpy() == Y).mean())


@pytest.mark.slow
def test_it_learns_privately_and_less_with_less_epsilon():
    plain, loose, tight = (trained_network(network(), X, Y, RECIPE, epsilon=epsilon) for epsilon in (None, 8.0, 0.3))
    assert accuracy(plain) > 0.95
    assert accuracy(loose) > 0.8
    assert accuracy(tight) < accuracy(loose)
    assert [setting.value for setting in private_settings()] == [8.0, 1.0]


def test_the_same_seed_trains_the_same_network():
    one, two, other = (trained_network(network(), X[:50], Y[:50], RECIPE, seed=seed)[0].weight for seed in (1, 1, 2))
    assert torch.equal(one, two)
    assert not torch.equal(one, other)


def test_a_budget_that_no_noise_keeps_is_refused():
    with pytest.raises(UserError, match="cannot be kept with 400 records"):
        trained_network(network(), X, Y, RECIPE, epsilon=0.001)


def test_batch_normalisation_cannot_be_private():
    mixed = torch.nn.Sequential(torch.nn.Linear(5, 4), torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 2))
    with pytest.raises(UserError, match="trained privately"):
        trained_network(mixed, X, Y, RECIPE, epsilon=1.0)
