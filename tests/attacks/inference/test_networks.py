"""Shadows of networks, trained at once: what comes out is what a loop of single trainings gives."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import make_classification

from aisecops.attacks.inference.membership import audit, complementary_halves
from aisecops.attacks.inference.membership.networks import Recipe, networks
from aisecops.core.errors import UserError
from aisecops.oracles.opening import oracle_of

torch = pytest.importorskip("torch")
N = 300
X, Y = make_classification(
    2 * N, n_features=12, n_informative=8, n_redundant=0, n_classes=3, n_clusters_per_class=1, flip_y=0.3, class_sep=0.8, random_state=0
)
RECIPE = Recipe(epochs=40, batch=32, learning_rate=5e-3)


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def network(width: int = 48, *more):
    return torch.nn.Sequential(torch.nn.Linear(12, width), torch.nn.ReLU(), *more, torch.nn.Linear(width, 3))


def trained(rows: np.ndarray, recipe: Recipe, seed: int, weights: dict | None = None):
    """A plain loop: one network, torch's own optimiser."""
    torch.manual_seed(seed)
    model, samples, labels = network(), torch.tensor(X[rows], dtype=torch.float32), torch.tensor(Y[rows])
    if weights is not None:
        model.load_state_dict(weights)
    kinds = {
        "adam": lambda p: torch.optim.Adam(p, lr=recipe.learning_rate, weight_decay=recipe.weight_decay),
        "sgd": lambda p: torch.optim.SGD(p, lr=recipe.learning_rate, momentum=recipe.momentum, weight_decay=recipe.weight_decay),
    }
    optimiser = kinds[recipe.optimiser](model.parameters())
    for _ in range(recipe.epochs):
        order = torch.randperm(len(labels))
        for start in range(0, len(labels), recipe.batch):
            chosen = order[start : start + recipe.batch]
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(model(samples[chosen]), labels[chosen]).backward()
            optimiser.step()
    return model


def confidence(model) -> np.ndarray:
    with torch.no_grad():
        return torch.softmax(model(torch.tensor(X, dtype=torch.float32)), 1).double().numpy()[np.arange(2 * N), Y]


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(epochs=5, batch=N, learning_rate=1e-2, weight_decay=1e-2),
        Recipe(epochs=5, batch=N, optimiser="sgd", learning_rate=0.1, momentum=0.9, weight_decay=1e-2),
    ],
    ids=["adam", "sgd"],
)
def test_each_step_is_that_of_torchs_own_optimiser(recipe):
    """With all records in one batch nothing is drawn but the first weights: these are set to be the same."""
    inside = complementary_halves(2 * N, 4, 1)
    weights = network().state_dict()
    found = networks(_Fixed(weights), X, Y, recipe)(inside)
    for rows, given in zip(inside, found, strict=True):
        assert given == pytest.approx(confidence(trained(rows, recipe, 0, weights)), abs=2e-4)


class _Fixed(torch.nn.Module):
    """The network of ``network()`` whose weights are always drawn the same."""

    def __init__(self, weights: dict) -> None:
        super().__init__()
        self.first, self.second = _Set(12, 48, weights["0.weight"], weights["0.bias"]), _Set(48, 3, weights["2.weight"], weights["2.bias"])

    def forward(self, batch):
        return self.second(torch.relu(self.first(batch)))


class _Set(torch.nn.Linear):
    def __init__(self, into: int, out: int, weight, bias) -> None:
        super().__init__(into, out)
        self.given = (weight, bias)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        if hasattr(self, "given"):
            with torch.no_grad():
                self.weight.copy_(self.given[0])
                self.bias.copy_(self.given[1])


def test_batched_and_single_trainings_agree_on_average():
    inside = complementary_halves(2 * N, 6, 0)
    batched = networks(network(), X, Y, RECIPE, seed=3)(inside)
    single = np.stack([confidence(trained(rows, RECIPE, number)) for number, rows in enumerate(inside)])
    for side in (inside, ~inside):
        assert batched[side].mean() == pytest.approx(single[side].mean(), abs=0.02)
    assert batched[inside].mean() > batched[~inside].mean() + 0.1


def test_the_attack_is_stronger_than_confidence_and_repeats():
    rows = np.arange(2 * N) < N
    model = trained(rows, RECIPE, 7)
    members, others = (X[:N], Y[:N]), (X[N:], Y[N:])
    oracle = oracle_of(model, shape=(12,))
    leak = audit(oracle, members, others, shadows=networks(model, X, Y, RECIPE, seed=1), count=8)
    assert leak.shadows == 8
    assert leak.area.interval.low > 0.6
    again = audit(oracle, members, others, shadows=networks(model, X, Y, RECIPE, seed=1), count=8)
    assert np.array_equal(again.members, leak.members)


def test_dropout_and_convolutions_are_trained_at_once_too():
    inside = complementary_halves(2 * N, 4, 0)
    recipe = Recipe(epochs=2, together=2)
    dropping = networks(network(16, torch.nn.Dropout(0.5)), X, Y, recipe)(inside)
    convolution = torch.nn.Sequential(torch.nn.Conv1d(1, 4, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(40, 3))
    pictures = networks(convolution, X[:, None, :], Y, recipe)(inside)
    for found in (dropping, pictures):
        assert found.shape == inside.shape
        assert ((found > 0) & (found < 1)).all()


def test_records_that_all_have_seen_count():
    inside = complementary_halves(N, 4, 0)
    found = networks(network(), X[:N], Y[:N], RECIPE, always=(X[N:], Y[N:]))(inside)
    assert found.shape == (4, N)


def test_what_cannot_be_trained_together_says_why():
    for module, said in ((network(8, torch.nn.BatchNorm1d(8)), "statistics"), (_Strange(), "how its weights are drawn")):
        with pytest.raises(UserError, match=said):
            networks(module, X, Y, RECIPE)
    for wrong in ({"epochs": 0}, {"optimiser": "lion"}, {"momentum": 1.0}):
        with pytest.raises(ValueError, match="`"):
            Recipe(**wrong)


class _Strange(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(12, 3))

    def forward(self, batch):
        return batch @ self.weight
