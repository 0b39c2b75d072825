"""What the pipeline offers to the parser and the checks of one task."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from aisecops.core.asset import Asset
from aisecops.core.check import Budget
from aisecops.pipeline.engine import Work

T = TypeVar("T")


class TaskContext:
    """``aisecops.core.check.Context`` for one task: made where the task runs, shared by its parser and its checks, gone with it."""

    def __init__(self, work: Work, budget: Budget) -> None:
        self.budget = budget
        self._work = work
        self._memo: dict[str, Any] = {}

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

    def memo(self, key: str, compute: Callable[[], T]) -> T:
        """``compute()``, once per task and ``key``."""
        if key not in self._memo:
            self._memo[key] = compute()
        return cast("T", self._memo[key])
