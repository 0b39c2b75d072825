"""``run``: scan, then ask and attack the models that the manifest names, judge all of it, keep the record."""

from __future__ import annotations

import os

from aisecops import checks
from aisecops.core.asset import AssetKind
from aisecops.core.check import Budget
from aisecops.core.progress import Progress, Silent
from aisecops.core.run import Results, Run
from aisecops.knowledge.digest import knowledge_digest
from aisecops.pipeline.assemble import joined
from aisecops.pipeline.cache import Cache
from aisecops.pipeline.execute import execute
from aisecops.pipeline.local import LocalEngine
from aisecops.pipeline.plan import make_plan
from aisecops.project.models import ModelSettings
from aisecops.project.state import ATTACHMENTS, STATE_NAME
from aisecops.workflows.models import ModelAssets
from aisecops.workflows.replay import keep_evasions
from aisecops.workflows.scan import Execution, ScanRequest

KINDS = (AssetKind.MODEL, AssetKind.ENDPOINT)


class RunRequest(ScanRequest, frozen=True, kw_only=True):
    """What to scan, attack, and how.

    Parameters
    ----------
    attack_seconds, attack_memory_mb
        What one check of a model may use.
    allow_weak_isolation
        Load a model that nobody has found clean although this machine cannot lock it in.
    """

    attack_seconds: float = 1800.0
    attack_memory_mb: int = 8192
    allow_weak_isolation: bool = False


def run(request: RunRequest, progress: Progress | None = None) -> Run:
    """Scan ``request.paths``, attack the models that the manifest names, and return the record, judged and kept.

    Raises
    ------
    UserError
        As ``scan``; and where the manifest names a file that is not there.
    """
    execution = Execution(request, progress or Silent())
    record = execution.carry_out(lambda static: joined(static, _attacked(request, execution, static)))
    if execution.project.state:
        keep_evasions(record, execution.project.state)
    return record


def _attacked(request: RunRequest, execution: Execution, static: Results) -> Results:
    """What comes of the models; ``static`` says which files may be loaded."""
    project, progress = execution.project, execution.progress
    models = ModelAssets(project, static, execution.today, jobs=execution.jobs, stop=execution.interruption.asked)
    if not models.assets:
        progress.note("no model is declared in aisecops.yaml: this run is a scan")
    registry = checks.load(tuple(AssetKind) if request.select or request.ignore else KINDS)
    seconds, memory = request.attack_seconds, request.attack_memory_mb << 20
    return execute(
        models.assets,
        models.locations,
        registry,
        make_plan(models.assets, registry, select=request.select, ignore=request.ignore),
        engine=LocalEngine(execution.jobs, Budget(seconds=seconds, memory_bytes=memory), execution.interruption),
        cache=Cache(project.state, progress.note) if project.state and request.cache else None,
        seed=request.seed,
        settings={"models": ModelSettings(models=models.settings, allow_weak_isolation=request.allow_weak_isolation)},
        knowledge_digest=knowledge_digest(),
        progress=progress,
        attachments=_attachments(project.state, request.paths),
    )


def _attachments(state: str | None, paths: tuple[str, ...]) -> tuple[str, str]:
    """The folder for files that belong to the run, and its name in the record: relative to the first root if it lies in it."""
    if not state:
        return "", ""
    root = os.path.realpath(paths[0])
    folder = os.path.join(state, ATTACHMENTS)
    inside = os.path.relpath(folder, root if os.path.isdir(root) else os.path.dirname(root)).replace(os.sep, "/")
    return folder, inside if not inside.startswith("../") else f"{STATE_NAME}/{ATTACHMENTS}"
