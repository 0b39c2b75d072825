"""docs/fairness.md: its manifest loads, its snippet runs."""

from __future__ import annotations

import re
from pathlib import Path

from aisecops.metrics.fairness import rates_of
from aisecops.project.manifest import load_manifest

PAGE = Path(__file__).parents[2] / "docs" / "fairness.md"
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE.read_text(), re.DOTALL)


def test_the_manifest_of_the_page_loads(tmp_path):
    (tmp_path / "aisecops.yaml").write_text("name: page\n" + next(body for kind, body in BLOCKS if kind == "yaml" and body.startswith("models:")))
    (model,) = load_manifest(str(tmp_path / "aisecops.yaml")).models
    assert model.fairness is not None
    assert model.fairness.protected == ("sex", "race")
    assert all(rates_of(name) for name in model.fairness.metrics)


def test_the_snippet_runs(capsys):
    exec(next(body for kind, body in BLOCKS if kind == "python"), {})
    shown = capsys.readouterr().out
    assert "sex = female selection-rate unfair" in shown
    assert "accuracy" in shown


def test_the_snippet_with_reductions_closes_the_gap(capsys):
    exec([body for kind, body in BLOCKS if kind == "python"][1], {})
    before, after, _ = capsys.readouterr().out.splitlines()
    assert float(before.split()[-1]) > 0.3
    assert float(after.split()[-1]) < float(before.split()[-1]) / 2
