"""What a probe says of honest models and of those that are declared wrongly."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import FixedThresholdClassifier

from aisecops.oracles.answering import ModelOracle
from aisecops.oracles.opening import oracle_of
from aisecops.oracles.oracle import Capability, CapabilityError, Loss, OracleError
from aisecops.oracles.probe import ScoreKind, kind_of_scores, narrow, probe, saturated
from aisecops.oracles.spec import Output
from tests.oracles.victims import NAMES, VICTIMS, points, rule, torch_network

SCORES, GRADIENT, STRUCTURE = Capability.SCORES, Capability.GRADIENT, Capability.STRUCTURE


@cache
def linear() -> ModelOracle:
    x, y = points()
    return oracle_of(LogisticRegression().fit(x, y))


class Changed:
    """``linear()``, with something changed."""

    def __init__(self, **changes):
        self.__dict__ |= changes

    def __getattr__(self, name):
        return getattr(linear(), name)


@pytest.mark.parametrize("kind", VICTIMS)
def test_honest_models_have_what_they_declare(kind):
    victim = VICTIMS[kind]()
    oracle = victim.open(None)
    found = probe(oracle, victim.samples)
    assert found.faults == ()
    assert found.capabilities == oracle.capabilities
    assert found.deterministic
    assert found.batch_invariant
    assert not found.constant
    assert narrow(oracle, found.capabilities) is oracle


def test_what_scores_are_is_seen():
    x, y = points()
    model = LogisticRegression().fit(x, y)
    kinds = {None: ScoreKind.PROBABILITIES, Output.LOGITS: ScoreKind.UNNORMALISED}
    for output, kind in kinds.items():
        assert probe(oracle_of(model, output=output), x).score_kind is kind
    assert kind_of_scores(model.predict_log_proba(x)) is ScoreKind.LOG_PROBABILITIES
    assert probe(oracle_of(model, output=Output.LABELS), x).score_kind is None


def test_saturated_and_coarse_scores_are_measured():
    x, _ = points()
    assert probe(linear(), x).saturated == 0
    assert probe(oracle_of(lambda s: 1e4 * rule(s), classes=NAMES, output=Output.LOGITS), x).saturated > 0.95
    assert saturated(np.array([[1.0, 0.0], [0.5, 0.5]])) == 0.5
    clipped = oracle_of(lambda s: np.eye(3)[rule(s).argmax(axis=1)] * 0.98 + 0.01, classes=NAMES, output=Output.SCORES)
    assert probe(clipped, x).distinct <= 3 / 64
    assert probe(linear(), x).distinct == 1


def test_scores_in_another_order_than_labels_are_taken_away():
    oracle = Changed(scores=lambda batch: linear().scores(batch)[:, [1, 2, 0]])
    found = probe(oracle, points()[0])
    assert found.capabilities == linear().capabilities - {SCORES}
    (fault,) = found.faults
    assert fault.capability is SCORES
    assert "another class than the label has the largest score on" in fault.why
    narrowed = narrow(oracle, found.capabilities)
    with pytest.raises(CapabilityError, match="gives no scores"):
        narrowed.scores(points()[0])
    np.testing.assert_array_equal(narrowed.labels(points()[0]), linear().labels(points()[0]))


def test_a_tuned_threshold_is_not_the_largest_score():
    x, y = points(2)
    model = FixedThresholdClassifier(LogisticRegression(), threshold=0.9, response_method="predict_proba").fit(x, y)
    found = probe(oracle_of(model), x)
    assert found.capabilities == {Capability.LABELS}
    np.testing.assert_array_equal(oracle_of(model).labels(x), model.predict(x))


@pytest.mark.parametrize(
    ("gradient", "why"),
    [
        (lambda batch, y, loss, target=None: (linear().gradient(batch, y, loss)[0], -linear().gradient(batch, y, loss)[1]), "finite differences"),
        (lambda batch, y, loss, target=None: (linear().gradient(batch, y, loss)[0], np.zeros_like(batch)), "finite differences"),
        (
            lambda batch, y, loss, target=None: (linear().gradient(batch, y, loss)[0], linear().gradient(batch, y, loss)[1] * 1.3),
            "finite differences",
        ),
        (lambda batch, y, loss, target=None: linear().gradient(batch, (y + 1) % 3, loss), "another class than the label"),
    ],
)
def test_wrong_gradients_are_taken_away(gradient, why):
    found = probe(Changed(gradient=gradient), points()[0])
    assert found.capabilities == linear().capabilities - {GRADIENT}
    assert why in found.faults[0].why


def test_a_structure_of_another_model_is_taken_away():
    x, y = points()
    other = oracle_of(RandomForestClassifier(3, random_state=0).fit(x, (y + 1) % 3))
    found = probe(Changed(structure=other.structure), x)
    assert found.capabilities == linear().capabilities - {STRUCTURE}
    assert "disagree" in found.faults[0].why


def test_what_is_declared_and_raises_is_taken_away():
    def scores(batch):
        raise OracleError("not today")

    found = probe(Changed(scores=scores), points()[0])
    assert [(fault.capability, fault.why) for fault in found.faults] == [(SCORES, "not today")]


def test_randomness_is_seen():
    random = np.random.default_rng(0)
    noisy = oracle_of(lambda s: rule(s + random.normal(scale=0.05, size=s.shape)), classes=NAMES, output=Output.SCORES)
    found = probe(noisy, points()[0])
    assert not found.deterministic
    flipping = oracle_of(lambda s: random.integers(0, 3, len(s)), classes=NAMES, output=Output.LABELS)
    assert not probe(flipping, points()[0]).deterministic


def test_a_network_in_training_mode_is_asked_in_evaluation_mode():
    net = torch_network().train()
    oracle = oracle_of(net, shape=(1, 8, 8))
    images = np.random.default_rng(0).uniform(size=(20, 64))
    found = probe(oracle, images)
    assert found.deterministic
    assert found.batch_invariant
    assert found.faults == ()
    assert all(layer.training for layer in net.modules()), "its owner's mode is left alone"


def test_models_that_look_at_the_whole_batch_are_seen():
    centring = oracle_of(lambda s: rule(s - s.mean(axis=0)), classes=NAMES, output=Output.SCORES)
    found = probe(centring, points()[0])
    assert found.deterministic
    assert not found.batch_invariant


def test_a_constant_model_is_said_to_be_one():
    found = probe(oracle_of(lambda s: np.zeros(len(s), int), classes=NAMES, output=Output.LABELS), points()[0])
    assert found.constant
    assert found.faults == ()


def test_no_labels_no_probe():
    x = points()[0].copy()
    x[:, 0] = np.nan
    with pytest.raises(OracleError, match="Input X contains NaN"):
        probe(linear(), x)


@pytest.mark.parametrize(("fixed", "each", "size"), [(0.01, 1e-5, 4096), (0.01, 1e-3, 100), (0.0, 1e-3, 1)])
def test_costs_are_told_apart(fixed, each, size):
    now = [0.0]

    def slow(samples):
        now[0] += fixed + each * len(samples)
        return np.zeros(len(samples), int)

    found = probe(oracle_of(slow, classes=NAMES, output=Output.LABELS), points()[0], clock=lambda: now[0])
    assert found.fixed_seconds == pytest.approx(fixed, abs=1e-9)
    assert found.sample_seconds == pytest.approx(each)
    assert found.batch_size == size


def test_every_query_is_counted():
    asked = []
    oracle = oracle_of(lambda s: asked.append(len(s)) or rule(s), classes=NAMES, output=Output.SCORES)
    assert probe(oracle, points()[0]).queries == sum(asked) <= 400


def test_margin_loss_of_a_saturated_network_has_a_slope():
    x, y = points()
    oracle = oracle_of(LogisticRegression(C=1e6).fit(100 * x, y))
    loss, gradient = oracle.gradient(1e4 * x, oracle.labels(1e4 * x), Loss.CROSS_ENTROPY)
    assert np.count_nonzero(loss == 0) > 50, "the loss itself rounds to nothing"
    assert np.all(np.abs(gradient).max(axis=1) > 0) or np.count_nonzero(np.abs(gradient).max(axis=1)) > 20
