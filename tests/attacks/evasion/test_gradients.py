from __future__ import annotations

import numpy as np
import pytest

from aisecops.attacks.evasion.attempts import Norm
from aisecops.attacks.evasion.catalogue import ATTACKS
from aisecops.attacks.evasion.space import Box
from aisecops.core.errors import UserError
from aisecops.oracles.budget import Budget, Metered
from aisecops.oracles.opening import oracle_of
from aisecops.oracles.oracle import Capability, CapabilityError, Loss, OracleError

from .victims import digits, trained, victim

GRADIENT = [(name, norm) for name, attack in ATTACKS.items() if attack.capability is Capability.GRADIENT for norm in attack.norms]
REACH = {Norm.LINF: 0.1, Norm.L2: 0.7}
WIDE = Box(-9.0, 9.0)


def linear(n=40):
    """The logistic regression by our adapter, samples that it gets right, and the exact distance of each to another class."""
    model = trained("logistic")
    _, samples, y = victim("logistic", n=n)
    exact = {}
    for norm, dual in ((Norm.LINF, 1), (Norm.L2, 2)):
        margin = samples @ model.coef_.T + model.intercept_
        margin = margin[np.arange(len(y)), y][:, None] - margin
        gap = np.linalg.norm(model.coef_[y][:, None] - model.coef_[None], ord=dual, axis=2)
        exact[norm] = np.where(gap > 0, margin / np.where(gap > 0, gap, 1), np.inf).min(axis=1)
    return oracle_of(model), model, samples, y, exact


@pytest.mark.parametrize(("name", "norm"), GRADIENT)
def test_a_linear_model_is_evaded_exactly_where_it_can_be(name, norm):
    oracle, model, samples, y, exact = linear()
    reach = float(np.median(exact[norm]))
    attempts = ATTACKS[name].load()(oracle, samples, y, space=WIDE, norm=norm, epsilon=reach, queries=1000, seed=0)
    assert not attempts.found[exact[norm] > reach].any()
    assert attempts.found[exact[norm] < (0.9 if name == "apgd-ce" else 0.97) * reach].all()  # cross-entropy mixes the classes' directions
    found = attempts.found
    assert (model.predict(attempts.points[found]) != y[found]).all()
    assert (attempts.distance[found] <= reach).all()


@pytest.mark.parametrize(("name", "norm"), GRADIENT)
def test_every_query_and_gradient_is_counted_and_the_beaten_leave(name, norm):
    oracle, _, samples, y, exact = linear()
    metered = Metered(oracle)
    reach = float(np.median(exact[norm]))
    attempts = ATTACKS[name].load()(metered, samples, y, space=WIDE, norm=norm, epsilon=reach, queries=400, seed=0)
    assert attempts.queries.sum() == metered.ledger.queries
    assert 0 < metered.ledger.gradients < metered.ledger.queries
    assert attempts.queries.max() <= 400
    easy = exact[norm] < 0.7 * reach
    assert attempts.queries[easy].mean() < attempts.queries[~attempts.found].mean() / 2


@pytest.mark.parametrize("box", [WIDE, Box(), Box(0.3, 0.7)], ids=["wide", "at its bounds", "outside"])
@pytest.mark.parametrize("name", ["pgd", "apgd-ce", "apgd-t"])
def test_all_features_move_that_can(name, box):
    """The projection is no part of what is differentiated: more than 99 % of the features whose slope leads into the box move, wherever they start."""
    oracle, _, samples, y, _ = linear(10)
    _, slope = oracle.gradient(samples, y, Loss.CROSS_ENTROPY)
    inward = np.where(slope > 0, samples < np.maximum(box.high, samples), (slope < 0) & (samples > np.minimum(box.low, samples)))
    asked = []

    class Watched(Metered):
        def gradient(self, batch, y, loss, target=None):
            asked.append(np.array(batch))
            return super().gradient(batch, y, loss, target)

    for row in range(10):
        given = samples[row : row + 1], y[row : row + 1]
        ATTACKS[name].load()(Watched(oracle), *given, space=box, norm=Norm.LINF, epsilon=0.01, queries=200, seed=0)
        moved = np.ptp(np.concatenate([samples[row : row + 1], *asked]), axis=0) > 0
        asked.clear()
        assert inward[row].sum() > 20
        assert moved[inward[row]].mean() > 0.99


@pytest.mark.parametrize(("name", "norm"), GRADIENT)
def test_a_seed_decides_everything(name, norm):
    oracle, _, samples, y, _ = linear(10)
    runs = [ATTACKS[name].load()(oracle, samples, y, space=Box(), norm=norm, epsilon=REACH[norm], queries=100, seed=7) for _ in range(2)]
    np.testing.assert_array_equal(runs[0].points, runs[1].points)


@pytest.mark.parametrize(("name", "norm"), GRADIENT)
def test_a_target_is_met(name, norm):
    oracle, model, samples, y, _ = linear(10)
    target = (y + 1) % 10
    attempts = ATTACKS[name].load()(oracle, samples, y, space=WIDE, norm=norm, epsilon=20 * REACH[norm], target=target, seed=0)
    assert attempts.found.all()
    assert (model.predict(attempts.points) == target).all()


@pytest.mark.parametrize(("name", "norm"), GRADIENT)
def test_a_spent_budget_ends_the_attack(name, norm):
    oracle, _, samples, y, _ = linear(20)
    metered = Metered(oracle, Budget(calls=9))
    attempts = ATTACKS[name].load()(metered, samples, y, space=Box(), norm=norm, epsilon=1e-4)
    assert attempts.stopped.startswith("budget")
    assert not attempts.found.any()
    assert attempts.queries.sum() == metered.ledger.queries


@pytest.mark.parametrize(("name", "norm"), GRADIENT)
def test_two_classes_and_wrong_already(name, norm):
    from sklearn.linear_model import LogisticRegression

    X, y, _, _ = digits()
    pick = y < 2
    model = LogisticRegression().fit(X[pick], y[pick])
    X, y = X[pick][:20], y[pick][:20].copy()
    y[0] = 1 - y[0]
    attempts = ATTACKS[name].load()(oracle_of(model), X, y, space=Box(), norm=norm, epsilon=5 * REACH[norm], seed=0)
    assert attempts.found.all()
    assert attempts.distance[0] == 0
    assert attempts.queries[0] == 1


@pytest.mark.parametrize("loss", [Loss.CROSS_ENTROPY, Loss.MARGIN, Loss.DLR])
def test_pgd_climbs_any_loss(loss):
    oracle, _, samples, y, exact = linear()
    reach = float(np.median(exact[Norm.LINF]))
    attempts = ATTACKS["pgd"].load()(oracle, samples, y, space=WIDE, epsilon=reach, loss=loss, seed=0)
    assert attempts.found[exact[Norm.LINF] < 0.9 * reach].all()


def test_a_missing_capability_is_named():
    oracle, samples, y = victim("forest")
    with pytest.raises(CapabilityError, match="needs gradient"):
        ATTACKS["apgd-t"].load()(oracle, samples, y, space=Box(), epsilon=0.1)
    with pytest.raises(UserError, match="not l1"):
        ATTACKS["pgd"].load()(linear(2)[0], samples, y, space=Box(), norm=Norm.L1, epsilon=0.1)


def test_a_loss_that_is_not_a_number_is_an_error_not_robustness():
    oracle, _, samples, y, _ = linear(5)

    class Broken(Metered):
        def gradient(self, batch, y, loss, target=None):
            losses, slope = super().gradient(batch, y, loss, target)
            return np.full_like(losses, np.nan), slope

    for name in ("pgd", "apgd-ce", "apgd-t"):
        with pytest.raises(OracleError, match="not a number"):
            ATTACKS[name].load()(Broken(oracle), samples, y, space=Box(), norm=Norm.LINF, epsilon=0.01)


@pytest.mark.slow
def test_a_network_is_evaded_on_images_and_targets_find_no_less_than_cross_entropy():
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    torch.set_num_threads(1)
    X, y, X_test, y_test = digits()
    layers = torch.nn
    network = layers.Sequential(layers.Conv2d(1, 8, 3), layers.ReLU(), layers.Flatten(), layers.Linear(8 * 36, 10))
    optimiser = torch.optim.Adam(network.parameters(), 0.01)
    inputs, labels = torch.tensor(X, dtype=torch.float32).reshape(-1, 1, 8, 8), torch.tensor(y)
    for _ in range(60):
        optimiser.zero_grad()
        layers.functional.cross_entropy(network(inputs), labels).backward()
        optimiser.step()
    oracle = oracle_of(network, shape=(1, 8, 8))
    images = X_test.reshape(-1, 1, 8, 8)
    right = oracle.labels(images) == y_test
    images, y_test = images[right][:60], y_test[right][:60]
    found = {
        name: ATTACKS[name].load()(oracle, images, y_test, space=Box(), norm=Norm.LINF, epsilon=0.1, queries=1000, seed=0).found.sum()
        for name in ("pgd", "apgd-ce", "apgd-t", "square")
    }
    assert found["apgd-t"] >= found["apgd-ce"] - 1
    assert found["apgd-t"] >= found["square"]
    assert found["pgd"] > 15
