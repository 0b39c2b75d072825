"""Agents whose tools do too much, act without asking or go on for ever, and their careful twins."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checks.source_file.marked import wrong


@pytest.mark.parametrize("name", ["agents", "agents_flows"])
def test_programs_are_judged_line_by_line(name: str, tmp_path: Path) -> None:
    assert not wrong(name, tmp_path, "agent-tool-scope", "agent-no-confirmation", "agent-unbounded")
