"""Edits that mend what a call says: where the dangerous word stands in the call itself and only one other word can take its place.

An edit is ``safe`` where honest input is treated as before: a YAML document without objects, a file of weights, a request to a server that is not being debugged.
What somebody has asked for by name (``UnsafeLoader``, ``trust_remote_code``, ``verify=False``) may be there for a reason that the file does not say: such edits need a
person's eye. A finding gets edits for all of its places, or none.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

import msgspec

from aisecops.checks.source_file.subject import SourceFile
from aisecops.codebase.dataflow.program import Hit
from aisecops.core.finding import Edit, Fix

_YAML = ("yaml.load", "yaml.load_all", "oyaml.load", "oyaml.load_all")
_LOADERS = frozenset(f"{module}.{name}" for module in ("yaml", "yaml.loader", "oyaml") for name in ("Loader", "FullLoader", "UnsafeLoader"))
_TORCH = ("torch.load", "torch.serialization.load")


class Switch(msgspec.Struct, frozen=True, kw_only=True):
    """A keyword of the calls that ``entry`` (the start of a knowledge entry's id) knows, the value that is dangerous, and what is written instead."""

    entry: str
    keyword: str
    value: bool | str
    instead: str
    safe: bool = False


SWITCHES = (
    Switch(entry="unsafe-deserialization", keyword="allow_pickle", value=True, instead="False"),
    Switch(entry="unsafe-deserialization", keyword="weights_only", value=False, instead="True"),
    Switch(entry="unsafe-deserialization", keyword="safe_mode", value=False, instead="True"),
    Switch(entry="tls-disabled", keyword="verify", value=False, instead="True"),
    Switch(entry="tls-disabled", keyword="verify_ssl", value=False, instead="True"),
    Switch(entry="remote-code-trust", keyword="trust_remote_code", value=True, instead="False"),
    Switch(entry="exposed-service:flask-debug", keyword="debug", value=True, instead="False", safe=True),
    Switch(entry="exposed-service:flask-debug", keyword="use_debugger", value=True, instead="False", safe=True),
    Switch(entry="exposed-service:werkzeug", keyword="use_debugger", value=True, instead="False", safe=True),
    Switch(entry="exposed-service", keyword="share", value=True, instead="False"),
    *(
        Switch(entry="exposed-service", keyword=keyword, value="0.0.0.0", instead='"127.0.0.1"')  # noqa: S104 what we look for
        for keyword in ("host", "server_name", "dashboard_host")
    ),
)


class Change(msgspec.Struct, frozen=True):
    """An edit, and whether honest input is treated as before."""

    edit: Edit
    safe: bool


def mended(file: SourceFile, hits: Sequence[Hit]) -> Fix | None:
    """Return what to do about ``hits``, which have one cause: the words of our knowledge, and edits where the file leaves no doubt."""
    summary: str = hits[0].entry.fix
    if not summary:
        return None
    changes = [_changes(file, hit) for hit in hits]
    if not all(changes):
        return Fix(summary)
    edits = dict.fromkeys(change.edit for each in changes for change in each)
    return Fix(summary, all(change.safe for each in changes for change in each), tuple(edits))


def switched(file: SourceFile, entry: str, node: ast.AST | None) -> list[Change]:
    """Return the edits for the keywords of the call ``node`` that are dangerous by what the knowledge entry ``entry`` says."""
    if not isinstance(node, ast.Call) or file.notebook is not None or file.source is None:
        return []
    found = [
        (switch, keyword.value)
        for keyword in node.keywords
        for switch in SWITCHES
        if keyword.arg == switch.keyword and entry.startswith(switch.entry) and _is(keyword.value, switch.value)
    ]
    specific = max((len(switch.entry) for switch, _ in found), default=0)
    made = [(switch, _replaced(file, value, switch.instead)) for switch, value in found if len(switch.entry) == specific]
    return [Change(edit, switch.safe) for switch, edit in made if edit is not None]


def _is(node: ast.expr, value: bool | str) -> bool:
    """Whether ``node`` is the literal ``value``; 1 is not True here: somebody may have meant a number."""
    return isinstance(node, ast.Constant) and type(node.value) is type(value) and node.value == value


def _changes(file: SourceFile, hit: Hit) -> list[Change]:
    node = hit.node
    here = isinstance(node, ast.Call) and hit.span.path == file.asset.path and (hit.span.line, hit.span.column) == (node.lineno, node.col_offset + 1)
    if not here or file.notebook is not None or file.source is None:
        return []
    assert isinstance(node, ast.Call)
    if hit.path in _YAML:
        return list(_yaml(file, node, hit))
    if hit.path in _TORCH:
        return list(_torch(file, node))
    return switched(file, hit.entry.id, node)


def _yaml(file: SourceFile, node: ast.Call, hit: Hit) -> Iterator[Change]:
    """``yaml.load(x)`` is ``yaml.safe_load(x)``; a named loader of the same module becomes the safe one of it."""
    loaders = [keyword.value for keyword in node.keywords if keyword.arg == "Loader"] or node.args[1:2]
    if loaders:
        loader, known = loaders[0], hit.arguments.get("Loader")
        if (
            not isinstance(loader, ast.Attribute) or known is None or known.path not in _LOADERS
        ):  # a loader of the project's own has no safe twin that we know
            return
        edit = _renamed(file, loader, "SafeLoader")
        if edit is not None:
            yield Change(edit, safe=not known.path.endswith("UnsafeLoader"))
    elif isinstance(node.func, ast.Attribute) and len(node.args) == 1 and not node.keywords and not isinstance(node.args[0], ast.Starred):
        edit = _renamed(file, node.func, f"safe_{node.func.attr}")
        if edit is not None:
            yield Change(edit, safe=True)


def _torch(file: SourceFile, node: ast.Call) -> Iterator[Change]:
    """``weights_only=True``, except where the declared torch is one in which that does not protect: there a newer torch is the only way out."""
    if file.versions.holds("torch", "<2.6.dev0") or any(keyword.arg in (None, "pickle_module") for keyword in node.keywords):
        return
    if any(keyword.arg == "weights_only" for keyword in node.keywords):
        yield from switched(file, "unsafe-deserialization", node)
    elif 0 < len(node.args) <= 2 and not any(isinstance(argument, ast.Starred) for argument in node.args):
        last = max((*node.args, *(keyword.value for keyword in node.keywords)), key=lambda part: (part.end_lineno or 0, part.end_col_offset or 0))
        edit = _inserted(file, last, ", weights_only=True")
        if edit is not None:
            yield Change(edit, safe=file.versions.holds("torch", ">=1.13") is True)


def _replaced(file: SourceFile, node: ast.expr, replacement: str) -> Edit | None:
    """Return the edit that puts ``replacement`` in the place of the literal ``node``; None if the text there is not what the tree says."""
    if node.end_lineno != node.lineno or node.end_col_offset is None:
        return None
    start, end = _column(file, node.lineno, node.col_offset), _column(file, node.lineno, node.end_col_offset)
    written = _line(file, node.lineno)[start:end]
    try:
        same = isinstance(node, ast.Constant) and ast.literal_eval(written) == node.value
    except (ValueError, SyntaxError):
        return None
    return _edit(file, node.lineno, start, end, replacement) if same else None


def _renamed(file: SourceFile, node: ast.Attribute, name: str) -> Edit | None:
    """Return the edit that renames the attribute at the end of ``node``."""
    if node.end_lineno is None or node.end_col_offset is None:
        return None
    end = _column(file, node.end_lineno, node.end_col_offset)
    start = end - len(node.attr)
    return _edit(file, node.end_lineno, start, end, name) if _line(file, node.end_lineno)[start:end] == node.attr else None


def _inserted(file: SourceFile, node: ast.expr, text: str) -> Edit | None:
    """Return the edit that puts ``text`` behind ``node``, the last argument, unless brackets of its own stand around it."""
    if node.end_lineno is None or node.end_col_offset is None:
        return None
    at = _column(file, node.end_lineno, node.end_col_offset)
    rest = _line(file, node.end_lineno)[at:].lstrip()
    alone = isinstance(node, (ast.Name, ast.Constant, ast.Attribute, ast.Call)) and rest.startswith((")", ","))
    return _edit(file, node.end_lineno, at, at, text) if alone else None


def _edit(file: SourceFile, line: int, start: int, end: int, replacement: str) -> Edit:
    place = file.text.at_line(line).line
    return Edit(file.asset.path, place, start + 1, place, end + 1, replacement)


def _line(file: SourceFile, line: int) -> str:
    return file.text.line(line)


def _column(file: SourceFile, line: int, offset: int) -> int:
    """From a column of the tree, which counts bytes of UTF-8, to one of the text, which counts characters."""
    return len(_line(file, line).encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "surrogatepass"))
