"""Membership inference on real models: what leaks is found, what does not is let alone, and a split that differs by itself is not taken for a leak."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from aisecops.attacks.inference.membership import audit, blind_baseline, clones, complementary_halves, exposed
from aisecops.attacks.inference.membership.audit import disjoint
from aisecops.attacks.inference.membership.evidence import Case, lira, rmia
from aisecops.core.errors import UserError
from aisecops.oracles.budget import Metered
from aisecops.oracles.opening import oracle_of
from aisecops.oracles.spec import Output

X, Y = make_classification(n_samples=1600, n_features=10, n_informative=5, flip_y=0.15, class_sep=0.8, random_state=0)
MEMBERS, OTHERS = (X[:800], Y[:800]), (X[800:], Y[800:])
FOREST = RandomForestClassifier(25, random_state=0).fit(*MEMBERS)


pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module")
def leak():
    return audit(oracle_of(FOREST), MEMBERS, OTHERS, shadows=clones(FOREST, X, Y), count=4, seed=3)


def test_shadows_find_more_than_confidence_alone(leak):
    alone = audit(oracle_of(FOREST), MEMBERS, OTHERS, seed=3)
    assert alone.attack in ("confidence", "quantile")
    assert alone.shadows == 0
    assert leak.area.interval.low > alone.area.value
    at_one_percent = {rate.fpr: rate for rate in leak.rates}[0.01]
    assert at_one_percent.interval.low > 0.1
    assert at_one_percent.value > {rate.fpr: rate for rate in alone.rates}[0.01].value
    assert {rate.fpr: rate.value for rate in leak.rates}[0.001] is None


def test_shadows_predict_how_well_the_attack_does(leak):
    rate, auc = leak.attacks[leak.attack]
    assert auc == pytest.approx(leak.area.value, abs=0.05)
    assert set(leak.attacks) == {"lira", "rmia", "learned-ratio"}
    assert rate + auc == max(map(sum, leak.attacks.values()))


def test_the_same_seed_gives_the_same(leak):
    again = audit(oracle_of(FOREST), MEMBERS, OTHERS, shadows=clones(FOREST, X, Y), count=4, seed=3)
    assert np.array_equal(again.members, leak.members)


def test_named_members_are_members_nine_times_in_ten(leak):
    named = exposed(leak.members, leak.others, 0.1)
    threshold = leak.members[named].min()
    wrong = (leak.others >= threshold).sum()
    assert len(named) > 50
    assert wrong / (wrong + len(named)) <= 0.12


def test_a_model_that_has_seen_neither_side_does_not_leak():
    elsewhere = make_classification(n_samples=2400, n_features=10, n_informative=5, flip_y=0.15, class_sep=0.8, random_state=0)
    model = DecisionTreeClassifier(random_state=0).fit(elsewhere[0][1600:], elsewhere[1][1600:])
    alarms = 0
    for seed in range(8):
        rows = np.random.default_rng(seed).permutation(len(Y))
        one, two = (X[rows[:800]], Y[rows[:800]]), (X[rows[800:]], Y[rows[800:]])
        found = audit(oracle_of(model), one, two, shadows=clones(model, np.concatenate([one[0], two[0]]), np.concatenate([one[1], two[1]])), count=4)
        alarms += found.area.interval.low > 0.51 or any(rate.interval.low > 1.5 * rate.fpr for rate in found.rates)
    assert alarms == 0


def test_labels_alone_give_the_gap_in_accuracy():
    found = audit(oracle_of(FOREST, output=Output.LABELS), MEMBERS, OTHERS)
    gap = FOREST.score(*MEMBERS) - FOREST.score(*OTHERS)
    assert found.attack == "label"
    assert found.area.value == pytest.approx(0.5 + gap / 2)


def test_labels_alone_give_more_by_the_distance_to_the_boundary():
    wide, labels = make_classification(n_samples=600, n_features=40, n_informative=6, flip_y=0.1, class_sep=0.8, random_state=0)
    network = MLPClassifier((32,), max_iter=300, random_state=0).fit(wide[:300], labels[:300])
    oracle = Metered(oracle_of(network, output=Output.LABELS))
    members, others = (wide[:300], labels[:300]), (wide[300:], labels[300:])
    by_label, by_boundary = (audit(oracle, members, others, queries=queries) for queries in (0, 100))
    assert (by_label.attack, by_boundary.attack) == ("label", "boundary")
    assert by_boundary.area.value > by_label.area.value + 0.02
    assert by_boundary.area.interval.low > 0.6
    wrong = network.predict(wide[300:]) != labels[300:]
    assert (by_boundary.others[wrong] == 0).all()
    assert (by_boundary.others[~wrong] > 0).all()
    assert oracle.ledger.queries <= 600 * 102


def test_a_split_that_differs_by_itself_is_seen():
    later = OTHERS[0] + np.array([0.8] + [0.0] * 9)
    assert blind_baseline(MEMBERS, (later, OTHERS[1])).shifted
    assert not blind_baseline(MEMBERS, OTHERS).shifted


@pytest.mark.parametrize(
    "model",
    [make_pipeline(StandardScaler(), LogisticRegression()), LinearSVC(), DecisionTreeClassifier(max_depth=3, random_state=0)],
    ids=["logistic", "margins", "tree"],
)
def test_other_models_are_attacked_too(model):
    found = audit(oracle_of(model.fit(*MEMBERS)), MEMBERS, OTHERS, shadows=clones(model, X, Y), count=4)
    assert np.isfinite(found.members).all()
    assert 0.45 < found.area.value < 0.75


def test_probabilities_of_exactly_one_and_in_float32_are_no_infinity():
    target = np.array([1.0, 0.0, 1.0, 0.5], dtype=np.float32)
    inside = complementary_halves(4, 4, 0)
    case = Case(target=target.astype(np.float64), shadows=np.where(inside, 1.0, 0.0), inside=inside)
    assert np.isfinite(lira(case)).all()
    assert np.isfinite(rmia(case)).all()


def test_a_twin_never_testifies():
    inside = complementary_halves(10, 6, 0)
    case = Case(target=np.full(10, 0.5), shadows=np.tile(np.arange(6.0)[:, None] / 10, (1, 10)), inside=inside)
    played = case.playing(3)
    assert played.target.tolist() == [0.3] * 10
    assert sorted(set(played.shadows[:, 0].tolist())) == [0.0, 0.1, 0.4, 0.5]


def test_halves_are_complementary_and_balanced():
    inside = complementary_halves(100, 8, 5)
    assert (inside.sum(axis=0) == 4).all()
    assert (inside.sum(axis=1) == 50).all()
    assert (inside[0] != inside[1]).all()
    with pytest.raises(ValueError, match="pairs"):
        complementary_halves(100, 5, 0)


def test_a_record_on_both_sides_is_a_member_and_counts_once():
    members, others = np.array([[0.0], [1.0], [1.0]]), np.array([[-0.0], [2.0], [2.0], [3.0]])
    mine, theirs = disjoint(members, others)
    assert mine.tolist() == [True, True, False]
    assert theirs.tolist() == [False, True, False, True]


def test_what_cannot_be_attacked_says_why():
    with pytest.raises(UserError, match="too few"):
        audit(oracle_of(FOREST), (X[:5], Y[:5]), OTHERS)
    with pytest.raises(UserError, match="no shadow model can be trained"):
        audit(oracle_of(FOREST), MEMBERS, OTHERS, shadows=clones(RandomForestClassifier(max_depth=-3), X, Y), count=4)
    rare = Y.copy()
    rare[0] = 2
    with pytest.raises(UserError, match="no sample of class 2"):
        audit(oracle_of(FOREST), MEMBERS, OTHERS, shadows=clones(FOREST, X, rare), count=4)
