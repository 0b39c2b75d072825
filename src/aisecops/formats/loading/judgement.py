"""A walked stream, judged by the table of callables: use by use, operation by operation."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from aisecops.core.asset import FileVerdict
from aisecops.core.settings import Operation
from aisecops.core.text import inert
from aisecops.formats.loading.concern import Concern, ConcernKind
from aisecops.formats.loading.conditions import BY_VALUE, COMPUTED, TYPE_OF_VALUE, Conditions
from aisecops.formats.pickle.describe import describe
from aisecops.formats.pickle.states import states
from aisecops.formats.pickle.trace import Buffer, StreamAnomaly, Trace, Use
from aisecops.knowledge.callables import ONLY_MADE, VETTED, Ruling, Table

_STREAM: dict[StreamAnomaly, tuple[ConcernKind, FileVerdict]] = {
    StreamAnomaly.COMPUTED_NAME: (ConcernKind.COMPUTED_CALLABLE, FileVerdict.BLOCK),
    StreamAnomaly.FRAME_DISAGREEMENT: (ConcernKind.PARSER_DISAGREEMENT, FileVerdict.BLOCK),
    StreamAnomaly.TEXT_DISAGREEMENT: (ConcernKind.PARSER_DISAGREEMENT, FileVerdict.BLOCK),
    StreamAnomaly.FALSE_DTYPE: (ConcernKind.PARSER_DISAGREEMENT, FileVerdict.BLOCK),
    StreamAnomaly.EXTENSION_CODE: (ConcernKind.LOADER_SUPPLIED, FileVerdict.REVIEW),
    StreamAnomaly.PERSISTENT_ID: (ConcernKind.LOADER_SUPPLIED, FileVerdict.REVIEW),
    StreamAnomaly.OUT_OF_BAND_BUFFER: (ConcernKind.LOADER_SUPPLIED, FileVerdict.REVIEW),
}


class Allowed(msgspec.Struct, frozen=True, order=True):
    """Evidence for a clean verdict: a callable, what the file does with it, and the rule that allows it."""

    callable: str
    operation: str
    rule: str


class Judgement(msgspec.Struct, frozen=True):
    """What speaks against a stream, and what it does that is allowed."""

    concerns: tuple[Concern, ...]
    allowed: tuple[Allowed, ...]


_MOST_RULINGS = 50_000
"""Rulings that are held at a time."""


class Told(msgspec.Struct, frozen=True):
    """What a table says of a stream: one ruling for each use, in order; and, where all of them are clean, the evidence."""

    rulings: tuple[Ruling, ...]
    allowed: tuple[Allowed, ...] | None


class Rulings:
    """What a table says of streams: asked for twice, when one has been walked and when the part that it stands in is known, and worked out once.

    Models of one class do the same with the same callables, at other offsets: once for all of them.
    """

    def __init__(self, table: Table) -> None:
        self._table = table
        self._known: dict[tuple[object, ...], tuple[tuple[Use, ...], Told]] = {}
        """By the identity of ``Trace.uses``, which is held here so that it stays its own, and the hooks and states, which are found later."""
        self._alike: dict[tuple[object, ...], Told] = {}
        self._held = 0

    def of(self, trace: Trace) -> Told:
        """What the table says of ``trace``."""
        place = id(trace.uses), trace.hooks, trace.states
        known = self._known.get(place)
        if known is not None:
            return known[1]
        alike = _shape(trace)
        told = self._alike.get(alike) or self._tell(trace)
        self._held += len(told.rulings)
        if self._held > _MOST_RULINGS:
            self._known, self._alike, self._held = {}, {}, len(told.rulings)
        self._alike[alike] = told
        self._known[place] = trace.uses, told
        return told

    def _tell(self, trace: Trace) -> Told:
        conditions = Conditions(trace, self._table)
        rulings = tuple(_rule(trace, self._table, conditions, use) for use in trace.uses)
        if any(ruling.verdict is not FileVerdict.CLEAN for ruling in rulings):
            return Told(rulings, None)
        told = zip(trace.uses, rulings, strict=True)
        return Told(rulings, tuple(sorted({Allowed(_name(trace, use), use.operation.value, ruling.rule) for use, ruling in told})))


def _shape(trace: Trace) -> tuple[object, ...]:
    """All of ``trace`` on which rulings rest: what it does, but not where."""
    named = tuple([(named.module, named.name, named.resolved) for named in trace.globals])
    uses = tuple([(use.operation, use.callee, use.origin, use.arguments, use.count if _counts(use) else 0) for use in trace.uses])
    return named, uses, trace.hooks, trace.states


def _counts(use: Use) -> bool:
    """Whether it matters how often: a reference may be one that a call accounts for, or one too many."""
    return use.operation is Operation.REFERENCE or use.arguments is not None


def annotate(data: Buffer, trace: Trace, table: Table, rulings: Rulings | None = None) -> Trace:
    """Add to ``trace`` what its bytes must tell while they are at hand: states that have to be read, and the text of every operation that is not allowed."""
    rulings = rulings or Rulings(table)
    if rulings.of(trace).allowed is not None:
        return trace
    if any(
        use.operation is Operation.CALL and table.rule(*trace.globals[use.callee].resolved, Operation.CALL).rule == "function-by-value"
        for use in trace.uses
        if use.callee >= 0
    ):
        trace = msgspec.structs.replace(trace, hooks=_hooks(data, trace, table))
    if any(table.condition(*named.resolved) in VETTED for named in trace.globals):
        found = states(data, trace.start, lambda *named: table.condition(*named) in VETTED, arrays=trace.arrays)
        trace = msgspec.structs.replace(trace, states=found)
    told = rulings.of(trace).rulings
    refused = {use.offset for use, ruling in zip(trace.uses, told, strict=True) if ruling.verdict is not FileVerdict.CLEAN and _name(trace, use)}
    return msgspec.structs.replace(trace, details=describe(data, trace.start, refused, arrays=trace.arrays)) if refused else trace


_HOOK = (
    rb"__(?:new|setstate|setattr|getattr|getattribute|init_subclass|set_name|mro_entries|prepare|del|hash)__|\\\\(?:u005[fF]|U0000005[fF]|x5[fF]|137)"
)
"""Methods that run while a class is made, instantiated or given state; and escapes that would hide the underscores of their names."""


_GIVEN = "given to "


def _hooks(data: Buffer, trace: Trace, table: Table) -> tuple[str, ...]:
    """Return the special methods that ``trace`` names as text: in a class by value they are byte code that runs while it loads.

    And what it hands instances of such classes to, where that asks them something.
    """
    named = {match.group().decode() for match in re.compile(_HOOK).finditer(data, trace.start, trace.end)}
    makers = {each.resolved for each in trace.globals if table.rule(*each.resolved, Operation.CALL).rule == BY_VALUE.rule}
    if not any("class" in name or "type" in name for _, name in makers):
        return tuple(sorted(named))
    from aisecops.formats.pickle.own_code import own_code  # few streams hold such a class

    own = own_code(data, trace.start, lambda *names: names in makers, lambda *names: table.condition(*names) in ONLY_MADE, arrays=trace.arrays)
    if not own.hashes:
        named.discard("__hash__")
    return (*sorted(named), *(_GIVEN + what for what in own.asked))


def judge(
    trace: Trace, table: Table, *, part: tuple[str, ...] = (), torch: bool = False, script: bool = False, rulings: Rulings | None = None
) -> Judgement:
    """Judge every use of ``trace``.

    Parameters
    ----------
    part
        The part that holds the stream, for the concerns.
    torch
        The stream stands where torch's loader supplies persistent ids, so these are not a concern.
    script
        The stream stands in a TorchScript archive: ``torch.jit.load`` reads it with an unpickler of its own, to which ``__torch__`` names classes whose code the
        archive holds as text.
    rulings
        Those of ``table`` that ``annotate`` has worked out.
    """
    concerns: list[Concern] = []
    allowed: set[Allowed] = set()
    told = (rulings or Rulings(table)).of(trace)
    if told.allowed is not None and not script:
        return Judgement(tuple(_anomalies(trace, part, torch)), told.allowed)
    for use, plain in zip(trace.uses, told.rulings, strict=True):
        ruling = _SCRIPT if script and _is_script(trace, use) else plain
        name = _name(trace, use)
        if ruling.verdict is FileVerdict.CLEAN:
            allowed.add(Allowed(name, use.operation.value, ruling.rule))
            continue
        concerns.append(
            Concern(
                kind=_kind_of(use, ruling), verdict=ruling.verdict, part=part, offset=use.offset, callable=name, operation=use.operation,
                count=use.count, rule=ruling.rule, reason=ruling.reason, detail=trace.details.get(use.offset, ""),
            )
        )  # fmt: skip
    concerns += _anomalies(trace, part, torch)
    return Judgement(tuple(concerns), tuple(sorted(allowed)))


_SCRIPT = Ruling(FileVerdict.CLEAN, "torchscript", "torch.jit.load makes it from the archive's own code, without Python")


def _is_script(trace: Trace, use: Use) -> bool:
    """Whether ``use`` is of a class of the archive, of an instance of one, or of a reconstructor that torch.jit's unpickler answers itself."""
    maker = trace.uses[use.origin] if use.origin >= 0 else use
    if maker.callee < 0 or (maker is not use and use.operation in (Operation.CALL, Operation.INSTANTIATE)):
        return False
    module = trace.globals[maker.callee].module
    return module.partition(".")[0] == "__torch__" or (module == "torch.jit._pickle" and maker.operation is Operation.CALL)


_DILL_MAIN = ("__builtin__", "__main__")
"""How dill names the namespace of the main module, which its functions by value use; no other unpickler can import it."""


def _rule(trace: Trace, table: Table, conditions: Conditions, use: Use) -> Ruling:
    """The ruling on one use: of a callable by its name, or of what an earlier use made."""
    if use.origin >= 0:
        return conditions.on_result(use, trace.uses[use.origin])
    if use.callee < 0 or use.operation in (Operation.STATE, Operation.ITEMS):
        return _on_foreign_object(use)
    named = trace.globals[use.callee]
    if (named.module, named.name) == _DILL_MAIN and use.operation is Operation.REFERENCE:
        return BY_VALUE
    # What is imported is the resolved name: every loader maps Python 2 names by default.
    ruling = table.rule(*named.resolved, use.operation)
    condition = conditions.ruling(use, named)
    if condition is TYPE_OF_VALUE:
        return condition
    if condition is not None:
        ruling = max(ruling, condition, key=lambda r: r.verdict.rank)
    if ruling.rule == BY_VALUE.rule and "__setstate__" in trace.hooks and any(u.operation is Operation.STATE for u in trace.uses):
        return _STATE_HOOK
    if ruling.rule == BY_VALUE.rule and not _MAKING.isdisjoint(trace.hooks):
        return _MAKING_HOOK
    if ruling.rule == BY_VALUE.rule and (given := [hook for hook in trace.hooks if hook.startswith(_GIVEN)]):
        return Ruling(
            FileVerdict.BLOCK,
            "by-value-hook",
            f"it makes classes by value, and their instances are {inert(', '.join(given), 300)}, which runs their code",
        )
    return ruling


_MAKING = frozenset({"__init_subclass__", "__set_name__", "__mro_entries__", "__prepare__"})
"""Methods that run when another class is made, whether it has instances or not."""
_MAKING_HOOK = Ruling(
    FileVerdict.BLOCK, "by-value-hook", "it builds by value, and names a method that runs when a class is made: its own code can run while it loads"
)
_STATE_HOOK = Ruling(
    FileVerdict.BLOCK, "by-value-hook", "it builds functions by value, names `__setstate__`, and sets states: its own code can run while it loads"
)


def _on_foreign_object(use: Use) -> Ruling:
    what = "sets the state of" if use.operation is Operation.STATE else "adds items to"
    if use.operation is Operation.CALL or use.operation is Operation.INSTANTIATE:
        return COMPUTED
    if use.callee >= 0:
        return Ruling(
            FileVerdict.BLOCK,
            "changes-callable",
            f"it {what} the callable itself, not an instance of it: every later user of the module meets the change",
        )
    return Ruling(FileVerdict.BLOCK, "foreign-object", f"it {what} an object that the stream did not make (the shape of CVE-2026-24747)")


def _kind_of(use: Use, ruling: Ruling) -> ConcernKind:
    if ruling.rule in _COMPUTED_RULES:
        return ConcernKind.COMPUTED_CALLABLE
    if ruling.verdict is FileVerdict.REVIEW:
        return ConcernKind.FUNCTION_BY_VALUE if ruling.rule == "function-by-value" else ConcernKind.UNKNOWN_CALLABLE
    return ConcernKind.STORED_CALLABLE if use.operation is Operation.REFERENCE else ConcernKind.CODE_EXECUTION


_COMPUTED_RULES = frozenset({"computed-callable", "computed-attribute", "arguments-unseen", "foreign-object"})


def _name(trace: Trace, use: Use) -> str:
    seen = use
    while seen.callee < 0 and seen.origin >= 0:
        seen = trace.uses[seen.origin]
    if seen.callee < 0:
        return ""
    named = trace.globals[seen.callee]
    text = inert(f"{named.module}.{named.name}", 200)
    return text if seen is use or use.callee >= 0 else f"result of {text}"


def _anomalies(trace: Trace, part: tuple[str, ...], torch: bool) -> Iterator[Concern]:
    for anomaly in trace.anomalies:
        if anomaly.kind not in _STREAM or (torch and anomaly.kind is StreamAnomaly.PERSISTENT_ID):
            continue
        kind, verdict = _STREAM[anomaly.kind]
        yield Concern(kind=kind, verdict=verdict, part=part, offset=anomaly.offset, rule=anomaly.kind.value, reason=anomaly.detail)
