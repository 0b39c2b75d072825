"""What a column itself excludes is found by row; honest columns, heavy tails and refunds among them, exclude nothing."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from aisecops.datasets.plausibility import far_days, implausible
from aisecops.datasets.units import WrongUnit, wrong_units
from aisecops.datasets.written_days import written_days

N = 600


def ages(rng: np.random.Generator) -> np.ndarray:
    return rng.integers(18, 86, N).astype(float)


def broken(cells: np.ndarray, rng: np.random.Generator, value: object, count: int = 12) -> tuple[np.ndarray, list[int]]:
    rows = np.sort(rng.choice(N, count, replace=False))
    changed = cells.copy()
    changed[rows] = value(changed[rows]) if callable(value) else value
    return changed, rows.tolist()


@pytest.mark.parametrize("value", [-1, -999, 999, 9999])
@pytest.mark.parametrize("seed", range(5))
def test_numbers_that_stand_for_a_missing_value(value: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    cells, rows = broken(ages(rng), rng, value)
    (found,) = implausible("income", cells)
    assert (found.kind, found.rows.tolist()) == ("placeholder", rows)


@pytest.mark.parametrize("seed", range(5))
def test_a_few_values_with_the_other_sign(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cells, rows = broken(rng.normal(170, 9, N), rng, np.negative)
    (found,) = implausible("height", cells)
    assert (found.kind, found.rows.tolist()) == ("sign", rows)


@pytest.mark.parametrize(("name", "wrong"), [("age", 204), ("patient_age", 311), ("pickup_latitude", 400), ("humidity", 140), ("month", 13)])
def test_what_a_name_excludes(name: str, wrong: float) -> None:
    rng = np.random.default_rng(1)
    cells, rows = broken(rng.uniform(1, 12, N), rng, wrong, 4)
    (found,) = implausible(name, cells)
    assert (found.kind, found.rows.tolist()) == ("range", rows)


def test_inches_among_centimetres_are_another_unit_where_lengths_are_measured() -> None:
    rng = np.random.default_rng(2)
    cells, rows = broken(rng.normal(170, 9, N), rng, lambda values: values / 2.54, 20)
    (found,) = wrong_units(pl.LazyFrame({"height_cm": cells, "other": cells}), ["height_cm", "other"])
    assert isinstance(found, WrongUnit)
    assert (found.column, found.rows.tolist()) == ("height_cm", rows)


def test_thousandths_are_a_unit_and_not_also_out_of_range() -> None:
    rng = np.random.default_rng(3)
    cells, rows = broken(ages(rng), rng, lambda values: values * 1000, 6)
    (found,) = wrong_units(pl.LazyFrame({"age": cells}), ["age"])
    assert isinstance(found, WrongUnit)
    assert found.rows.tolist() == rows


@pytest.mark.parametrize("seed", range(20))
def test_honest_columns_exclude_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    refunds = rng.lognormal(3, 1, N)
    refunds[rng.choice(N, 15, replace=False)] *= -1
    honest = {
        "age": ages(rng),
        "age_months": rng.exponential(40, N),
        "amount": refunds,
        "polarity": rng.normal(0, 1, N),
        "warm": rng.normal(2, 1, N),
        "answer": rng.choice([-1.0, 0.0, 1.0], N),
        "size": rng.pareto(1.2, N) + 1,
        "count": rng.poisson(3, N).astype(float),
        "score": rng.choice([1.0, 2.0, 3.0, 99.0], N),
        "latitude": rng.uniform(-90, 90, N),
        "percentile": rng.uniform(0, 99, N).round(),
        "age_of_star": rng.exponential(9e9, N),
    }
    told = [(name, found.kind) for name, cells in honest.items() for found in implausible(name, cells)]
    assert told == []


def test_days_far_from_all_others_and_days_written_otherwise() -> None:
    rng = np.random.default_rng(4)
    days = [f"202{rng.integers(0, 4)}-0{rng.integers(1, 10)}-{rng.integers(10, 29)}" for _ in range(N)]
    days[17], days[90], days[400], days[401], days[402] = "2091-03-01", "2092-01-01", "13/02/2021", "28/11/2021", "01/02/2022"
    text = [f"text {row} of 2021-01-01" for row in range(N)]
    (written,) = written_days(pl.LazyFrame({"signup": days, "note": text}), ["signup", "note"])
    assert written.ways == (("YYYY-MM-DD", N - 3), ("NN/NN/YYYY", 3))
    assert written.others.tolist() == [400, 401, 402]
    (far,) = far_days("signup", written.days)
    assert (far.kind, far.rows.tolist()) == ("day", [17, 90])
    assert list(far_days("born", rng.uniform(-20_000, 12_000, N))) == []


@pytest.mark.parametrize(
    "form", ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d", "%d/%m/%Y", "%d.%m.%Y", "%d.%m.%Y %H:%M", "%d %b %Y", "%b %d, %Y"]
)
def test_each_way_of_writing_a_day_is_read(form: str) -> None:
    from datetime import datetime, timedelta

    moments = [datetime(2021, 1, 1) + timedelta(days=3 * n, minutes=7) for n in range(150)]
    (written,) = written_days(pl.LazyFrame({"at": [moment.strftime(form) for moment in moments]}), ["at"])
    assert len(written.ways) == 1
    assert np.diff(written.days).tolist() == [3.0] * 149
