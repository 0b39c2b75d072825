"""What the pages on text and images show runs as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[3] / "docs" / "attacks"


@pytest.mark.parametrize("page", ["text.md", "images.md"])
def test_the_snippets_of_a_page_run_in_order(page, capsys):
    blocks = re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)
    assert blocks
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, page, "exec"), names)
    shown = capsys.readouterr().out
    if page == "text.md":
        assert re.search(r"evaded [1-9] -> 0 of \d, right \d -> \d of 8", shown)
        assert names["attempts"].found.mean() >= 0.5
    else:
        assert "of 100" in shown
        assert names["turned"].found.sum() > 50


@pytest.mark.parametrize("page", ["text.md", "images.md"])
def test_links_and_pictures_are_there(page):
    for target in re.findall(r"\]\(([^)#]+)\)", (DOCS / page).read_text(encoding="utf-8")):
        assert target.startswith("http") or (DOCS / target).exists(), target
