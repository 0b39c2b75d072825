"""What a long-running verb tells of its progress."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receives progress; the command line shows it. Implementations must be quick and must not raise."""

    def phase(self, title: str, total: int) -> None:
        """A new phase ("discovering", "hashing", "examining") of ``total`` steps begins; 0 if the number is not known."""

    def step(self, what: str, done: int = 1) -> None:
        """``done`` more steps are finished; ``what`` (inert text) says what is being worked on."""

    def note(self, message: str) -> None:
        """Something that the person should know now (a worker died and was replaced)."""

    def close(self) -> None:
        """The verb is done: clear the display."""


class Silent:
    """Tells nobody."""

    def phase(self, title: str, total: int) -> None:
        """Ignore it."""

    def step(self, what: str, done: int = 1) -> None:
        """Ignore it."""

    def note(self, message: str) -> None:
        """Ignore it."""

    def close(self) -> None:
        """Nothing to clear."""
