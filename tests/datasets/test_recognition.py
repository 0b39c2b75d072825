"""Tables of passages and of instructions are told by the names of their columns, however these are written."""

from __future__ import annotations

import pytest

from aisecops.datasets.retrieval.recognition import TextLayout, text_layout


@pytest.mark.parametrize("name", ["page_content", "pageContent", "Page Content", "PAGE-CONTENT"])
def test_a_name_is_its_words(name):
    assert text_layout(["id", name, "source"]) == TextLayout(passage=name, source="source")


def test_questions_with_answers_are_no_passages_and_labelled_texts_neither():
    assert text_layout(["instruction", "input", "output"]) == TextLayout(question="instruction", answer="output", more="input")
    assert text_layout(["text", "isSpam"]) is None
    assert text_layout(["text", "isSpam"], labelled=True) == TextLayout(passage="text")
