"""What the pages of these attacks show works as shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[3] / "docs" / "attacks"


@pytest.mark.parametrize("name", ["decision", "score", "gradient"])
def test_the_snippet_runs_and_evades(name, capsys):
    page = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    for picture in re.findall(r"!\[.*\]\((.*)\)", page):
        assert (PAGES / picture).read_text(encoding="utf-8").startswith("<svg")
    (snippet,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    exec(compile(snippet, f"{name}.md", "exec"), {"__name__": "page"})
    shares = [int(share) for share in re.findall(r"(\d+)%", capsys.readouterr().out)]
    assert shares
    assert all((share < 60) if name == "gradient" else (share > 40) for share in shares)
