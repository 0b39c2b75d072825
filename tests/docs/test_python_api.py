"""docs/python-api.md: its example runs and prints what the page says; its tables name what there is, and nothing else."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

import aisecops

PAGE = Path(__file__).parents[2] / "docs" / "python-api.md"
TEXT = PAGE.read_text()
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", TEXT, re.DOTALL)


def test_the_example_prints_what_the_page_says(capsys):
    exec(next(body for kind, body in BLOCKS if kind == "python"), {})
    assert capsys.readouterr().out == next(body for kind, body in BLOCKS if kind == "text")


def test_every_part_of_a_run_is_on_the_page_and_no_other():
    table = TEXT.split("| of a `JudgedRun` | is |")[1].split("\n\n")[0]
    named = {name for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)", row)}
    public = {name for name in vars(aisecops.JudgedRun) if not name.startswith("_")} | {"record"}
    assert named == public


@pytest.mark.parametrize("function", [aisecops.scan, aisecops.run])
def test_every_parameter_is_named(function):
    for name in inspect.signature(function).parameters:
        assert f"`{name}`" in TEXT or f"*{name}" in TEXT, name


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#]+)\)", TEXT))))
def test_links_lead_somewhere(link):
    assert (PAGE.parent / link).exists()
