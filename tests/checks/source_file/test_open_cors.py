"""Services that every web site may call, however that is said, and what only looks like it."""

from __future__ import annotations

from pathlib import Path

from tests.checks.source_file.marked import wrong


def test_services_that_allow_every_origin_are_found_and_no_others(tmp_path: Path) -> None:
    assert wrong("cors", tmp_path, "open-cors") == []
