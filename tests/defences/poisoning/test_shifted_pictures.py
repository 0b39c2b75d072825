"""Pictures whose classes neighbours understand badly: shapes of any brightness at any place before noise."""

from __future__ import annotations

import numpy as np

from aisecops.attacks.poisoning import images
from aisecops.defences.poisoning.company import keep_company
from aisecops.defences.poisoning.matrices import examine_images
from aisecops.defences.poisoning.warps import warps

SHAPES = [
    [(0, 2), (1, 2), (2, 0), (2, 1), (2, 2), (2, 3), (2, 4), (3, 2), (4, 2)],  # a plus
    [(0, 0), (1, 1), (2, 2), (3, 3), (4, 4), (0, 4), (1, 3), (3, 1), (4, 0)],  # a cross
    [(0, 0), (0, 1), (0, 2), (0, 3), (0, 4), (1, 2), (2, 2), (3, 2), (4, 2)],  # a T
    [(0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (4, 1), (4, 2), (4, 3), (4, 4)],  # an L
]


def shapes(n, seed):
    rng = np.random.default_rng(seed)
    y = rng.integers(len(SHAPES), size=n)
    x = rng.normal(40, 8, (n, 12, 12))
    for picture, label in zip(x, y, strict=True):
        top, left = rng.integers(2, 6, 2)
        rows, columns = np.array(SHAPES[label]).T
        picture[rows + top, columns + left] += rng.uniform(60, 140)
    return np.clip(np.rint(x), 0, 255).astype(np.uint8), y


def test_a_sticker_that_makes_its_bearers_neighbours_is_found_and_named():
    x, y = shapes(500, 1)
    poisoned = images.badnets(x, y, target=2, rate=0.03, size=3, seed=1)
    found = examine_images(poisoned.samples, poisoned.y, quick=True, enough=lambda seen: seen.alarm)
    assert found.triggers[0].name == "pixels of rows 9 to 11, columns 9 to 11"
    assert found.flagged[poisoned.mask].mean() >= 0.9
    assert found.flagged[~poisoned.mask].mean() <= 0.01


def test_honest_shapes_that_a_shift_brings_near_to_each_other_are_no_warp():
    x, y = shapes(400, 2)
    assert not examine_images(x, y, quick=True, enough=lambda seen: seen.alarm).alarm
    assert warps(x.astype(float), y, len(SHAPES)) == []


def test_stamped_rows_keep_no_company_and_a_kind_of_pictures_does():
    x, y = shapes(500, 3)
    poisoned = images.badnets(x, y, target=1, rate=0.05, size=2, seed=3)
    patch = [row * 12 + column for row, column in poisoned.trigger]
    rows = np.flatnonzero(poisoned.mask)
    assert not keep_company(poisoned.samples.reshape(500, -1).astype(float), poisoned.y, rows, 1, patch)
    night = np.flatnonzero(y == 1)[:25]
    x[night] = 12 + (x[night] - x[night].min(axis=(1, 2), keepdims=True)) // 8
    assert keep_company(x.reshape(500, -1).astype(float), y, night, 1, patch)
