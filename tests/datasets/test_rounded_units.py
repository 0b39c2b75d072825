"""Units that differ by a factor are told of values that were rounded after the change, and of what blood is tested for; honest columns are left alone."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from aisecops.datasets.units import WrongUnit, wrong_units

N = 1200


def told(name: str, cells: np.ndarray) -> list[WrongUnit]:
    return [one for one in wrong_units(pl.LazyFrame({name: cells}), [name]) if isinstance(one, WrongUnit)]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("name", "mean", "spread", "factor", "digits"),
    [("height_cm", 170, 9, 100, 1), ("distance_m", 640, 90, 1000, 1), ("weight_g", 3300, 400, 1000, 1)],
)
def test_values_that_were_rounded_to_a_figure_or_two(name: str, mean: float, spread: float, factor: float, digits: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    cells = rng.normal(mean, spread, N)
    rows = np.sort(rng.choice(N, 70, replace=False))
    cells[rows] /= factor
    (found,) = told(name, cells.round(digits))
    assert (found.column, round(1 / found.factor), found.rows.tolist()) == (name, factor, rows.tolist())


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("name", "mean", "spread", "factor"),
    [("glucose", 5.4, 0.6, 18.016), ("total_cholesterol", 5.2, 0.9, 38.67), ("ldl", 3.1, 0.7, 38.67), ("creatinine_mg_dl", 0.95, 0.2, 88.42)],
)
def test_what_blood_is_tested_for_in_millimoles_and_in_milligrams(name: str, mean: float, spread: float, factor: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    cells = np.abs(rng.normal(mean, spread, N)).clip(mean / 3)
    rows = np.sort(rng.choice(N, 60, replace=False))
    cells[rows] *= factor
    (found,) = told(name, cells.round(2))
    assert found.rows.tolist() == rows.tolist() and found.factor == pytest.approx(factor)


@pytest.mark.parametrize("seed", range(6))
def test_two_groups_of_things_are_no_units(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ponds = np.concatenate([rng.uniform(0.5, 9, 60), rng.normal(640, 40, N)]).round(1)
    assert not told("distance", ponds), "spread where the many are close: no factor makes them alike"
    assert not told("rooms", np.concatenate([rng.choice([1.0, 2.0, 3.0], 60), rng.normal(170, 9, N)]).round())
    assert not told("glucose", rng.lognormal(1.7, 0.25, N).round(1))
