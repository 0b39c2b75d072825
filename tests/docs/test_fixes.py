"""docs/fixes.md: its table names every switch that is turned, says rightly which are safe, and its commands exist."""

from __future__ import annotations

import re
from argparse import ArgumentParser
from pathlib import Path

import pytest

from aisecops.checks.source_file.mending import SWITCHES
from aisecops.cli import fix

TEXT = (Path(__file__).parents[2] / "docs" / "fixes.md").read_text()
ROWS = [(found, written, safe) for found, written, safe in re.findall(r"^\| (`[^|]+) \| ([^|]+) \| (yes|no)", TEXT, re.MULTILINE)]


@pytest.mark.parametrize("switch", SWITCHES, ids=lambda switch: f"{switch.entry} {switch.keyword}")
def test_every_switch_is_in_the_table(switch):
    row = next(row for row in ROWS if re.search(rf"\b{switch.keyword}\b", row[0]))
    assert switch.instead in row[1]
    assert (row[2] == "yes") is switch.safe


def test_the_flags_of_the_page_exist():
    parser = ArgumentParser()
    fix.add_arguments(parser)
    known = {flag for action in parser._actions for flag in action.option_strings}
    assert set(re.findall(r"--[a-z][a-z-]*", TEXT)) <= known
