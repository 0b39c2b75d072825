"""Which settings each family tries on an estimator, what outputs show, and which setting the rule recommends."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lightgbm import LGBMClassifier
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.tree import DecisionTreeClassifier
from xgboost import XGBClassifier

from aisecops.core.errors import UserError
from aisecops.defences.leakage.capacity import depths, leaves
from aisecops.defences.leakage.early_stopping import stopped
from aisecops.defences.leakage.estimators import known
from aisecops.defences.leakage.outputs import output_settings, shown
from aisecops.defences.leakage.recommendation import Point, Price, accuracy_change, recommended
from aisecops.defences.leakage.regularisation import regularised
from aisecops.defences.leakage.settings import Family, Setting
from aisecops.project.models import DEFENCES

X, Y = np.random.default_rng(0).normal(size=(120, 3)), np.arange(120) % 2


def test_the_manifest_and_the_library_know_the_same_families():
    assert set(DEFENCES) == set(Family)


@pytest.mark.parametrize(
    ("estimator", "expected"),
    [
        (DecisionTreeClassifier(), ["depth=8", "depth=4", "depth=2"]),
        (DecisionTreeClassifier(max_depth=4), ["depth=2"]),
        (make_pipeline(StandardScaler(), RandomForestClassifier(max_depth=5)), ["depth=4", "depth=2"]),
        (XGBClassifier(), ["depth=4", "depth=2"]),
        (LGBMClassifier(), ["depth=8", "depth=4", "depth=2"]),
        (LogisticRegression(), []),
    ],
)
def test_depths_are_tried_only_below_what_there_is(estimator, expected):
    assert [setting.name for setting in depths(estimator)] == expected


@pytest.mark.parametrize(
    "estimator",
    [
        DecisionTreeClassifier(), RandomForestClassifier(3), HistGradientBoostingClassifier(max_iter=8), XGBClassifier(n_estimators=8), LogisticRegression(),
        make_pipeline(StandardScaler(), MLPClassifier((4,), max_iter=20)),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore")
def test_every_setting_can_be_trained_and_differs_from_what_there_is(estimator):
    found = [setting for find in (depths, leaves, regularised, stopped) for setting in find(estimator)]
    assert found
    now = estimator.get_params()
    for setting in found:
        assert any(now[name] != value for name, value in setting.parameters.items())
        clone(estimator).set_params(**setting.parameters).fit(X, Y)
    assert len({setting.name for setting in found}) == len(found)


def test_a_function_of_nobody_knows_where_is_refused():
    known(make_pipeline(FunctionTransformer(np.log1p), StandardScaler(), LogisticRegression()), "scorer")
    with pytest.raises(UserError, match="of no library that is known"):
        known(make_pipeline(FunctionTransformer(lambda values: values), LogisticRegression()), "scorer")


@given(st.integers(2, 6), st.integers(0, 1000), st.sampled_from([family for family in Family if family.of_outputs]))
def test_what_is_shown_stays_a_score_for_each_class_and_keeps_the_label(classes, seed, family):
    scores = np.random.default_rng(seed).dirichlet(np.ones(classes), 20)
    labels = scores.argmax(axis=1)
    for setting in output_settings([family], classes):
        seen = shown(scores, labels, setting)
        assert seen.shape == scores.shape
        assert np.isfinite(seen).all()
        assert (seen[np.arange(20), labels] >= seen.max(axis=1) - 1e-12).all()


def test_of_two_classes_the_first_tells_the_second():
    assert output_settings([Family.TOP_K], 2) == ()
    (setting,) = output_settings([Family.TOP_K], 3)
    assert shown(np.array([[0.7, 0.2, 0.1]]), np.array([0]), setting) == pytest.approx(np.array([[0.7, 0.15, 0.15]]))


def test_temperature_of_logits_softens_and_keeps_the_order():
    warm = Setting(family=Family.TEMPERATURE, told="5", value=5)
    seen = shown(np.array([[4.0, -4.0]]), np.array([0]), warm)
    assert seen[0, 0] == pytest.approx(1 / (1 + np.exp(-8 / 5)))


def point(value: float, half: float) -> Point:
    return Point(value=value, low=value - half, high=value + half, n=1000)


def priced(name: str, family: Family | None, change: float, leak: float) -> Price:
    return Price(setting=name, family=family, accuracy=point(0.8, 0.01), change=point(change, 0.01), leak=point(leak, 0.02))


def test_the_rule_looks_at_unfavourable_ends_and_at_what_is_learned():
    plain = priced("as it is", None, 0.0, 0.8)
    cheap, dear = priced("leaf=20 rows", Family.LEAF, -0.005, 0.7), priced("depth=2", Family.DEPTH, -0.1, 0.52)
    silent, noise = priced("labels=alone", Family.LABELS, 0.0, 0.55), priced("depth=8", Family.DEPTH, 0.0, 0.79)
    assert recommended(plain, [dear, silent, noise, cheap], 0.02) == (cheap,)
    assert recommended(plain, [dear, silent, noise, cheap], 0.01) == ()
    assert recommended(plain, [dear, cheap], 0.2) == (dear, cheap)


@given(st.integers(0, 2**32 - 1), st.floats(0, 0.3), st.floats(0, 0.3))
def test_the_change_of_accuracy_lies_within_its_interval(seed, up, down):
    gained, lost, _ = np.random.default_rng(seed).multinomial(500, [up, down, 1 - up - down])
    found = accuracy_change(int(gained), int(lost), 500)
    assert -1 <= found.low <= (gained - lost) / 500 <= found.high <= 1


def test_the_interval_of_a_change_keeps_its_promise():
    rng = np.random.default_rng(0)
    draws = rng.multinomial(800, [0.03, 0.06, 0.91], size=400)
    missed = sum(not interval.low <= -0.03 <= interval.high for interval in (accuracy_change(int(g), int(lo), 800) for g, lo, _ in draws))
    assert missed / 400 <= 0.05
