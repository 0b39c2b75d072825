"""docs/masking.md: its snippet prints what it says, its manifest is one, its table holds the methods, its example masks the customers of examples/credit."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

from aisecops.cli import main
from aisecops.datasets.masking import Method
from aisecops.project.manifest import load_manifest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "masking.md").read_text(encoding="utf-8")


def test_the_snippet_prints_what_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    ((code, printed),) = re.findall(r"```python\n(.*?)```\n\nprints `(.*?)`", PAGE, re.DOTALL)
    exec(compile(code, "docs/masking.md", "exec"), {})
    assert capsys.readouterr().out.strip() == printed


def test_the_manifest_is_one(tmp_path: Path) -> None:
    (tmp_path / "aisecops.yaml").write_text("name: p\n" + re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[0])
    (asset,) = load_manifest(str(tmp_path / "aisecops.yaml")).assets
    assert asset.mask is not None and asset.mask.k == 10 and asset.mask.columns == {"note": Method.DROP, "income": Method.KEEP}


def test_every_method_is_in_the_table() -> None:
    named = {name for cell in re.findall(r"^\| ((?:`[a-z]+`(?:, )?)+) \|", PAGE, re.MULTILINE) for name in re.findall(r"`([a-z]+)`", cell)}
    assert named == {method.value for method in Method}


def test_the_example_does_what_the_page_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "examples" / "credit"))
    for name in ("customers", "credit", "credit.applications"):
        sys.modules.pop(name, None)
    from customers import write_customers  # type: ignore[import-not-found]

    source = write_customers(tmp_path / "customers.csv")
    monkeypatch.setenv("AISECOPS_MASK_KEY", "9f27c1d05e8b46a3b1f0e2d7c4958a6673fd018c2be94a57")
    shutil.copy(ROOT / "examples" / "credit" / "aisecops.yaml", tmp_path)
    assert main(["mask", str(source), "--output", str(tmp_path / "masked.csv")]) == 0
    said = capsys.readouterr().out
    for line in re.findall(r"^    ((?:birth_date|email|note|persons|rows of) .*)$", PAGE, re.MULTILINE):
        assert " ".join(line.split()) in " ".join(said.split()), line
    for name in ("customers", "credit", "credit.applications"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#:]+)\)", PAGE))
def test_links_lead_somewhere(link: str) -> None:
    assert (ROOT / "docs" / link).exists()
