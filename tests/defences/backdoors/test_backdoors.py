"""The parts of the search for backdoors: signs, the prediction limit, squares and gradients on models whose backdoor is known by construction."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from aisecops.core.errors import UserError
from aisecops.defences.backdoors import Effort, examine, of_table
from aisecops.defences.backdoors.contrast import Contrast
from aisecops.defences.backdoors.limit import least_surprising, surprise
from aisecops.defences.backdoors.patches import PatchSearch
from aisecops.defences.backdoors.patterns import SPARSE, PatternSearch
from aisecops.defences.backdoors.triggers import Pattern, Values, Words
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
    first = next(p.trigger for p in proposals if p.target == 1 and p.trigger.family == "a square of 2 x 2 pixels")
    assert first.places == (21, 22, 29, 30)
    assert first.values == (1.0,) * 4


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
    sign = next(p.trigger for p in proposals if p.target == 1 and p.trigger.family == SPARSE)
    assert sign.places == (9, 20, 50)
    assert [round(value) for value in sign.values] == [1, 0, 1]


def test_too_few_samples_are_refused():
    oracle = oracle_of(lambda x: np.eye(2)[(x[:, 0] > 0).astype(int)], classes=("a", "b"), output=Output.PROBABILITIES)
    x = np.random.default_rng(0).normal(size=(100, 2))
    with pytest.raises(UserError, match="too few"):
        examine(of_table(oracle, x, (x[:, 0] > 0).astype(int)), Effort(planted=0))
