from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from aisecops.formats.artifact import Limits, Part
from aisecops.formats.reading import read_artifact

Read = Callable[..., Part]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Read bytes as a file of some name."""

    def reading(content: bytes, name: str = "file", limits: Limits | None = None) -> Part:
        path = tmp_path / "artifact"
        path.write_bytes(content)
        return read_artifact(str(path), name=name, limits=limits)

    return reading
