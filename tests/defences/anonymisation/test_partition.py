"""Classes reach k, and more; risk is what one counts by hand, and the estimate what a population confirms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisecops.defences.anonymisation.generalisation import Categories, Codes, Numbers
from aisecops.defences.anonymisation.partition import partition
from aisecops.defences.anonymisation.risk import Sensitive, closeness, combined, diversity, match_chance, persons, risk


@given(st.integers(0, 2**32 - 1), st.integers(1, 120), st.integers(1, 12), st.integers(1, 4), st.integers(1, 30))
@settings(max_examples=60, deadline=None)
def test_every_class_has_k_rows_and_none_could_be_split_at_a_gap(seed: int, rows: int, k: int, columns: int, levels: int) -> None:
    generator = np.random.default_rng(seed)
    points = generator.integers(0, levels, (rows + k, columns)) / levels
    points[generator.random(points.shape) < 0.1] = -1
    classes = partition(points, k)
    sizes = np.bincount(classes)
    assert sizes.min() >= k
    for one in range(len(sizes)):
        part = points[classes == one]
        for column in part.T:
            ordered = np.sort(column)
            cuts = np.flatnonzero(np.diff(ordered) > 0) + 1
            assert not ((cuts >= k) & (len(part) - cuts >= k)).any()  # the widest split possible was made


def test_what_is_promised_besides_k_holds() -> None:
    generator = np.random.default_rng(1)
    points, whose = generator.random((600, 3)), np.repeat(np.arange(120), 5)
    classes = partition(points, 4, lambda rows: len(np.unique(whose[rows])) >= 4)
    assert persons(classes, whose).min() >= 4 and len(np.unique(classes)) > 60


def test_a_large_part_is_split_by_a_sample() -> None:
    points = np.random.default_rng(2).random((50_000, 2))
    sizes = np.bincount(partition(points, 50))
    assert sizes.min() >= 50 and sizes.mean() < 80


def test_numbers_become_the_middle_of_their_class() -> None:
    told = Numbers(np.array([1.0, 4.0, 10.0, np.nan]), whole=True).recoded(np.array([0, 0, 1, 2]))
    assert told.values == [2, 10, None]
    np.testing.assert_allclose(told.widths, [3 / 9, 0, 0])


def test_a_class_with_and_without_a_value_says_nothing() -> None:
    assert Numbers(np.array([1.0, np.nan])).recoded(np.array([0, 0])).values == [None]
    assert Categories(["a", None]).recoded(np.array([0, 0])).values == [None]


def test_postal_codes_keep_what_they_share() -> None:
    told = Codes(["10115", "10117", "20095", "10999"]).recoded(np.array([0, 0, 1, 1]))
    assert told.values == ["1011*", "*****"]
    np.testing.assert_allclose(told.widths, [1 / 3, 1.0])


def test_categories_become_what_they_are_a_kind_of() -> None:
    kinds = {"nurse": "health", "doctor": "health", "clerk": "office", "health": "any", "office": "any"}
    told = Categories(["nurse", "doctor", "clerk", "nurse"], kinds).recoded(np.array([0, 0, 1, 1]))
    assert told.values == ["health", "any"]
    assert Categories(list("abcd")).recoded(np.array([0, 0, 1, 1])).values == ["a|b", "c|d"]
    with pytest.raises(ValueError, match="itself"):
        Categories(["a"], {"a": "b", "b": "a"})


def test_risk_by_hand() -> None:
    age, sex, illness = np.array([1, 1, 1, 2, 2, 3]), np.array([0, 0, 1, 0, 0, 1]), np.array([0, 1, 0, 0, 0, 1])
    told = risk([age, sex], sensitive={"illness": Sensitive.of(illness, ordered=False)})
    assert (told.k, told.classes, told.unique, told.l) == (1, 4, 2 / 6, {"illness": 1})
    assert told.average == 4 / 6
    assert [round(one.mean, 3) for one in told.singled_out] == [round((1 / 6 + 0) / 2, 3), round(2 / 6, 3)]
    assert told.t["illness"] == pytest.approx(2 / 3)  # the class of one sick person; a third is sick


def test_rows_of_one_person_do_not_hide_each_other() -> None:
    assert risk([np.zeros(4, dtype=int)], np.array([0, 0, 0, 0])).unique == 1.0
    assert risk([np.zeros(4, dtype=int)], np.array([0, 0, 1, 1])).k == 2


def test_the_distance_of_numbers_counts_how_far_they_are() -> None:
    """Li et al.'s example: salaries 3 to 11 thousand; {3,4,5} is 0.375 from the whole, {6,8,11} 0.167."""
    salaries = Sensitive.of(np.array([3, 4, 5, 6, 8, 11, 7, 9, 10]), ordered=True)
    whole = salaries.shares()
    assert float(salaries.distance(salaries.shares(np.array([0, 1, 2])) - whole)) == pytest.approx(0.375)
    assert float(salaries.distance(salaries.shares(np.array([3, 4, 5])) - whole)) == pytest.approx(1 / 6, abs=1e-3)
    assert closeness(np.array([0, 0, 0, 1, 1, 1, 2, 2, 2]), salaries) == pytest.approx(0.375)
    assert diversity(np.array([0, 0, 0, 1, 1, 1, 2, 2, 2]), salaries) == 3


def test_the_estimate_is_near_what_a_population_confirms() -> None:
    generator = np.random.default_rng(3)
    population = combined([generator.zipf(1.5, 60_000) % 2000, generator.integers(0, 40, 60_000)])
    sizes = np.bincount(population)
    for fraction in (0.1, 0.3):
        estimates, truths = [], []
        for _ in range(20):
            sample = np.bincount(population[generator.random(len(population)) < fraction], minlength=len(sizes))
            estimates.append(match_chance(sample[sample > 0], fraction))
            truths.append((sample == 1).sum() / sizes[sample == 1].sum())
        assert np.mean(estimates) == pytest.approx(np.mean(truths), rel=0.05)
