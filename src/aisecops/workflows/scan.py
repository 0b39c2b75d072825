"""``scan``: discover, examine without executing, judge, keep the record."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from aisecops import __version__, checks
from aisecops.core.asset import Asset, AssetKind
from aisecops.core.check import Budget
from aisecops.core.digest import canonical_json
from aisecops.core.examination import INTERRUPTED, Code, NotExamined
from aisecops.core.progress import Progress, Silent
from aisecops.core.run import Results, Root, Run, RunInfo, Tool
from aisecops.core.text import inert_path
from aisecops.core.verdict import Verdict
from aisecops.gate.baseline import load as load_baseline
from aisecops.gate.judge import judge
from aisecops.gate.policies import load_policy
from aisecops.knowledge.digest import knowledge_digest
from aisecops.pipeline.cache import Cache
from aisecops.pipeline.execute import execute
from aisecops.pipeline.interruption import Interruption
from aisecops.pipeline.plan import make_plan
from aisecops.pipeline.store import RunStore
from aisecops.project.digests import digest_files
from aisecops.project.discovery import Discovery, Found, discover
from aisecops.project.state import ATTACHMENTS, STATE_NAME
from aisecops.workflows.changes import Scope, only_changed, without_the_rest
from aisecops.workflows.elsewhere import ElsewhereError, demand_a_fork, elsewhere
from aisecops.workflows.engines import engine
from aisecops.workflows.standing import Standing


class ScanRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What to scan and how.

    Parameters
    ----------
    paths
        Files and folders.
    select, ignore
        Check ids or patterns to keep, and to leave out.
    exclude
        Paths to leave out, in ``.gitignore`` syntax.
    jobs
        Worker processes; 0 for one a core.
    untrusted
        Somebody else's tree: its manifest, policies, waivers and ``.aisecops/`` are data to examine, not settings to obey.
    history
        Search what git repositories among ``paths`` once held for secrets, too.
    changed_since
        Examine only what differs from the merge base with this branch, tag or commit; the rest is read where what changed refers to it.
    policy
        A shipped policy or a file; the manifest's, or ``standard``, if empty.
    seconds, memory_mb
        What one task may use.
    engine
        Where the checks run: ``local``, or ``ray`` for a cluster (docs/ray.md).
    """

    paths: tuple[str, ...]
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    jobs: int = 0
    untrusted: bool = False
    history: bool = False
    changed_since: str = ""
    policy: str = ""
    seed: int = 0
    cache: bool = True
    seconds: float = 120.0
    memory_mb: int = 1024
    engine: str = "local"
    command: tuple[str, ...] = ()


def scan(request: ScanRequest, progress: Progress | None = None) -> Run:
    """Examine ``request.paths`` and return the record, judged, and kept in the project's ``.aisecops/`` where there is one.

    Raises
    ------
    UserError
        A path does not exist; the manifest, the policy, a waiver or the name of a check is wrong.
    """
    progress = progress or Silent()
    try:
        return Execution(request, progress).carry_out()
    except ElsewhereError:
        return elsewhere("scan", request, progress)


class Execution:
    """One execution of ``scan``, and what other verbs build on: the project, the clock, and a way to be interrupted."""

    def __init__(self, request: ScanRequest, progress: Progress) -> None:
        self.request, self.progress = request, progress
        self.started = time.time()
        self.today = time.strftime("%Y-%m-%d", time.gmtime(self.started))
        self.project = Standing(request.paths, untrusted=request.untrusted)
        self.jobs = request.jobs or _cores()
        self.interruption = Interruption()
        self.locations: dict[str, str] = {}
        """Asset id to where this process opens it, once the scan has found the assets."""
        self.settings: dict[str, Any] = {}
        self.keep = True
        """Whether the record is kept: not where the files are about to change."""

    def carry_out(self, then: Callable[[Results], Results] = lambda results: results) -> Run:
        """Scan, let ``then`` add to the results, judge them, and keep the record."""
        request, project, interruption = self.request, self.project, self.interruption
        policy = load_policy(request.policy or project.policy)
        accepted = load_baseline(project.baseline_path) if os.path.exists(project.baseline_path) else None
        with interruption:
            discovery = discover(
                request.paths,
                manifest=project.manifest,
                exclude=request.exclude,
                untrusted=request.untrusted,
                progress=self.progress,
                base=project.folder,
                stop=interruption.asked,
            )
            demand_a_fork({f.kind for f in discovery.found})
            self.locations = {Asset.id_of(f.kind, f.path): f.location for f in discovery.found}
            self.settings = {"model-files": project.model_files(self.today), "code": project.code(), "secrets": project.secrets()}
            if any(item.kind is AssetKind.DATA_SET for item in discovery.found):
                from aisecops.workflows.data_sets import data_set_settings

                self.settings["data-sets"] = data_set_settings(project, discovery.found, self.today)
            results = then(_examine(self, discovery))
        verdict = judge(
            results,
            policy,
            waivers=project.waivers,
            baseline=accepted,
            today=self.today,
            evaluated=_moment(self.started),
            interrupted=interruption.happened,
        )
        return self._kept(results, verdict, discovery.roots)

    def _kept(self, results: Results, verdict: Verdict, roots: tuple[Root, ...]) -> Run:
        info = RunInfo(
            id=f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime(self.started))}-{os.urandom(3).hex()}",
            started=_moment(self.started),
            finished=_moment(time.time()),
            tool=Tool("aisecops", __version__),
            command=self.request.command,
            seed=self.request.seed,
            roots=roots,
            incomplete=self.interruption.happened,
            results_digest=verdict.results_digest,
            environment={"python": sys.version.split()[0], "platform": sys.platform}
            | ({"engine": self.request.engine} if self.request.engine != "local" else {}),
        )
        run = Run.of(info, results, verdict)
        if self.project.state and self.keep:
            RunStore(self.project.state, self.progress.note).save(canonical_json(run), info, verdict.outcome)
        return run


def _examine(execution: Execution, discovery: Discovery) -> Results:
    request, project, interruption, progress, jobs = execution.request, execution.project, execution.interruption, execution.progress, execution.jobs
    progress.phase("hashing", sum(not item.digest for item in discovery.found))
    digests, errors = digest_files(discovery.found, jobs=jobs, progress=progress, stop=interruption.asked)
    assets = tuple(
        Asset(id=Asset.id_of(f.kind, f.path), kind=f.kind, path=f.path, digest=digests.get(f.path, ""), size=f.size, facts=_declared(f))
        for f in discovery.found
    )
    histories = _histories(request.paths) if request.history else []
    assets += tuple(asset for asset, _ in histories)
    # A name given to --select may belong to a kind that this tree has none of: all names are known then.
    kinds = tuple(AssetKind) if request.select or request.ignore else {asset.kind for asset in assets}
    registry = checks.load(kinds, history=request.history)
    scope = Scope(assets, discovery.not_examined)
    if request.changed_since:
        scope = only_changed(assets, discovery.not_examined, execution.locations, request)
    plan = make_plan(scope.assets, registry, select=request.select, ignore=request.ignore, dynamic=False)
    planned = {task.asset.path for task in plan.tasks}
    results = execute(
        assets,
        execution.locations | {asset.id: location for asset, location in histories},
        registry,
        plan,
        engine=engine(request.engine, jobs, Budget(seconds=request.seconds, memory_bytes=request.memory_mb << 20), interruption),
        cache=Cache(project.state, progress.note) if project.state and request.cache else None,
        seed=request.seed,
        settings=execution.settings,
        knowledge_digest=knowledge_digest(),
        progress=progress,
        not_examined=(*scope.gaps, *_not_hashed(errors, planned)),
        left_out=(*discovery.left_out, *project.expired(execution.today), *scope.left_out),
        attachments=attachments(project.state, request.paths),
    )
    return without_the_rest(results, scope.assets) if request.changed_since else results


def attachments(state: str | None, paths: Sequence[str]) -> tuple[str, str]:
    """Return the folder for files that belong to the run, and its name in the record: relative to the first root if it lies in it; empty if there is none."""
    if not state:
        return "", ""
    root = os.path.realpath(paths[0] if paths else ".")
    folder = os.path.join(state, ATTACHMENTS)
    inside = os.path.relpath(folder, root if os.path.isdir(root) else os.path.dirname(root)).replace(os.sep, "/")
    return folder, inside if not inside.startswith("../") else f"{STATE_NAME}/{ATTACHMENTS}"


def _histories(paths: Sequence[str]) -> list[tuple[Asset, str]]:
    """The repositories among ``paths``: an asset for the history of each, and where it is. It has no digest, so nothing is kept of it."""
    found = []
    for path in paths:
        if os.path.isdir(path):
            inside = os.path.normpath(os.path.join(path if len(paths) > 1 else "", ".git"))
            name = inert_path(inside.replace(os.sep, "/"))
            found.append((Asset(id=Asset.id_of(AssetKind.CONFIGURATION, name), kind=AssetKind.CONFIGURATION, path=name), os.path.realpath(path)))
    return found


def _not_hashed(errors: Mapping[str, str], planned: Collection[str]) -> Iterator[NotExamined]:
    """What has no digest. Of an interruption, the steps that were ``planned`` tell themselves."""
    for path, reason in errors.items():
        if reason != INTERRUPTED.reason:
            yield NotExamined(code=Code.UNREADABLE, reason=reason, path=path)
        elif path not in planned:
            yield msgspec.structs.replace(INTERRUPTED, path=path)


def _cores() -> int:
    """The cores that this process may run on, where the system tells; else those that there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _declared(found: Found) -> dict[str, str | bool]:
    role: dict[str, str | bool] = {"role": found.role} if found.role else {}
    return role | {"declared": True} if found.declared else role


def _moment(seconds: float) -> str:
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{int(seconds * 1000) % 1000:03}Z"
