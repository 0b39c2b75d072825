"""docs/isolation.md: its snippet runs, and its table is the one that the code has."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from aisecops.isolation.linux import syscalls
from aisecops.isolation.strength import Guarantee

PAGE = (Path(__file__).parents[2] / "docs" / "isolation.md").read_text(encoding="utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="no isolation there")
def test_the_snippet_runs(capsys):
    (code,) = re.findall(r"<!-- snippet -->\n```python\n(.*?)```", PAGE, re.DOTALL)
    exec(compile(code, "docs/isolation.md", "exec"), {})
    assert capsys.readouterr().out.startswith("3.0 ")


def test_every_guarantee_has_its_line():
    assert re.findall(r"^\| ([a-z]+) \|", PAGE, re.MULTILINE)[1:] == [str(guarantee) for guarantee in Guarantee]


def test_the_number_of_permitted_calls_is_right():
    claimed = int(re.search(r"one of the (\d+) permitted calls", PAGE)[1])
    assert len(syscalls.permitted("x86_64")) + len(syscalls.looked_at("x86_64")) == claimed
