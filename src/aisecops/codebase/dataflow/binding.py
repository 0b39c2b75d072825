"""From the arguments of a call to the parameters of a function, and from what a function says of its parameters to what that means for one call."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aisecops.codebase.dataflow.program import MOST_STEPS, Arguments, Env, Function, Parameter, Part, Partial
from aisecops.codebase.dataflow.values import (
    MUTABLE,
    NOTHING,
    UNKNOWN,
    Dict,
    List,
    Mark,
    Step,
    Taint,
    Value,
    add_mark,
    combined,
    extended,
    fresh,
    merged,
)

if TYPE_CHECKING:
    from aisecops.codebase.dataflow.linking import Program

_DEEPEST = 6


def bound(function: Function, arguments: Arguments) -> Env:
    """Return the parameters of ``function`` as this call sets them; those that it leaves out have their defaults, or are missing."""
    signature = function.signature
    values: Env = {name: fresh(value) if type(value.known) in MUTABLE else value for name, value in signature.defaults.items()}
    names = signature.positional
    values.update(zip(names, arguments.positional, strict=False))
    beyond = arguments.positional[len(names) :]
    extra: Env = {}
    known = signature.known
    for name, value in arguments.keywords.items():
        if name in known:
            values[name] = value
        else:
            extra[name] = value
    if arguments.rest is not None:
        for name in names[len(arguments.positional) :]:
            values[name] = Value(extended(arguments.rest.path, "[]"), UNKNOWN, arguments.rest.taint)
    if arguments.spread is not None and arguments.spread.taint:
        for name in known:
            values.setdefault(name, Value("", UNKNOWN, arguments.spread.taint))
    if signature.rest:
        rest = [*beyond, *([arguments.rest] if arguments.rest is not None else [])]
        values[signature.rest] = Value("", List(rest, complete=arguments.rest is None), combined(rest))
    if signature.keywords:
        taint = merged(combined(extra.values()), arguments.spread.taint if arguments.spread is not None else None)
        ref = arguments.spread.ref if arguments.spread is not None and type(arguments.spread.ref) is Parameter else None
        values[signature.keywords] = Value("", Dict(extra, complete=arguments.spread is None), taint, ref)
    return values


def substituted(value: Value, binding: Env, step: Step, program: Program, depth: int = _DEEPEST) -> Value:
    """Return what ``value``, said of a function's parameters, is for a call that binds them so."""
    ref, path, known, taint = value.ref, value.path, value.known, value.taint
    if ref is None and not taint and path[:1] != "?" and type(known) not in MUTABLE:
        return value
    if isinstance(ref, Part):
        return _part(value, ref, binding, step, program)
    if isinstance(ref, Parameter) and path.startswith("?"):
        given = binding.get(ref.name)
        if given is None:
            return Value("", UNKNOWN, _taint(taint, binding, step))
        more = _taint(taint, binding, step)
        if isinstance(known, Dict) and isinstance(given.known, Dict):  # **kwargs, with what the function has set in it
            known = Dict(given.known.items | known.items, given.known.complete)
            return Value(given.path, known, merged(more, given.taint), given.ref)
        return given if more is given.taint else Value(given.path, given.known, more, given.ref)
    changed = False
    checked = path.startswith("?") and not (taint and "#" + _root(path) in taint)  # a part that the function has found harmless
    if taint and _of_parameters(taint):
        taint, changed = _taint(taint, binding, step), True
    if path.startswith("?"):
        new = _path(path, binding)
        if new != path:
            path, changed = new, True
            labels = program.path_labels(path)
            if labels and not checked:
                marks: Taint = {label: Mark((step,)) for label in labels}
                taint = merged(taint, marks)
    if depth:
        if isinstance(known, List) and known.items:
            items = [substituted(item, binding, step, program, depth - 1) for item in known.items]
            if any(a is not b for a, b in zip(items, known.items, strict=True)):
                known, changed = List(items, known.complete), True
        elif isinstance(known, Dict) and known.items:
            fields = {key: substituted(item, binding, step, program, depth - 1) for key, item in known.items.items()}
            if any(fields[key] is not known.items[key] for key in fields):
                known, changed = Dict(fields, known.complete), True
        if isinstance(ref, Partial):
            callee = substituted(ref.callee, binding, step, program, depth - 1)
            keywords = {name: substituted(v, binding, step, program, depth - 1) for name, v in ref.arguments.keywords.items()}
            positional = [substituted(v, binding, step, program, depth - 1) for v in ref.arguments.positional]
            ref, changed = Partial(callee, Arguments(positional, keywords, ref.arguments.rest, ref.arguments.spread)), True
    return Value(path, known, taint, ref) if changed else value


def speaks_of_parameters(value: Value) -> bool:
    """Whether callers decide what ``value`` is or carries."""
    return isinstance(value.ref, Parameter) or (bool(value.taint) and _of_parameters(value.taint or {}))


def _of_parameters(taint: Taint) -> bool:
    for label in taint:  # noqa: SIM110  a generator costs more than the loop
        if label[0] == "#":
            return True
    return False


def without_parameters(value: Value) -> Value:
    """Return ``value`` as it is outside the function whose parameters it speaks of."""
    if not speaks_of_parameters(value):
        return value
    taint = {label: mark for label, mark in (value.taint or {}).items() if label[0] != "#"}
    return Value(value.path, value.known, taint or None, None if isinstance(value.ref, Parameter) else value.ref)


def _part(value: Value, ref: Part, binding: Env, step: Step, program: Program) -> Value:
    """Return the part of an argument that ``value`` speaks of: what the caller has put there, or else what its name tells."""
    given = binding.get(ref.name)
    found = ref.of(given) if given is not None else ref.default
    if found is not None:
        return Value(found.path, found.known, _taint(value.taint, {**binding, ref.name: found}, step), found.ref)
    whole = substituted(Value(value.path, value.known, value.taint), binding, step, program)
    if given is None or not isinstance(given.ref, Parameter):
        return whole
    steps = (*given.ref.steps, *ref.steps) if isinstance(given.ref, Part) else ref.steps
    part = Part(given.ref.name, steps, ref.default) if len(steps) <= MOST_STEPS else None
    return Value(whole.path, whole.known, whole.taint, part)


def _taint(taint: Taint | None, binding: Env, step: Step) -> Taint | None:
    if not taint:
        return None
    result: Taint = {}
    for label, mark in taint.items():
        if label[0] != "#":
            add_mark(result, label, mark)
            continue
        given = binding.get(label[1:], NOTHING)
        for carried, there in (given.taint or {}).items():
            trail = (*there.trail, step, *mark.trail)
            add_mark(result, carried, Mark(trail if len(trail) < 14 else trail[:6] + trail[-7:], there.safe | mark.safe))
    return result or None


def _root(path: str) -> str:
    """The name with which ``path``, of something unknown, begins."""
    return path[1 : _end_of_root(path)]


_ROOT = re.compile(r"[^.(\[]*")


def _end_of_root(path: str) -> int:
    match = _ROOT.match(path)
    return match.end() if match else 0


def _path(path: str, binding: Env) -> str:
    end = _end_of_root(path)
    given = binding.get(path[1:end])
    if given is None or not given.path:
        return path
    return extended(given.path, path[end:]) or path
