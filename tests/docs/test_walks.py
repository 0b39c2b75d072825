"""The tutorial and the how-to pages, done step by step as a reader would."""

from __future__ import annotations

import pytest

from tests.docs.walk import DOCS, Step, steps, walk

PAGES = ["tutorial.md", *sorted(f"how-to/{path.name}" for path in (DOCS / "how-to").glob("*.md"))]


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_the_page_does_what_it_says(page, tmp_path):
    if wrong := walk(page, tmp_path):
        pytest.fail("\n\n".join(wrong), pytrace=False)


@pytest.mark.parametrize("page", PAGES)
def test_the_page_has_commands_that_are_typed(page):
    assert sum(isinstance(step, Step) and bool(step.shown) for step in steps(page)) >= 3
