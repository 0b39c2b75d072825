"""The texts among a notebook's outputs."""

from __future__ import annotations

import pytest

from aisecops.codebase.notebook import read_notebook
from aisecops.codebase.notebook.outputs import LONGEST
from aisecops.codebase.text import Place
from tests.codebase.notebook.documents import code, markdown, notebook


def shown(**forms):
    return {"output_type": "display_data", "data": {name.replace("__", "/"): form for name, form in forms.items()}, "metadata": {}}


def read(*outputs):
    return read_notebook(notebook(code("x", outputs)))


def test_every_kind_of_text_is_a_part_with_a_label():
    found = read(
        {"output_type": "stream", "name": "stderr", "text": ["a\n", "b"]},
        {
            "output_type": "execute_result",
            "data": {"text/plain": "c", "text/html": ["<b>", "d</b>"], "application/json": {"k": ["v"]}},
            "metadata": {},
        },
        {"output_type": "error", "ename": "E", "evalue": "why", "traceback": ["\x1b[0;31mline\x1b[0m", "two"]},
    )
    texts = [(part.label, part.text.content) for part in found.parts]
    assert texts[:3] == [("stderr", "a\nb"), ("text/plain", "c"), ("text/html", "<b>d</b>")]
    assert '"k"' in texts[3][1]
    assert texts[4:] == [("error", "E: why"), ("traceback", "line\ntwo")]
    assert found.gaps == ()
    assert found.parts[0].text.at(2) == Place(2, 1, 1)


def test_what_holds_no_words_is_counted_and_not_read():
    found = read(
        {"output_type": "display_data", "data": {"image/png": "A" * 5000, "application/vnd.plotly.v1+json": {"data": [1]}, "text/plain": "<Figure>"}},
        {"output_type": "display_data", "data": {"application/vnd.jupyter.widget-view+json": {"model_id": "0123"}}},
    )
    assert [part.text.content for part in found.parts] == ["<Figure>"]
    assert [(skipped.label, skipped.cell) for skipped in found.skipped] == [
        ("image/png", 1),
        ("application/vnd.plotly.v1+json", 1),
        ("application/vnd.jupyter.widget-view+json", 1),
    ]
    assert found.skipped[0].size == 5002


def test_images_within_texts_and_programs_within_pages_are_cut_out():
    page = f'<img src="data:image/png;base64,{"A" * 9000}">\n<p>words</p>\n<script>{"x=1;" * 4000}\n</script>\n<p>more</p>'
    (part,) = read({"output_type": "display_data", "data": {"text/html": page}}).parts
    assert len(part.text.content) < 200
    assert [part.text.line(number) for number in (2, 5)] == ["<p>words</p>", "<p>more</p>"]
    (prose,) = read_notebook(notebook(markdown(f"![x](data:image/png;base64,{'A' * 9000}) words"))).parts
    assert prose.text.content == "![x](data:image/png;base64,) words"


def test_attachments_and_the_state_of_widgets_are_counted():
    found = read_notebook(notebook(markdown("# a", attachments={"a.png": {"image/png": "AAAA"}}), widgets={"state": {"a": "b" * 100}}))
    assert [(skipped.label, skipped.cell) for skipped in found.skipped] == [("widgets", 0), ("attachments", 1)]


@pytest.mark.parametrize("text", ["é" * (2 * LONGEST), ["line\n"] * LONGEST, '"\\\n' * LONGEST])
def test_long_outputs_are_cut_and_said_to_be(text):
    found = read({"output_type": "stream", "name": "stdout", "text": text}, {"output_type": "stream", "name": "stdout", "text": "never"})
    (part,) = found.parts
    assert len(part.text.content) <= LONGEST
    assert len(part.text.content) > LONGEST // 4
    assert [(gap.code, gap.cell) for gap in found.gaps] == [("truncated", 1)]


@pytest.mark.parametrize(
    "output",
    [
        7,
        None,
        "x",
        [],
        {"output_type": "stream", "text": 7},
        {"output_type": "stream"},
        shown(text__plain={"a": 1}),
        {"output_type": "error", "traceback": 5},
    ],
)
def test_malformed_outputs_are_gaps_and_the_others_are_read(output):
    found = read(output, {"output_type": "stream", "name": "stdout", "text": "fine"})
    assert "fine" in [part.text.content for part in found.parts]
    assert {gap.code for gap in found.gaps} <= {"bad-input"}
    assert found.gaps or output == []


def test_too_many_outputs_are_cut():
    found = read(*[{"output_type": "stream", "name": "stdout", "text": "a"}] * 2500)
    assert [part.text.content for part in found.parts] == ["a" * 2000]
    assert [gap.code for gap in found.gaps] == ["truncated"]
