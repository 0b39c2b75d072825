"""Inversion: a sure reconstruction is found by every way of asking, and the control tells a person from a class."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from aisecops.attacks.inference.inversion import Pictured, Verdict, compare, contrasts, drift, invert, resemblance, shared_levels
from aisecops.attacks.inference.inversion.control import surer
from aisecops.oracles.opening import oracle_of
from aisecops.oracles.oracle import Capability, CapabilityError
from aisecops.oracles.probe import Narrowed
from aisecops.oracles.spec import Output

X, Y = load_digits(return_X_y=True)
ORDER = np.random.default_rng(5).permutation(len(Y))  # as they stand, other people wrote the last digits
X, Y = X[ORDER] / 16, Y[ORDER]


@pytest.fixture(autouse=True)
def one_thread(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


@pytest.mark.parametrize("kind", ["structure", "search"])
def test_trees_and_scores_are_inverted(kind):
    model = RandomForestClassifier(20, max_depth=8, random_state=0).fit(X[:900], Y[:900])
    oracle = Narrowed(oracle_of(model), frozenset({Capability.SCORES, Capability(kind)} if kind == "structure" else {Capability.SCORES}))
    found = invert(oracle, 0.0, 1.0, (64,), steps=60, seed=1)
    typical = model.predict_proba(X[900:])[np.arange(897), Y[900:]].mean()
    assert found.method == kind
    assert found.confidence.mean() > typical - 0.05
    assert (model.predict(found.points) == np.arange(10)).all()
    assert ((found.points >= 0) & (found.points <= 1)).all()


def test_gradients_of_a_network_reach_confidence():
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 10))
    with torch.no_grad():
        model[1].weight.copy_(torch.tensor(LogisticRegression(max_iter=500).fit(X[:900], Y[:900]).coef_))
    found = invert(oracle_of(model, classes=list("0123456789"), shape=(8, 8)), 0.0, 1.0, (8, 8))
    assert found.method == "gradient"
    assert found.confidence.min() > 0.95


def test_whole_columns_stay_whole_and_one_class_can_be_asked_for():
    model = LogisticRegression(max_iter=2000).fit(np.round(X[:300] * 4), Y[:300])
    oracle = Narrowed(oracle_of(model), frozenset({Capability.SCORES}))
    found = invert(oracle, 0.0, 4.0, (64,), labels=np.array([3]), whole=np.ones(64, dtype=bool), steps=20)
    assert found.points.shape == (1, 64)
    assert (found.points == np.round(found.points)).all()


def test_labels_alone_are_refused_by_name():
    oracle = oracle_of(LogisticRegression(max_iter=300).fit(X[:100], Y[:100]), output=Output.LABELS)
    with pytest.raises(CapabilityError, match="labels alone"):
        invert(oracle, 0.0, 1.0, (64,))


# ---- the control


def test_a_class_of_one_person_shows_that_person_and_other_classes_do_not():
    mine, theirs = (X[:900], Y[:900]), (X[900:], Y[900:])
    person = np.flatnonzero(mine[1] == 7)[0]
    kept = (mine[1] != 7) | (np.arange(900) == person)
    members, labels = mine[0][kept], mine[1][kept]
    model = LogisticRegression(C=100, max_iter=300).fit(members, labels)
    peculiar = contrasts(invert(oracle_of(model), 0.0, 1.0, (64,)).points)
    levels = shared_levels(np.bincount(labels))
    verdicts = [resemblance(peculiar[c], c, members[labels == c], theirs[0][theirs[1] == c], levels[c]).verdict for c in range(10)]
    assert verdicts[7] is Verdict.MEMBER_SPECIFIC
    assert verdicts.count(Verdict.CLASS_AVERAGE) == 9


def test_pictures_that_know_nobody_are_called_specific_no_more_often_than_allowed():
    rng, alarms = np.random.default_rng(0), 0
    for _ in range(400):
        sizes = [1, 3, 40]
        for size, level in zip(sizes, shared_levels(np.array(sizes)), strict=True):
            members, others = rng.normal(size=(size, 12)), rng.normal(size=(60, 12))
            alarms += resemblance(rng.normal(size=12), 0, members, others, level).verdict is Verdict.MEMBER_SPECIFIC
    assert alarms <= 0.05 * 400 + 3 * np.sqrt(0.05 * 0.95 * 400)


def test_a_closer_look_is_taken_at_classes_of_few_members_and_counts_for_them_alone():
    rng = np.random.default_rng(2)
    y, other_y = np.repeat([0, 1], [1, 30]), np.repeat([0, 1], 100)
    members, others = rng.normal(size=(31, 12)), rng.normal(size=(200, 12))
    quick = Pictured(points=rng.normal(size=(2, 12)), members=members, others=others)
    without, failed, better = (compare(quick, np.arange(2), y, other_y, closer=way) for way in (None, lambda _: None, lambda label: members[label]))
    assert [found[0].verdict for found in (without, failed, better)] == [Verdict.CLASS_AVERAGE, Verdict.CLASS_AVERAGE, Verdict.MEMBER_SPECIFIC]
    assert better[0].level == without[0].level
    assert better[1] == without[1]
    compare(quick, np.array([1]), y, other_y, closer=lambda _: pytest.fail("no class has few members"))


@pytest.mark.parametrize(
    ("place", "verdict"), [(0, Verdict.UNDECIDED), (10, Verdict.UNDECIDED), (50, Verdict.CLASS_AVERAGE), (100, Verdict.CLASS_AVERAGE)]
)
def test_a_person_whom_the_model_knows_and_the_picture_does_not_show_is_undecided(place, verdict):
    rng = np.random.default_rng(2)
    y, other_y = np.repeat([0, 1], [1, 30]), np.repeat([0, 1], 100)
    quick = Pictured(points=rng.normal(size=(2, 12)), members=rng.normal(size=(31, 12)), others=rng.normal(size=(200, 12)))

    def confidence(label):
        assert label == 0  # a class of 30 is not asked about
        return np.array([1 - place / 100 - 0.001]), np.arange(100) / 100

    few, many = compare(quick, np.arange(2), y, other_y, confidence=confidence)
    assert few.verdict is verdict
    assert many.known is None


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 10), st.integers(12, 60), st.integers(0, 1000))
def test_members_and_others_who_are_alike_are_known_one_time_in_five(n, m, seed):
    drawn = np.random.default_rng(seed).normal(size=(200, n + m))
    assert np.mean([surer(row[:n], row[n:]) <= 0.2 for row in drawn]) == pytest.approx(0.2, abs=0.12)


def test_what_a_network_wants_of_a_class_is_the_one_member_whom_it_knows():
    torch = pytest.importorskip("torch")
    mine, theirs = (X[:900], Y[:900]), (X[900:], Y[900:])
    kept = (mine[1] != 7) | (np.arange(900) == np.flatnonzero(mine[1] == 7)[0])
    learned = LogisticRegression(C=100, max_iter=300).fit(mine[0][kept], mine[1][kept])
    model = torch.nn.Linear(64, 10)
    with torch.no_grad():
        model.weight.copy_(torch.tensor(learned.coef_))
        model.bias.copy_(torch.tensor(learned.intercept_))
    people = np.concatenate([mine[0][kept & (mine[1] == 7)], theirs[0][theirs[1] == 7]])
    oracle = oracle_of(model, classes=list("0123456789"), shape=(64,))
    wanted = drift(oracle, np.zeros(64), np.ones(64), people, 7, seed=0)
    like = resemblance(wanted, 7, people[:1], people[1:], 0.04)
    assert like.p == pytest.approx(1 / len(people))
    shuffled = drift(oracle, np.zeros(64), np.ones(64), people[::-1], 7, seed=0, coordinates=lambda points: -points)
    assert np.corrcoef(wanted, shuffled)[0, 1] < -0.7  # whoever they start from, in the coordinates that are asked for


def test_too_few_others_are_told_with_how_many_are_needed():
    rng = np.random.default_rng(0)
    like = resemblance(rng.normal(size=5), 0, rng.normal(size=(1, 5)), rng.normal(size=(10, 5)), 0.04)
    assert like.verdict is Verdict.NO_POWER
    assert like.needed == 24
    nobody = resemblance(rng.normal(size=5), 0, rng.normal(size=(1, 5)), np.zeros((0, 5)), 0.04)
    assert nobody.verdict is Verdict.NO_POWER


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 500), min_size=1, max_size=30))
def test_shared_levels_are_the_level_together_where_there_are_small_classes_and_less_where_not(members):
    counts = np.array(members)
    levels = shared_levels(counts)
    assert levels.sum() == pytest.approx(min(0.05, sum(0.05 / count for count in members if count)))
    assert all((level > 0) == (count > 0) and level <= 0.05 / max(1, count) + 1e-12 for level, count in zip(levels, members, strict=True))
