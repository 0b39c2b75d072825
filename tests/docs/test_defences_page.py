"""The page on defences: its code runs, its manifest is valid, and its picture is that of its table."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import msgspec
import yaml

from aisecops.project.manifest import Manifest

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "defences.md").read_text(encoding="utf-8")


def test_the_code_runs(capsys):
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(compile(code, "defences.md", "exec"), {})
    assert "leaf=20 rows" in capsys.readouterr().out


def test_the_manifest_is_one():
    (text,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    manifest = msgspec.convert(yaml.safe_load(f"name: page\n{text}"), Manifest)
    assert manifest.models[0].defences is not None


def test_the_picture_shows_every_row_of_the_table():
    rows = runpy.run_path(str(DOCS / "defences_picture.py"))["rows"](PAGE)
    drawn = (DOCS / "defences.svg").read_text(encoding="utf-8")
    assert len(rows) == 12
    assert all(f">{name}<" in drawn for name, _, _ in rows)
