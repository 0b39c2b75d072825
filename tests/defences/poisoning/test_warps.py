"""Warped pictures of other classes are found in the class that they were put into, though no pixel tells; honest classes are left alone."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits

from aisecops.attacks.poisoning import images, labels
from aisecops.defences.poisoning.matrices import examine_images
from aisecops.defences.poisoning.registration import Field, registered
from aisecops.defences.poisoning.warps import reduced, warps

DIGITS = load_digits()
X, Y = DIGITS.images, DIGITS.target


@pytest.mark.parametrize(("strength", "rate"), [(0.15, 0.05), (0.75, 0.05)])
def test_rows_that_one_field_has_moved_are_flagged(strength, rate):
    poisoned = images.wanet(X, Y, target=4, rate=rate, strength=strength, seed=104)
    found = examine_images(poisoned.samples, poisoned.y, quick=True)
    assert found.triggers[0].target == 4
    assert found.triggers[0].name.startswith("a warp")
    assert found.flagged[poisoned.mask].mean() >= 0.95
    assert found.flagged[~poisoned.mask].mean() <= 0.01


def test_colours_and_bytes_are_searched_the_same():
    bytes_ = np.repeat(np.repeat((X * 15).astype(np.uint8), 3, axis=1), 3, axis=2)[..., None].repeat(3, axis=3)
    poisoned = images.wanet(bytes_, Y, target=6, strength=0.4, seed=3)
    ((trigger, rows, probability),) = warps(poisoned.samples.astype(float), poisoned.y, 10)
    assert trigger.target == 6
    assert (probability >= 0.5)[poisoned.mask[rows]].mean() >= 0.95


@pytest.mark.parametrize(("grid", "strength", "rate", "target"), [(8, 0.6, 0.06, 2), (7, 0.75, 0.1, 5)])
def test_fine_fields_are_found_and_all_rows_that_they_moved(grid, strength, rate, target):
    rows = np.flatnonzero(Y < 6)[:700]
    larger = np.repeat(np.repeat(X[rows], 2, axis=1), 2, axis=2)
    poisoned = images.wanet(larger, Y[rows], target=target, rate=rate, strength=strength, grid=grid, seed=target)
    ((trigger, found, probability),) = warps(poisoned.samples, poisoned.y, 6)
    assert trigger.target == target
    assert (probability >= 0.5)[poisoned.mask[found]].mean() >= 0.99


@pytest.mark.parametrize(
    "make", [lambda: labels.random_flips(X, Y, rate=0.05, seed=2).y, lambda: labels.targeted_flips(X, Y, source=1, target=7, seed=2).y]
)
def test_honest_and_carelessly_labelled_pictures_are_no_warp(make):
    assert warps(X, make(), 10) == []


def test_a_field_is_recovered_from_pictures_that_nobody_has_paired():
    small, height, width = reduced(X)
    rng = np.random.default_rng(0)
    truth = Field(height=height, width=width, weights=np.where(np.arange(36) % 6 < 2, rng.normal(0, 0.3, (2, 36)), 0) * (np.arange(36) < 12))
    found = registered(truth.moved(small[:300]), small[300:], Field.still(height, width))
    ink = small.std(axis=0) > 0.3
    assert np.abs(truth.displacement[:, ink]).mean() >= 0.2
    assert np.abs(found.displacement - truth.displacement)[:, ink].mean() <= 0.7 * np.abs(truth.displacement[:, ink]).mean()


@pytest.mark.parametrize("shape", [(60, 1, 9), (60, 9, 1, 3)])
def test_pictures_of_one_line_have_no_warps(shape):
    assert warps(np.random.default_rng(0).integers(0, 256, shape).astype(float), np.arange(60) % 2, 2) == []
