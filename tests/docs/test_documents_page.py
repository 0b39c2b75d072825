"""docs/documents.md: its programs print what it says, its table holds the checks, its manifest is one, its picture is what the reader of today makes."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

from aisecops import checks
from aisecops.project.manifest import load_manifest

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "documents.md").read_text(encoding="utf-8")


def test_programs_print_what_the_page_says():
    found = re.findall(r"```python\n(.*?)```\n\nprints\s+(?:```text\n(.*?)```|`([^`\n]+)`)", PAGE, re.DOTALL)
    assert len(found) == 2
    for code, long, short in found:
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            exec(compile(code, "docs/documents.md", "exec"), {})
        assert said.getvalue().strip() == (short or long).strip()


def test_the_table_holds_the_checks():
    known = {name for name in checks.load_all().checks if name.startswith("document/")}
    assert set(re.findall(r"^\| `(document/[a-z-]+)`", PAGE, re.MULTILINE)) == known


def test_the_manifest_is_one(tmp_path):
    (tmp_path / "aisecops.yaml").write_text("name: p\n" + re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[0])
    (asset,) = load_manifest(str(tmp_path / "aisecops.yaml")).assets
    assert asset.kind == "document"
