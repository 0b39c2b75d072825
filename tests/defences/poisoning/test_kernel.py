"""What a kernel says of each row is what it would say without that row, for the work of one fit; it bends, and puts up with rows that are all the same."""

from __future__ import annotations

import numpy as np
import pytest

from aisecops.defences.poisoning.kernel import _PENALTIES, _apart, _features, _left_out, kernel


def rings(n=600, seed=0):
    """Two rings, one within the other, among six columns that say nothing: no linear model and no single column tells them."""
    rng = np.random.default_rng(seed)
    y, angle = rng.integers(2, size=n), rng.uniform(0, 2 * np.pi, n)
    size = np.where(y, 2.0, 0.8) + 0.2 * rng.normal(size=n)
    return np.column_stack([size * np.cos(angle), size * np.sin(angle), 0.5 * rng.normal(size=(n, 6))]), y


def test_an_answer_is_that_of_a_model_that_was_fitted_without_the_row(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("aisecops.defences.poisoning.kernel._PENALTIES", _PENALTIES[3:4])
    z, y = rings(60)
    features = _features(_apart(z.astype(np.float32), np.arange(30)), np.arange(30), 1.0)
    _, answers = _left_out(features, y, 2)
    for row in (0, 7, 59):
        rest = np.delete(np.arange(60), row)
        x = np.column_stack([features, np.ones(60)]).astype(np.float64)
        penalty = np.diag([_PENALTIES[3]] * 30 + [0.0])
        fitted = np.linalg.solve(x[rest].T @ x[rest] + penalty, x[rest].T @ np.eye(2)[y[rest]])
        np.testing.assert_allclose(answers[row], x[row] @ fitted, atol=2e-3)


def test_rings_are_told_and_wrong_labels_do_not_speak_for_themselves():
    z, y = rings()
    given = y.copy()
    given[:30] = 1 - given[:30]
    p = kernel([z], given, 2)
    assert (p.argmax(axis=1) == y).mean() >= 0.97
    assert (p.argmax(axis=1)[:30] == y[:30]).mean() >= 0.9
    np.testing.assert_allclose(p.sum(axis=1), 1.0)


def test_columns_that_say_nothing_do_not_hide_those_that_do():
    z, y = rings()
    z = np.column_stack([z, np.random.default_rng(2).normal(size=(len(z), 20))])
    assert (kernel([z], y, 2).argmax(axis=1) == y).mean() >= 0.95


def test_of_two_ways_to_see_rows_the_one_that_tells_is_heeded():
    z, y = rings()
    blind = np.random.default_rng(3).normal(size=z.shape)
    np.testing.assert_array_equal(kernel([blind, z], y, 2), kernel([z], y, 2))


def test_labels_at_random_are_not_told():
    z, _ = rings()
    y = np.random.default_rng(1).integers(2, size=len(z))
    p = kernel([z], y, 2)
    assert abs((p.argmax(axis=1) == y).mean() - 0.5) <= 0.08


@pytest.mark.parametrize(
    "z", [np.zeros((40, 3)), np.zeros((40, 0)), np.repeat([[0.0], [1.0]], 20, axis=0)], ids=["all the same", "no column", "two rows, often"]
)
def test_rows_that_are_the_same_are_no_matter(z: np.ndarray):
    p = kernel([z], np.tile([0, 2], 20), 3)
    assert np.isfinite(p).all() and p.shape == (40, 3)
    assert np.ptp(p[:20:2], axis=0).max() <= 1e-3
