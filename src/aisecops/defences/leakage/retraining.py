"""A declared model trained anew, as it was or with other parameters, in a quarantine of its own."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from typing import Any, Self

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.core.text import inert
from aisecops.defences.leakage.settings import Family, Setting
from aisecops.isolation.limits import Limits
from aisecops.oracles.crossing import Values, error_of
from aisecops.oracles.isolated import IsolatedOracle
from aisecops.oracles.oracle import Flags, Floats, Integers, OracleError
from aisecops.oracles.spec import ModelSpec

ENTRY = "aisecops.defences.leakage.retraining_isolated:serve"
_MOST = 40
"""Settings in one answer: whoever is in the quarantine does not say how long we work."""


class IsolatedRetraining:
    """Trains what ``spec`` names anew; one process for all of it; close it when done.

    Parameters
    ----------
    recipe
        For a torch module: how it was trained (the fields of ``private_training.Recipe``). An estimator says it itself.

    Raises
    ------
    IsolationError
        The process does not start, or ``WeakIsolation`` unless ``allow_weak``.
    """

    def __init__(self, spec: ModelSpec, *, recipe: Mapping[str, Any] | None = None, limits: Limits | None = None, allow_weak: bool = False) -> None:
        from aisecops.isolation.quarantine import Quarantine

        code = tuple(os.path.abspath(folder) for folder in spec.code)
        spec = msgspec.structs.replace(spec, path=os.path.abspath(spec.path) if spec.path else "", code=code, name=spec.name or spec.title)
        readable = tuple(path for path in (spec.path, *code) if path)
        request = {"spec": msgspec.to_builtins(spec), "recipe": dict(recipe) if recipe is not None else None}
        self.name = inert(spec.title)
        self._quarantine = Quarantine(ENTRY, request, readable=readable, limits=limits, allow_weak=allow_weak, name=self.name)

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

    def settings(self, families: Collection[Family]) -> tuple[Setting, ...]:
        """Return what can be tried of these families on this model; none of those of outputs.

        Raises
        ------
        UserError
            It has parts of libraries that are not known here.
        """
        said, _ = self._ask("settings", {"families": sorted(families)})
        try:
            found = msgspec.convert(said.get("settings"), tuple[Setting, ...])
        except msgspec.ValidationError:
            raise OracleError("the quarantined trainer gave something that is no setting", where=self.name) from None
        return tuple(msgspec.structs.replace(one, told=inert(one.told, 60)) for one in found[:_MOST] if one.family in families)

    def told(self, X: Floats, y: Integers) -> Self:  # noqa: N803
        """Say which records there are, shape (n, d) and (n,)."""
        self._ask("records", {}, {"X": X, "y": y})
        return self

    def train(self, setting: Setting | None, rows: Flags, *, seed: int) -> IsolatedOracle:
        """Train on the records ``rows``, shape (n,), with ``setting`` (None: as it was), and return what came of it.

        The oracle answers until the next training: there is one model in the process at a time.
        """
        values = {"setting": None if setting is None else msgspec.to_builtins(setting), "seed": seed}
        self._ask("train", values, {"rows": np.ascontiguousarray(rows)})
        return IsolatedOracle(lambda: self._quarantine, restarts=0)

    def _ask(self, method: str, values: Values, arrays: Mapping[str, npt.NDArray[Any]] | None = None) -> tuple[Values, dict[str, npt.NDArray[Any]]]:
        said, given = self._quarantine.call(method, values, dict(arrays or {}))
        if (error := error_of(said)) is not None:
            raise error
        return said, dict(given)
