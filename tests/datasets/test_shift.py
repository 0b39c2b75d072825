"""The tests of change hold their false alarms over many columns, agree with SciPy, and find what has changed."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy import stats

from aisecops.datasets.shift import shifts
from aisecops.datasets.two_samples import chi_squared, ks_distance, ks_p


def table(rng: np.random.Generator, rows: int, shift: float = 0.0) -> pl.DataFrame:
    base = rng.normal(size=rows)
    columns = {f"n{k}": base + rng.normal(size=rows) for k in range(12)}  # dependent columns
    return pl.DataFrame(
        columns
        | {"few": rng.integers(0, 4, rows), "city": rng.choice(["a", "b", "c"], rows, p=[0.5 - shift, 0.3, 0.2 + shift])}
        | {"gaps": [None if gap else 1.0 for gap in rng.random(rows) < 0.1]}
    )


def test_false_alarms_are_held_over_all_columns():
    rng = np.random.default_rng(0)
    alarms = sum(any(one.p < 0.05 for one in shifts(table(rng, 300), table(rng, 250))) for _ in range(200))
    assert alarms <= 18  # 5 % of 200 are 10; more than 18 happen once in a hundred


def test_a_changed_share_is_found_with_its_size():
    rng = np.random.default_rng(1)
    found = {one.column: one for one in shifts(table(rng, 3000), table(rng, 3000, shift=0.15)) if one.p < 0.01}
    assert set(found) == {"city"} and found["city"].effect == pytest.approx(0.15, abs=0.04) and found["city"].detail[0] == "c"


@pytest.mark.parametrize(("one", "two"), [(200, 300), (1000, 50), (40, 40)])
def test_distance_and_chance_agree_with_scipy(one, two):
    rng = np.random.default_rng(one)
    a, b = rng.normal(size=one), rng.normal(0.25, size=two)
    told = stats.ks_2samp(a, b, method="exact")
    assert ks_distance(a, b) == pytest.approx(told.statistic)
    assert ks_p(told.statistic, one, two) == pytest.approx(told.pvalue, rel=0.25)


@pytest.mark.parametrize("counts", [[[30, 40, 50], [60, 30, 20]], [[500, 480], [510, 520]], [[9] * 40, [12] * 40], [[900, 5], [100, 90]]])
def test_chi_squared_agrees_with_scipy(counts):
    assert chi_squared(np.array(counts, float)) == pytest.approx(stats.chi2_contingency(counts, correction=False).pvalue, rel=1e-9, abs=1e-300)


def test_texts_numbers_written_as_text_and_empty_tables():
    many = pl.DataFrame({"t": [f"text {n}" for n in range(500)], "n": [str(n) for n in range(500)]})
    assert [one.column for one in shifts(many, many)] == ["n"]
    assert shifts(many.clear(), many) == []
    late = many.with_columns(n=(pl.col("n").cast(pl.Int64) + 400).cast(pl.String))
    assert shifts(many, late)[0].effect == pytest.approx(0.8, abs=0.01)
