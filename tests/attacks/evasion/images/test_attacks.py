from __future__ import annotations

import numpy as np
import pytest

from aisecops.attacks.evasion.attempts import Norm
from aisecops.attacks.evasion.images import Corruption, paste, place_patch, rotate_and_move, transform, weather
from aisecops.core.errors import UserError
from aisecops.oracles.budget import Budget, Metered
from aisecops.oracles.oracle import CapabilityError

from .scenes import Pictures, digits, scenes


def said_truly(attempts, oracle, images, y):
    """What every result has to hold: the model itself says so, and every query is accounted for."""
    answers = oracle.model.predict(attempts.points.reshape(len(y), -1))
    assert (answers != y).tolist() == attempts.found.tolist()
    assert attempts.queries.sum() == oracle.asked
    assert np.array_equal(attempts.points[~attempts.found], images[~attempts.found])
    assert np.isinf(attempts.distance).tolist() == (~attempts.found).tolist()
    assert attempts.norm is Norm.COST
    assert [queries for queries, _ in attempts.curve] == sorted({queries for queries, _ in attempts.curve})
    assert np.array_equal(attempts.curve[-1][1], attempts.distance)


def test_corruptions_are_counted_and_the_least_severity_kept():
    model, images, y = digits()
    oracle = Pictures(model)
    result = weather(oracle, images, y)
    said_truly(result.attempts, oracle, images, y)
    assert oracle.calls == 76
    assert result.attempts.queries.tolist() == [76] * 60
    assert len(result.correct) == 75
    assert result.clean == (model.predict(images.reshape(60, -1)) == y).sum() == (result.attempts.distance > 0).sum()
    assert result.mean_accuracy == pytest.approx(np.mean([right / 60 for right in result.correct.values()]))
    assert result.correct[Corruption.FOG, 5] < result.clean
    found = result.attempts.distance[result.attempts.found]
    assert set(found) <= {0, 1, 2, 3, 4, 5}
    for distance, setting in zip(result.attempts.distance, result.attempts.settings, strict=True):
        assert setting == "" if distance in (0, np.inf) else setting.endswith(f"severity {distance:.0f}")


def test_the_worst_severity_is_the_least_that_fools():
    model, images, y = digits()
    both = weather(Pictures(model), images, y, kinds=[Corruption.FOG], severities=[2, 5]).attempts
    alone = weather(Pictures(model), images, y, kinds=[Corruption.FOG], severities=[2]).attempts
    assert np.array_equal(both.distance == 2, alone.distance == 2)


@pytest.mark.parametrize("scores", [True, False])
def test_rotations_find_the_weakest_of_the_grid(scores):
    model, images, y = digits()
    oracle = Pictures(model, scores)
    attempts = rotate_and_move(oracle, images, y, angles=7, shifts=3)
    said_truly(attempts, oracle, images, y)
    assert attempts.found.mean() > 0.9
    assert oracle.calls < 10
    sizes = sorted({max(abs(a) / 30, abs(d) / 0.1, abs(c) / 0.1) for a in np.linspace(-30, 30, 7) for d in (-0.1, 0, 0.1) for c in (-0.1, 0, 0.1)})
    assert all(np.isclose(distance, sizes).any() for distance in attempts.distance[attempts.found])
    row = int(np.argmax(np.where(attempts.found, attempts.distance, -1)))
    weaker = [
        transform(images[row : row + 1], a, d, c)
        for a in np.linspace(-30, 30, 7)
        for d in (-0.1, 0, 0.1)
        for c in (-0.1, 0, 0.1)
        if max(abs(a) / 30, abs(d) / 0.1, abs(c) / 0.1) < attempts.distance[row] - 1e-9
    ]
    assert (model.predict(np.concatenate(weaker).reshape(len(weaker), -1)) == y[row]).all()


def test_a_transformation_moves_what_it_says():
    x = np.zeros((1, 9, 9))
    x[0, 2, 4] = 1
    assert np.allclose(transform(x, 0, 0, 0), x)
    assert transform(x, 0, 1 / 9, -2 / 9)[0, 3, 2] == pytest.approx(1)
    assert transform(x, 90, 0, 0)[0, 4, 2] == pytest.approx(1, abs=1e-6)  # what is up goes left
    assert transform(x, 180, 0, 0)[0, 6, 4] == pytest.approx(1, abs=1e-6)
    assert transform(np.ones((1, 9, 9)), 0, 0.5, 0).min() == 0
    assert transform(np.ones((1, 9, 9)), 0, 0.5, 0, background=1).min() == 1
    colour = scenes(2, 3, 10)
    assert np.allclose(transform(colour, 20, 0.1, 0)[:, 1], transform(colour[:, 1], 20, 0.1, 0))


def test_rotation_agrees_with_scipy():
    from scipy import ndimage

    x = scenes(1, 1, 21)[0]
    theirs = ndimage.rotate(x[0], 25, reshape=False, order=1, mode="constant", cval=0)
    assert np.abs(transform(x, 25, 0, 0)[0] - theirs)[4:-4, 4:-4].max() < 1e-4


@pytest.mark.parametrize("scores", [True, False])
def test_a_patch_covers_its_share_and_nothing_else(scores):
    model, images, y = digits()
    oracle = Pictures(model, scores)
    attempts = place_patch(oracle, images, y, share=0.06, queries=120)
    said_truly(attempts, oracle, images, y)
    assert attempts.queries.max() <= 120
    assert attempts.found.mean() > 0.5
    changed = (attempts.points != images).reshape(60, -1).sum(axis=1)
    assert changed.max() <= 4
    assert set(attempts.distance[attempts.found & (changed > 0)]) == {4 / 64}
    assert attempts.points.min() >= 0
    assert attempts.points.max() <= 1


def test_improving_a_patch_pays():
    model, images, y = digits()
    first = place_patch(Pictures(model), images, y, share=0.05, queries=49, seed=1)
    later = place_patch(Pictures(model), images, y, share=0.05, queries=300, seed=1)
    assert later.found.sum() > first.found.sum()
    again = place_patch(Pictures(model), images, y, share=0.05, queries=300, seed=1)
    assert np.array_equal(later.points, again.points)


def test_pasting():
    x = scenes(2, 3, 8)
    content = np.ones((2, 3, 2, 2))
    made = paste(x, content, np.array([0, 6]), np.array([3, 6]))
    assert (made[0, :, 0:2, 3:5] == 1).all()
    assert (made[1, :, 6:8, 6:8] == 1).all()
    assert (made != x).sum() <= 24
    grey = paste(x[:, 0], content[:, 0], np.array([0, 6]), np.array([3, 6]))
    assert np.array_equal(grey, made[:, 0])


@pytest.mark.parametrize("attack", [lambda *a: weather(*a).attempts, rotate_and_move, place_patch])
def test_a_spent_budget_is_told(attack):
    model, images, y = digits()
    oracle = Pictures(model)
    attempts = attack(Metered(oracle, Budget(queries=150)), images, y)
    assert attempts.queries.sum() == oracle.asked <= 150
    assert attempts.stopped.startswith("budget")
    assert (model.predict(attempts.points.reshape(60, -1)) != y).tolist() == attempts.found.tolist()


def test_a_limit_an_image_is_kept():
    model, images, y = digits()
    attempts = rotate_and_move(Pictures(model), images, y, queries=30)
    assert attempts.queries.max() == 30


@pytest.mark.parametrize("attack", [weather, rotate_and_move, place_patch])
def test_mistakes_are_said(attack):
    model, images, y = digits()
    with pytest.raises(UserError, match="shape"):
        attack(Pictures(model), images.reshape(60, -1), y)
    with pytest.raises(UserError):
        attack(Pictures(model), images, np.full(60, 11))
    mute = Pictures(model)
    mute.capabilities = frozenset()
    with pytest.raises(CapabilityError, match="labels"):
        attack(mute, images, y)


def test_empty_grids_and_patches_are_refused():
    model, images, y = digits()
    with pytest.raises(UserError, match="empty"):
        rotate_and_move(Pictures(model), images, y, angles=0)
    with pytest.raises(UserError, match="share"):
        place_patch(Pictures(model), images, y, share=0)
