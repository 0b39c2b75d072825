"""A declared model trained anew, as it was or with other parameters, in a quarantine of its own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Self

import msgspec
import numpy as np

from aisecops.core.text import inert
from aisecops.defences.leakage.settings import Family, Setting
from aisecops.isolation.limits import Limits
from aisecops.oracles.crossing import batch_arrays
from aisecops.oracles.isolated import IsolatedOracle
from aisecops.oracles.oracle import Batch, Flags, Integers, OracleError
from aisecops.oracles.session import ModelSession
from aisecops.oracles.spec import ModelSpec

ENTRY = "aisecops.defences.leakage.retraining_isolated:serve"
_MOST = 40
"""Settings in one answer: whoever is in the quarantine does not say how long we work."""


class IsolatedRetraining(ModelSession):
    """Trains what ``spec`` names anew; one process for all of it; close it when done.

    Parameters
    ----------
    recipe
        For a torch module: how it was trained (the fields of ``oracles.training.NetworkTraining``). An estimator says it itself.

    Raises
    ------
    IsolationError
        The process does not start, or ``WeakIsolation`` unless ``allow_weak``.
    """

    def __init__(self, spec: ModelSpec, *, recipe: Mapping[str, Any] | None = None, limits: Limits | None = None, allow_weak: bool = False) -> None:
        super().__init__(ENTRY, spec, more={"recipe": dict(recipe) if recipe is not None else None}, limits=limits, allow_weak=allow_weak)

    def settings(self, families: Collection[Family]) -> tuple[Setting, ...]:
        """Return what can be tried of these families on this model; none of those of outputs.

        Raises
        ------
        UserError
            It has parts of libraries that are not known here.
        """
        said, _ = self.ask("settings", {"families": sorted(families)})
        try:
            found = msgspec.convert(said.get("settings"), tuple[Setting, ...])
        except msgspec.ValidationError:
            raise OracleError("the quarantined trainer gave something that is no setting", where=self.name) from None
        return tuple(msgspec.structs.replace(one, told=inert(one.told, 60)) for one in found[:_MOST] if one.family in families)

    def told(self, samples: Batch, y: Integers) -> Self:
        """Say which records there are, numbers of shape (n, ...) or texts, and their labels, (n,)."""
        self.ask("records", {}, {**batch_arrays(samples), "y": y})
        return self

    def train(self, setting: Setting | None, rows: Flags, *, seed: int) -> IsolatedOracle:
        """Train on the records ``rows``, shape (n,), with ``setting`` (None: as it was), and return what came of it.

        The oracle answers until the next training: there is one model in the process at a time.
        """
        values = {"setting": None if setting is None else msgspec.to_builtins(setting), "seed": seed}
        self.ask("train", values, {"rows": np.ascontiguousarray(rows)})
        return IsolatedOracle(lambda: self._quarantine, restarts=0)
