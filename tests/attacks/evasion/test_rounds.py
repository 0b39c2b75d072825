"""The account of queries and of the best evasion, against one kept query by query."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from aisecops.attacks.evasion.attempts import Norm
from aisecops.attacks.evasion.directions import cosines, orthonormal
from aisecops.attacks.evasion.rounds import Rounds, occurrence
from aisecops.attacks.evasion.space import Box


class Rule:
    """Label 1 where the first feature is above a half."""

    name, classes, capabilities = "rule", ("low", "high"), frozenset({"labels"})

    def __init__(self):
        self.queries = 0

    def labels(self, batch):
        self.queries += len(batch)
        return (batch[:, 0] > 0.5).astype(np.int64)


@settings(max_examples=60, deadline=None)
@given(
    batches=st.lists(st.lists(st.tuples(st.integers(0, 2), st.floats(0, 1), st.floats(-1, 2)), max_size=30), max_size=6),
    queries=st.integers(1, 40),
)
def test_batches_are_counted_as_single_queries_would_be(batches, queries):
    samples, oracle = np.array([[0.0, 0.0], [0.4, 1.0], [0.3, 0.5]]), Rule()
    rounds = Rounds(oracle, samples, np.zeros(3, dtype=int), space=Box(), norm=Norm.L2, queries=queries)
    spent, best = [0, 0, 0], [np.inf] * 3
    by = {}
    for batch in batches:
        rows = np.array([row for row, *_ in batch], dtype=int)
        points = np.array([point for _, *point in batch]).reshape(-1, 2)
        placed, evades = rounds.ask(rows, points)
        np.testing.assert_array_equal(placed, np.clip(points, 0, 1))
        for row, point, evading in zip(rows, np.clip(points, 0, 1), evades, strict=True):
            assert evading == (spent[row] < queries and point[0] > 0.5)
            if spent[row] < queries:
                spent[row] += 1
                best[row] = min(best[row], np.linalg.norm(point - samples[row])) if evading else best[row]
                by[row, spent[row]] = best[row]
    attempts = rounds.attempts()
    assert attempts.queries.tolist() == spent
    assert oracle.queries == sum(spent)
    np.testing.assert_allclose(attempts.distance, best)
    for checkpoint, distances in attempts.curve:
        for row in range(3):
            np.testing.assert_allclose(distances[row], by.get((row, min(checkpoint, spent[row])), np.inf))


@given(st.lists(st.integers(0, 5)))
def test_occurrence_counts_equals_before(rows):
    assert occurrence(np.array(rows, dtype=int)).tolist() == [rows[:place].count(row) for place, row in enumerate(rows)]


def test_directions_are_orthonormal_also_as_images():
    rng = np.random.default_rng(0)
    for shape, count in (((10,), 10), ((8, 8), 30), ((3, 32, 32), 50)):
        directions = orthonormal(rng, shape, count)
        assert directions.shape == (count, np.prod(shape))
        np.testing.assert_allclose(directions @ directions.T, np.eye(count), atol=1e-10)
    assert orthonormal(rng, (4,), 11).shape == (11, 4)


def test_low_frequencies_are_smooth():
    smooth = cosines(np.random.default_rng(0).standard_normal((20, 7, 7)), (28, 28)).reshape(20, 28, 28)
    assert np.abs(np.diff(smooth, axis=2)).mean() < 0.5 * np.abs(smooth).mean()
