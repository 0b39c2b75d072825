"""Small builders of trees for the tests of discovery."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path

from aisecops.project.discovery import Discovery

PICKLE = pickle.dumps({"weights": [0.5, 1.5], "names": ["a", "b"]}, protocol=4)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(60)


def build(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write ``files`` (by relative path) under ``root``."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def kinds(discovery: Discovery) -> dict[str, str]:
    """The kind of every asset by path."""
    return {found.path: found.kind.value for found in discovery.found}


def left_out(discovery: Discovery) -> dict[str, str]:
    """The reason by place."""
    return {item.path: item.reason for item in discovery.left_out}
