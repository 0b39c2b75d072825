"""Which functions of a file are tools that a model calls, and whether somebody has to agree to the call."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache

import msgspec

from aisecops.checks.source_file.subject import SourceFile
from aisecops.codebase.dataflow.program import Call, Function, Module, Span
from aisecops.codebase.dataflow.values import Dict, Value, inner
from aisecops.codebase.syntax.walking import walk
from aisecops.core.finding import Location

FILLED_BY_MODEL = "model-output"
"""The label of the parameters of functions that are handed to an agent."""
CALLED_BY_MODEL = "tool-call"
"""The label of what a model wants a tool called with."""
_APPROVED_BY = r"(?i)(approv|confirm|human|consent)"
"""Names of decorators that ask before the function runs."""
_SWITCHES = frozenset(
    ("needs_approval", "requires_approval", "require_approval", "human_in_the_loop", "require_confirmation", "requires_confirmation", "confirm")
)
"""Keywords by which a framework asks before it calls a tool."""
_GATES = frozenset((
    "interrupt_before", "interrupt_after", "interrupt_on", "can_use_tool", "approval_callback", "approval_handler", "approval_fn", "confirm_callback", "approval_func",
))  # fmt: skip
"""Keywords by which a framework stops at tools, or asks a function of ours."""
_GATEKEEPERS = r"(?i)(HumanApproval|HumanInTheLoop|ApprovalRequired|HumanLayer)\w*$"
_SERVERS = r"(FastMCP\(\)|mcp\.server\.\S*Server\(\)|\?\w*mcp\w*|\?server)\.(tool|call_tool)"
_QUESTION = r"(?i)(approv|confirm|allow|proceed|permit|execute|run (this|it)|are you sure|y/n|yes/no|\(y\)|continue\?)"


class Tool(msgspec.Struct, frozen=True):
    """A function that a model calls. ``approved``: somebody is asked first, outside of the function itself."""

    function: Function
    approved: bool
    is_handed_over: bool = True
    """Whether it is registered with, handed or described to a model, not merely called with what one has asked for."""

    @property
    def name(self) -> str:
        """Its name, with that of its class if it is a method."""
        cls = self.function.cls
        return f"{cls.name}.{self.function.name}" if cls is not None else self.function.name

    @property
    def is_served(self) -> bool:
        """Whether clients of a server call it: these may well ask their users."""
        return any(re.search(_SERVERS, decorator.path) for decorator in self.function.decorators)


def tools(file: SourceFile) -> list[Tool]:
    """Return the tools that ``file`` defines: decorated, handed to an agent, described to a model, or called with what a model has asked for."""
    module = file.module
    if module is None:
        return []
    described = described_names(file)
    called = _called_by_model(module)
    functions = [f for f in module.functions if FILLED_BY_MODEL in f.handled or f in called or (f.name in described and f.cls is None)]
    handed = [f for f in module.handed if not f.handled]  # of a file that does not say itself what they are for
    if not functions and not handed:
        return []
    gated = has_gate(module)
    asked = gated or _asks_somewhere(module, [f for f in functions if FILLED_BY_MODEL in f.handled])
    found = []
    for function in functions:
        if FILLED_BY_MODEL in function.handled or function not in called:
            found.append(Tool(function, asked or _asks_first(function, module)))
        else:
            found.append(Tool(function, gated or called[function], is_handed_over=function.name in described))
    return [*found, *(Tool(function, asked or _asks_first(function, module)) for function in handed)]


def place(file: SourceFile, function: Function) -> Location:
    """Where ``function`` is declared: from its first decorator to its name; one of another file, where it is handed over."""
    if file.module is not None and function in file.module.handed:
        return file.place(file.module.handed[function])
    node = function.node
    span = Span(function.module.path, node, function.qualname)
    span.end_line = span.line
    span.line = min([decorator.lineno for decorator in getattr(node, "decorator_list", ())], default=span.line)
    return file.place(span)


def _asks_first(function: Function, module: Module) -> bool:
    """Whether a decorator asks, or tells the framework to."""
    for value, written in zip(function.decorators, getattr(function.node, "decorator_list", ()), strict=False):
        if re.search(_APPROVED_BY, value.path.rpartition(".")[2]) or (isinstance(value.ref, Function) and re.search(_APPROVED_BY, value.ref.name)):
            return True
        if isinstance(value.ref, Function) and _calls_if_agreed(value.ref, module):
            return True
        if any(
            keyword.arg == "annotations" and re.search(r"destructiveHint\W+True", ast.unparse(keyword.value))
            for keyword in getattr(written, "keywords", ())
        ):
            return True  # tells the client to ask
        if any(keyword.arg in _SWITCHES and _is_on(keyword.value) for keyword in getattr(written, "keywords", ())):
            return True
    return False


def _calls_if_agreed(decorator: Function, module: Module) -> bool:
    """Whether ``decorator`` makes a function that calls the decorated one only after a person has said yes."""
    names = {"?" + name for name in decorator.signature.names}
    calls = [
        call
        for call in module.calls
        if call.path in names and call.function is not None and call.function.qualname.startswith(decorator.qualname + ".")
    ]
    return bool(calls) and all(call.confirmed for call in calls)


def _is_on(node: ast.expr) -> bool:
    return not (isinstance(node, ast.Constant) and node.value in (False, None, "never"))


def has_gate(module: Module) -> bool:
    """Whether the file sets an agent up so that somebody is asked before it acts; a decorator speaks for its own function alone."""
    decorating = {id(node) for function in module.functions for node in getattr(function.node, "decorator_list", ())}
    return any(_is_gate(call) for call in module.calls if id(call.node) not in decorating)


def _is_gate(call: Call) -> bool:
    keywords = call.arguments.keywords
    if any(keywords[name].known not in (None, False) for name in _GATES.intersection(keywords)):
        return True
    if any(name != "confirm" and _switched_on(keywords[name]) for name in _SWITCHES.intersection(keywords)):
        return True
    if (mode := keywords.get("human_input_mode")) is not None and mode.known == "ALWAYS":
        return True
    if (human := keywords.get("human_input")) is not None and human.known is True:
        return True
    return _keeps_gate(call.path)


@lru_cache(maxsize=50_000)
def _keeps_gate(path: str) -> bool:
    return re.search(_GATEKEEPERS, path.removesuffix("()")) is not None


def _switched_on(value: Value) -> bool:
    return value.known is True or value.known == "always" or value.ref is not None


def _asks_somewhere(module: Module, handed: list[Function]) -> bool:
    """Whether the file puts a question to a person that sounds like one for leave: the loop that calls tools may do so in ways that are not followed.

    A tool that asks does so for itself, not for the others.
    """
    for call in module.calls:
        if call.function not in handed and call.entries and any(entry.confirm for entry in call.entries):
            texts = [value.start or "" for value in call.arguments]
            pieces = [piece for value in call.arguments for piece in getattr(value.known, "pieces", ())]
            if any(re.search(_QUESTION, text) for text in (*texts, *pieces)) or call.path.endswith(("confirm", "interrupt", "elicit")):
                return True
    return False


def _called_by_model(module: Module) -> dict[Function, bool]:
    """Return the functions that are called with what a model has asked for, and whether a person has always agreed to that."""
    found: dict[Function, bool] = {}
    for call in module.calls:
        target = call.target
        if (
            target is not None
            and target.module is module
            and any(part.label(CALLED_BY_MODEL) for value in call.arguments for part in inner(value, 2))
        ):
            found[target] = found.get(target, True) and call.confirmed
    return found


def described_names(file: SourceFile) -> frozenset[str]:
    """Return the names of functions that the file describes to a model: ``{"type": "function", "function": {"name": ..., "parameters": ...}}``."""
    return frozenset(name for name, _, _ in file.descriptions)


def descriptions(file: SourceFile) -> Iterator[tuple[str, str, ast.Dict]]:
    """Yield the tools that ``file`` describes in dictionaries (``SourceFile.descriptions`` keeps them)."""
    text = file.text.content
    if file.source is None or not any(f"{quote}{name}{quote}" in text for name in ("parameters", "input_schema", "inputSchema") for quote in "\"'"):
        return
    for node in walk(file.source.tree):
        if isinstance(node, ast.Dict):
            keys = {key.value: value for key, value in zip(node.keys, node.values, strict=True) if isinstance(key, ast.Constant)}
            name = keys.get("name")
            if isinstance(name, ast.Constant) and isinstance(name.value, str) and keys.keys() & {"parameters", "input_schema", "inputSchema"}:
                described = keys.get("description")
                yield name.value, described.value if isinstance(described, ast.Constant) and isinstance(described.value, str) else "", node


def arguments_of_model(call: Call) -> bool:
    """Whether ``call`` passes what a model has asked for."""
    return any(part.label(CALLED_BY_MODEL) for value in (call.receiver, *call.arguments) for part in inner(value, 2))


def hands_over(call: Call) -> bool:
    """Whether ``call`` gives an agent what the model then calls."""
    return bool(call.entries) and any(entry.handler == FILLED_BY_MODEL for entry in call.entries)


def handed_over(module: Module) -> Iterator[tuple[Call, Value]]:
    """Yield what is handed to agents as a tool, each with the call that does so; functions of the project are not among it."""
    for call in module.calls:
        if not hands_over(call):
            continue
        for value in call.arguments:
            for part in inner(value, 2):
                if part.path and part.ref is None and not isinstance(part.known, Dict):
                    yield call, part
