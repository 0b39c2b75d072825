"""The snippets of the pages about statistics and masking run as they stand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("page", ["statistics.md", "attacks/masking.md"])
def test_the_snippet_runs(page, capsys):
    (snippet,) = re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)
    exec(compile(snippet, page, "exec"), {"__name__": page})
    assert capsys.readouterr().out.count("\n") == 2


def test_every_symptom_is_on_the_page():
    source = "".join(path.read_text(encoding="utf-8") for path in (DOCS.parent / "src/aisecops/attacks/evasion/masking").glob("*.py"))
    page = (DOCS / "attacks/masking.md").read_text(encoding="utf-8")
    names = set(re.findall(r'name="([a-z]+-?[a-z]*)",\n', source))
    assert len(names) >= 9
    assert not {name for name in names if f"`{name}`" not in page}
