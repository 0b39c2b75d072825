"""Where a program says that code of model repositories may run, other than in the call that loads: options, fields, dictionaries, command lines."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from aisecops.checks.source_file.surroundings import last_name
from aisecops.codebase.dataflow.program import Call, Module
from aisecops.codebase.dataflow.values import Value
from aisecops.codebase.syntax.walking import walk

_NAME = "trust_remote_code"
NAMED = r"trust[-_]remote[-_]code"
"""How it is written, as an argument and as an option."""
_OPTION = r"--trust[-_]remote[-_]code"
_COMMIT = r"[0-9a-f]{40}"
_DECLARING = frozenset(("field", "Field", "Option", "ib", "attrib", "Param"))
_ONE_ARCHITECTURE = r"transformers\.(?:[\w.]+\.)?(?!AutoConfig\.)\w+Config\.from_pretrained"
_ASKING = r"assert|called|^get$|^pop$|^getattr$|^hasattr$|^log$|^debug$|^info$|^warning$|^print$"


def declared(module: Module, text: str) -> list[ast.AST]:
    """The nodes at which ``module`` turns trust_remote_code on, in the order of the text; none if every call that gets it is pinned to a commit.

    ``text`` is that of the file in small letters.
    """
    calls = {id(call.node): call for call in module.calls}
    trusting = [call for call in calls.values() if _trusts(call)]
    if trusting and all(_is_harmless(call) for call in trusting):
        return []
    found: dict[tuple[int, int], ast.AST] = {}
    for node in (node for statement in _naming(module.tree, text) for node in _on(statement, module, calls)):
        found.setdefault((getattr(node, "lineno", 0), getattr(node, "col_offset", 0)), node)
    return [found[key] for key in sorted(found)]


def brings_no_code(path: str) -> bool:
    """Whether a call ignores the switch: a configuration of one architecture, unlike ``AutoConfig``, has its code in the library."""
    return re.fullmatch(_ONE_ARCHITECTURE, path) is not None


def asked_for(text: str) -> bool:
    """Whether a command line switches it on."""
    option, among = (
        _OPTION + r"(?![ =]+(false|0|no)\b)(=\w+)?(\s|$)",
        r"(^|[\s,.{+\"'])trust[_-]remote[_-]code[\"']?\s*[=:]\s*[\"']?(true|1|yes|on)\b",
    )
    return any(re.search(pattern, text[:20_000], re.IGNORECASE) for pattern in (option, among))


def _trusts(call: Call) -> bool:
    value = call.arguments.keywords.get(_NAME)
    return value is not None and value.known is True


def _is_harmless(call: Call) -> bool:
    return brings_no_code(call.path) or any(_is_commit(call.arguments.keywords.get(name)) for name in ("revision", "code_revision"))


def _is_commit(value: Value | None) -> bool:
    return value is not None and re.fullmatch(_COMMIT, value.text or "") is not None


def _naming(tree: ast.Module, text: str) -> list[ast.stmt]:
    """The statements at the top in whose lines it is named, among all that lie below them."""
    if "\r" in text:  # lines are counted in other ways
        return tree.body
    named = [text.count("\n", 0, match.start()) + 1 for match in re.finditer(NAMED, text)]
    return [node for node in tree.body if any(_first_line(node) <= line <= (node.end_lineno or node.lineno) for line in named)]


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *[decorator.lineno for decorator in decorators]])


def _on(statement: ast.stmt, module: Module, calls: dict[int, Call]) -> Iterator[ast.AST]:
    inside_pinned: set[int] = set()
    for node in walk(statement):
        if isinstance(node, ast.With) and any(_expects_refusal(item.context_expr) for item in node.items):
            inside_pinned.update(id(part) for statement in node.body for part in walk(statement))
        elif isinstance(node, ast.Call):
            call = calls.get(id(node))
            if (call is not None and _is_harmless(call)) or _pinned_pairs([(k.arg, k.value) for k in node.keywords], module):
                inside_pinned.update(id(part) for part in walk(node))
            elif id(node) not in inside_pinned:
                yield from _of_call(node)
        elif isinstance(node, ast.Dict) and id(node) not in inside_pinned:
            pairs = [(k.value if isinstance(k, ast.Constant) else None, v) for k, v in zip(node.keys, node.values, strict=True)]
            if any(name == _NAME and _is_true(value) for name, value in pairs) and not _pinned_pairs(pairs, module):
                yield next(value for name, value in pairs if name == _NAME)
        else:
            yield from _of_statement(node)


def _expects_refusal(node: ast.expr) -> bool:
    """``pytest.raises(...)``: a test that something is refused."""
    return isinstance(node, ast.Call) and last_name(node.func) in ("raises", "assertRaises", "assertRaisesRegex")


def _of_call(node: ast.Call) -> Iterator[ast.AST]:
    name = last_name(node.func)
    if name in ("add_argument", "option", "add_option"):
        flags = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        if any(re.fullmatch(_OPTION + r"(/.*)?", flag) for flag in flags) and _option_is_on(node):
            yield node
    elif name == "setdefault" and len(node.args) == 2:
        if isinstance(node.args[0], ast.Constant) and node.args[0].value == _NAME and _is_true(node.args[1]):
            yield node
    elif not re.search(_ASKING, name) and any(k.arg == _NAME and _is_true(k.value) for k in node.keywords):
        yield node


def _option_is_on(node: ast.Call) -> bool:
    given = {k.arg: k.value for k in node.keywords}
    action = given.get("action")
    if isinstance(action, ast.Constant) and action.value == "store_false" and "dest" not in given:
        return True
    return _is_true(given.get("default"))


def _of_statement(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, (ast.AnnAssign, ast.Assign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if node.value is not None and any(_named(target) for target in targets) and _is_true_default(node.value):
            yield node
    elif isinstance(node, ast.arguments):
        positional = [*node.posonlyargs, *node.args]
        pairs = [
            *zip(positional[len(positional) - len(node.defaults) :], node.defaults, strict=True),
            *zip(node.kwonlyargs, node.kw_defaults, strict=True),
        ]
        yield from (argument for argument, default in pairs if argument.arg == _NAME and default is not None and _is_true_default(default))


def _named(target: ast.expr) -> bool:
    if isinstance(target, ast.Subscript):
        return isinstance(target.slice, ast.Constant) and target.slice.value == _NAME
    return last_name(target).lower() == _NAME


def _is_true(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def _is_true_default(node: ast.expr) -> bool:
    """``True``, ``field(default=True)``, ``Field(True, ...)``."""
    if isinstance(node, ast.Call) and last_name(node.func) in _DECLARING:
        return any(_is_true(a) for a in node.args[:1]) or any(k.arg == "default" and _is_true(k.value) for k in node.keywords)
    return _is_true(node)


def _pinned_pairs(pairs: Sequence[tuple[object, ast.expr]], module: Module) -> bool:
    """Whether ``revision`` is a commit, or a constant of the module that is one."""
    for name, value in pairs:
        if name in ("revision", "code_revision"):
            text = value.value if isinstance(value, ast.Constant) else module.member(value.id).text if isinstance(value, ast.Name) else None
            if isinstance(text, str) and re.fullmatch(_COMMIT, text):
                return True
    return False
