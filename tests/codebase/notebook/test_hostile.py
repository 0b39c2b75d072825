"""Notebooks that are broken, huge, or made to harm the reader."""

from __future__ import annotations

import json
import resource

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisecops.codebase.notebook import read_notebook
from tests.bounded import bounded
from tests.codebase.notebook.documents import code, notebook

GOOD = notebook("x = 1")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"cells": [}',
        GOOD[:-5],
        b"<<<<<<< HEAD\n" + GOOD,
        b"[" * 100_000,
        b'{"cells": ' + b"[" * 100_000,
        b'{"cells":' * 100_000 + b"1" + b"}" * 100_000,
        b"\x80\x02}q\x00.",
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_notebook_is_a_gap_and_still_searched_as_text(data):
    found = read_notebook(data)
    assert found.cells == ()
    assert [gap.code for gap in found.gaps] == ["bad-input"]
    assert len(found.parts) == 1


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + GOOD,
        GOOD.decode().encode("utf-16"),
        GOOD.replace(b'"metadata": {}', b'"metadata": {"a": [NaN, -Infinity]}'),
        GOOD.replace(b'"metadata": {}', b'"metadata": {"a": "\\ud800"}'),
        GOOD.replace(b'"metadata": {}', b'"metadata": {"a": "\t"}'),
        GOOD.replace(b'"metadata": {}', b'"metadata": {"a": "\xff"}'),
        GOOD.replace(b'"nbformat": 4', b'"nbformat": 4, "nbformat": "x", "cells": [], "nbformat_minor": []'),
    ],
)
def test_json_that_is_a_little_wrong_is_read(data):
    found = read_notebook(data)
    assert [cell.kind for cell in found.cells] == ["code"]
    assert found.python.text.content == "x = 1"
    assert found.gaps == ()


def test_malformed_cells_are_gaps_and_the_others_are_read():
    cells = [
        "x = 1",
        5,
        None,
        {"cell_type": "code"},
        {"cell_type": "code", "source": [1]},
        {"cell_type": [], "source": "prose"},
        {},
        code("y = 2", metadata=[]),
    ]
    found = read_notebook(json.dumps({"cells": cells, "metadata": []}).encode())
    assert found.python.tree.body[-1].lineno == found.python.text.content.count("\n") + 1
    assert {gap.cell for gap in found.gaps} == {1, 2, 3, 4, 5, 7}


def test_too_many_cells_are_cut():
    found = read_notebook(json.dumps({"cells": [{"cell_type": "code", "source": "x"}] * 20_100}).encode())
    assert len(found.cells) == 20_000
    assert [gap.code for gap in found.gaps] == ["truncated"]


def test_code_that_is_data_is_a_gap():
    found = read_notebook(notebook("x = 1", "y = [" + "1," * 300_000 + "]"))
    assert len(found.python.tree.body) == 1
    assert [(gap.code, gap.cell) for gap in found.gaps] == [("too-large", 2)]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(alphabet="%!?{}$'\"\\ \n\t=ab(/,;>.[]:#", max_size=60), min_size=1, max_size=4))
def test_any_cells_keep_their_lines(sources):
    found = read_notebook(notebook(*sources))
    assert found.python.text.content == "\n".join(sources)
    height = found.python.text.content.count("\n") + 1
    assert all(1 <= node.lineno <= height for node in found.python.tree.body)
    assert all(1 <= magic.line <= height for magic in found.magics)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.integers(min_value=0, max_value=len(GOOD)))
def test_any_bytes_are_survived(data, position):
    read_notebook(data)
    read_notebook(GOOD[:position] + data + GOOD[position:])


@pytest.mark.parametrize(
    "data",
    [
        b'{"cells": [' + b"{}," * 3_000_000 + b"{}]}",
        b'{"cells": [' + b"0," * 3_000_000 + b"0]}",
        b'{"cells": [{"cell_type": "code", "source": "x", "outputs": [' + b"0," * 3_000_000 + b"0]}]}",
        b'{"cells": [{"cell_type": "code", "source": [' + b'"a\\n",' * 3_000_000 + b'"a"]}]}',
        b'{"cells": [{"cell_type": "code", "source": "x", "outputs": [{"data": {' + b",".join(b'"%d/":0' % n for n in range(1_100_000)) + b"}}]}]}",
    ],
    ids=["cells", "numbers", "outputs", "lines", "forms"],
)
def test_values_by_the_million_are_not_made_objects(data):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = read_notebook(data)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 250_000
    assert "too-large" in [gap.code for gap in found.gaps]


@pytest.mark.slow
def test_a_hundred_megabytes_take_seconds_and_little_memory():
    image = {"output_type": "display_data", "data": {"image/png": "iVBORw0KGgo" * 45_000, "text/plain": "<Figure>"}, "metadata": {}}
    words = {"output_type": "stream", "name": "stdout", "text": ["epoch é 1 loss 0.5\n"] * 5_000}
    data = notebook(*[code(f"x{number} = f({number})", [image, words]) for number in range(170)])
    assert len(data) > 95_000_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with bounded():
        found = read_notebook(data)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000
    assert len(found.python.tree.body) == 170
    assert len(found.skipped) >= 170
