"""Programs that load, fetch and unpack as they should: none of the supply-chain checks says anything."""

from __future__ import annotations

from pathlib import Path

from tests.checks.source_file.marked import wrong

CATEGORIES = ("unsafe-deserialization", "native-code-load", "archive-extraction", "remote-code-trust", "unpinned-artifact")


def test_nothing_is_found(tmp_path: Path) -> None:
    said = wrong("harmless-loading", tmp_path, *CATEGORIES)
    assert not said, "\n" + "\n".join(said)
