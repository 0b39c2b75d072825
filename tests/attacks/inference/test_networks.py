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


def convolutions():
    """Batch normalisation behind a convolution and behind a layer of the classifier, on pictures of 3 x 4."""
    return torch.nn.Sequential(
        torch.nn.Unflatten(1, (1, 3, 4)), torch.nn.Conv2d(1, 8, 3, padding=1), torch.nn.BatchNorm2d(8), torch.nn.ReLU(), torch.nn.Flatten(),
        torch.nn.Linear(96, 24), torch.nn.BatchNorm1d(24), torch.nn.ReLU(), torch.nn.Linear(24, 3),
    )  # fmt: skip


def trained(rows: np.ndarray, recipe: Recipe, seed: int, weights: dict | None = None, make=network):
    """A plain loop: one network, torch's own optimiser; in evaluation mode."""
    torch.manual_seed(seed)
    model, samples, labels = make(), torch.tensor(X[rows], dtype=torch.float32), torch.tensor(Y[rows])
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
    return model.eval()


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
    found = networks(_fixed(weights), X, Y, recipe)(inside)
    for rows, given in zip(inside, found, strict=True):
        assert given == pytest.approx(confidence(trained(rows, recipe, 0, weights)), abs=2e-4)


@pytest.mark.parametrize("momentum", [0.1, None], ids=["at-once", "one-by-one"])
def test_statistics_of_batches_are_those_of_torchs_own_loop(momentum):
    """A running mean over all batches (no momentum) counts them, which vmap cannot: such shadows are trained one by one."""
    recipe = Recipe(epochs=6, batch=N, optimiser="sgd", learning_rate=0.1)
    inside = complementary_halves(2 * N, 4, 1)
    normalised = lambda: network(48, torch.nn.BatchNorm1d(48, momentum=momentum))  # noqa: E731
    weights = normalised().state_dict()
    found = networks(_fixed(weights, torch.nn.BatchNorm1d(48, momentum=momentum)), X, Y, recipe)(inside)
    for rows, given in zip(inside, found, strict=True):
        assert given == pytest.approx(confidence(trained(rows, recipe, 0, weights, normalised)), abs=2e-4)


def _fixed(weights: dict, *more):
    """The network of ``network(48, *more)`` whose weights are always drawn the same."""
    last = 2 + len(more)
    first, second = (_Set(*sides, weights[f"{place}.weight"], weights[f"{place}.bias"]) for sides, place in (((12, 48), 0), ((48, 3), last)))
    return torch.nn.Sequential(first, torch.nn.ReLU(), *more, second)


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


def test_a_network_with_batch_normalisation_is_attacked():
    recipe = Recipe(epochs=16, batch=50, learning_rate=1e-2)
    rows = np.arange(2 * N) < N
    model = trained(rows, recipe, 7, make=convolutions)
    shadows = networks(model, X, Y, recipe, seed=1)
    inside = complementary_halves(2 * N, 4, 0)
    at_once, loop = shadows(inside), confidence(model)
    for side, of in ((inside, rows), (~inside, ~rows)):
        assert at_once[side].mean() == pytest.approx(loop[of].mean(), abs=0.05)
    leak = audit(oracle_of(model, shape=(12,)), (X[:N], Y[:N]), (X[N:], Y[N:]), shadows=shadows, count=4)
    assert leak.area.interval.low > 0.6


class _Recurrent(torch.nn.Module):
    """What vmap has no rule for."""

    def __init__(self) -> None:
        super().__init__()
        self.cell, self.out = torch.nn.LSTM(4, 12, batch_first=True), torch.nn.Linear(12, 3)

    def forward(self, batch):
        return self.out(self.cell(batch.reshape(-1, 3, 4))[0][:, -1])


class _Choosing(torch.nn.Module):
    """Control flow that depends on the data."""

    def __init__(self) -> None:
        super().__init__()
        self.out = torch.nn.Linear(12, 3)

    def forward(self, batch):
        return self.out(batch if batch.abs().max() < 100 else batch / 100)


@pytest.mark.parametrize("module", [_Recurrent(), _Choosing()], ids=["recurrent", "control-flow"])
def test_what_vmap_cannot_batch_is_trained_one_by_one(module):
    inside = complementary_halves(2 * N, 4, 0)
    recipe = Recipe(epochs=8, batch=32, learning_rate=2e-2)
    found = networks(module, X, Y, recipe)(inside)
    assert found[inside].mean() > found[~inside].mean() > 0.4
    assert np.array_equal(found, networks(module, X, Y, recipe)(inside))


def test_records_that_all_have_seen_count():
    inside = complementary_halves(N, 4, 0)
    found = networks(network(), X[:N], Y[:N], RECIPE, always=(X[N:], Y[N:]))(inside)
    assert found.shape == (4, N)


def test_what_cannot_be_trained_says_why():
    for module, said in ((network(8, torch.nn.Linear(9, 8)), "no shadow of this network"), (_Strange(), "how to draw")):
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
