"""Where a model's answer is trusted, in small programs written as people write them, and their careful twins."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checks.source_file.marked import wrong

CATEGORIES = [f"model-output-to-{where}" for where in ("code", "shell", "sql", "html", "url", "path")]


@pytest.mark.parametrize("name", ["model_output", "model_output_flows"])
def test_programs_are_judged_line_by_line(name: str, tmp_path: Path) -> None:
    assert not wrong(name, tmp_path, *CATEGORIES)
