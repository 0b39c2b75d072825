"""Shadow models of a model file, trained in a quarantine of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from aisecops.isolation.limits import Limits
from aisecops.oracles.oracle import Flags, Floats, Integers, OracleError
from aisecops.oracles.session import ModelSession
from aisecops.oracles.spec import ModelSpec

_MOST = 64
"""Shadows in one call: whoever is in the quarantine does not say how much of our memory it wants."""
ENTRY = "aisecops.attacks.inference.serving:serve"


class IsolatedShadows(ModelSession):
    """Shadows (see ``membership.shadows``) of what ``spec`` names; one process for all of them; close it when done.

    Parameters
    ----------
    recipe
        For a torch module: how it was trained (the fields of ``membership.networks.Recipe``). An estimator says it itself.

    Raises
    ------
    IsolationError
        The process does not start, or ``WeakIsolation`` unless ``allow_weak``.
    """

    def __init__(self, spec: ModelSpec, *, recipe: Mapping[str, Any] | None = None, limits: Limits | None = None, allow_weak: bool = False) -> None:
        super().__init__(ENTRY, spec, more={"recipe": dict(recipe) if recipe is not None else None}, limits=limits, allow_weak=allow_weak)
        self._records, self._together = 0, 1

    def told(self, X: Floats, y: Integers, always: tuple[Floats, Integers], *, seed: int) -> Self:  # noqa: N803
        """Say which records there are, shape (n, d) and (n,), and which every shadow is trained on beside them."""
        said, _ = self.ask("records", {"seed": seed}, {"X": X, "y": y, "always_X": always[0], "always_y": always[1]})
        together = said.get("together")
        self._records, self._together = len(y), together if isinstance(together, int) and 0 < together <= _MOST else 1
        return self

    def __call__(self, inside: Flags, first: int = 0) -> Floats:
        """Train a shadow for each row of ``inside``, shape (K, n); return its confidence in the right label of each record, shape (K, n)."""
        parts = [self._part(inside[start : start + self._together], first + start) for start in range(0, len(inside), self._together)]
        return np.concatenate(parts)

    def _part(self, inside: Flags, number: int) -> Floats:
        _, given = self.ask("shadows", {"number": number}, {"inside": np.ascontiguousarray(inside)})
        answer = given.get("confidences")
        if answer is None or answer.shape != inside.shape or answer.dtype != np.float64 or not ((answer >= 0) & (answer <= 1)).all():
            raise OracleError("a shadow model gave something that is no confidence", where=self.name)
        return answer
