"""Outside text among a model's instructions, or used as a template, in small programs and their careful twins."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checks.source_file.marked import wrong


@pytest.mark.parametrize("name", ["prompts", "prompts_flows"])
def test_programs_are_judged_line_by_line(name: str, tmp_path: Path) -> None:
    assert not wrong(name, tmp_path, "prompt-injection", "template-injection")
