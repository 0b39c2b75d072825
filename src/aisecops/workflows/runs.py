"""The runs that a project keeps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import msgspec

from aisecops.core.errors import RecordError
from aisecops.core.taxonomy import Severity
from aisecops.core.verdict import Outcome, Status
from aisecops.pipeline.store import RunStore
from aisecops.project.state import state_folder


class KeptRun(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What is worth knowing of a kept run without opening it.

    ``findings`` counts the open ones by severity; ``problem`` says why the record cannot be read, and then nothing but ``id``, ``started`` and ``outcome`` is known.
    """

    id: str
    started: str
    outcome: Outcome
    verb: str = ""
    policy: str = ""
    commit: str = ""
    paths: tuple[str, ...] = ()
    findings: dict[Severity, int] = {}
    measurements: int = 0
    not_examined: int = 0
    problem: str = ""


def runs(folder: str = ".", *, most: int = 20, note: Callable[[str], None] = lambda _: None) -> tuple[KeptRun, ...]:
    """Return the newest ``most`` runs that the project around ``folder`` keeps, the newest first."""
    store = RunStore(state_folder((folder,), False) or ".aisecops", note)
    return tuple(_told(store, kept.id, kept.started, Outcome(kept.outcome)) for kept in store.list()[:most])


def _told(store: RunStore, name: str, started: str, outcome: Outcome) -> KeptRun:
    try:
        run = store.load(name)
    except RecordError as wrong:
        return KeptRun(id=name, started=started, outcome=outcome, problem=str(wrong))
    still_open = {status.finding for status in run.verdict.statuses if status.status is Status.OPEN}
    counts = Counter(finding.severity for finding in run.findings if finding.id in still_open)
    return KeptRun(
        id=name,
        started=started,
        outcome=outcome,
        verb=next((word for word in run.run.command[1:] if not word.startswith("-")), ""),
        policy=run.verdict.policy,
        commit=next((root.commit for root in run.run.roots), ""),
        paths=tuple(root.path for root in run.run.roots),
        findings={severity: counts[severity] for severity in Severity if severity in counts},
        measurements=len(run.measurements),
        not_examined=len(run.not_examined),
    )
