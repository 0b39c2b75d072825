"""Stored runs of the project around this folder."""

from __future__ import annotations

from aisecops.cli.failure import complain
from aisecops.core.errors import RecordError
from aisecops.core.run import Run
from aisecops.pipeline.store import RunStore
from aisecops.project.state import state_folder


def load_run(name: str) -> Run:
    """Return the run called ``name``: an id or the start of one, ``latest``, or the path of a JSON record.

    Raises
    ------
    RecordError
        There is none, or it is not what was written.
    """
    return RunStore(state_folder((".",), False) or ".aisecops", complain).load(name)


def latest_run() -> Run | None:
    """Return the newest stored run of this project, if there is one."""
    try:
        return load_run("latest")
    except RecordError:
        return None
