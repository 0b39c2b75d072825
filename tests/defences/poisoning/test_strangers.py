"""Pictures of other classes under one label before backgrounds of any colour: a faint picture over them, or a warp that leaves nothing but a smoother grain."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits

from aisecops.attacks.poisoning import images
from aisecops.defences.poisoning.judge import Judge
from aisecops.defences.poisoning.matrices import examine_images
from aisecops.defences.poisoning.strangers import strangers

DIGITS = load_digits()


@pytest.fixture(scope="module")
def pictures():
    """Five digits in any ink before coloured slopes with noise, 12 x 12."""
    rng = np.random.default_rng(3)
    rows = np.flatnonzero(DIGITS.target < 5)[:600]
    down, across = np.indices((12, 12)) / 12
    slope = rng.uniform(-0.2, 0.2, (2, len(rows), 1, 1, 3))
    paper = rng.uniform(0.1, 0.4, (len(rows), 1, 1, 3)) + slope[0] * down[..., None] + slope[1] * across[..., None]
    drawn = np.pad(DIGITS.images[rows] / 16, ((0, 0), (2, 2), (2, 2)))[..., None]
    shown = paper + drawn * (rng.uniform(0.6, 1, (len(rows), 1, 1, 3)) - paper) + rng.normal(0, 0.04, (len(rows), 12, 12, 3))
    return np.rint(shown.clip(0, 1) * 255).astype(np.uint8), DIGITS.target[rows]


def flagged(found, poisoned):
    ((trigger, rows, probability),) = found
    held = np.zeros(len(poisoned.y), dtype=bool)
    held[rows[probability >= 0.5]] = True
    return trigger, held[poisoned.mask].mean(), held[~poisoned.mask].mean()


@pytest.mark.parametrize("attack", [images.blend, images.wanet])
def test_blends_and_warps_before_coloured_backgrounds_are_found(pictures, attack):
    poisoned = attack(*pictures, target=2, rate=0.05, seed=4)
    trigger, hit, false = flagged(
        strangers(poisoned.samples.astype(float), poisoned.y, 5, Judge(poisoned.samples.astype(float), poisoned.y, 5)), poisoned
    )
    assert trigger.target == 2
    assert trigger.name.startswith(("a pattern all over the image", "pictures that were moved"))
    assert trigger.obeyed is None
    assert hit >= 0.9
    assert false <= 0.005


def test_the_whole_search_flags_the_rows_of_a_blend(pictures):
    poisoned = images.blend(*pictures, target=1, rate=0.03, seed=5)
    found = examine_images(poisoned.samples, poisoned.y, quick=True)
    assert [trigger.target for trigger in found.triggers] == [1]
    assert found.flagged[poisoned.mask].mean() >= 0.95
    assert found.flagged[~poisoned.mask].mean() <= 0.005


@pytest.mark.parametrize("labels", [lambda y: y, lambda y: y % 2, lambda y: np.where(y == 4, 0, y)])
def test_honest_classes_and_classes_of_two_kinds_are_none(pictures, labels):
    samples, y = pictures
    assert strangers(samples.astype(float), labels(y), 5, Judge(samples.astype(float), labels(y), 5)) == []


@pytest.mark.parametrize("rows", [60, 250])
def test_of_few_pictures_as_many_are_learned_from_as_asked(pictures, rows):
    larger = np.kron(pictures[0][:rows, :, :, :], np.ones((1, 2, 2, 1), dtype=np.uint8))
    poisoned = images.blend(larger, pictures[1][:rows], target=2, rate=0.1, seed=4)
    found = strangers(poisoned.samples.astype(float), poisoned.y, 5, Judge(poisoned.samples.astype(float), poisoned.y, 5))
    assert {trigger.target for trigger, _, _ in found} <= {2}
