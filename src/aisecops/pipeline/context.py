"""What the pipeline offers to the parser and the checks of one task."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Collection
from typing import Any, TypeVar, cast

from aisecops.checks.reading import read_open
from aisecops.core.asset import Asset, AssetKind
from aisecops.core.check import Budget, Q, Quarantined
from aisecops.core.digest import digest, fingerprint
from aisecops.core.measurement import Attachment
from aisecops.pipeline.attachments import attachment_name, keep
from aisecops.pipeline.engine import Work

T = TypeVar("T")
OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
"""A file that has turned into a pipe since it was found must not make us wait."""
_LARGEST = 64 << 20
"""Bytes of another asset that a parser gets to see."""


class TaskContext:
    """``aisecops.core.check.Context`` for one task: made where the task runs, shared by its parser and its checks, gone with it."""

    def __init__(self, work: Work, budget: Budget) -> None:
        self.budget = budget
        self._work = work
        self._memo: dict[str, Any] = {}
        self._attached: list[Attachment] = []
        self._isolated: list[Quarantined] = []

    @property
    def seed(self) -> int:
        """The seed of the run."""
        return self._work.seed

    def location(self, asset: Asset) -> str:
        """Where the asset's file is. ``KeyError``: the asset is not one of this run's, or no file."""
        return self._work.locations[asset.id]

    def settings(self, kind: type[T]) -> T:
        """The settings of exactly this type, or its defaults."""
        for section in self._work.settings.values():
            if type(section) is kind:
                return section
        return kind()

    def once(self, key: str, compute: Callable[[], T]) -> T:
        """``compute()``, once per process and ``key``."""
        shared = self._work.shared
        if key not in shared:
            shared[key] = compute()
        return cast("T", shared[key])

    def paths(self, kind: AssetKind) -> Collection[str]:
        """The paths of the run's assets of ``kind``."""

        def found() -> frozenset[str]:
            start = Asset.id_of(kind, "")
            return frozenset(name.removeprefix(start) for name in self._work.locations if name.startswith(start))

        return self.once(f"paths of {kind}", found)

    def read(self, kind: AssetKind, path: str) -> bytes | None:
        """The content of the asset of ``kind`` at ``path``; None if there is none, or it cannot be read."""
        location = self._work.locations.get(Asset.id_of(kind, path))
        if location is None:
            return None
        try:
            number = os.open(location, OPEN_FLAGS)
        except OSError:
            return None
        try:
            return read_open(number, _LARGEST) if stat.S_ISREG(os.fstat(number).st_mode) else None
        except OSError:
            return None
        finally:
            os.close(number)

    def outline(self, kind: AssetKind, path: str) -> bytes:
        """What an earlier run has left for those who read the asset of ``kind`` at ``path``."""
        return self._work.outlines.get(Asset.id_of(kind, path), b"")

    def memo(self, key: str, compute: Callable[[], T]) -> T:
        """``compute()``, once per task and ``key``."""
        if key not in self._memo:
            self._memo[key] = compute()
        return cast("T", self._memo[key])

    def attach(self, role: str, media_type: str, data: bytes, *, sensitive: bool = False) -> str:
        """Keep ``data`` under its digest; empty where there is no place for it."""
        folder, shown = self._work.attachments
        name = attachment_name(data, media_type)
        if not folder or not keep(os.path.join(folder, name), data):
            return ""
        attachment = fingerprint("attachment", role, name)[:16]
        self._attached.append(
            Attachment(
                id=attachment, role=role, media_type=media_type, digest=digest(data), size=len(data), path=f"{shown}/{name}", sensitive=sensitive
            )
        )
        return attachment

    def attached(self) -> tuple[Attachment, ...]:
        """What was attached since this was asked last."""
        attached, self._attached = tuple(self._attached), []
        return attached

    def isolate(self, start: Callable[[], Q]) -> Q:
        """What ``start`` opens, until ``close``."""
        started = start()
        self._isolated.append(started)
        return started

    @property
    def isolated(self) -> set[int]:
        """The processes that run for this task."""
        return {process for quarantined in self._isolated for process in quarantined.processes}

    def close(self) -> None:
        """End what was isolated."""
        while self._isolated:
            self._isolated.pop().close()
