"""Agents whose tools do too much, act without asking or go on for ever, and their careful twins."""

from __future__ import annotations

from pathlib import Path

from tests.checks.source_file.marked import wrong


def test_programs_are_judged_line_by_line(tmp_path: Path) -> None:
    assert not wrong("agents", tmp_path, "agent-tool-scope", "agent-no-confirmation", "agent-unbounded")
