"""Model quality against scikit-learn, its honesty at the edges, and the coverage of its intervals."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

from aisecops.core.errors import UserError
from aisecops.core.statistics import clopper_pearson
from aisecops.metrics.quality import (
    Judged,
    accuracy,
    auc,
    balanced_accuracy,
    brier,
    calibration,
    confusion,
    confusions,
    log_loss,
    precision,
    quality,
    recall,
    slice_accuracy,
)  # fmt: skip
from aisecops.oracles.oracle import Capability


class Fitted:
    """A fitted classifier of scikit-learn as an oracle."""

    name = "fitted"

    def __init__(self, model):
        self.model, self.classes = model, tuple(map(str, model.classes_))
        self.capabilities = frozenset({Capability.LABELS, Capability.SCORES})

    def labels(self, batch):
        return self.model.predict(batch)

    def scores(self, batch):
        return self.model.predict_proba(batch)


@pytest.fixture(scope="module")
def wine():
    x, y = load_wine(return_X_y=True)
    rows = np.random.default_rng(0).permutation(len(y))
    x, y = x[rows], y[rows]
    return Fitted(GaussianNB(var_smoothing=1e-2).fit(x[:60], y[:60])), x[60:], y[60:]


@pytest.fixture(scope="module")
def judged(wine):
    oracle, x, y = wine
    return Judged(y=y, labels=oracle.labels(x), classes=oracle.classes, scores=oracle.scores(x))


def judged_binary(score, y):
    """A model of two classes that gives class 1 these probabilities."""
    score, y = np.asarray(score, dtype=float), np.asarray(y)
    return Judged(y=y, labels=(score > 0.5).astype(int), classes=("no", "yes"), scores=np.stack([1 - score, score], axis=1))


def test_values_are_those_of_scikit_learn(judged):
    y, labels, scores = judged.y, judged.labels, judged.scores
    assert accuracy(judged).value == pytest.approx(metrics.accuracy_score(y, labels))
    assert balanced_accuracy(judged).value == pytest.approx(metrics.balanced_accuracy_score(y, labels))
    assert [r.value for r in recall(judged)] == pytest.approx(metrics.recall_score(y, labels, average=None).tolist())
    assert [r.value for r in precision(judged)] == pytest.approx(metrics.precision_score(y, labels, average=None).tolist())
    assert log_loss(judged).value == pytest.approx(metrics.log_loss(y, scores))
    assert brier(judged).value == pytest.approx(metrics.brier_score_loss(y, scores, labels=[0, 1, 2], scale_by_half=True))
    assert (confusion(judged) == metrics.confusion_matrix(y, labels)).all()
    *singles, mean = auc(judged)
    assert mean.value == pytest.approx(metrics.roc_auc_score(y, scores, multi_class="ovr"))
    assert singles[0].value == pytest.approx(metrics.roc_auc_score(y == 0, scores[:, 0]))


def test_ties_in_scores_count_half():
    rng = np.random.default_rng(1)
    y, score = rng.integers(0, 2, 200), rng.integers(0, 5, 200) / 4.0
    (reading,) = auc(judged_binary(score, y))
    assert reading.value == pytest.approx(metrics.roc_auc_score(y, score))


def test_delongs_variance_is_that_of_the_definition():
    """Against the double sum over placements (DeLong et al. 1988, equation 5)."""
    rng = np.random.default_rng(2)
    y, score = np.repeat([0, 1], [40, 25]), rng.random(65)
    high, low = score[y == 1], score[y == 0]
    wins = (high[:, None] > low[None, :]).astype(float)
    variance = wins.mean(1).var(ddof=1) / len(high) + wins.mean(0).var(ddof=1) / len(low)
    (reading,) = auc(judged_binary(score, y))
    a = wins.mean()
    width = 1.959964 * np.sqrt(variance) / (a * (1 - a))
    ends = 1 / (1 + np.exp(-(np.log(a / (1 - a)) + np.array([-width, width]))))
    assert (reading.low, reading.high) == pytest.approx(tuple(ends), rel=1e-6)


def test_everything_at_once_asks_once_and_gives_each_number_an_interval_or_a_reason(wine):
    oracle, x, y = wine
    readings = quality(oracle, x, y, columns={"alcohol": x[:, 0], "group": ["a", "b"] * 59})
    names = {reading.name for reading in readings}
    assert {"accuracy", "balanced-accuracy", "recall", "precision", "auc", "log-loss", "brier-score", "calibration-error", "slice-accuracy"} <= names
    for reading in readings:
        assert reading.n is not None
        assert reading.better is not None
        if not reading.blocked:
            assert reading.low <= reading.value <= reading.high
            assert reading.level == 0.95
            assert reading.method


def test_the_same_seed_gives_the_same_intervals(judged):
    assert log_loss(judged, seed=4) == log_loss(judged, seed=4)
    assert log_loss(judged, seed=4) != log_loss(judged, seed=5)


def test_separated_classes_do_not_get_an_interval_of_width_zero():
    y = np.repeat([0, 1], [30, 12])
    (reading,) = auc(judged_binary(y * 0.8 + 0.1, y))
    assert reading.value == 1.0
    assert reading.low == pytest.approx(clopper_pearson(12, 12).low)


def test_a_constant_model_is_told_from_a_good_one():
    y = np.array([0] * 95 + [1] * 5)
    constant = judged_binary(np.full(100, 0.05), y)
    assert accuracy(constant).value == 0.95
    assert balanced_accuracy(constant).value == 0.5
    assert auc(constant)[0].value == 0.5
    assert "never answered" in precision(constant)[1].blocked
    assert recall(constant)[1].value == 0


def test_one_class_alone_resolves_nothing():
    one = judged_binary([0.2, 0.3, 0.6], [0, 0, 0])
    assert "one class" in auc(one)[0].blocked
    assert "one class" in balanced_accuracy(one).blocked
    assert recall(one)[1].blocked
    assert accuracy(one).value == pytest.approx(2 / 3)


def test_few_samples_get_wide_intervals_or_none():
    few = judged_binary([0.2, 0.9, 0.6, 0.1], [0, 1, 0, 0])
    assert brier(few).high - brier(few).low > 0.6
    assert "not resolvable" in log_loss(few).blocked
    assert all("not resolvable" in reading.blocked for reading in calibration(few))
    assert auc(few)[0].high - auc(few)[0].low > 0.9


def test_probability_zero_for_the_truth_makes_the_loss_infinite():
    scores = np.full(60, 0.8)
    scores[0] = 0.0
    reading = log_loss(judged_binary(scores, np.ones(60, dtype=int)))
    assert reading.value is None
    assert "1 of 60" in reading.blocked


def test_logits_are_not_taken_for_probabilities():
    rng = np.random.default_rng(0)
    logits = Judged(y=rng.integers(0, 2, 50), labels=np.zeros(50, dtype=int), classes=("a", "b"), scores=rng.normal(0, 3, (50, 2)))
    for reading in (log_loss(logits), brier(logits), *calibration(logits)):
        assert reading.value is None
        assert "not probabilities" in reading.blocked
    assert auc(logits)[0].value is not None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y": np.array([0, 1, 3])}, "true label"),
        ({"labels": np.array([0, -1, 1])}, "answered label"),
        ({"labels": np.array([0, 1])}, "do not fit"),
        ({"scores": np.array([[0.5, 0.5], [np.nan, 1], [0, 1]])}, "not finite"),
        ({"scores": np.ones((3, 3))}, "scores of shape"),
        ({"y": np.zeros(0, dtype=int), "labels": np.zeros(0, dtype=int)}, "at least one"),
        ({"y": np.array([0.0, 1.0, 0.5])}, "true label"),
    ],
)
def test_bad_answers_are_refused(change, message):
    good = {"y": np.array([0, 1, 1]), "labels": np.array([0, 1, 0]), "classes": ("a", "b"), "scores": np.full((3, 2), 0.5)}
    with pytest.raises(UserError, match=message):
        Judged(**good | change)


def test_errors_are_named_by_class_most_frequent_first(judged):
    readings = confusions(judged)
    values = [reading.value for reading in readings]
    assert " taken for " in readings[0].subject
    matrix = metrics.confusion_matrix(judged.y, judged.labels)
    np.fill_diagonal(matrix, 0)
    assert len(values) == min(10, np.count_nonzero(matrix))


def slice_of(readings, subject):
    (reading,) = [r for r in readings if r.subject == subject and r.name == "slice-accuracy"]
    return reading


def test_a_slice_that_is_served_worse_is_found_and_chance_is_not():
    rng = np.random.default_rng(6)
    region, noise = rng.choice(["north", "south"], 800), rng.random(800)
    y = rng.integers(0, 2, 800)
    wrong = rng.random(800) < np.where(region == "south", 0.35, 0.05)
    answers = Judged(y=y, labels=np.where(wrong, 1 - y, y), classes=("a", "b"))
    readings = slice_accuracy(answers, {"region": region, "noise": noise})
    assert slice_of(readings, "region = south").high < slice_of(readings, "region = north").low
    assert readings[-1].name == "slice-accuracy-gap"
    assert readings[-1].subject == "region = south"
    assert readings[-1].low > 0.1
    assert slice_accuracy(answers, {"noise": noise})[-1].low < 0.0
    assert sum(r.n for r in readings if "noise" in r.subject and r.name == "slice-accuracy") == 800


def test_slices_together_hold_at_their_level():
    """Twenty groups that differ by chance alone: in at most 5 % of data sets is any of them called worse."""
    rng, alarms = np.random.default_rng(8), 0
    for _ in range(40):
        y = rng.integers(0, 2, 400)
        answers = Judged(y=y, labels=np.where(rng.random(400) < 0.2, 1 - y, y), classes=("a", "b"))
        alarms += slice_accuracy(answers, {"g": [str(v) for v in rng.integers(0, 20, 400)]})[-1].low > 0.0
    assert alarms <= 4


def test_missing_values_are_a_slice_and_hostile_names_are_inert():
    answers = Judged(y=np.zeros(4, dtype=int), labels=np.zeros(4, dtype=int), classes=("a", "b"))
    readings = slice_accuracy(answers, {"x\x1b[31m": ["u", None, float("nan"), "v"]})
    assert [r.n for r in readings if r.subject.endswith("missing")] == [2]
    assert not any("\x1b" in r.subject for r in readings)
    with pytest.raises(UserError, match="3 values for 4 samples"):
        slice_accuracy(answers, {"x": [1, 2, 3]})


def calibrated(n, shift, rng):
    confidence = 0.5 + 0.5 * rng.beta(2, 1.2, n)
    return judged_binary(confidence, (rng.random(n) < np.clip(confidence - shift, 0.0, 1.0)).astype(int)), confidence


def test_a_calibrated_model_is_not_accused_and_an_overconfident_one_is():
    rng = np.random.default_rng(3)
    accused = held = 0
    for _ in range(25):
        good, _ = calibrated(400, 0.0, rng)
        accused += calibration(good)[0].low > 0.0
        bad, _ = calibrated(400, 0.15, rng)
        error, over = calibration(bad)
        held += error.low <= 0.15 <= error.high and over.low <= 0.15 <= over.high
    assert accused <= 1
    assert held >= 22


def test_the_reliability_diagram_has_accuracy_within_its_intervals(judged):
    _, over = calibration(judged)
    for confidence, right, low, high in over.curve:
        assert 1 / 3 <= confidence <= 1
        assert low <= right <= high


def test_auc_intervals_cover():
    rng, held = np.random.default_rng(5), 0
    truth = 0.76024994  # Phi(1 / sqrt(2))
    for _ in range(400):
        y = np.repeat([0, 1], [40, 25])
        (reading,) = auc(judged_binary(1 / (1 + np.exp(-rng.normal(y, 1.0))), y))
        held += reading.low <= truth <= reading.high
    assert held >= 0.925 * 400


def test_a_model_with_labels_alone_has_what_labels_allow(wine):
    oracle, x, y = wine
    oracle = Fitted(LogisticRegression().fit(x / x.max(0), y))
    oracle.capabilities = frozenset({Capability.LABELS})
    names = {reading.name for reading in quality(oracle, x, y)}
    assert "accuracy" in names
    assert not names & {"auc", "log-loss", "brier-score", "calibration-error"}
