"""What the pages on domains and on the attack on tables show runs as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from aisecops.core.yaml_text import parse_yaml
from aisecops.datasets.domain import Domain

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ["domain.md", "attacks/tabular.md"]


@pytest.mark.parametrize("page", PAGES)
def test_snippets_run(page, capsys):
    blocks = re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)
    assert blocks
    for block in blocks:
        exec(compile(block, page, "exec"), {})
    shown = capsys.readouterr().out
    assert "bytes_in: whole number" in shown or "100% evade" in shown


@pytest.mark.parametrize("page", PAGES)
def test_links_and_pictures_are_there(page):
    for target in re.findall(r"\]\(([^)#]+)\)", (DOCS / page).read_text(encoding="utf-8")):
        assert target.startswith("http") or ((DOCS / page).parent / target).exists(), target


def test_the_manifest_snippet_is_a_domain():
    (block,) = re.findall(r"```yaml\n(.*?)```", (DOCS / "domain.md").read_text(encoding="utf-8"), re.DOTALL)
    assert not list(parse_yaml(block, Domain, source="domain.md").mistakes())
    keys = set(re.findall(r"`([a-z-]+)`", "".join(re.findall(r"^\| (`[^|]*) \|", (DOCS / "domain.md").read_text(encoding="utf-8"), re.MULTILINE))))
    assert keys == {"name", "type", "low", "high", "down", "up", "change", "group", "formula", "cost", "fixed-cost", "missing", "personal"}
