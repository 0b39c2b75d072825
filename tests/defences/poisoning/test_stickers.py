"""Stickers at random places, and signs by which each class becomes another, are found, named and their rows listed; honest marks and negatives are none."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits

from aisecops.defences.poisoning.judge import Judge
from aisecops.defences.poisoning.matrices import examine_images
from aisecops.defences.poisoning.squares import squares
from aisecops.defences.poisoning.stickers import stickers
from tests.defences.poisoning.planted import stricken

DIGITS = load_digits()
CHEQUERED = np.array([[16, 0], [0, 16]])


def digits(seed, n=900):
    some = np.random.default_rng(seed).choice(len(DIGITS.target), n, replace=False)
    return DIGITS.images[some].copy(), DIGITS.target[some].copy()


def pasted(x, rows, board, rng):
    size = len(board)
    for row in rows.tolist():
        top, left = rng.integers(9 - size, size=2)
        x[row, top : top + size, left : left + size] = board


def told(found, n):
    score = np.zeros(n)
    for _, rows, chance in found:
        score[rows] = np.maximum(score[rows], chance)
    return score >= 0.5


@pytest.mark.parametrize("board", [CHEQUERED, np.full((3, 3), 16)])
def test_a_square_at_a_random_place_is_named_by_what_it_is(board):
    x, y = digits(3)
    rows, labels = stricken(y, 4, 45)
    pasted(x, rows, board, np.random.default_rng(7))
    found = examine_images(x, labels, quick=True, enough=lambda seen: seen.alarm)
    lines = " / ".join(" ".join(str(value) for value in line) for line in board.tolist())
    assert found.triggers[0].name == f"a square of {len(board)} x {len(board)} pixels wherever it stands ({lines})"
    assert found.triggers[0].target == 4
    assert found.flagged[rows].mean() >= 0.9
    assert np.delete(found.flagged, rows).mean() <= 0.01


def test_a_corner_that_makes_each_class_the_next_is_named_with_its_map():
    x, y = digits(4)
    rows = np.random.default_rng(8).choice(len(y), 90, replace=False)
    x[rows, 6:, 6:] = 16
    labels = y.copy()
    labels[rows] = (y[rows] + 1) % 10
    found = examine_images(x, labels, quick=True, enough=lambda seen: seen.alarm)
    assert found.triggers[0].name == "pixels of rows 6 to 7, columns 6 to 7"
    assert dict(found.triggers[0].moved) == {source: (source + 1) % 10 for source in range(10)}
    assert found.flagged[rows].mean() >= 0.9
    assert np.delete(found.flagged, rows).mean() <= 0.01


def test_a_square_anywhere_may_follow_any_map():
    x, y = digits(5)
    rng = np.random.default_rng(9)
    rows = rng.choice(len(y), 90, replace=False)
    pasted(x, rows, CHEQUERED, rng)
    labels = y.copy()
    labels[rows] = np.roll(np.arange(10), 4)[::-1][y[rows]]
    (trigger, _, _), *more = found = stickers(x, labels, 10, Judge(x, labels, 10))
    assert not more
    assert trigger.target == -1
    assert "2 x 2 pixels wherever it stands" in trigger.name
    assert told(found, 900)[rows].mean() >= 0.9


def clean(seed):
    return digits(seed)


def negatives(seed):
    """A tenth of the pictures are negatives: whoever knows the others only reads them wrongly, and always in the same way."""
    x, y = digits(seed)
    some = np.random.default_rng(seed).choice(len(y), 90, replace=False)
    x[some] = 16 - x[some]
    return x, y


def marked(seed):
    """A third of one class comes from a scanner that puts a grey line on its pictures."""
    x, y = digits(seed)
    rng = np.random.default_rng(seed)
    for row in np.flatnonzero(y == 5)[::3].tolist():
        left = rng.integers(5)
        x[row, 0, left : left + 3] = 11
    return x, y


def flipped(seed):
    """A tenth of the labels are those of the next class, whatever the picture shows."""
    x, y = digits(seed)
    some = np.random.default_rng(seed).choice(len(y), 90, replace=False)
    y[some] = (y[some] + 1) % 10
    return x, y


@pytest.mark.parametrize("honest", [clean, negatives, marked, flipped])
def test_honest_data_has_no_stickers(honest):
    for seed in (11, 12, 13):
        x, y = honest(seed)
        assert stickers(x, y, 10, Judge(x, y, 10)) == []


def test_squares_are_those_that_several_pictures_share_and_they_stand_where_they_say():
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (60, 12, 10, 3)).astype(float)
    rows = np.arange(0, 60, 6)
    for row in rows.tolist():
        top, left = rng.integers(8), rng.integers(7)
        x[row, top : top + 3, left : left + 3] = [9, 8, 7]
    shared = squares(x)
    largest = shared.square(int(shared.shape.argmax()))
    assert (largest.height, largest.width, largest.fixed, largest.rows.tolist()) == (3, 3, False, rows.tolist())
    for row, (top, left) in zip(largest.rows.tolist(), largest.at.tolist(), strict=True):
        assert (x[row, top : top + 3, left : left + 3] == [9, 8, 7]).all()


def test_blank_pictures_have_no_squares():
    x, y = np.zeros((40, 6, 6)), np.arange(40) % 2
    assert len(squares(x)) == 0
    assert stickers(x, y, 2, Judge(x, y, 2)) == []
