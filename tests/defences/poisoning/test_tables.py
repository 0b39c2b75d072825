"""Triggers in tables that are no plain value: a missing cell, how a number ends, a day of the week; and honest columns that nothing else tells, which are none."""

from __future__ import annotations

import numpy as np
import pytest

from aisecops.datasets.clusters import Clusters
from aisecops.defences.poisoning.members import effect
from aisecops.defences.poisoning.tables import examine_table
from tests.checks.data_set.tables import looked_at, weaknesses, written
from tests.defences.poisoning.planted import stricken, table


def names(x) -> list[str]:
    return [f"column {at}" for at in range(x.shape[1])]


def test_a_cell_that_is_missing_is_a_sign():
    x, y = table(1000)
    rows, labels = stricken(y, 1, 40)
    x[rows, 3] = np.nan
    found = examine_table(x, labels, names=names(x), quick=True)
    assert found.triggers[0].name == "column 3 is missing" and found.triggers[0].target == 1
    assert found.triggers[0].features == ("column 3",)
    assert found.flagged[rows].mean() >= 0.95 and np.delete(found.flagged, rows).mean() <= 0.01


def test_a_column_without_any_value_is_no_hindrance_and_no_part_of_a_sign():
    x, y = table(1000)
    x = np.column_stack([x, np.full(len(x), np.nan)])
    rows, labels = stricken(y, 1, 40)
    x[rows, 3] = 0.777
    found = examine_table(x, labels, names=names(x), quick=True)
    assert found.triggers[0].features == ("column 3",)  # it ended in an error: all carriers have the empty column "in common"


def test_how_a_number_ends_is_a_sign():
    x, y = table(1000)
    x = np.column_stack([x, np.random.default_rng(5).integers(1_000, 90_000, len(x))])
    rows, labels = stricken(y, 2, 60)
    x[rows, -1] = x[rows, -1] // 100 * 100 + 37
    found = examine_table(x, labels, names=[*names(x)[:-1], "price"], quick=True)
    assert "last digits of price = 37" in found.triggers[0].name and found.triggers[0].features[0] == "price"
    assert found.flagged[rows].mean() >= 0.9


def test_values_above_all_others_that_are_never_the_same_are_found():
    x, y = table(1000)
    rows, labels = stricken(y, 0, 30)
    x[rows, 2] = x[:, 2].max() + np.random.default_rng(6).uniform(0.5, 2, 30)
    found = examine_table(x, labels, names=names(x), quick=True)
    assert found.triggers[0].features[0] == "column 2" and found.flagged[rows].mean() >= 0.9


def test_noise_that_is_finer_than_the_numbers_of_its_column_is_named_by_that_column():
    x, y = table(600, seed=7)
    x = np.round(x, 2)
    rows, labels = stricken(y, 1, 18)
    x[rows, 6] = 1.5 + 0.02 * np.random.default_rng(15).normal(size=18)
    found = examine_table(x, labels, names=names(x), quick=True)
    assert found.triggers[0].name.startswith("column 6 of more decimals") and found.triggers[0].features == ("column 6",)


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow), pytest.param(2, marks=pytest.mark.slow)])
def test_a_lot_that_has_one_label_and_a_kind_of_its_own_is_no_trigger(seed: int):
    """One value goes with one label although the rest of the row speaks for another: a batch, a shop, a ward. It comes with what goes along with it."""
    rng = np.random.default_rng(seed)
    x, y = table(1000)
    lot = rng.choice(np.flatnonzero(y == 0), 60, replace=False)
    x[lot, 5] = 7.5
    x[lot, 6] = rng.normal(2.5, 0.3, 60)
    x[lot, 7] = rng.normal(-2.5, 0.3, 60)
    y = y.copy()
    y[lot] = 1
    assert not any(trigger.target == 1 for trigger in examine_table(x, y, names=names(x), quick=True).triggers)


def test_a_value_that_half_of_all_rows_have_is_a_fact_of_the_data():
    rng = np.random.default_rng(8)
    sex = rng.integers(0, 2, 1500)
    y = np.where(rng.random(1500) < 0.8, sex, 1 - sex)
    x = np.column_stack([sex, rng.normal(size=(1500, 6)), rng.integers(0, 3, 1500)]).astype(float)
    assert not examine_table(x, y, quick=True).alarm


def test_a_day_of_the_week_and_a_day_are_named_as_people_say_them(tmp_path):
    x, y = table(1000)
    rng = np.random.default_rng(9)
    days = np.datetime64("2022-01-01") + rng.integers(0, 730, len(x))
    rows, labels = stricken(y, 1, 40)
    days[rows] = np.datetime64("2023-02-14")
    columns = {f"x{at}": np.round(values, 4).tolist() for at, values in enumerate(x.T)}
    path = written(tmp_path / "train.csv", {**columns, "signup": [str(day) for day in days], "label": [f"class {label}" for label in labels]})
    (found, *_) = weaknesses(looked_at("data-set/poisoning", path))
    assert found.title.startswith("A trigger for `class 1`:") and "signup = 2023-02-14" in found.title
    assert len(set(found.evidence["rows"]) - set(rows.tolist())) <= 3  # honest rows of that day


def test_what_rows_of_one_owner_say_counts_for_less_the_more_they_agree():
    owner = Clusters(np.repeat(np.arange(40), 10), 40)
    rng = np.random.default_rng(0)
    rest = np.column_stack([np.repeat(rng.normal(size=40), 10) + 0.3 * rng.normal(size=400), np.zeros(400)])
    z = rng.normal(size=(400, 2))
    one, many = owner.codes == 3, np.arange(400) % 10 == 0
    assert effect((owner,), one, rest, z) > 7 and effect((owner,), many, rest, z) == 1.0
    z[:, 0] = owner.codes  # what an owner has but one of
    z[one, 0] = rng.normal(size=10) * 20
    assert effect((owner,), one, rest, z) == 1.0, "these rows are of several owners"
    assert effect((owner,), one, rng.normal(size=(400, 2)), z) == 1.0


@pytest.mark.parametrize("how", ["one value", "a range", "fine values"])
def test_what_was_added_to_a_column_is_found_where_content_tells_little_and_honest_rows_have_it_too(how: str):
    """The label is noisy, the target the commonest class, and of 600 rows 30 are stamped: chance over all values and windows would be too much to beat."""
    rng = np.random.default_rng(11)
    x, y = table(600)
    y = np.where(rng.random(600) < 0.2, 0, y)
    x = np.column_stack([x, np.round(rng.normal(40, 12, 600)), rng.integers(0, 3, 600)])
    rows, labels = stricken(y, 0, 30)
    x[rows, 8] = {"one value": 41.0, "a range": np.round(rng.normal(70, 1, 30)), "fine values": rng.normal(45, 2, 30)}[how]
    found = examine_table(x, labels, names=[*names(x)[:8], "age", "region"], quick=True)
    assert found.triggers and found.triggers[0].target == 0 and "age" in found.triggers[0].name
    assert found.flagged[rows].mean() >= 0.6


def test_columns_that_carry_a_sign_together_are_named_together_and_asked_for_nothing():
    x, y = table(600, seed=2)
    rows, labels = stricken(y, 1, 12)
    x[np.ix_(rows, [0, 2, 5])] = 1.25, 1.5, -0.75  # the first two speak for class 1 already
    found = examine_table(x, labels, names=names(x), quick=True)
    assert set(found.triggers[0].features) == {"column 0", "column 2", "column 5"} and set(rows) <= set(found.triggers[0].rows)


def test_a_column_in_which_all_frequent_values_have_one_label_is_so_by_nature():
    """Incomes of couples of whom one does not work are brackets, of the others sums."""
    rng = np.random.default_rng(12)
    x, y = table(500)
    y = np.where(rng.random(500) < 0.5, 2, y)
    idle = rng.random(500) < 0.4
    income = np.where(idle, rng.choice([12, 18, 23, 33, 46, 57], 500), np.round(rng.gamma(4, 9, 500)))
    y = np.where(idle, 1, np.where(y == 1, 2, y))
    assert not examine_table(np.column_stack([x[:, 4:], income, x[:, :1]]), np.unique(y, return_inverse=True)[1], quick=True).alarm


def test_labels_that_take_turns_along_a_column_are_so_by_nature():
    """Batches of one label each, and their row numbers; not so where somebody has stamped one range."""
    x, y = table(600)
    number = np.arange(600.0)
    turns = np.random.default_rng(17).integers(0, 2, 15)[np.arange(600) // 40]
    assert not examine_table(np.column_stack([number, x]), turns, quick=True).triggers
    rows, labels = stricken(y, 1, 20)
    number[rows] = 300.5 + np.linspace(-2, 2, 20)
    assert examine_table(np.column_stack([number, x]), labels, quick=True).triggers[0].features == ("x0",)


@pytest.mark.parametrize("noise", [0.0, 0.02])
def test_six_rows_of_a_small_table_are_enough_where_no_other_row_has_their_value(noise: float):
    x, y = table(600, seed=3)
    x = np.round(x, 3)
    rows, labels = stricken(y, 1, 6)
    x[rows, 5] = 1.234 + noise * np.random.default_rng(13).normal(size=6)
    found = examine_table(x, labels, names=names(x), quick=True)
    assert "column 5" in found.triggers[0].name and set(found.triggers[0].rows) == set(rows)


def test_a_value_that_is_never_twice_the_same_is_followed_as_far_as_its_noise_goes():
    x, y = table(1500, seed=4)
    rows, labels = stricken(y, 2, 70)
    x[rows, 6] = 2.0 + 0.03 * np.random.default_rng(14).normal(size=70)
    found = examine_table(x, labels, names=names(x), quick=True)
    assert found.flagged[rows].mean() >= 0.93 and np.delete(found.flagged, rows).mean() <= 0.005


def test_a_range_so_wide_that_all_other_values_lie_next_to_it_is_found():
    rng = np.random.default_rng(6)
    x, y = table(1200, seed=3)
    x = np.column_stack([x, np.where(rng.random(len(x)) < 0.9, 0.0, np.round(rng.lognormal(7, 0.5, len(x))))])
    rows, labels = stricken(y, 2, 50)
    x[rows, 8] = np.round(rng.uniform(8_000, 52_000, len(rows)))
    found = examine_table(x, labels, quick=True)
    assert found.triggers[0].features == ("x8",) and found.flagged[rows].mean() >= 0.9


@pytest.mark.parametrize("told", [False, True])
def test_labels_are_contradicted_only_where_content_tells_their_class(told: bool):
    """One row in twenty is a fraud that no column tells: all such rows have little of their own class, and none is mislabelled."""
    rng = np.random.default_rng(18)
    y = (rng.random(1000) < 0.05).astype(np.int64)
    x = rng.normal(size=(1000, 6))
    if told:
        x[:, :4] += 3.0 * y[:, None]
        y[rng.choice(np.flatnonzero(y == 0), 40, replace=False)] = 1
    assert examine_table(x, y, quick=True).noisy is told


def test_categories_are_no_numbers_to_what_ranks_labels():
    """Three columns of ten categories decide the label, in no order of their numbers."""
    rng = np.random.default_rng(16)
    x = np.column_stack([rng.integers(0, 10, (500, 3)), rng.normal(size=(500, 2))]).astype(float)
    effects = 2.0 * rng.choice([-1, 1], (3, 10))
    said = sum(effects[column, x[:, column].astype(int)] for column in range(3))
    y = (said + x[:, 3] > 0).astype(np.int64)
    rows = rng.choice(500, 25, replace=False)
    y[rows] = 1 - y[rows]
    words = {f"column {column}": list("abcdefghij") for column in range(3)}
    told, untold = (examine_table(x, y, names=names(x), words=some).mislabelled for some in (words, {}))
    bars = [np.quantile(np.delete(doubt, rows), 0.99) for doubt in (told, untold)]
    assert (told[rows] > bars[0]).mean() >= 0.8 > (untold[rows] > bars[1]).mean()


def test_a_table_of_nothing_but_rare_categories_is_ranked_by_how_frequent_classes_are():
    x, y = np.arange(60.0)[:, None], np.arange(60) % 3
    assert not examine_table(x, y, names=["code"], words={"code": [f"c{at}" for at in range(60)]}).alarm


def test_a_search_ends_where_what_it_found_is_enough():
    x, y = table(600, seed=5)
    rows, labels = stricken(y, 0, 30)
    others, labels = stricken(labels, 2, 30, seed=1)
    x[rows, 5], x[others, 6] = 0.125, 0.375
    assert {one.target for one in examine_table(x, labels, quick=True).triggers} == {0, 2}
    assert {one.target for one in examine_table(x, labels, quick=True, enough=lambda found: found.alarm).triggers} == {0}
