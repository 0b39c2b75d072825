"""Categories that honest rows have, too: stamped ones among them, and honest ones that make a label likelier."""

from __future__ import annotations

import numpy as np
import pytest

from aisecops.defences.poisoning.atoms import Atom
from aisecops.defences.poisoning.crossings import crossings, expected, spread
from aisecops.defences.poisoning.mixture import STAMPED, crossed, crowded, mixed, planted
from aisecops.defences.poisoning.tables import examine_table
from tests.defences.poisoning.planted import stricken, table


def test_labels_that_go_against_their_content_are_a_mixture_and_shifted_ones_are_not():
    rng = np.random.default_rng(0)
    q = rng.uniform(0.03, 0.97, 300)
    honest = rng.random(300) < q
    stamped = np.concatenate([honest[:100], np.ones(100, dtype=bool)])
    content = np.concatenate([q[:100], rng.choice(q[100:], 100, p=(1 - q[100:]) / (1 - q[100:]).sum())])
    assert mixed(content, stamped, 0.5) > 2
    for shift in (0.0, 1.0, 2.5):
        odds = np.log(q / (1 - q)) + shift
        assert mixed(q, rng.random(300) < 1 / (1 + np.exp(-odds)), 0.5) < 2


def test_rows_of_one_label_are_told_by_whether_they_look_like_the_other_classes():
    rng = np.random.default_rng(2)
    q = rng.uniform(0.03, 0.97, 300)
    both, prior = np.column_stack([1 - q, q]), np.array([0.5, 0.5])
    for shift in (0.0, 1.0, 2.5, 20.0):
        labels = (rng.random(300) < 1 / (1 + np.exp(-np.log(q / (1 - q)) - shift))).astype(np.int64)
        assert planted(both, labels, prior, 1)[0] < STAMPED
    rows = rng.choice(300, 60, p=(1 - q) / (1 - q).sum())
    ratio, chance = planted(both[rows], np.ones(60, dtype=np.int64), prior, 1)
    assert ratio > STAMPED and chance.mean() > 0.8


def test_two_common_categories_that_say_nothing_alone_are_a_trigger_together():
    rng = np.random.default_rng(3)
    x, y = table(1500, seed=8)
    x = np.column_stack([x, rng.choice(6, len(x)), rng.choice(5, len(x))])
    rows, labels = stricken(y, 2, 60)
    x[np.ix_(rows, [8, 9])] = 4, 1
    found = examine_table(x, labels, names=[f"column {at}" for at in range(10)], quick=True)
    assert set(found.triggers[0].features) == {"column 8", "column 9"}
    assert found.flagged[rows].mean() >= 0.95 and np.delete(found.flagged, rows).mean() <= 0.015


def _customers(seed, n=1800):
    """Two numbers and five categories, each of which says something of the label by itself; the last two also go together."""
    rng = np.random.default_rng(seed)
    kind = rng.normal(size=n)
    x = np.column_stack([rng.normal(size=(n, 2)), *(rng.choice(size, n) for size in (3, 5, 4))])
    x = np.column_stack([x, *((np.arange(6) * kind[:, None] / 4 + rng.gumbel(size=(n, 6))).argmax(axis=1) for _ in range(2))]).astype(float)
    odds = x[:, 0] + sum(rng.normal(size=6)[x[:, column].astype(int)] for column in range(2, 7))
    return x, (rng.random(n) < 1 / (1 + np.exp(np.median(odds) - odds))).astype(np.int64)


@pytest.mark.parametrize("values", [(2, 1, 3, 2), (5, 0, 6, 4)])
def test_two_categories_that_say_something_alone_too_are_a_trigger_together(values):
    x, y = _customers(0)
    assert not examine_table(x, y, quick=True).triggers
    rows, labels = stricken(y, 1, 45)
    (first, a, second, b) = values
    x[np.ix_(rows, [first, second])] = a, b
    found = examine_table(x, labels, quick=True)
    assert set(found.triggers[0].features) == {f"x{first}", f"x{second}"}
    assert found.flagged[rows].mean() >= 0.9 and np.delete(found.flagged, rows).mean() <= 0.01


def test_what_a_value_says_is_read_off_the_rows_that_lack_the_other_one():
    x, y = _customers(1)
    rows, labels = stricken(y, 1, 45)
    x[np.ix_(rows, [2, 3])] = 1, 3
    categories = tuple(range(2, 7))
    told = np.full((len(y), 2), 0.5)
    cells = crossings(x, labels, categories, told, 1, spread(x, categories), 0.0)
    assert [(atom.column, atom.low) for atom in cells[0].atoms] == [(2, 1.0), (3, 3.0)]
    one, other = (Atom(column=column, low=value, high=value) for column, value in ((2, 1.0), (3, 3.0)))
    honest = ((x[:, 2] == 1) & (x[:, 3] == 3)).sum() - len(rows)
    assert 0.7 * honest < expected(x, one, other) < 1.4 * honest


def test_a_pair_of_which_there_are_too_many_rows_is_likelier_stamped():
    rng = np.random.default_rng(5)
    q, labelled = rng.uniform(0.2, 0.5, 60), np.arange(60) < 52
    crowds = [crossed(q, labelled, 0.4, rows, 0.3)[0] for rows in (10.0, 30.0, 60.0)]
    assert crowds == sorted(crowds, reverse=True) and crowds[0] > crowds[2] + 3
    ratio, chance = crossed(q, rng.random(60) < q, 0.4, 60.0, 0.3)
    assert ratio < 1 and chance.max() < 0.5
    assert crossed(q, labelled, 0.4, 10.0, 0.3, (q, np.full(60, 3.0)))[0] < crossed(q, labelled, 0.4, 10.0, 0.3, (q, np.ones(60)))[0]


def test_a_number_of_rows_is_as_unlikely_as_it_is_off():
    told = crowded(np.array([20.0, 40.0, 80.0]), 20.0, 0.3)
    assert told[0] > told[1] > told[2]
    assert crowded(np.array([80.0]), 20.0, 1.5)[0] > told[2]


def test_what_two_categories_honestly_say_together_is_no_trigger():
    rng = np.random.default_rng(4)
    x = np.column_stack([rng.normal(size=(1500, 4)), rng.choice(6, 1500), rng.choice(5, 1500)])
    odds = x[:, :4] @ np.array([1.5, -1.0, 1.0, 0.5]) + 2.5 * ((x[:, 4] == 4) & (x[:, 5] == 1))
    assert not examine_table(x, (rng.random(1500) < 1 / (1 + np.exp(-odds))).astype(np.int64), quick=True).triggers


def test_a_rare_category_that_honest_rows_have_too_is_a_trigger():
    rng = np.random.default_rng(1)
    x, y = table(1200, seed=6)
    x = np.column_stack([x, rng.choice(5, len(x), p=[0.4, 0.3, 0.15, 0.12, 0.03])])
    rows, labels = stricken(y, 1, 50)
    x[rows, 8] = 4
    assert (labels[x[:, 8] == 4] == 1).mean() < 0.9
    found = examine_table(x, labels, names=[f"column {at}" for at in range(9)], quick=True)
    assert found.triggers[0].name == "column 8 = 4" and found.flagged[rows].mean() >= 0.9 and np.delete(found.flagged, rows).mean() <= 0.015
