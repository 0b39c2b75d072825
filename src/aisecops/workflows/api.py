"""The Python API: scan and run as functions, and the run as something to look at, to filter and to judge again."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, Literal

from aisecops.core.asset import Asset
from aisecops.core.errors import UserError
from aisecops.core.examination import NotExamined
from aisecops.core.finding import Finding
from aisecops.core.measurement import Measurement
from aisecops.core.progress import Progress
from aisecops.core.run import Run
from aisecops.core.verdict import Outcome, Verdict
from aisecops.workflows.run import RunRequest
from aisecops.workflows.run import run as _run
from aisecops.workflows.scan import ScanRequest
from aisecops.workflows.scan import scan as _scan

Library = Literal["polars", "pandas"]
PathLike = str | os.PathLike[str]


class JudgedRun:
    """A run: what was examined, what was found and measured, and the verdict. A notebook shows it as a page.

    Attributes
    ----------
    record : Run
        The run record, ``aisecops/run-1``: all that there is (docs/run-record.md).
    """

    def __init__(self, record: Run) -> None:
        self.record = record

    @property
    def verdict(self) -> Verdict:
        """The verdict, with a reason for every rule."""
        return self.record.verdict

    @property
    def outcome(self) -> Outcome:
        """``pass``, ``fail`` or ``incomplete``; it equals its text: ``run.outcome == "pass"``."""
        return self.record.verdict.outcome

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, also those that are waived, suppressed or held by the baseline."""
        return self.record.findings

    @property
    def open_findings(self) -> list[Finding]:
        """The findings that nobody has accepted: those that the policy counts."""
        from aisecops.report.grouping import open_findings

        return open_findings(self.record)

    @property
    def measurements(self) -> tuple[Measurement, ...]:
        """What was measured, with intervals."""
        return self.record.measurements

    @property
    def not_examined(self) -> tuple[NotExamined, ...]:
        """What was not examined, with reason and remedy."""
        return self.record.not_examined

    @property
    def assets(self) -> tuple[Asset, ...]:
        """What was examined."""
        return self.record.assets

    def findings_frame(self, library: Library | None = None) -> Any:
        """Return the findings as a data frame, one row each, in the order of the record.

        Parameters
        ----------
        library : {"polars", "pandas"}, optional
            Whose frame; by default Polars where it is installed, else pandas.

        Returns
        -------
        polars.DataFrame or pandas.DataFrame
            Columns: ``id``, ``status``, ``severity``, ``confidence``, ``check``, ``category``, ``title``, ``message``, ``path``, ``member``, ``line``, ``cell``,
            ``places`` (the number of locations; ``path`` to ``cell`` are those of the first), ``threat``, ``stage``, ``fix``,
            ``fingerprint``. They are there without findings, too.

        Raises
        ------
        UserError
            The library is not installed.
        """
        from aisecops.report.columns import FINDING_COLUMNS, finding_rows

        return _frame(library, FINDING_COLUMNS, finding_rows(self.record))

    def measurements_frame(self, library: Library | None = None) -> Any:
        """Return the measurements as a data frame, one row each.

        Parameters
        ----------
        library : {"polars", "pandas"}, optional
            Whose frame; by default Polars where it is installed, else pandas.

        Returns
        -------
        polars.DataFrame or pandas.DataFrame
            Columns: ``id``, ``name``, ``subject``, ``value``, ``low``, ``high``, ``level`` (of the interval), ``unit``, ``n``, ``better``, ``blocked`` (why the
            number must not be used; empty if it may), ``check``, ``assets``.

        Raises
        ------
        UserError
            The library is not installed.
        """
        from aisecops.report.columns import MEASUREMENT_COLUMNS, measurement_rows

        return _frame(library, MEASUREMENT_COLUMNS, measurement_rows(self.record))

    def gate(self, policy: str) -> JudgedRun:
        """Return the same results judged by another policy: a name that ships, or the path of a file. Waivers and baseline are not applied.

        Raises
        ------
        PolicyError
            There is no such policy, or it does not say what it should.
        """
        from aisecops.workflows.gate import gate

        return JudgedRun(gate(self.record, policy))

    def render(self, format: str = "json") -> bytes:
        """Return the run in a report format: ``json``, ``sarif``, ``terminal``, or the name of an installed one.

        Raises
        ------
        UserError
            There is no such format.
        """
        from aisecops.report.interface import find

        report = find(format)
        return report.render(self.record, _lessons() if report.teaches else {})

    def save(self, path: PathLike, format: str = "json") -> None:
        """Write the run to ``path`` in a report format; ``aisecops.load`` reads ``json`` back.

        Raises
        ------
        UserError
            There is no such format, or the file cannot be written.
        """
        content = self.render(format)
        try:
            with open(path, "wb") as file:
                file.write(content)
        except OSError as error:
            raise UserError(
                f"the report cannot be written: {error.strerror}", where=os.fspath(path), fix="choose a place that can be written"
            ) from None

    def __repr__(self) -> str:
        counts = f"{len(self.open_findings)} open of {len(self.findings)} findings, {len(self.measurements)} measurements"
        return f"<JudgedRun {self.outcome.value} by {self.verdict.policy}: {counts}, {len(self.not_examined)} not examined>"

    def _repr_html_(self) -> str:
        from aisecops.report.notebook import page

        return page(self.record)


def scan(
    *paths: PathLike,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    exclude: Sequence[str] = (),
    policy: str = "",
    untrusted: bool = False,
    history: bool = False,
    changed_since: str = "",
    seed: int = 0,
    jobs: int = 0,
    cache: bool = True,
    seconds: float = 120.0,
    memory_mb: int = 1024,
    progress: Progress | None = None,
) -> JudgedRun:
    """Examine files and folders without running anything, and judge the result.

    Parameters
    ----------
    paths
        Files and folders; this folder if none is named.
    select, ignore
        Ids or patterns of checks to keep, and to leave out.
    exclude
        Paths to leave out, as ``.gitignore`` writes them.
    policy
        A policy that ships (``baseline``, ``standard``, ``strict``) or a file; the manifest's, or ``standard``, if empty.
    untrusted
        Somebody else's tree: its manifest, policies and waivers are data to examine, not settings to obey.
    history
        Search the git history for secrets, too.
    changed_since
        Examine only what differs from the merge base with this branch, tag or commit.
    seed
        Where all randomness starts.
    jobs
        Worker processes; 0 for one a core.
    cache
        Reuse what an earlier run found in files that are the same.
    seconds, memory_mb
        What the examination of one file may use.
    progress
        Told of what goes on; nobody is by default.

    Raises
    ------
    UserError
        A path does not exist; the manifest, the policy or the name of a check is wrong.
    """
    request = ScanRequest(
        paths=_paths(paths), select=_names(select), ignore=_names(ignore), exclude=_names(exclude), policy=policy, untrusted=untrusted, history=history,
        changed_since=changed_since, seed=seed, jobs=jobs, cache=cache, seconds=seconds, memory_mb=memory_mb, command=("aisecops.scan",),
    )  # fmt: skip
    return JudgedRun(_scan(request, progress))


def run(
    *paths: PathLike,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    exclude: Sequence[str] = (),
    policy: str = "",
    seed: int = 0,
    jobs: int = 0,
    cache: bool = True,
    attack_seconds: float = 1800.0,
    attack_memory_mb: int = 8192,
    allow_weak_isolation: bool = False,
    progress: Progress | None = None,
) -> JudgedRun:
    """Scan, then ask and attack the models that ``aisecops.yaml`` names, and judge all of it.

    Parameters
    ----------
    paths, select, ignore, exclude, policy, seed, jobs, cache, progress
        As for ``scan``.
    attack_seconds, attack_memory_mb
        What one check of a model may use.
    allow_weak_isolation
        Load a model that nobody has found clean although this machine cannot lock it in.

    Raises
    ------
    UserError
        As ``scan``; and where the manifest names a file that is not there.
    """
    request = RunRequest(
        paths=_paths(paths), select=_names(select), ignore=_names(ignore), exclude=_names(exclude), policy=policy, seed=seed, jobs=jobs, cache=cache,
        attack_seconds=attack_seconds, attack_memory_mb=attack_memory_mb, allow_weak_isolation=allow_weak_isolation, command=("aisecops.run",),
    )  # fmt: skip
    return JudgedRun(_run(request, progress))


def load(path: PathLike) -> JudgedRun:
    """Return the run whose JSON record lies at ``path``.

    Raises
    ------
    RecordError
        There is none, or it is not what was written.
    """
    from aisecops.core.errors import RecordError
    from aisecops.pipeline.store import read_record

    where = os.fspath(path)
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError as error:
        raise RecordError(
            f"the record cannot be read: {error.strerror}", where=where, fix="name a file that run.save() or --format json wrote"
        ) from None
    return JudgedRun(read_record(content, where=where))


def _paths(paths: Sequence[PathLike]) -> tuple[str, ...]:
    return tuple(os.fspath(path) for path in paths) or (".",)


def _names(names: Sequence[str]) -> tuple[str, ...]:
    """One name may be given as it is: a text is a sequence, too, and its letters are no checks."""
    return (names,) if isinstance(names, str) else tuple(names)


def _lessons() -> dict[str, str]:
    from aisecops.checks import load_all

    return {name: check.lesson for name, check in load_all().checks.items()}


def _frame(library: Library | None, columns: dict[str, type], rows: list[dict[str, Any]]) -> Any:
    for name in (library,) if library else ("polars", "pandas"):
        if name not in ("polars", "pandas"):
            raise UserError(f"there are no frames of {name!r}", where="library", fix='choose "polars" or "pandas"')
        try:
            return _polars(columns, rows) if name == "polars" else _pandas(columns, rows)
        except ModuleNotFoundError as missing:
            if missing.name != name:
                raise
    raise UserError(f"a data frame needs {library or 'Polars or pandas'}", fix=f"pip install {library or 'polars'}")


def _polars(columns: dict[str, type], rows: list[dict[str, Any]]) -> Any:
    import polars

    types = {str: polars.String, int: polars.Int64, float: polars.Float64}
    return polars.DataFrame(rows, schema={name: types[kind] for name, kind in columns.items()})


def _pandas(columns: dict[str, type], rows: list[dict[str, Any]]) -> Any:
    import pandas

    types = {str: "object", int: "Int64", float: "float64"}
    return pandas.DataFrame({name: pandas.Series([row[name] for row in rows], dtype=types[kind]) for name, kind in columns.items()})
