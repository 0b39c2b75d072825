"""docs/models.md: its manifest loads, its snippet runs, its links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from aisecops import checks
from aisecops.project.manifest import load_manifest

PAGE = Path(__file__).parents[2] / "docs" / "models.md"
TEXT = PAGE.read_text()
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", TEXT, re.DOTALL)


def test_the_manifest_of_the_page_loads(tmp_path):
    declared = next(body for kind, body in BLOCKS if kind == "yaml" and body.startswith("models:")).replace("domain: {...}", "")
    (tmp_path / "aisecops.yaml").write_text("name: page\n" + declared)
    (model,) = load_manifest(str(tmp_path / "aisecops.yaml")).models
    assert model.evasion.require == 0.7
    assert yaml.safe_load(declared)["models"][0]["budget"]["rate"] == model.budget.rate


def test_every_check_of_a_model_is_in_the_table():
    named = set(re.findall(r"^\| `(model/[a-z-]+)`", TEXT, re.MULTILINE))
    assert named == {name for name in checks.load_all().checks if name.startswith("model/")}


def test_the_snippet_runs(capsys):
    exec(next(body for kind, body in BLOCKS if kind == "python"), {})
    assert capsys.readouterr().out.startswith("[")


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#]+)\)", TEXT))))
def test_links_lead_somewhere(link):
    assert (PAGE.parent / link).exists()
