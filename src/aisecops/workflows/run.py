"""``run``: scan, then ask and attack the models that the manifest names, judge all of it, keep the record."""

from __future__ import annotations

from aisecops import checks
from aisecops.core.asset import AssetKind
from aisecops.core.check import Budget
from aisecops.core.progress import Progress, Silent
from aisecops.core.run import Results, Run
from aisecops.knowledge.digest import knowledge_digest
from aisecops.pipeline.assemble import joined
from aisecops.pipeline.cache import Cache
from aisecops.pipeline.execute import execute
from aisecops.pipeline.plan import make_plan
from aisecops.project.models import ModelSettings
from aisecops.workflows.elsewhere import ElsewhereError, demand_a_fork, elsewhere
from aisecops.workflows.engines import engine
from aisecops.workflows.models import ModelAssets
from aisecops.workflows.replay import keep_evasions
from aisecops.workflows.scan import Execution, ScanRequest, attachments

KINDS = (AssetKind.MODEL, AssetKind.ENDPOINT, AssetKind.DATA_SET)


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
    progress = progress or Silent()
    execution = Execution(request, progress)
    try:
        if execution.project.manifest and execution.project.manifest.models:
            demand_a_fork(KINDS)
        record = execution.carry_out(lambda static: joined(static, _attacked(request, execution, static)))
    except ElsewhereError:
        return elsewhere("run", request, progress)
    if execution.project.state:
        keep_evasions(record, execution.project.state)
    return record


def _attacked(request: RunRequest, execution: Execution, static: Results) -> Results:
    """What comes of the models; ``static`` says which files may be loaded."""
    project, progress = execution.project, execution.progress
    models = ModelAssets(project, static, execution.today, jobs=execution.jobs, stop=execution.interruption.asked)
    data_sets = tuple(asset for asset in static.assets if asset.kind is AssetKind.DATA_SET)
    locations = models.locations | {asset.id: execution.locations[asset.id] for asset in data_sets}
    assets = models.assets + data_sets
    if not models.assets:
        progress.note("no model is declared in aisecops.yaml: this run is a scan")
    registry = checks.load(tuple(AssetKind) if request.select or request.ignore else KINDS)
    seconds, memory = request.attack_seconds, request.attack_memory_mb << 20
    return execute(
        assets,
        locations,
        registry,
        make_plan(assets, registry, select=request.select, ignore=request.ignore, dynamic=True),
        engine=engine(request.engine, execution.jobs, Budget(seconds=seconds, memory_bytes=memory), execution.interruption),
        cache=Cache(project.state, progress.note) if project.state and request.cache else None,
        seed=request.seed,
        settings=execution.settings | {"models": ModelSettings(models=models.settings, allow_weak_isolation=request.allow_weak_isolation)},
        knowledge_digest=knowledge_digest(),
        progress=progress,
        attachments=attachments(project.state, request.paths),
    )
