"""Connections that verify nothing, however that is said, and what only looks like it."""

from __future__ import annotations

from pathlib import Path

from tests.checks.source_file.marked import wrong


def test_connections_that_accept_any_certificate_are_found_and_no_others(tmp_path: Path) -> None:
    assert wrong("tls", tmp_path, "tls-disabled") == []
