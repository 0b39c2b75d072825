"""A hostile file, and what we expect of a scanner that meets it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tests.hostile.assembler import PAYLOAD, TWIN, Call

BLOCK, REVIEW, INCOMPLETE = "block", "review", "incomplete"


class Sample(NamedTuple):
    """``group`` is the class of technique, ``verdict`` the least that is right, ``says`` a text that some finding must have in its message.

    ``twin`` is the same file with a harmless flag-setting function as its payload, and ``loader`` what fires it (see ``fire.py``); None where the
    carrier is known from its advisory only, or fires on other versions than ours.
    """

    id: str
    group: str
    technique: str
    content: bytes
    verdict: str = BLOCK
    suffix: str = ".pkl"
    advisory: str = ""
    says: str = ""
    twin: bytes | None = None
    loader: str = "pickle"


def carrier(
    id: str,
    group: str,
    technique: str,
    build: Callable[[Call], bytes],
    *,
    verdict: str = BLOCK,
    suffix: str = ".pkl",
    advisory: str = "",
    says: str = "",
    loader: str = "pickle",
    payload: Call = PAYLOAD,
    twin: Call = TWIN,
) -> Sample:
    """Build the sample with the payload and with the flag. ``loader`` empty: no twin."""
    twin_content = build(twin) if loader else None
    return Sample(id, group, technique, build(payload), verdict, suffix, advisory, says, twin_content, loader)
