"""What gets out of a quarantine on this machine: every attempt made, and judged from outside.

``attempt_all`` is what ``aisecops doctor`` and the tests run. That it can see a hole is tested by leaving mechanisms out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Self

import msgspec

from aisecops.isolation.errors import DiedError, IsolationError, RaisedError, TimedOutError
from aisecops.isolation.escapes.attempts import ATTEMPTS, Attempt, Bait
from aisecops.isolation.escapes.bait import Trap, left_behind
from aisecops.isolation.limits import MIB, Limits
from aisecops.isolation.quarantine import Quarantine
from aisecops.isolation.strength import Guarantee

LIMITS = Limits(
    memory_bytes=192 * MIB, cpu_seconds=120, call_seconds=20, start_seconds=60, threads=48, file_bytes=4 * MIB, folder_bytes=8 * MIB, open_files=128
)
_OF_ONE = {"spin": msgspec.structs.replace(LIMITS, cpu_seconds=1), "hang": msgspec.structs.replace(LIMITS, call_seconds=1.0)}


_ENTRY = "aisecops.isolation.escapes.attempts:serve"


class Held(StrEnum):
    """How an attempt came out."""

    HELD = "held"
    ESCAPED = "escaped"
    UNKNOWN = "unknown"


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt and how it came out. ``detail``: what it got hold of, or what stopped it."""

    name: str
    guarantee: Guarantee
    title: str
    verdict: Held
    detail: str


def attempt_all(*, without: Sequence[str] = (), only: Iterable[str] | None = None) -> Iterator[Result]:
    """Make every attempt (or ``only`` those named), each inside a quarantine, and yield how it came out.

    ``without`` leaves mechanisms out. Attempts share a process until one ends it; those that may end it get one of their own.
    """
    names = list(ATTEMPTS) if only is None else list(only)
    with Trap(LIMITS) as trap, _Cell(without) as cell:
        for name in names:
            attempt = ATTEMPTS[name]
            got, stopped = cell.run(attempt, trap.bait)
            seen = ", ".join(filter(None, (got, trap.evidence(), cell.left_behind() if attempt.guarantee is Guarantee.TIME else "")))
            verdict = Held.ESCAPED if seen else Held.UNKNOWN if stopped is None else Held.HELD
            yield Result(
                name=name, guarantee=attempt.guarantee, title=attempt.title, verdict=verdict, detail=seen or stopped or "it did not get that far"
            )


class _Cell:
    """A quarantine for one attempt after the other."""

    def __init__(self, without: Sequence[str]) -> None:
        self._without = without
        self._quarantine: Quarantine | None = None
        self._folder = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def run(self, attempt: Attempt, bait: Bait) -> tuple[str, str | None]:
        """Make the attempt: what it got, and what stopped it (None: something else went wrong)."""
        try:
            values, _ = self._fresh(attempt).call(attempt.name, bait)
        except (DiedError, TimedOutError) as error:
            return "", error.what if attempt.fatal else None
        except RaisedError:
            return "", None
        except IsolationError:
            return "", None
        finally:
            if attempt.fatal:
                self._close()
        return str(values.get("got", "")), str(values.get("refused", "") or "nothing was there")

    def left_behind(self) -> str:
        """What outlives the process."""
        self._close()
        return left_behind(self._folder)

    def _fresh(self, attempt: Attempt) -> Quarantine:
        if attempt.fatal:
            self._close()
        if self._quarantine is None or not self._quarantine.alive:
            limits = _OF_ONE.get(attempt.name, LIMITS)
            self._quarantine = Quarantine(_ENTRY, {}, limits=limits, allow_weak=True, without=self._without)
            self._folder = self._quarantine.folder
        return self._quarantine

    def _close(self) -> None:
        if self._quarantine is not None:
            self._quarantine.close()
            self._quarantine = None
