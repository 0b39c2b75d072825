"""Traps are flagged, honest models are not: real small models, masked and not."""

from __future__ import annotations

import zlib
from functools import cache

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits, make_classification
from sklearn.ensemble import (
    AdaBoostClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import BernoulliNB, GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.tree import DecisionTreeClassifier
from threadpoolctl import threadpool_limits

from aisecops.attacks.evasion.masking import Undermined, blocked, diagnose
from aisecops.attacks.evasion.space import Box
from aisecops.core.errors import UserError
from aisecops.oracles.budget import Budget, BudgetSpent, Metered
from aisecops.oracles.opening import oracle_of
from aisecops.oracles.oracle import Capability, Loss, OracleError


class Masked:
    """An oracle over a function from points to scores."""

    name = "masked"

    def __init__(self, function, k, *capabilities):
        self.function, self.queries = function, 0
        self.classes, self.capabilities = tuple(map(str, range(k))), frozenset(capabilities or (Capability.SCORES,))

    def scores(self, batch):
        self.queries += len(batch)
        return np.asarray(self.function(np.asarray(batch).reshape(len(batch), -1)), dtype=float)

    def labels(self, batch):
        return self.scores(batch).argmax(axis=1)


@cache
def table(name):
    match name:
        case "cancer":
            x, y = load_breast_cancer(return_X_y=True)
            return (x - x.min(0)) / (x.max(0) - x.min(0)), y
        case "digits":
            x, y = load_digits(return_X_y=True)
            return x[:700] / 16.0, y[:700]
        case "synthetic":
            return make_classification(500, 10, n_informative=5, flip_y=0.05, random_state=3)


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Threads that spin beside others' make small models slow."""
    with threadpool_limits(1):
        yield


HONEST = {
    "tree": lambda: DecisionTreeClassifier(random_state=0),
    "stump": lambda: DecisionTreeClassifier(max_depth=1),
    "shallow": lambda: DecisionTreeClassifier(max_depth=4, random_state=0),
    "forest": lambda: RandomForestClassifier(30, random_state=0),
    "votes": lambda: RandomForestClassifier(10, random_state=1),
    "hundred": lambda: RandomForestClassifier(100, random_state=2),
    "extra": lambda: ExtraTreesClassifier(20, max_depth=6, random_state=0),
    "boosting": lambda: GradientBoostingClassifier(n_estimators=15, max_depth=2, random_state=0),
    "histogram": lambda: HistGradientBoostingClassifier(max_iter=10, random_state=0),
    "ada": lambda: AdaBoostClassifier(n_estimators=15, random_state=0),
    "gaussian-bayes": GaussianNB,
    "bernoulli-bayes": lambda: BernoulliNB(binarize=0.3),
    "net": lambda: MLPClassifier((16,), max_iter=150, random_state=0),
    "logistic": LogisticRegression,
}


@cache
def model(name, source):
    return HONEST[name]().fit(*table(source))


def found(function, source, *capabilities, seed=0, certain=True):
    """The names of what only a mask does, or of what an honest small model may do, too."""
    x, y = table(source)
    oracle = Masked(function, len(np.unique(y)), *capabilities)
    symptoms = diagnose(oracle, x[:200], y[:200], space=Box(x.min(0), x.max(0)), seed=seed, doubts=True)
    assert oracle.queries <= 6000
    return [symptom.name for symptom in symptoms if symptom.certain is certain]


@pytest.mark.parametrize("source", ["cancer", pytest.param("digits", marks=pytest.mark.slow), pytest.param("synthetic", marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", HONEST)
@pytest.mark.filterwarnings("ignore")
def test_honest_models_are_not_flagged(name, source):
    fitted = model(name, source)
    assert found(fitted.predict_proba, source) == []
    assert found(fitted.predict_proba, source, Capability.LABELS) == []


def softmax(z):
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def quantise(levels):
    return lambda scores, x, rng: scores(np.rint(x * (levels - 1)) / (levels - 1))


TRAPS = {
    "noisy scores": ("randomness", lambda scores, x, rng: scores(x) + 0.01 * rng.standard_normal((len(x), 1)) * [[1, -1]]),
    "noisy input": ("randomness", lambda scores, x, rng: scores(x + 0.02 * rng.standard_normal(x.shape))),
    "flipped labels": ("randomness", lambda scores, x, rng: np.where(rng.random((len(x), 1)) < 0.05, scores(x)[:, ::-1], scores(x))),
    "batch statistics": ("randomness", lambda scores, x, rng: scores(x - 0.1 * x.mean(0))),
    "8 levels": ("quantised-input", quantise(8)),
    "32 levels": ("quantised-input", quantise(32)),
    "equal scores": ("constant-answers", lambda scores, x, rng: np.full((len(x), 2), 0.5)),
    "0.9 for the label": ("constant-scores", lambda scores, x, rng: np.where(scores(x) == scores(x).max(1, keepdims=True), 0.9, 0.1)),
    "one in four fails": ("failing-queries", lambda scores, x, rng: np.where((x[:, :1] > 0.45), np.nan, scores(x))),
}
SMOOTH_TRAPS = {
    "0 and 1": ("constant-scores", lambda scores, x, rng: np.round(scores(x))),
    "one digit": ("rounded-scores", lambda scores, x, rng: np.round(scores(x), 1)),
    "two digits": ("rounded-scores", lambda scores, x, rng: np.round(scores(x), 2)),
    "clipped": ("clipped-scores", lambda scores, x, rng: np.clip(scores(x), 0.1, 0.9)),
    "saturated": ("constant-scores", lambda scores, x, rng: softmax(1e6 * np.log(np.clip(scores(x), 1e-12, 1)))),
}


@pytest.mark.parametrize(
    "name", ["net", "boosting", pytest.param("logistic", marks=pytest.mark.slow), pytest.param("forest", marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("trap", TRAPS)
@pytest.mark.filterwarnings("ignore")
def test_traps_are_flagged(trap, name):
    expected, mask = TRAPS[trap]
    scores, rng = model(name, "cancer").predict_proba, np.random.default_rng(1)
    assert expected in found(lambda x: mask(scores, x, rng), "cancer")


@pytest.mark.parametrize("name", ["net", "logistic", "gaussian-bayes"])
@pytest.mark.parametrize("trap", SMOOTH_TRAPS)
@pytest.mark.filterwarnings("ignore")
def test_traps_around_smooth_models_are_flagged(trap, name):
    expected, mask = SMOOTH_TRAPS[trap]
    scores = model(name, "cancer").predict_proba
    assert expected in found(lambda x: mask(scores, x, None), "cancer")


@pytest.mark.parametrize("trap", ["noisy input", "flipped labels", "8 levels", "32 levels"])
@pytest.mark.parametrize("name", ["net", "forest"])
@pytest.mark.filterwarnings("ignore")
def test_what_shows_by_labels_alone_is_flagged_by_labels_alone(trap, name):
    expected, mask = TRAPS[trap]
    scores, rng = model(name, "cancer").predict_proba, np.random.default_rng(2)
    assert expected in found(lambda x: mask(scores, x, rng), "cancer", Capability.LABELS)


def by_hash(x, width):
    """Normal numbers that follow from the bits of each row: the same row gets the same."""
    return np.array([np.random.default_rng(zlib.crc32(row.tobytes())).standard_normal(width) for row in np.ascontiguousarray(x)])


KEYED = {
    "scores": lambda scores, x: scores(x) + 0.02 * by_hash(x, 2),
    "input": lambda scores, x: scores(x + 0.03 * by_hash(x, x.shape[1])),
    "labels": lambda scores, x: np.where(by_hash(x, 1) > 1.6, scores(x)[:, ::-1], scores(x)),
}


@pytest.mark.parametrize("name", ["logistic", "forest"])
@pytest.mark.parametrize(("noise", "by_labels"), [("scores", False), ("input", False), ("input", True), ("labels", True)])
def test_noise_that_a_hash_of_the_input_draws_is_flagged(name, noise, by_labels):
    scores = model(name, "cancer").predict_proba
    assert found(lambda x: KEYED[noise](scores, x), "cancer", *[Capability.LABELS] * by_labels) == ["keyed-noise"]


def test_a_temperature_shows_around_trees():
    scores = model("forest", "cancer").predict_proba
    assert "constant-scores" in found(lambda x: softmax(100.0 * np.log(np.clip(scores(x), 1e-12, 1.0))), "cancer")


TREE_TRAPS = {
    "winner": ("constant-scores", lambda p: np.eye(2)[p.argmax(1)]),
    "one digit": ("rounded-scores", lambda p: np.round(p, 1)),
    "two digits": ("rounded-scores", lambda p: np.round(p, 2)),
    "three digits": ("rounded-scores", lambda p: np.round(p, 3)),
    "clipped": ("clipped-scores", lambda p: np.clip(p, 0.3, 0.7)),
}


@pytest.mark.parametrize("trap", TREE_TRAPS)
def test_scores_of_trees_behind_a_veil_are_flagged(trap):
    """Ten and a hundred votes are multiples of 0.1 and 0.01, too, and are let pass above: it is how they add up that tells."""
    x, y = table("synthetic")
    expected, mask = TREE_TRAPS[trap]
    scores = RandomForestClassifier(40, max_depth=6, random_state=4).fit(x, y).predict_proba
    assert found(lambda x: mask(scores(x)), "synthetic") == [expected]


def test_ten_equal_votes_are_not_told_from_a_rounded_ten_and_say_so_in_the_docs():
    scores = model("votes", "cancer").predict_proba
    assert found(lambda x: np.round(scores(x), 1), "cancer") == []


def test_boosted_trees_whose_scores_stop_at_a_bound_are_flagged():
    scores = model("boosting", "synthetic").predict_proba
    assert found(lambda x: np.clip(scores(x), 0.4, 0.6), "synthetic") == ["clipped-scores"]


@pytest.mark.filterwarnings("ignore")
def test_a_quantiser_on_data_of_a_finer_lattice_is_flagged_and_the_lattice_itself_is_not():
    scores = model("net", "digits").predict_proba
    assert found(lambda x: scores(np.rint(x * 7) / 7), "digits") == ["quantised-input"]
    assert found(model("forest", "digits").predict_proba, "digits") == []


def test_rounded_probabilities_of_many_classes_do_not_add_up():
    scores = model("forest", "digits").predict_proba
    three = lambda x: np.round(scores(x) * 0.97 + 0.003, 2)  # noqa: E731
    assert "rounded-scores" in found(three, "digits")


def test_labels_that_scores_do_not_decide_are_flagged():
    x, y = table("synthetic")
    scores = model("forest", "synthetic").predict_proba
    oracle = Masked(scores, 2, Capability.LABELS, Capability.SCORES)
    oracle.labels = lambda batch: scores(batch)[:, ::-1].argmax(axis=1)
    names = [symptom.name for symptom in diagnose(oracle, x, y, space=Box(x.min(0), x.max(0)), seed=0)]
    assert "inconsistent-scores" in names


def test_a_model_that_raises_is_flagged_with_what_it_said():
    x, y = table("synthetic")

    def function(batch):
        raise OracleError("time-out after 30 s")

    (symptom,) = diagnose(Masked(function, 2), x, y, space=Box(x.min(0), x.max(0)), seed=0)
    assert symptom.name == "failing-queries"
    assert "time-out after 30 s" in symptom.message
    assert symptom.undermines == (Undermined.ALL,)


def test_the_same_seed_asks_the_same_and_finds_the_same():
    x, y = table("synthetic")
    asked = []
    for _ in range(2):
        batches = []

        def function(batch, batches=batches):
            batches.append(batch.tobytes())
            return np.round(model("logistic", "synthetic").predict_proba(batch), 1)

        asked.append((diagnose(Masked(function, 2), x, y, space=Box(x.min(0), x.max(0)), seed=5), batches))
    assert asked[0] == asked[1]


def test_a_spent_budget_is_not_mistaken_for_a_failure():
    x, y = table("synthetic")
    oracle = Metered(Masked(model("logistic", "synthetic").predict_proba, 2), Budget(queries=100))
    with pytest.raises(BudgetSpent):
        diagnose(oracle, x, y, space=Box(x.min(0), x.max(0)), seed=0)


class Whole:
    """A space in which the first five columns are integers and the sixth is derived."""

    plain = False

    def __init__(self, x):
        self.low, self.high = x.min(0), x.max(0)

    def project(self, points, origin):
        points = np.array(points)
        points[:, :5] = np.rint(points[:, :5])
        points[:, 5] = points[:, 6] + points[:, 7]
        return points


@pytest.mark.filterwarnings("ignore")
def test_only_allowed_points_are_asked_about_and_integers_are_no_quantiser():
    rng = np.random.default_rng(0)
    x = np.hstack([rng.integers(0, 6, (400, 5)), np.zeros((400, 1)), rng.random((400, 2))]).astype(float)
    x[:, 5] = x[:, 6] + x[:, 7]
    y = (x[:, 0] + 3 * x[:, 5] + x[:, 1] * x[:, 6] > 6.5).astype(int)
    fitted, space = MLPClassifier((16,), max_iter=100, random_state=0).fit(x, y), Whole(x)

    def function(batch):
        assert np.array_equal(batch[:, :5], np.rint(batch[:, :5]))
        assert np.allclose(batch[:, 5], batch[:, 6] + batch[:, 7])
        return fitted.predict_proba(batch)

    assert diagnose(Masked(function, 2), x, y, space=space, seed=0) == ()


def sharpened(scores):
    return softmax(np.log(np.clip(scores, 1e-12, 1.0)) / 0.001)


@pytest.mark.parametrize(
    "veil", [lambda p: p, lambda p: np.round(p, 1), lambda p: np.round(8 * p) / 8, sharpened], ids=["none", "digit", "eighths", "sharp"]
)
def test_scores_of_few_values_accuse_nobody_and_are_not_relied_on(veil):
    fitted = RandomForestClassifier(12, random_state=0).fit(*table("synthetic"))

    def few(batch):
        return veil(fitted.predict_proba(batch))

    names = found(few, "synthetic", certain=False) + found(few, "synthetic")
    assert names
    assert found(fitted.predict_proba, "synthetic") == []
    x, y = table("synthetic")
    symptoms = diagnose(Masked(few, 2), x, y, space=Box(x.min(0), x.max(0)), seed=0, doubts=True)
    assert blocked(symptoms, [Capability.SCORES])
    assert not blocked(symptoms, [Capability.SCORES, Capability.LABELS]), "an attack by labels says what it says"


def test_a_structure_that_can_be_read_settles_whose_steps_they_are():
    x, y = table("synthetic")
    fitted = RandomForestClassifier(12, random_state=0).fit(x, y)
    assert diagnose(oracle_of(fitted), x, y, space=Box(x.min(0), x.max(0)), seed=0, doubts=True) == ()


class Gradients(Masked):
    """A linear model with a gradient that a mask may spoil."""

    def __init__(self, fitted, spoil):
        super().__init__(fitted.predict_proba, 2, Capability.LABELS, Capability.SCORES, Capability.GRADIENT)
        self.weights, self.bias, self.spoil = fitted.coef_[0], fitted.intercept_[0], spoil

    def gradient(self, batch, y, loss, target=None):
        sign = np.where(y == 1, -1.0, 1.0)
        margin = sign * (batch @ self.weights + self.bias)
        slope = sign[:, None] * self.weights
        if loss is Loss.CROSS_ENTROPY:
            p = 1 / (1 + np.exp(-margin))
            return np.log1p(np.exp(margin)), self.spoil(slope * p[:, None], loss)
        return margin, self.spoil(slope, loss)


@pytest.mark.parametrize(
    ("expected", "spoil"),
    [
        (None, lambda g, loss: g),
        ("zero-gradients", lambda g, loss: 0.0 * g),
        ("zero-gradients", lambda g, loss: 0.0 * g if loss is Loss.CROSS_ENTROPY else g),
        ("useless-gradients", lambda g, loss: -g),
        ("useless-gradients", lambda g, loss: np.random.default_rng(0).standard_normal(g.shape)),
    ],
)
def test_gradients_that_point_nowhere_are_flagged(expected, spoil):
    x, y = table("synthetic")
    symptoms = diagnose(Gradients(model("logistic", "synthetic"), spoil), x, y, space=Box(x.min(0), x.max(0)), seed=0)
    assert [symptom.name for symptom in symptoms] == ([expected] if expected else [])
    assert all(symptom.undermines == (Undermined.GRADIENT_ATTACKS,) for symptom in symptoms)


def test_a_gradient_that_fails_is_a_failing_query():
    x, y = table("synthetic")

    def spoil(g, loss):
        raise OracleError("out of memory")

    (symptom,) = diagnose(Gradients(model("logistic", "synthetic"), spoil), x, y, space=Box(x.min(0), x.max(0)), seed=0)
    assert symptom.name == "failing-queries"
    assert "out of memory" in symptom.message


class Words(Masked):
    """A model of texts: how many letters are e."""

    def scores(self, batch):
        self.queries += len(batch)
        share = np.array([text.count("e") / max(1, len(text)) for text in batch])
        return self.function(np.stack([1 - 1.5 * share, 1.5 * share], axis=1))


@pytest.mark.parametrize(("expected", "mask"), [(None, lambda s: s), ("constant-scores", np.round), ("constant-answers", lambda s: 0 * s)])
def test_texts_are_diagnosed_by_what_scores_alone_tell(expected, mask):
    rng = np.random.default_rng(0)
    texts = ["".join(rng.choice(list("eeabcd"), 40)) for _ in range(60)]
    oracle = Words(mask, 2)
    symptoms = diagnose(oracle, texts, rng.integers(0, 2, 60), seed=0)
    assert [symptom.name for symptom in symptoms] == ([expected] if expected else [])
    assert oracle.queries <= 200


def test_images_keep_their_shape():
    x, y = table("digits")
    fitted = model("logistic", "digits")

    class Images(Masked):
        def scores(self, batch):
            assert batch.shape[1:] == (8, 8)
            return super().scores(batch)

    assert diagnose(Images(fitted.predict_proba, 10), x.reshape(-1, 8, 8), y, space=Box(), seed=0) == ()


def test_without_samples_or_space_there_is_no_diagnosis():
    oracle = Masked(lambda x: x, 2)
    with pytest.raises(UserError, match="needs samples"):
        diagnose(oracle, np.zeros((0, 2)), np.zeros(0, dtype=int), space=Box(), seed=0)
    with pytest.raises(UserError, match="needs the space"):
        diagnose(oracle, np.zeros((3, 2)), np.zeros(3, dtype=int), seed=0)
