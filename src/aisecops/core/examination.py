"""What could not be examined, and why."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Code(StrEnum):
    """Why something was not examined (a closed list)."""

    NO_PARSER = "no-parser"
    MISSING_EXTRA = "missing-extra"
    TIMEOUT = "timeout"
    CRASH = "crash"
    TRUNCATED = "truncated"
    TOO_LARGE = "too-large"
    UNREADABLE = "unreadable"
    WEAK_ISOLATION = "weak-isolation"
    NOT_TRUSTED = "not-trusted"
    NO_POWER = "no-power"
    BAD_INPUT = "bad-input"


class NotExamined(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A part that nobody looked at: reported, never passed. Checks fill ``code``, ``reason``, ``remedy`` and ``member``; the pipeline fills the rest."""

    code: Code
    reason: str
    remedy: str = ""
    check: str = ""
    asset: str = ""
    path: str = ""
    member: str = ""


INTERRUPTED = NotExamined(code=Code.TRUNCATED, reason="the run was interrupted", remedy="run it again")
"""What nobody came to before Ctrl-C or SIGTERM."""


class LeftOut(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A path that the scope of the run does not include, by a rule that the user can see and change (``.gitignore``, ``--exclude``, a link out of the tree)."""

    path: str
    reason: str
    count: int = 1
