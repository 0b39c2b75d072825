"""Matrices and frames: there and back, and what is refused on the way."""

from __future__ import annotations

import numpy as np
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisecops.core.errors import UserError
from aisecops.oracles.layout import ColumnType, Layout, LayoutColumn
from aisecops.oracles.tables import columns_of, frame_of, layout_of, matrix_of
from tests.oracles.victims import TABLE, table, table_frame

CELLS = st.tuples(
    st.one_of(st.floats(allow_infinity=False), st.just(np.nan)),
    st.one_of(st.integers(-(2**53), 2**53).map(float), st.just(np.nan)),
    st.sampled_from([0.0, 1.0, np.nan]),
    st.sampled_from([0.0, 1.0, 2.0, np.nan]),
)


@given(st.lists(CELLS, min_size=1, max_size=8), st.booleans())
def test_a_frame_holds_what_the_matrix_says(rows, categoricals):
    matrix = np.array(rows)
    frame = frame_of(matrix, TABLE, categoricals=categoricals)
    assert list(frame.columns) == ["amount", "count", "known", "colour"]
    np.testing.assert_array_equal(matrix_of(frame, TABLE), matrix)


def test_a_frame_is_the_one_of_training():
    x, _ = table()
    pandas.testing.assert_frame_equal(frame_of(x, TABLE), table_frame())


def test_a_layout_is_read_from_a_frame():
    assert layout_of(table_frame()) == TABLE


def test_missing_cells_are_what_pandas_reads_from_a_file(tmp_path):
    frame = table_frame().head(4)
    path = tmp_path / "table.csv"
    path.write_text("amount,count,known,colour\n1.5,3,True,red\n,,,\n2.5,4,False,blue\n")
    read = pandas.read_csv(path)
    layout = layout_of(frame).__class__(columns=TABLE.columns)
    pandas.testing.assert_frame_equal(frame_of(matrix_of(read, layout), layout), read, check_dtype=True)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ([1, 2.5, 0, 0], "column `count`: 2.5 is no integer"),
        ([1, np.inf, 0, 0], "column `count`: inf is no integer"),
        ([1, 2, 0.5, 0], "column `known`: 0.5 is not the number of one of its 2 values"),
        ([1, 2, 0, 3], "column `colour`: 3 is not the number of one of its 3 values"),
        ([1, 2, 0, -1], "column `colour`: -1 is not"),
    ],
)
def test_what_no_cell_can_hold_is_refused(row, said):
    with pytest.raises(UserError, match="^" + said):
        columns_of(np.array([[0, 0, 0, 0], row], dtype=float), TABLE)


def test_wrong_columns_are_refused():
    with pytest.raises(UserError, match=r"shape \(3,\), and the layout has 4 columns"):
        frame_of(np.zeros((2, 3)), TABLE)
    with pytest.raises(UserError, match="no column `colour`"):
        matrix_of(table_frame().drop(columns="colour"), TABLE)


def test_unseen_categories_are_refused_and_named():
    frame = table_frame().assign(colour="mauve\x1b[2J")
    with pytest.raises(UserError, match=r"column `colour`: `mauve\\x1b\[2J` is none of its 3 categories"):
        matrix_of(frame, TABLE)
    with pytest.raises(UserError, match="column `amount`: a cell is no number"):
        matrix_of(table_frame().assign(amount="much"), TABLE)


def test_category_numbers_survive_types_other_than_strings():
    layout = Layout(columns=(LayoutColumn(name="port", type=ColumnType.CATEGORY, categories=("22", "80")),))
    np.testing.assert_array_equal(matrix_of({"port": [80, 22, None]}, layout), [[1], [0], [np.nan]])
