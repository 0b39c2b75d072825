"""Where a model's answer is trusted, in small programs written as people write them, and their careful twins."""

from __future__ import annotations

from pathlib import Path

from tests.checks.source_file.marked import wrong

CATEGORIES = [f"model-output-to-{where}" for where in ("code", "shell", "sql", "html", "url", "path")]


def test_programs_are_judged_line_by_line(tmp_path: Path) -> None:
    assert not wrong("model_output", tmp_path, *CATEGORIES)
