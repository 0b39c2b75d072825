"""Which engine carries a run out."""

from __future__ import annotations

import os

from aisecops.core.check import Budget
from aisecops.core.errors import UserError
from aisecops.pipeline.engine import Engine
from aisecops.pipeline.interruption import Interruption
from aisecops.pipeline.local import LocalEngine

ENGINES = ("local", "ray")


def engine(name: str, jobs: int, budget: Budget, interruption: Interruption) -> Engine:
    """Return the engine called ``name``; the cluster that ``ray`` uses is the one of ``RAY_ADDRESS``, or one of its own on this machine.

    Raises
    ------
    UserError
        There is none of that name, or its extra is not installed.
    """
    if name == "local":
        return LocalEngine(jobs, budget, interruption)
    if name == "ray":
        from aisecops.pipeline.cluster.engine import RayEngine

        return RayEngine(jobs, budget, interruption, address=os.environ.get("RAY_ADDRESS", ""))
    raise UserError(f"there is no engine {name!r}", where="--engine", fix=f"choose one of {', '.join(ENGINES)}")
