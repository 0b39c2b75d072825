"""docs/ci.md and docs/compare.md: snippets run, flags and formats and kinds are those of the program, links lead somewhere."""

from __future__ import annotations

import re
from argparse import ArgumentParser
from importlib import import_module
from pathlib import Path

import pytest
import yaml

from aisecops.gate.difference import Kind
from aisecops.gate.readings import Change
from aisecops.report.interface import built_in

DOCS = Path(__file__).parents[2] / "docs"
CI, COMPARE = ((DOCS / name).read_text() for name in ("ci.md", "compare.md"))


def test_the_snippet_prints_what_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(r"```(\w+)\n(.*?)```", COMPARE, re.DOTALL)
    at = next(number for number, (kind, _) in enumerate(blocks) if kind == "python")
    exec(blocks[at][1], {})
    assert capsys.readouterr().out == blocks[at + 1][1]


def test_every_kind_is_explained() -> None:
    first, second = (re.findall(r"^\| ([\w, ]+) \|", part, re.MULTILINE) for part in COMPARE.split("## Measurements"))
    assert {word for cell in first for word in cell.split(", ")} == {kind.value for kind in Kind} | {"kind"}
    assert {word for cell in second for word in cell.split(", ")} == {change.value for change in Change} | {"verdict"}


def test_every_format_that_is_named_exists() -> None:
    assert set(re.findall(r"^\| `(\w+)` \|", CI, re.MULTILINE)) <= set(built_in())


@pytest.mark.parametrize(("verb", "page"), [("scan", CI), ("diff", COMPARE), ("runs", COMPARE)])
def test_flags_exist(verb: str, page: str) -> None:
    parser = ArgumentParser()
    import_module(f"aisecops.cli.{verb}").add_arguments(parser)
    for line in re.findall(rf"^    aisecops {verb} .*$", page, re.MULTILINE):
        words = line.partition("#")[0].split()[2:]
        parser.parse_args(words)


def test_the_yaml_loads_and_names_inputs_that_exist() -> None:
    workflow, hooks = (yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", CI, re.DOTALL))
    given = workflow["jobs"]["aisecops"]["steps"][-1]["with"]
    assert set(given) <= set(yaml.safe_load((DOCS.parent / "action.yml").read_text())["inputs"])
    (hook,) = yaml.safe_load((DOCS.parent / ".pre-commit-hooks.yaml").read_text())
    assert hooks["repos"][0]["hooks"][0]["id"] == hook["id"]


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#]+)\)", CI + COMPARE))))
def test_links_lead_somewhere(link: str) -> None:
    assert (DOCS / link).exists()
