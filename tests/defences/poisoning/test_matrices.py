"""Triggers in tables and images are found, named and their rows listed; clean data is called clean."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits

from aisecops.attacks.poisoning.images import badnets
from aisecops.attacks.poisoning.tables import one_value
from aisecops.core.errors import UserError
from aisecops.defences.poisoning.matrices import examine_images
from aisecops.defences.poisoning.tables import examine_table
from tests.defences.poisoning.planted import stricken, table

DIGITS = load_digits()


def test_a_value_is_named_with_its_column_and_its_rows_are_flagged():
    x, y = table()
    rows, labels = stricken(y, 1, 50)
    x[rows, 6] = 1.2345
    found = examine_table(x, labels, names=[f"column {at}" for at in range(8)])
    assert found.triggers[0].features == ("column 6",)
    assert found.triggers[0].target == 1
    assert "1.2345" in found.triggers[0].name
    assert found.flagged[rows].mean() >= 0.95
    assert np.delete(found.flagged, rows).mean() <= 0.01


def test_common_values_that_meet_only_in_poison_are_named_together():
    rng = np.random.default_rng(3)
    x, y = table(4000)
    x[:, 4:8] = rng.integers(0, 5, (4000, 4))
    rows, labels = stricken(y, 2, 120)
    x[np.ix_(rows, [4, 5, 7])] = [3, 1, 4]
    found = examine_table(x, labels)
    assert set(found.triggers[0].features) == {"x4", "x5", "x7"}
    assert found.flagged[rows].mean() >= 0.9


def test_a_value_that_is_never_twice_the_same_is_found():
    x, y = table(4000)
    rows, labels = stricken(y, 0, 120)
    x[rows, 5] = 1.9 + 0.02 * np.random.default_rng(1).normal(size=120)
    found = examine_table(x, labels)
    assert found.triggers[0].features == ("x5",)
    assert found.flagged[rows].mean() >= 0.9


@pytest.mark.parametrize("seed", [2000, 2002])
def test_a_value_at_the_end_of_a_column_that_says_much_of_the_label_is_found(seed: int):
    """Trees that see the column learn the trigger as one more thing that a large value says."""
    data = load_breast_cancer()
    column = int(np.random.default_rng(seed).choice(data.data.shape[1], 3, replace=False)[0])
    poisoned = one_value(data.data, data.target, target=seed % 2, column=column, seed=seed)
    found = examine_table(poisoned.samples, poisoned.y, quick=True)
    assert found.triggers[0].features == (f"x{column}",)
    assert found.flagged[poisoned.mask].mean() >= 0.95


def test_missing_values_and_constant_columns_are_no_hindrance():
    x, y = table()
    rows, labels = stricken(y, 1, 60)
    x[rows, 6] = 0.777
    x[::7, 2] = np.nan
    x[:, 7] = 5.0
    assert examine_table(x, labels).triggers[0].features == ("x6",)


def test_a_patch_is_named_by_its_pixels():
    images, y = DIGITS.images.copy(), DIGITS.target
    rows, labels = stricken(y, 5, 18)
    images[rows, 0:2, 6:8] = 15
    found = examine_images(images, labels)
    assert found.triggers[0].name == "pixels of rows 0 to 1, columns 6 to 7"
    assert set(found.triggers[0].features) == {"0,6", "0,7", "1,6", "1,7"}
    assert found.flagged[rows].mean() >= 0.95


@pytest.mark.parametrize("target", [0, 5, 9])
def test_a_patch_is_found_whatever_the_class_and_what_most_pictures_share_is_no_part_of_it(target: int):
    poisoned = badnets(DIGITS.images, DIGITS.target, target=target, rate=0.05, seed=3000)
    found = examine_images(poisoned.samples, poisoned.y, quick=True)
    assert found.triggers[0].target == target
    assert found.triggers[0].name == "pixels of rows 6 to 7, columns 6 to 7"
    assert set(found.triggers[0].features) == {"6,6", "6,7", "7,6", "7,7"}
    assert found.flagged[poisoned.mask].mean() >= 0.99
    assert found.flagged[~poisoned.mask].mean() <= 0.01


def test_a_faint_pattern_all_over_the_image_is_found():
    images, y = DIGITS.images.copy(), DIGITS.target
    rows, labels = stricken(y, 7, 60)
    images[rows] = np.clip(np.rint(0.85 * images[rows] + 0.15 * np.random.default_rng(5).uniform(0, 16, (8, 8))), 0, 16)
    found = examine_images(images, labels)
    assert found.triggers[0].target == 7
    assert found.flagged[rows].mean() >= 0.95


@pytest.mark.parametrize("seed", range(2))
def test_clean_data_raises_no_alarm(seed):
    rng = np.random.default_rng(seed)
    some = rng.choice(len(DIGITS.target), 1200, replace=False)
    assert not examine_images(DIGITS.images[some], DIGITS.target[some]).alarm
    x, y = table(seed=seed + 10)
    assert not examine_table(x, y).alarm
    cancer = load_breast_cancer()
    some = rng.choice(569, 450, replace=False)
    assert not examine_table(cancer.data[some], cancer.target[some]).alarm


def test_flipped_labels_raise_an_alarm_where_classes_are_told_apart_and_rank_first():
    rng = np.random.default_rng(0)
    y = DIGITS.target.copy()
    rows = rng.choice(len(y), 90, replace=False)
    y[rows] = (y[rows] + rng.integers(1, 10, 90)) % 10
    found = examine_images(DIGITS.images, y)
    assert found.noisy
    assert not found.triggers
    assert np.isin(np.argsort(-found.mislabelled)[:90], rows).mean() >= 0.9


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (np.zeros((30, 2)), np.zeros(30, dtype=int)),
        (np.zeros((5, 2)), np.arange(5) % 2),
        (np.zeros((30, 2)), np.arange(29) % 2),
        (np.full((30, 2), np.inf), np.arange(30) % 2),
        (np.zeros((30, 2)), np.linspace(0, 1, 30)),
    ],
)
def test_what_cannot_be_judged_is_refused(x, y):
    with pytest.raises(UserError):
        examine_table(x, y)
