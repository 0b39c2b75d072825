"""A model file in a quarantine that is asked by methods of its own: what else than labels and scores one may want of it, such as training it anew."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Self

import msgspec
import numpy.typing as npt

from aisecops.core.text import inert
from aisecops.isolation.limits import Limits
from aisecops.oracles.crossing import Values, error_of
from aisecops.oracles.spec import ModelSpec


class ModelSession:
    """One quarantined process that may read what ``spec`` names; close it when done.

    Parameters
    ----------
    entry
        ``package.module:function`` that serves inside; its request holds ``spec``, as values, and ``more``.
    limits
        What the process may use.
    allow_weak
        Start it even where this machine cannot hold a hostile model.

    Raises
    ------
    IsolationError
        The process does not start, or ``WeakIsolation`` unless ``allow_weak``.
    """

    def __init__(self, entry: str, spec: ModelSpec, *, more: Values | None = None, limits: Limits | None = None, allow_weak: bool = False) -> None:
        from aisecops.isolation.quarantine import Quarantine

        spec = spec.absolute()
        self.name = inert(spec.title)
        request = {"spec": msgspec.to_builtins(spec)} | dict(more or {})
        self._quarantine = Quarantine(entry, request, readable=spec.files, limits=limits, allow_weak=allow_weak, name=self.name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        self._quarantine.close()

    @property
    def processes(self) -> Collection[int]:
        """The ids of the processes that run for it."""
        return self._quarantine.processes

    def ask(self, method: str, values: Values, arrays: Mapping[str, npt.NDArray[Any]] | None = None) -> tuple[Values, dict[str, npt.NDArray[Any]]]:
        """Return what ``method`` gives; nothing of it is checked yet. An error that was meant to be told is raised as itself (``UserError`` and its kin)."""
        said, given = self._quarantine.call(method, values, dict(arrays or {}))
        if (error := error_of(said)) is not None:
            raise error
        return said, dict(given)
