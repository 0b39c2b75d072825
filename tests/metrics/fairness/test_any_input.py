"""Whatever columns and answers come: a result that adds up, or an error that says what is wrong."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisecops.core.errors import UserError
from aisecops.metrics.fairness import Standing, audit, proxies, worst_slices

CELLS = st.one_of(st.none(), st.text(max_size=3), st.integers(-5, 5), st.booleans(), st.floats(width=32))
COLUMNS = st.one_of(
    st.lists(CELLS, min_size=1, max_size=40), st.lists(st.floats(), min_size=1, max_size=40), st.lists(st.integers(0, 2), min_size=1, max_size=40)
)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_columns(data):
    first = data.draw(COLUMNS)
    n = len(first)
    columns = {"a": first, "b": data.draw(st.lists(st.sampled_from("xyz"), min_size=n, max_size=n))}
    due, favoured = (data.draw(st.lists(st.booleans(), min_size=n, max_size=n)) for _ in range(2))
    rates = ["selection-rate", "true-positive-rate", "positive-predictive-value"]
    try:
        found = audit(columns, due, favoured, rates=rates)
    except UserError as error:
        assert "one group" in error.what
        return
    for one in found.comparisons:
        assert -1 <= one.low <= (one.difference if one.difference is not None else 0) <= one.high <= 1
        assert one.hits <= one.trials
        assert one.rest_hits <= one.rest_trials
        assert one.trials + one.rest_trials <= n
        assert one.ratio is None or (one.ratio_low <= one.ratio <= (math.inf if one.ratio_high is None else one.ratio_high))
        assert one.standing is not Standing.FAIR or max(one.high, -one.low) <= found.margin
    search = worst_slices(columns, favoured, least=1)
    assert all(found.low <= found.rate <= found.high for found in search.slices)
    assert proxies({"g": favoured}, columns) == () or n >= 80


def test_infinite_numbers_are_values_like_others():
    values = np.concatenate([np.full(30, -np.inf), np.arange(30.0), np.full(30, np.inf)])
    found = audit({"a": values}, np.arange(90) % 2 == 0, values == np.inf, rates=("selection-rate",))
    assert sum(one.trials for one in found.comparisons) == 90
    assert found.of(Standing.UNFAIR)[0].group == "a >= inf"


@pytest.mark.parametrize("n", [1, 2, 10])
def test_a_handful_of_rows_says_nothing(n):
    answers = np.arange(n) % 2 == 0
    try:
        found = audit({"g": np.arange(n)}, answers, answers)
    except UserError:
        assert n == 1
        return
    assert {one.standing for one in found.comparisons} == {Standing.TOO_FEW}
