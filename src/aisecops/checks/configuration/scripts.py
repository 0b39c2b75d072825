"""Files whose lines are commands: shell scripts, and configuration that holds such lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from aisecops.checks.configuration.telling import STARTING
from aisecops.codebase.text import Text
from aisecops.core.asset import Asset, AssetKind

SCRIPTS = (*STARTING, AssetKind.SOURCE_FILE)
_LONGEST = 2_000
"""Characters of a line that a person has written."""


class Script(Protocol):
    """A file with a text; ``language`` is there if it is a source file."""

    asset: Asset
    text: Text


def script_lines(file: Script) -> list[tuple[int, str]]:
    """Return the lines of ``file`` that are no comments, with their numbers from 1; none if it is a program in another language than that of the shell."""
    return list(_lines(file.text.content)) if getattr(file, "language", "shell") == "shell" else []


def _lines(content: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(content.split("\n"), 1):
        if len(line) <= _LONGEST and not line.lstrip().startswith("#"):
            yield number, line
