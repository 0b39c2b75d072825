"""A model file as its checks see it: read once, judged once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec

from aisecops.core.asset import Asset, AssetFacts, AssetKind, FileVerdict
from aisecops.core.check import Context, subject
from aisecops.core.finding import Location
from aisecops.core.settings import ModelFileSettings, Operation
from aisecops.formats.artifact import Format, Limits, Part, Unread
from aisecops.formats.loading.concern import Concern, ConcernKind
from aisecops.formats.loading.containers import container_concerns, unread
from aisecops.formats.loading.judgement import Allowed, Rulings, annotate, judge
from aisecops.formats.loading.loaders import SUPPLIES_PERSISTENT_IDS, loader_verdicts, overall
from aisecops.formats.pickle.trace import StreamAnomaly, Trace
from aisecops.formats.pickle.twins import Twins
from aisecops.formats.piece import Bytes
from aisecops.formats.reading import read_artifact
from aisecops.knowledge.callables import Table

_MOST_EVIDENCE = 200
"""Entries of evidence kept in the record: it stays readable, and a hostile file cannot blow it up."""
_MOST_LOCATIONS = 50
_MOST_JUDGED = 512
"""Files that are remembered at a time in case that another is like one of them."""
_WALK_SHARE = 16
"""The part of the memory of a task that the stack and the memo of a walk may take: of the usual 1 GiB, 64 MiB."""


class Group(msgspec.Struct, frozen=True):
    """Concerns of one kind with one cause: everything that a file does with one callable, or one flaw of one container."""

    name: str
    concerns: tuple[Concern, ...]

    @property
    def first(self) -> Concern:
        """The concern to tell of; the others share its cause."""
        return self.concerns[0]

    @property
    def operations(self) -> tuple[Operation, ...]:
        """What the file does with the callable."""
        return tuple(dict.fromkeys(c.operation for c in self.concerns if c.operation))

    @property
    def details(self) -> tuple[str, ...]:
        """The operations as text, the distinct ones in file order."""
        return tuple(dict.fromkeys(c.detail for c in self.concerns if c.detail))


class ModelFile:
    """The parts of a file, what speaks against loading it, and what was not examined."""

    def __init__(self, asset: Asset, artifact: Part, table: Table, rulings: Rulings) -> None:
        self.asset = asset
        self.artifact = artifact
        concerns: list[Concern] = []
        allowed: set[Allowed] = set()
        self.unread: list[tuple[Part, Unread]] = []
        archives: list[Part] = []
        for part in artifact.walk():
            archives = [archive for archive in archives if part.path[: len(archive.path)] == archive.path]
            if part.format in SUPPLIES_PERSISTENT_IDS:
                archives.append(part)
            script = any(archive.format is Format.TORCH_SCRIPT for archive in archives)
            concerns += container_concerns(part)
            self.unread += [(part, gap) for gap in unread(part)]
            for trace in part.traces:
                judgement = judge(trace, table, part=part.path, torch=bool(archives), script=script, rulings=rulings)
                concerns += judgement.concerns
                allowed.update(judgement.allowed)
            concerns += _only_in_plain_view(part, table, concerns) if part.plain_traces else ()
        self.concerns = tuple(concerns)
        self.allowed = tuple(sorted(allowed))
        self.loaders = loader_verdicts(artifact, self.concerns, bool(self.unread))
        """The verdict of each loader that takes the file."""
        self.verdict = overall(self.concerns, bool(self.unread))
        """The worst plausible verdict."""
        self._facts: AssetFacts | None = None

    def called(self, asset: Asset) -> ModelFile:
        """The same file under another name."""
        other = ModelFile.__new__(ModelFile)
        other.__dict__.update(self.__dict__)
        other.asset = asset
        return other

    def groups(self, kind: ConcernKind) -> Iterator[Group]:
        """The concerns of ``kind``, those with one cause together, in file order."""
        found: dict[str, list[Concern]] = {}
        for concern in self.concerns:
            if concern.kind is kind:
                key = concern.callable or f"{concern.rule}:{'!'.join(concern.part)}"
                found.setdefault(key, []).append(concern)
        for concerns in found.values():
            yield Group(concerns[0].callable or concerns[0].rule, tuple(concerns))

    def locations(self, group: Group) -> tuple[Location, ...]:
        """Where ``group`` stands in the file."""
        places = dict.fromkeys((c.part, c.offset) for c in group.concerns)
        return tuple(Location(path=self.asset.path, member="!".join(part), offset=offset) for part, offset in list(places)[:_MOST_LOCATIONS])

    def facts(self) -> AssetFacts:
        """Verdict, loaders, and the evidence: which callables are allowed by which rules, and where every byte went."""
        if self._facts is None:
            self._facts = AssetFacts(verdict=self.verdict, loaders=self.loaders, facts=self._evidence())
        return self._facts

    def _evidence(self) -> dict[str, Any]:
        names = sorted({entry.callable for entry in self.allowed})
        coverage = self.artifact.coverage
        parts = list(self.artifact.walk())
        return {
            "format": self.artifact.format.value,
            "parts": len(parts),
            "streams": sum(len(part.traces) for part in parts),
            "opcodes": sum(trace.opcodes for part in parts for trace in part.traces),
            "bytes": {
                "parsed": coverage.parsed,
                "opaque": coverage.opaque,
                "unaccounted": sum(span.end - span.start for span in coverage.unaccounted),
            },
            "callables": len(names),
            "allowed": [msgspec.structs.asdict(entry) for entry in self.allowed[:_MOST_EVIDENCE]],
        }


def _only_in_plain_view(part: Part, table: Table, known: list[Concern]) -> Iterator[Concern]:
    """What ``pickle.load`` would run in a joblib file and ``joblib.load`` would not.

    It reads raw arrays as opcodes, and pickles nested in the stream with the memo of the outer one. In honest files that ends at once, names a few random
    bytes, or pairs a name that joblib reads, too, with a wrong module; only what none of these explains counts.
    """
    seen = {(concern.callable, concern.offset) for concern in known}
    names = {named.name for trace in part.traces for named in trace.globals if trace.arrays}
    for trace in part.plain_traces:
        computed = min((a.offset for a in trace.anomalies if a.kind is StreamAnomaly.COMPUTED_NAME and _makes_text(trace)), default=trace.end)
        for concern in judge(trace, table, part=part.path).concerns:
            runs = concern.operation is not None and concern.operation is not Operation.REFERENCE
            if concern.callable:
                new = (concern.callable, concern.offset) not in seen and concern.callable.rpartition(".")[2] not in names
                counts = new and not concern.callable.startswith("result of ") and (runs or concern.verdict is FileVerdict.BLOCK)
            else:
                counts = runs and concern.offset is not None and concern.offset > computed
            if counts:
                yield concern


def _makes_text(trace: Trace) -> bool:
    """Whether anything in the stream returns a ``str``: nothing else can name a callable."""
    return any(
        use.callee >= 0 and use.operation is not Operation.REFERENCE and trace.globals[use.callee].resolved == ("builtins", "str")
        for use in trace.uses
    )


class _Learnt:
    """What is kept from one file to the next: the table, whose data is read once, its rulings, and what is known of streams alike."""

    def __init__(self, settings: ModelFileSettings, limits: Limits) -> None:
        self.limits = limits
        self.table = Table(settings.allow)
        self.rulings = Rulings(self.table)
        self.twins = Twins()
        self._judged: dict[int, ModelFile] = {}
        """By the identity of their only trace, which is held here so that it stays its own: of a file like one before, everything is known already."""

    def judged(self, asset: Asset, artifact: Part) -> ModelFile:
        """What the table makes of ``artifact``."""
        if not _is_one_stream(artifact):
            return ModelFile(asset, artifact, self.table, self.rulings)
        trace = id(artifact.traces[0])
        known = self._judged.get(trace)
        if known is not None and known.artifact == artifact:
            return known.called(asset)
        if len(self._judged) >= _MOST_JUDGED:
            self._judged.clear()
        judged = self._judged[trace] = ModelFile(asset, artifact, self.table, self.rulings)
        return judged

    def annotate(self, data: Bytes, trace: Trace) -> Trace:
        """Complete ``trace`` while its bytes are at hand."""
        return annotate(data, trace, self.table, self.rulings)


def _is_one_stream(part: Part) -> bool:
    """Whether a file is a pickle and nothing else."""
    return len(part.traces) == 1 and not (part.parts or part.plain_traces or part.anomalies or part.unread or part.coverage.unaccounted)


_learnt = cache(_Learnt)


@subject(AssetKind.MODEL_FILE)
def model_file(asset: Asset, ctx: Context) -> ModelFile:
    """Read the file, walk its streams, judge them by the table and the project's own allowances."""
    learnt = _learnt(ctx.settings(ModelFileSettings), Limits(walk_bytes=ctx.budget.memory_bytes // _WALK_SHARE))
    artifact = read_artifact(
        ctx.location(asset),
        name=asset.path,
        limits=learnt.limits,
        keep_arguments=learnt.table.wants_arguments,
        annotate=learnt.annotate,
        twins=learnt.twins,
    )
    return learnt.judged(asset, artifact)
