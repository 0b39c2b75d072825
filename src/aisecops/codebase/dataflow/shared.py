"""What one function leaves for another: attributes of objects, globals, and what frameworks keep for a program (``st.session_state``, ``flask.session``, ``app.state``).

A function that has read such a thing is interpreted again if another turns out to keep there what carries a label, whichever of them comes first in the text.
"""

from __future__ import annotations

from aisecops.codebase.dataflow.binding import speaks_of_parameters, substituted, without_parameters
from aisecops.codebase.dataflow.frames import Frames
from aisecops.codebase.dataflow.program import Class, Env, Module, Summary, carries_more
from aisecops.codebase.dataflow.values import Step, Value, joined, merged, tainted

STORES = (
    ".session_state",
    ".user_session",
    ".user_data",
    ".chat_data",
    ".bot_data",
    ".state",
    "flask.session",
    "quart.session",
    "flask.g",
    "?request.session",
)
"""Ends of the access paths of what a framework keeps, under names, for all functions of a program."""
_MOST_KEPT = 40


def keep(frames: Frames, cls: Class, name: str, value: Value, *, making: bool = False) -> None:
    """Note that ``value`` is stored in the attribute ``name`` of objects of ``cls``."""
    if cls.store(name, value, making=making):
        frames.program.again(name, cls)
    if cls.module is frames.examined:
        _leave_to_callers(frames, cls, name, value)


def keep_global(frames: Frames, name: str, value: Value) -> None:
    """Note that ``value`` is stored under ``name`` for every function of the module; a name with a dot is one of a framework's store."""
    module = frames.module
    if module.settled:
        return
    env = module.shared if "." in name else module.env
    before = env.get(name)
    env[name] = value if before is None else joined(before, value)
    if carries_more(value, before):
        frames.program.again(name, None)
    if module is frames.examined:
        _leave_to_callers(frames, module, name, value)


def _leave_to_callers(frames: Frames, owner: Class | Module, name: str, value: Value) -> None:
    """What is stored is what callers give: each of them will say what that is."""
    if frames.function is not None and value.taint and speaks_of_parameters(value) and len(frames.current.stores) < _MOST_KEPT:
        frames.current.stores.append((owner, name, value))


def carry_out(frames: Frames, summary: Summary, binding: Env, step: Step) -> None:
    """Store what a function, of which ``summary`` tells, keeps of the arguments that ``binding`` gives it."""
    for owner, name, value in summary.stores:
        given = substituted(value, binding, step, frames.program)
        if any(label[0] != "#" for label in given.taint or ()):
            given = tainted(without_parameters(given), given.taint)
            if isinstance(owner, Class):
                keep(frames, owner, name, given)
            else:
                keep_global(frames, name, given)
        elif given.taint:
            _leave_to_callers(frames, owner, name, given)


def place(path: str, name: object) -> str:
    """Return the name under which a program's functions share ``path.name``; empty if that is no framework's store."""
    if not (isinstance(name, str) and path.endswith(STORES)):
        return ""
    return f"{path[path.rfind('.') + 1 :]}.{name}"


def shared_value(frames: Frames, path: str, name: object, value: Value) -> Value:
    """Return ``value``, which ``path.name`` is, with what any function of the module has put there."""
    if not (at := place(path, name)):
        return value
    frames.program.reads(at, None)
    there = frames.module.shared.get(at)
    if there is None:
        return value
    taint = merged(value.taint, without_parameters(there).taint)
    return (
        tainted(value, taint)
        if there.path == "" and there.ref is None
        else Value(there.path or value.path, there.known, taint, there.ref or value.ref)
    )
