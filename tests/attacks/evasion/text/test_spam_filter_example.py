from __future__ import annotations

import re
import runpy
import sys
from pathlib import Path

import pytest

from aisecops.project.manifest import load_manifest

EXAMPLE = Path(__file__).parents[4] / "examples" / "spam-filter"


@pytest.mark.slow
def test_the_example_shows_what_its_readme_says(capsys, monkeypatch):
    monkeypatch.setattr(sys, "path", [str(EXAMPLE), *sys.path])
    runpy.run_path(str(EXAMPLE / "build.py"), run_name="__main__")
    shown = capsys.readouterr().out
    passed = [int(number) for number in re.findall(r"(\d+) of 100", shown)]
    assert passed[0] >= 90
    assert passed[3] <= 5
    assert passed[1] > passed[4]
    assert shown.count("99.") == 2
    printed = [
        line.strip()
        for line in (EXAMPLE / "README.md").read_text().split("<!-- output of build.py -->")[1].splitlines()
        if " spam messages pass" in line
    ]
    assert [line[:28].strip() for line in printed] == [line.strip()[:28].strip() for line in shown.splitlines() if " spam messages pass" in line]


def test_the_manifest_names_what_build_writes():
    manifest = load_manifest(str(EXAMPLE / "aisecops.yaml"))
    written = {"build/spam_filter.pkl", "build/spam_filter_normalised.pkl"}
    assert {model.path for model in manifest.models} == written
    assert {model.data for model in manifest.models} == {"build/test.jsonl"}
