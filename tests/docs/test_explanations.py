"""docs/explanations.md: its snippet runs and says what the page says."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "explanations.md"
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)


def test_the_snippet_runs(capsys):
    exec(BLOCKS[0], {})
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].startswith("undone by the first column: (")
    assert shown[-1] == "True"


def test_the_snippet_with_two_versions_names_what_gained(capsys):
    exec(BLOCKS[1], {})
    first, *named = capsys.readouterr().out.splitlines()
    assert first.endswith("p = 0.05")
    assert named[0].startswith("age: from 0.0")


def test_the_snippet_with_shap_runs(capsys):
    exec(BLOCKS[2], {})
    assert len(capsys.readouterr().out.strip("[]\n ").split()) == 3
