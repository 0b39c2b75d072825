"""What a program tells a model about its tools: docstrings, descriptions, schemas of parameters."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import msgspec

from aisecops.checks.source_file.subject import SourceFile
from aisecops.checks.source_file.tools import FILLED_BY_MODEL, hands_over
from aisecops.codebase.dataflow.program import Call, Class, Function
from aisecops.codebase.dataflow.values import Value, pieces
from aisecops.codebase.syntax.walking import walk
from aisecops.codebase.tool_descriptions import tool_descriptions

_TEXTS = frozenset(("description", "desc", "instructions", "doc", "docstring", "usage", "prompt", "title", "examples"))
_DEFINES = frozenset((
    "Tool", "StructuredTool", "FunctionTool", "ToolMetadata", "FunctionDeclaration", "BaseTool", "FunctionSchema", "ToolDefinition", "Prompt", "from_function",
    "from_defaults", "add_tool", "FastMCP",
))  # fmt: skip
"""The last names of calls that make a tool."""
_READ_BY_MODEL = re.compile(r"(FastMCP\(\)|\?(mcp|server))\.(prompt|resource)$")
_DESCRIBED = re.compile(r"""description(?:["']|\s*[=:])""")
_DECORATED = re.compile(r"@[\w.]*(?i:tool|function|resource|prompt|skill|action|callable)")
_NAMED_TOOL = re.compile(r"tools?\b *[(=\[]")
_CASED_TOOL = re.compile(r"[Tt][Oo][Oo][Ll]s?\b *[(=\[]")
"""Frameworks that nobody knows yet, and descriptions that are changed later, are told by their looks: each expression begins with what a search can jump to."""
_MOST = 2_000


class ToolText(msgspec.Struct, frozen=True):
    """A text that a model reads as part of the description of ``tool``, and the node that says it."""

    tool: str
    text: str
    node: ast.AST
    is_answer: bool = False
    """Whether the tool answers so, rather than being described so."""


def tool_texts(file: SourceFile) -> Iterator[ToolText]:
    """Yield what ``file`` tells models about its tools, each text once."""
    seen: set[tuple[int, str]] = set()
    for found, _ in zip(_all(file), range(_MOST), strict=False):
        key = getattr(found.node, "lineno", 0), found.text
        if key not in seen and len(found.text) > 3:
            seen.add(key)
            yield found
    said = {text for _, text in seen}
    for found in _by_their_looks(file):
        if found.text not in said:
            said.add(found.text)
            yield found


def _by_their_looks(file: SourceFile) -> Iterator[ToolText]:
    """Yield what looks like the description of a tool, whatever framework it is for."""
    if file.source is not None and _looks_like_tools(file.text.content):
        for text, _ in zip(tool_descriptions(file.source.tree), range(_MOST), strict=False):
            yield ToolText(text.tool, text.text, text.node)


def _looks_like_tools(text: str) -> bool:
    if "__doc__" in text or _DESCRIBED.search(text) or _DECORATED.search(text):
        return True
    return _NAMED_TOOL.search(text.lower()) is not None and _CASED_TOOL.search(text) is not None


def _all(file: SourceFile) -> Iterator[ToolText]:
    module = file.module
    if module is None:
        return
    described = {name for name, _, _ in file.descriptions}
    has_tools = bool(described)
    for function in module.functions:
        if FILLED_BY_MODEL in function.handled or _is_read(function):
            has_tools = True
            yield from _of_function(function)
            yield from _returned(function)
            if function.cls is not None:
                yield from _of_class(function.cls)
        elif function.name in described:
            yield from _docstring(function.name, function.node)
    for name, _, node in file.descriptions:
        yield from _constants(name, node)
    made = _DEFINES | {"Field"} if has_tools else _DEFINES
    for call in module.calls:
        if call.entries or call.path[call.path.rfind(".") + 1 :] in made:
            yield from _of_call(call, has_tools=has_tools)


def _is_read(function: Function) -> bool:
    return any(_READ_BY_MODEL.search(decorator.path.removesuffix("()")) for decorator in function.decorators)


def _of_function(function: Function) -> Iterator[ToolText]:
    node = function.node
    yield from _docstring(function.name, node)
    for part in (*getattr(node, "decorator_list", ()), node.args):
        yield from _constants(function.name, part)


def _returned(function: Function) -> Iterator[ToolText]:
    """Yield the texts that a tool answers with, whatever it is asked."""
    for part in walk(function.node):
        if isinstance(part, ast.Return) and part.value is not None:
            for text in _constants(function.name, part.value):
                yield ToolText(text.tool, text.text, text.node, is_answer=True)


def _of_class(cls: Class) -> Iterator[ToolText]:
    yield from _docstring(cls.name, cls.node)
    for statement in cls.node.body:
        if isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value is not None:
            yield from _constants(cls.name, statement.value)


def _docstring(name: str, node: ast.AST) -> Iterator[ToolText]:
    body = getattr(node, "body", None)
    first = body[0] if isinstance(body, list) and body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        yield ToolText(name, first.value.value, first.value)


def _constants(name: str, node: ast.AST) -> Iterator[ToolText]:
    """Yield the texts in ``node`` that are more than a word, f-strings by their pieces; keys of dictionaries are none."""
    keys = {id(key) for part in walk(node) if isinstance(part, ast.Dict) for key in part.keys if key is not None}
    for part in walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and id(part) not in keys and " " in part.value.strip():
            yield ToolText(name, part.value, part)


def _of_call(call: Call, *, has_tools: bool) -> Iterator[ToolText]:
    hands = hands_over(call)
    made = call.path[call.path.rfind(".") + 1 :]
    if not (hands or made in _DEFINES or (has_tools and made == "Field")):
        return
    name = call.arguments.keywords.get("name") or (call.arguments.positional[0] if call.arguments.positional else None)
    tool = (name.text or "") if name is not None else ""
    for keyword, value in call.arguments.keywords.items():
        if keyword in _TEXTS and (text := _said(value)):
            yield ToolText(tool, text, _written(call.node, keyword))
    if hands:
        for position, value in enumerate(call.arguments.positional):
            if position and (text := _said(value)):
                yield ToolText(tool, text, call.node)


def _said(value: Value) -> str:
    """The text that ``value`` is, as far as it is known."""
    return value.text or " ".join(pieces(value))


def _written(node: ast.AST, keyword: str) -> ast.AST:
    return next((k.value for k in getattr(node, "keywords", ()) if k.arg == keyword and isinstance(k.value, (ast.Constant, ast.JoinedStr))), node)
