"""The commands that a source file runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aisecops.checks.source_file.subject import SourceFile
    from aisecops.codebase.configuration.facts import Command


def commands(file: SourceFile) -> tuple[Command, ...]:
    """Return the commands that ``file`` runs, as far as their words are known."""
    return ()
