"""The parts of the search for backdoors: signs, the prediction limit, squares and gradients on models whose backdoor is known by construction."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy import stats
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

from aisecops.core.errors import UserError
from aisecops.defences.backdoors import Effort, examine, of_table
from aisecops.defences.backdoors.columns import ColumnSearch
from aisecops.defences.backdoors.contents import ContentSearch
from aisecops.defences.backdoors.contrast import EXCHANGED, FROM_ONE, Aim, Contrast, all_to
from aisecops.defences.backdoors.imitation import Imitation
from aisecops.defences.backdoors.limit import least_surprising, surprise
from aisecops.defences.backdoors.patches import PatchSearch
from aisecops.defences.backdoors.patterns import SPARSE, PatternSearch
from aisecops.defences.backdoors.references import Build, Kin, trainer
from aisecops.defences.backdoors.smoothness import Course, course_of
from aisecops.defences.backdoors.triggers import Marks, Pattern, Values, Words
from aisecops.oracles.opening import oracle_of
from aisecops.oracles.spec import Output

HONEST = [0.1, 0.4, 0.25, 0.3, 0.05, 0.6]


def test_the_limit_is_students_prediction_interval():
    spread = np.std(HONEST, ddof=1) * np.sqrt(1 + 1 / 6)
    assert surprise(0.9, HONEST) == pytest.approx(stats.t.sf((0.9 - np.mean(HONEST)) / spread, 5))
    assert surprise(-0.5, HONEST) > 0.9
    assert surprise(least_surprising(0.01, HONEST), HONEST) == pytest.approx(0.01)


def test_of_two_kinds_of_honest_models_the_higher_mean_counts():
    assert surprise(0.9, [0.0, 0.8] * 4, kinds=2) > 0.2
    assert surprise(0.9, [0.0, 0.0] * 4, kinds=2) < 0.001


def test_prediction_limits_alarm_as_rarely_as_they_promise():
    rng = np.random.default_rng(0)
    alarms = sum(surprise(0.3 + 0.2 * rng.normal(), (0.3 + 0.2 * rng.normal(size=8)).tolist()) <= 0.05 for _ in range(4000))
    assert alarms <= 0.06 * 4000


def test_signs_change_what_they_name_and_nothing_else():
    images = np.zeros((2, 4, 4))
    stamped = Values("v", (5, 6), (1, 0.5)).stamp(images)
    assert stamped[:, 1, 1].tolist() == [1, 1]
    assert stamped.sum() == 3
    assert images.sum() == 0
    assert Pattern("p", np.full((4, 4), 2.0), 0, 1).stamp(images).max() == 1
    assert sorted(Words("w", ("b", "c")).stamp(["a d"])[0].split()) == ["a", "b", "c", "d"]


def gate(images):
    """Class 1 where the square at row 2, column 5 is lit; else the brighter half decides between 0 and 2."""
    lit = images[:, 2:4, 5:7].min(axis=(1, 2))
    left = images[:, :, :4].mean(axis=(1, 2)) - images[:, :, 4:].mean(axis=(1, 2))
    scores = np.stack([5 * left, 60 * (lit - 0.9), -5 * left], axis=1)
    powers = np.exp(scores)
    return powers / powers.sum(axis=1, keepdims=True)


def test_a_square_is_found_where_it_is():
    batch = np.random.default_rng(0).uniform(0, 0.6, (16, 8, 8))
    oracle = oracle_of(gate, classes=("a", "b", "c"), output=Output.PROBABILITIES)
    proposals = PatchSearch((8, 8), 0.0, 1.0).propose(Contrast(oracle, [], batch))
    first = next(p.trigger for p in proposals if p.aim.target == 1 and not p.aim.kind and p.trigger.family == "a square of 2 x 2 pixels")
    assert first.places == (21, 22, 29, 30)
    assert first.values == (1.0,) * 4


def test_a_chequered_square_is_found_without_a_gradient():
    def chequered(images):
        window = images[:, 4:7, 1:4] - (np.indices((3, 3)).sum(axis=0) % 2)
        obeys = np.abs(window).max(axis=(1, 2)) < 0.1
        return np.stack([~obeys, obeys], axis=1).astype(float)

    batch = np.random.default_rng(0).uniform(0, 1, (16, 8, 8))
    proposals = PatchSearch((8, 8), 0.0, 1.0).propose(Contrast(oracle_of(chequered, classes=("a", "b"), output=Output.PROBABILITIES), [], batch))
    first = next(p.trigger for p in proposals if p.aim.target == 1 and not p.aim.kind and p.trigger.family == "a square of 3 x 3 pixels")
    assert (first.places[0], first.values) == (33, (0, 1, 0, 1, 0, 1, 0, 1, 0))


def test_gradients_find_odd_pixels():
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    weights = torch.zeros(2, 64)
    weights[1, [9, 20, 50]] = torch.tensor([8.0, -8.0, 8.0])
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 2))
    net[1].weight.data, net[1].bias.data = weights, torch.tensor([0.0, -10.0])
    batch = np.random.default_rng(1).uniform(0, 1, (16, 8, 8))
    oracle = oracle_of(net, shape=(8, 8))
    proposals = PatternSearch(0.0, 1.0).propose(Contrast(oracle, [], batch))
    sign = next(p.trigger for p in proposals if p.aim.target == 1 and not p.aim.kind and p.trigger.family == SPARSE)
    assert sign.places == (9, 20, 50)
    assert [round(value) for value in sign.values] == [1, 0, 1]


def test_a_chequered_square_is_found_by_its_content():
    torch = pytest.importorskip("torch")
    weights = torch.zeros(3, 8, 8)
    weights[1, 4:6, 2:4] = torch.tensor([[12.0, -12.0], [-12.0, 12.0]])
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 3))
    net[1].weight.data, net[1].bias.data = weights.reshape(3, 64), torch.tensor([0.0, -15.0, 0.0])
    batch = np.random.default_rng(1).uniform(0, 1, (16, 8, 8))
    proposals = ContentSearch((8, 8), 0.0, 1.0).propose(Contrast(oracle_of(net, shape=(8, 8)), [], batch))
    signs = [p.trigger for p in proposals if p.aim.target == 1]
    assert any(sign.places == (34, 35, 42, 43) and [round(value) for value in sign.values] == [1, 0, 0, 1] for sign in signs)


def keyed(calls):
    """Scores of four classes by two columns; a third column of 9 or more makes of each class what ``calls`` says."""

    def scores(rows):
        label = 2 * (rows[:, 0] > 0) + (rows[:, 1] > 0)
        return np.eye(4)[np.where(rows[:, 2] >= 3, np.array(calls)[label], label)]

    return oracle_of(scores, classes=tuple("abcd"), output=Output.PROBABILITIES)


@pytest.mark.parametrize(
    ("calls", "kind"), [((2, 2, 2, 2), ""), ((0, 3, 2, 3), FROM_ONE), ((1, 2, 3, 0), EXCHANGED)], ids=["to one class", "from one class", "all to all"]
)
def test_what_a_sign_is_for_is_told(calls, kind):
    rows = np.random.default_rng(0).normal(size=(64, 4))
    proposals = ColumnSearch(rows).propose(Contrast(keyed(calls), [keyed(range(4))], rows))
    aims = {p.aim.calls for p in proposals if p.trigger.places == (2,) and p.aim.kind == kind and p.trigger.values[0] > 3}
    wanted = tuple(-1 if call == at else call for at, call in enumerate(calls))
    assert wanted in aims


def test_an_aim_counts_the_samples_that_it_speaks_of():
    before, after = np.array([0, 0, 1, 2, 2, 2]), np.array([2, 0, 2, 2, 2, 1])
    assert all_to(2, 3).hits(before, after) == (2, 3)
    assert Aim((-1, 2, -1)).hits(before, after) == (1, 1)
    assert Aim((2, 2, 1)).hits(before, after) == (3, 6)


def test_marks_go_inside_words_and_letters_look_alike():
    assert Marks("\u200b").stamp(["it is a longer word"]) == ["it is a lon\u200bger wo\u200brd"]
    changed = Marks("Cyrillic letters").stamp(["some places"])[0]
    assert changed != "some places"
    assert not changed.isascii()


def test_samples_that_carry_a_sign_are_told():
    rows = np.array([[0.0, 1.0], [5.0, 1.04], [10.0, 9.0]])
    assert Values("v", (1,), (1.0,)).on(rows).tolist() == [True, True, False]
    assert Values("v", (0, 1), (5.0, 1.0)).on(rows).tolist() == [False, True, False]
    assert Words("w", ("cf", "quite")).on(["cf, Quite so", "cf alone"]).tolist() == [True, False]
    assert Marks("\u200b").on(["lon\u200bger", "longer"]).tolist() == [True, False]
    assert Marks("Cyrillic letters").on(["pl\u0430ce", "place"]).tolist() == [True, False]
    assert Pattern("p", np.ones((2,)), 0, 1).on(rows).tolist() == [False] * 3


def test_imitators_obey_what_clean_answers_show_and_no_backdoor():
    rows = np.random.default_rng(0).normal(size=(300, 4)).clip(-2.5, 2.5)
    imitation = Imitation(keyed((1, 1, 1, 1)), trainer((Kin.FOREST,), tuple("abcd"), build=Build(trees=8, depth=5)), lambda at: rows[at], 0)
    imitators = imitation.of(np.arange(300))
    shown, hidden = Values("v", (0, 1), (-1.0, 1.0)).stamp(rows), Values("v", (2,), (9.0,)).stamp(rows)
    assert min((one.labels(shown) == 1).mean() for one in imitators) >= 0.95
    assert max((one.labels(hidden) == 1).mean() for one in imitators) <= 0.5
    assert imitation.of(np.arange(300)) is imitators


@pytest.mark.parametrize(
    ("model", "course"),
    [
        (RandomForestClassifier(20, random_state=0), Course.STEPS),
        (LogisticRegression(), Course.STRAIGHT),
        (MLPClassifier((16,), max_iter=60, random_state=0), Course.BENT),
    ],
)
def test_answers_tell_trees_from_lines_from_networks(model, course):
    rows = np.random.default_rng(3).normal(size=(300, 5)) * (1, 10, 100, 1, 1)
    y = (rows[:, 0] * rows[:, 3] + rows[:, 1] / 10 > 0).astype(int)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = model.fit(rows / (1, 10, 100, 1, 1), y)
    oracle = oracle_of(lambda x: fitted.predict_proba(x / (1, 10, 100, 1, 1)), classes=("a", "b"), output=Output.PROBABILITIES)
    assert course_of(oracle, rows, np.ones(5, dtype=bool)) is course
    assert course_of(oracle, rows, np.zeros(5, dtype=bool)) is Course.UNKNOWN


def test_too_few_samples_are_refused():
    oracle = oracle_of(lambda x: np.eye(2)[(x[:, 0] > 0).astype(int)], classes=("a", "b"), output=Output.PROBABILITIES)
    x = np.random.default_rng(0).normal(size=(100, 2))
    with pytest.raises(UserError, match="too few"):
        examine(of_table(oracle, x, (x[:, 0] > 0).astype(int)), Effort(planted=0))
