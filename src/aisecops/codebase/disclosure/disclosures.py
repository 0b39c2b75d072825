"""Where a program writes down what it should not."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache

import msgspec

from aisecops.codebase.dataflow.linking import Program
from aisecops.codebase.dataflow.program import Call, Function, Module, Span
from aisecops.codebase.disclosure.contents import Contents, Shown
from aisecops.codebase.disclosure.names import kind_of
from aisecops.codebase.disclosure.places import is_log, place_of, written
from aisecops.codebase.elsewhere import access_path, named_function, statements
from aisecops.codebase.payloads.slices import Slices, slices_of
from aisecops.codebase.syntax.walking import children, walk

_FEW = 2
"""Statements of a function that does nothing but write."""
_WRITES = r"(?i)(^|_)(log|trace|audit|debug|track|info|warn|event)(_|$)|(^|_)(report|emit|record)$"


class Disclosure(msgspec.Struct, frozen=True):
    """Something that is written down: its kind (``secret``, ``personal``, ``prompt``), name, and by what.

    ``place`` is where it goes: ``log``, ``console``, ``telemetry``, ``experiment``.
    """

    kind: str
    name: str
    place: str
    path: str
    span: Span
    served: bool
    """Whether a framework calls the function around with what somebody has sent."""


def disclosures(module: Module, program: Program) -> Iterator[Disclosure]:
    """Yield what ``module`` writes down of secrets, personal data, and what people ask its models."""
    slices = slices_of(module)
    found = [(call, place) for call in slices.calls if (place := place_of(slices, call))]
    elsewhere = [
        (call, given)
        for call in slices.calls
        if not call.entries and _speaks_of_writing(call.path) and (given := _written_elsewhere(call, module, program))
    ]
    if not found and not elsewhere:
        return
    contents = Contents(slices)
    for call, given in elsewhere:
        outside = _from_outside(call.function)
        for shown in _all(contents, given, call, outside):
            yield Disclosure(shown.kind, shown.name, "log", call.path, call.span, bool(outside))
            break
    for call, place in found:
        outside = _from_outside(call.function)
        served = call.function is not None and bool(call.function.handled)
        for shown in _all(contents, written(call), call, outside):
            if _counts(
                shown, place, served=served and not (place == "console" and call.function is not None and call.function.handled == {"model-output"})
            ):
                yield Disclosure(shown.kind, shown.name, place, call.path, call.span, served)
                break
    yield from _through_wrappers(slices, contents, found)


def _all(contents: Contents, nodes: list[ast.expr], call: Call, outside: frozenset[str]) -> list[Shown]:
    order = {"secret": 0, "personal": 1, "prompt": 2}
    return sorted((s for node in nodes for s in contents.shown(node, call.span.scope, outside)), key=lambda s: order[s.kind])


def _counts(shown: Shown, place: str, *, served: bool) -> bool:
    """Whether it matters there.

    A console is read by whoever started the program, unless it serves others; records of experiments are meant to hold what a model is asked, but not what visitors of a
    page write.
    """
    if place == "console":
        return served or (shown.kind == "secret" and shown.sure)
    if place == "experiment" and shown.kind == "prompt":
        return served or shown.sure
    return True


def _from_outside(function: Function | None) -> frozenset[str]:
    """The parameters of ``function`` that a framework fills with what somebody has sent; empty if it is not called by one."""
    if function is None or not function.handled or isinstance(function.node, ast.Lambda):
        return frozenset()
    return frozenset(name for name in function.signature.names if name not in ("self", "cls"))


def _through_wrappers(slices: Slices, contents: Contents, found: list[tuple[Call, str]]) -> Iterator[Disclosure]:
    """What is handed to a function of the module that writes down what it is handed."""
    wrappers: dict[str, set[str]] = {}
    for call, place in found:
        function = call.function
        if function is None or place != "log" or isinstance(function.node, ast.Lambda) or not _writes_for_others(function):
            continue
        names = {name for node in written(call) for name in contents.names(node, call.span.scope)}
        handed = names & {*function.signature.names, function.signature.keywords, function.signature.rest}
        handed = {name for name in handed if not kind_of(name, from_outside=False)}
        if handed:
            wrappers.setdefault(f"{slices.module.name}.{function.qualname}", set()).update(handed)
    if not wrappers:
        return
    functions = {f"{slices.module.name}.{f.qualname}": f for f in slices.module.functions}
    for call in slices.calls:
        handed = wrappers.get(call.path, set())
        node = call.node
        if not handed or not isinstance(node, ast.Call):
            continue
        outside = _from_outside(call.function)
        for shown in _all(contents, _given(node, functions[call.path], handed), call, outside):
            yield Disclosure(shown.kind, shown.name, "log", call.path, call.span, bool(outside))
            break


def _written_elsewhere(call: Call, module: Module, program: Program) -> list[ast.expr]:
    """What ``call`` hands to a function of another module that is there to log it: the arguments that become what is logged there."""
    node = call.node
    if not isinstance(node, ast.Call):
        return []
    function = named_function(node.func, module, program)
    if function is None or function.module is module:
        return []
    names = {*function.signature.names, function.signature.keywords, function.signature.rest}
    logged: set[str] = set()
    for statement in statements(function, program):
        for part in walk(statement):
            if isinstance(part, ast.Call) and is_log(access_path(part.func, function.module, program)):
                logged |= {name for argument in (*part.args, *(k.value for k in part.keywords)) for name in _names_shown(argument)} & names
    return _given(node, function, logged) if logged else []


def _names_shown(node: ast.expr) -> Iterator[str]:
    """The names that stand in what is logged as they are, not as a part (``user.id``) or a count of theirs (``len(rows)``)."""
    todo: list[ast.AST] = [node]
    while todo:
        part = todo.pop()
        if isinstance(part, ast.Name):
            yield part.id
        elif isinstance(part, ast.Call):
            shows = getattr(part.func, "attr", "") or getattr(part.func, "id", "")
            todo += part.args if shows in ("str", "repr", "dumps", "format", "pformat", "json", "dict") else []
        elif not isinstance(part, (ast.Attribute, ast.Subscript, ast.Compare)):
            todo += children(part)


def _writes_for_others(function: Function) -> bool:
    """Whether ``function`` is there to write something down: by its name, or because it does nothing else."""
    body = function.node.body if not isinstance(function.node, ast.Lambda) else []
    return len(body) <= _FEW or _says_that_it_writes(function.name)


@lru_cache(maxsize=50_000)
def _speaks_of_writing(path: str) -> bool:
    return _says_that_it_writes(path[path.rfind(".") + 1 :])


@lru_cache(maxsize=50_000)
def _says_that_it_writes(name: str) -> bool:
    return re.search(_WRITES, name) is not None


def _given(node: ast.Call, function: Function, handed: set[str]) -> list[ast.expr]:
    """The arguments of a call that become the parameters ``handed``."""
    names = function.signature.positional[1:] if function.cls is not None and not function.is_static else function.signature.positional
    positional = [argument for name, argument in zip(names, node.args, strict=False) if name in handed]
    rest = node.args[len(names) :] if function.signature.rest in handed else []
    known = set(function.signature.names)
    keywords = [k.value for k in node.keywords if k.arg in handed or (k.arg not in known and function.signature.keywords in handed)]
    return [*positional, *rest, *keywords]
