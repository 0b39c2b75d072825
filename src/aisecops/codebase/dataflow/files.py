"""Files that hold what a model has written, or somebody has sent: their names carry that (labels ``model-file``, ``sent-file``), so that running or loading it is seen.

``open(path, "w")`` remembers which name, or which constant, says where; what is written there marks it. Only names that the same module uses are followed.
"""

from __future__ import annotations

import ast

from aisecops.codebase.dataflow.frames import Frames
from aisecops.codebase.dataflow.program import Arguments
from aisecops.codebase.dataflow.values import UNKNOWN, Mark, Step, Taint, Value, combined, merged, tainted
from aisecops.codebase.syntax.walking import walk

LABEL = "model-file"
SENT = "sent-file"
WRITES = frozenset(("write", "writelines", "write_text", "write_bytes"))
_OPENS = ("builtins.open", "io.open", "codecs.open", "aiofiles.open")
_CODE = "model-output-to-code"
_SHORTEST = 4
"""Characters of a constant that names a file: a shorter one is part of too many texts."""


class Opened:
    """A file open for writing. ``name``: the variable that says where it is; ``constant``: the text that does."""

    __slots__ = ("constant", "name")

    def __init__(self, name: str, constant: str) -> None:
        self.name = name
        self.constant = constant


def opened(frames: Frames, arguments: Arguments, node: ast.AST) -> Value | None:
    """What ``open(path, "w")`` gives; None for a file that is read."""
    mode, where = arguments.get("mode", 1), arguments.get("file", 0)
    if mode is None or where is None or not mode.text or not set(mode.text) & set("wax+") or not isinstance(node, ast.Call):
        return None
    return Value("builtins.open()", UNKNOWN, combined(arguments), Opened(_name(node.args[0]) if node.args else "", where.text or ""))


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Call) and len(node.args) == 1:  # open(str(path), "w")
        node = node.args[0]
    return node.id if isinstance(node, ast.Name) else ""


def written(frames: Frames, target: ast.expr, receiver: Value, arguments: Arguments) -> dict[str, Value]:
    """Note what ``target.write(...)`` writes; return the names that say where, as they are from now on."""
    label = _holds(frames, arguments, target)
    if label is None:
        return {}
    constants = [receiver.ref.constant] if isinstance(receiver.ref, Opened) else [c.value for c in walk(target) if isinstance(c, ast.Constant)]
    for constant in constants:
        if isinstance(constant, str) and len(constant) >= _SHORTEST and "." in constant and LABEL in label:
            frames.module.files[constant] = label[LABEL]
    return _places(frames, target, receiver, label)


def _holds(frames: Frames, arguments: Arguments, target: ast.expr) -> Taint | None:
    """What a file carries into which ``arguments`` are written."""
    step = Step(frames.module.path, target.lineno, "written to a file")
    mark = next((mark for value in arguments for mark in [value.label("model-output")] if mark is not None and _CODE not in mark.safe), None)
    if mark is not None:
        return {LABEL: mark.then(step)}
    sent = next((mark for value in arguments for mark in [value.label("untrusted")] if mark is not None), None)
    return {SENT: sent.then(step)} if sent is not None else None


def _places(frames: Frames, target: ast.expr, receiver: Value, label: Taint) -> dict[str, Value]:
    names = [receiver.ref.name] if isinstance(receiver.ref, Opened) else []
    if isinstance(target, ast.Name):
        names.append(target.id)
    return {name: _marked(frames.lookup(name), label) for name in names if name}


def _copied(frames: Frames, arguments: Arguments, node: ast.AST) -> Value | None:
    """``shutil.copyfileobj(upload.file, target)``."""
    if isinstance(node, ast.Call) and len(node.args) > 1 and len(arguments.positional) > 1:
        label = _holds(frames, Arguments(arguments.positional[:1], {}), node.args[1])
        if label is not None:
            frames.env = frames.env | _places(frames, node.args[1], arguments.positional[1], label)
    return None


def _marked(value: Value, label: Taint) -> Value:
    return tainted(value, merged(value.taint, label))


def named(files: dict[str, Mark], text: str) -> Taint | None:
    """What the constant ``text`` carries if it names one of ``files``, or the module that one of them is."""
    found = next((mark for name, mark in files.items() if name in text or (name.endswith(".py") and name.rpartition("/")[2][:-3] == text)), None)
    return {LABEL: found} if found is not None else None


CALLS = dict.fromkeys(_OPENS, opened) | {"shutil.copyfileobj": _copied}
