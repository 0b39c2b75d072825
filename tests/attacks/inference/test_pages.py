"""The pages on privacy: their snippets run, their manifests load."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from aisecops.project.manifest import load_manifest

PAGES = sorted((Path(__file__).parents[3] / "docs" / "privacy").glob("*.md"))
OURS = {"disclosure.md", "fingerprints.md", "inversion.md", "membership.md", "attributes.md", "extraction.md", "memorisation.md"}


@pytest.mark.parametrize("page", [page for page in PAGES if page.name in OURS], ids=lambda page: page.stem)
def test_snippets_run(page, capsys):
    (snippet,) = re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)
    exec(snippet, {})
    assert capsys.readouterr().out.strip()


def test_the_manifest_loads(tmp_path):
    page = next(page for page in PAGES if page.name == "membership.md")
    (manifest,) = re.findall(r"```yaml\n(.*?)```", page.read_text(), re.DOTALL)
    (tmp_path / "aisecops.yaml").write_text("name: page\n" + manifest)
    (model,) = load_manifest(str(tmp_path / "aisecops.yaml")).models
    assert (model.training_data, model.privacy.shadows) == ("data/train.csv", 8)
