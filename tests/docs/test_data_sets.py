"""docs/data-sets.md: its snippets run and print what it says, its manifest is one, and its table holds the checks."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

from aisecops.project.manifest import load_manifest

PAGE = (Path(__file__).parents[2] / "docs" / "data-sets.md").read_text(encoding="utf-8")


def test_snippets_print_what_the_page_says():
    found = re.findall(r"```python\n(.*?)```\n\nprints `(.*?)`", PAGE, re.DOTALL)
    assert len(found) == 2
    for code, printed in found:
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            exec(compile(code, "docs/data-sets.md", "exec"), {})
        assert said.getvalue().strip() == printed


def test_the_manifest_is_one(tmp_path):
    (tmp_path / "aisecops.yaml").write_text("name: p\n" + re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[0])
    (asset,) = load_manifest(str(tmp_path / "aisecops.yaml")).assets
    assert (asset.label, asset.personal, asset.previous) == ("approved", ("email",), "data/train-1.parquet")


def test_the_checks_of_the_table_exist():
    from aisecops import checks

    known = set(checks.load_all().checks)
    named = set(re.findall(r"^\| `(data-set/[a-z-]+)`", PAGE, re.MULTILINE))
    assert named <= known and len(named) == 8
