from __future__ import annotations

from aisecops.report.lesson import parse
from tests.report.runs import LESSON


def test_a_docstring_is_taken_apart() -> None:
    lesson = parse(LESSON)
    assert lesson.summary == "Find callables that run while a model file is loaded."
    assert [section.heading for section in lesson.sections] == ["What it finds", "Example", "How to fix"]
    example = lesson.section("example")
    assert example is not None
    assert example.paragraphs[0] == "Loading this file prints the user's name:"
    assert example.paragraphs[1].lstrip().startswith("pickle.loads")
    assert example.paragraphs[1].startswith("    ")


def test_markdown_has_headings_and_code_blocks() -> None:
    text = parse(LESSON).markdown()
    assert "\n\n### How to fix\n\nDo not load the file." in text
    assert "\n\n    pickle.loads(" in text


def test_text_without_headings_is_all_summary() -> None:
    assert parse("One.\n\n    Two\n    lines.") == parse("One.\n\nTwo\nlines.")
    assert parse("").summary == ""
