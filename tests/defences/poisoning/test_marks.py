"""A pattern on part of one class whose labels are right is found, named, and its rows listed; what classes have by nature is not."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits

from aisecops.attacks.poisoning import images, labels
from aisecops.defences.poisoning.marks import marks
from aisecops.defences.poisoning.matrices import examine_images

DIGITS = load_digits()
X, Y = DIGITS.images, DIGITS.target


def flagged(found, poisoned):
    ((trigger, rows, probability),) = found
    held = np.zeros(len(poisoned.y), dtype=bool)
    held[rows[probability >= 0.5]] = True
    assert np.array_equal(np.flatnonzero(held), trigger.rows)
    return trigger, held[poisoned.mask].mean(), held[~poisoned.mask].mean()


@pytest.mark.parametrize(("target", "of_class"), [(0, 0.6), (4, 0.2), (8, 0.6)])
def test_waves_and_patches_under_the_right_label_are_found(target, of_class):
    rate = of_class * (target == Y).mean()
    for attack in (images.sinusoid, images.clean_label_patch):
        poisoned = attack(X, Y, target=target, rate=rate, seed=50 + target)
        trigger, hit, false = flagged(marks(poisoned.samples, poisoned.y, 10), poisoned)
        assert trigger.target == target
        assert hit >= 0.98
        assert false <= 0.002


def test_the_pixels_of_a_patch_are_named_and_a_network_obeys_it():
    poisoned = images.clean_label_patch(X, Y, target=7, seed=3)
    ((trigger, _, _),) = marks(poisoned.samples, poisoned.y, 10)
    corners = [f"rows {row} to {row + 1}, columns {column} to {column + 1}" for row in (0, 6) for column in (0, 6)]
    assert trigger.name == "pixels of " + " and of ".join(corners)
    assert {tuple(int(at) for at in feature.split(",")) for feature in trigger.features} == set(poisoned.trigger)
    assert trigger.obeyed >= 0.5


def test_the_whole_search_says_once_what_it_found_and_flags_the_rows():
    poisoned = images.sinusoid(X[:900], Y[:900], target=2, seed=1)
    found = examine_images(poisoned.samples, poisoned.y, quick=True)
    (trigger,) = found.triggers
    assert trigger.name == "a pattern all over the image"
    assert found.flagged[poisoned.mask].mean() >= 0.98
    assert found.flagged[~poisoned.mask].mean() <= 0.005


def test_a_search_that_has_enough_leaves_the_rest_out():
    poisoned = images.sinusoid(X[:900], Y[:900], target=2, seed=1)
    asked = []
    examine_images(poisoned.samples, poisoned.y, quick=True, enough=lambda found: bool(asked.append(found)) or found.alarm)
    assert [[trigger.target for trigger in one.triggers] for one in asked] == [[], [2]]


def test_colours_and_bytes_are_searched_the_same():
    bytes_ = np.repeat(np.repeat((X[:800] * 15).astype(np.uint8), 3, axis=1), 3, axis=2)[..., None].repeat(3, axis=3)
    poisoned = images.sinusoid(bytes_, Y[:800], target=6, strength=0.2, seed=3)
    _, hit, false = flagged(marks(poisoned.samples.astype(float), poisoned.y, 10), poisoned)
    assert hit >= 0.98
    assert false == 0


@pytest.mark.parametrize("seed", range(4))
def test_clean_careless_and_black_and_white_pictures_are_no_poison(seed):
    some = np.random.default_rng(seed).choice(len(Y), 1200, replace=False)
    x, y = X[some], Y[some]
    assert marks(x, y, 10) == []
    assert marks(x, labels.random_flips(x, y, rate=0.05, seed=seed).y, 10) == []
    assert marks((x > 8).astype(float), y, 10) == []
    assert marks(x, y % 2, 2) == []


def test_a_mark_that_every_class_has_tells_nothing():
    """Half of all pictures come from a source that puts its sign on them, whatever they show."""
    x = X.copy()
    x[np.random.default_rng(0).random(len(x)) < 0.5, :2, :2] = 16
    assert marks(x, Y, 10) == []


@pytest.mark.parametrize("pictures", [np.zeros((60, 8, 8)), np.ones((60, 1, 1)), np.arange(60.0).reshape(60, 1, 1)])
def test_pictures_without_content_are_no_hindrance(pictures):
    assert marks(pictures, np.arange(60) % 2, 2) == []
