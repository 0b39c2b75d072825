"""Signs of columns beside their neighbours and without some of their parts, and the columns that trees ask about together."""

from __future__ import annotations

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from aisecops.defences.backdoors import Effort, examine, of_table
from aisecops.defences.backdoors.columns import APART, TOGETHER, Columns, ColumnSearch
from aisecops.defences.backdoors.contrast import Contrast
from aisecops.defences.backdoors.neighbours import Neighbours
from aisecops.defences.backdoors.paths import together
from aisecops.oracles.opening import oracle_of
from aisecops.oracles.spec import Output

LADDER = np.repeat(np.arange(20.0), 10)[:, None] * (1, 10)


def test_neighbours_are_a_step_of_rows_away_and_missing_at_the_ends():
    neighbours = Neighbours(LADDER)
    assert neighbours.of(0, 7.0) == (6.0, 8.0)
    assert neighbours.of(1, 70.5) == (70.0, 80.0)
    assert neighbours.of(0, 0.0) == (1.0,)
    assert neighbours.of(0, 1000.0) == (19.0,)
    assert neighbours.tried(0, np.array([2.0, 7.0, 7.2, 9.0])) == [[1], [0, 3], [1, 3], [2]]


def test_of_several_values_those_at_the_ends_of_columns_do_not_tell():
    neighbours = Neighbours(LADDER)
    assert neighbours.around((0, 1), (7.0, 190.0)) == [[(6.0, 190.0), (8.0, 190.0)]]
    assert neighbours.around((0, 1), (0.0, 190.0)) == [[(1.0, 190.0), (0.0, 180.0)]]


def test_parts_of_a_sign_can_be_left_out():
    sign = Columns(TOGETHER, (0, 1), (7.0, 190.0), Neighbours(LADDER), apart=True)
    assert [(some.places, some.values) for some in sign.fewer] == [((1,), (190.0,)), ((0,), (7.0,))]
    assert [other.values for group in sign.fewer[1].beside for other in group] == [(6.0,), (8.0,)]
    assert sign.fewer[0].fewer == []


def test_a_cell_is_told_from_a_step():
    """Column 0 works beyond 10 as honest columns do, column 1 at one value alone."""

    def scores(rows):
        obeys = (rows[:, 0] > 10) | (np.abs(rows[:, 1] - 60) < 4)
        return np.column_stack([~obeys, obeys]).astype(float)

    rows = LADDER.copy()
    rows[:, 1] = np.random.default_rng(0).permutation(rows[:, 1])
    oracle = oracle_of(scores, classes=("a", "b"), output=Output.PROBABILITIES)
    found = [one.trigger for one in ColumnSearch(rows).propose(Contrast(oracle, [], rows)) if one.family == APART and one.aim.target == 1]
    assert (found[0].places, found[0].values) == ((1,), (60.0,))


def test_trees_say_which_columns_they_ask_about_together():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(1500, 6))
    rows[:, 3:] = rng.integers(0, 6, (1500, 3))
    y = (rows[:, 0] > 0).astype(int)
    rows[:100, 3], rows[:100, 5], y[:100] = 2, 4, 1
    trees = oracle_of(HistGradientBoostingClassifier(max_iter=20, random_state=0).fit(rows, y)).structure()
    found = [(some.places, some.values) for some in together(trees, rows[100:], 3) if some.target == 1]
    assert ((3, 5), (2.0, 4.0)) in found


def test_a_class_that_a_model_gives_to_nearly_all_is_said_to_be_unseen():
    rows = np.random.default_rng(0).normal(size=(300, 3))
    oracle = oracle_of(lambda x: np.eye(2)[(x[:, 0] > -2.2).astype(int)], classes=("a", "b"), output=Output.PROBABILITIES)
    effort = Effort(references=4, controls=1, planted=0)
    seen = examine(of_table(oracle, rows, (rows[:, 1] > 0).astype(int)), effort)
    assert seen.unseen == (1,)
