"""``archive-extraction``: every marked line of the programs is found, and no other."""

from __future__ import annotations

from pathlib import Path

from tests.checks.source_file.marked import wrong


def test_every_marked_line_is_found_and_no_other(tmp_path: Path) -> None:
    said = wrong("archives", tmp_path, "archive-extraction")
    assert not said, "\n" + "\n".join(said)
