"""Categories that honest rows have, too: stamped ones among them, and honest ones that make a label likelier."""

from __future__ import annotations

import numpy as np

from aisecops.defences.poisoning.mixture import STAMPED, mixed, planted
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
