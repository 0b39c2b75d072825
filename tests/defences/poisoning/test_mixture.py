"""Categories that honest rows have, too: stamped ones among them, and honest ones that make a label likelier."""

from __future__ import annotations

import numpy as np

from aisecops.defences.poisoning.mixture import STAMPED, mixed
from aisecops.defences.poisoning.tables import examine_table
from tests.defences.poisoning.planted import stricken, table


def test_labels_that_go_against_their_content_are_a_mixture_and_shifted_ones_are_not():
    rng = np.random.default_rng(0)
    q = rng.uniform(0.03, 0.97, 300)
    honest = rng.random(300) < q
    stamped = np.concatenate([honest[:100], np.ones(100, dtype=bool)])
    content = np.concatenate([q[:100], rng.choice(q[100:], 100, p=(1 - q[100:]) / (1 - q[100:]).sum())])
    assert mixed(content, stamped, 0.5) > STAMPED
    for shift in (0.0, 1.0, 2.5):
        odds = np.log(q / (1 - q)) + shift
        assert mixed(q, rng.random(300) < 1 / (1 + np.exp(-odds)), 0.5) < STAMPED


def test_a_rare_category_that_honest_rows_have_too_is_a_trigger():
    rng = np.random.default_rng(1)
    x, y = table(1200, seed=6)
    x = np.column_stack([x, rng.choice(5, len(x), p=[0.4, 0.3, 0.15, 0.12, 0.03])])
    rows, labels = stricken(y, 1, 50)
    x[rows, 8] = 4
    assert (labels[x[:, 8] == 4] == 1).mean() < 0.9
    found = examine_table(x, labels, names=[f"column {at}" for at in range(9)], quick=True)
    assert found.triggers[0].name == "column 8 = 4" and found.flagged[rows].mean() >= 0.9 and np.delete(found.flagged, rows).mean() <= 0.015
