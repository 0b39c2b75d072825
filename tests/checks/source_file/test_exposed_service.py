"""Services that are open to everyone, however that is said, and what only looks like it."""

from __future__ import annotations

from pathlib import Path

from tests.checks.source_file.marked import wrong


def test_services_that_are_open_to_everyone_are_found_and_no_others(tmp_path: Path) -> None:
    assert wrong("exposure", tmp_path, "exposed-service") == []
