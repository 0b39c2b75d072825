"""Pipelines of Haystack: components under names, what is connected with what, and what a run hands to which.

``pipe.run({"prompt": {"rules": text}})`` puts ``text`` into the system message whose template has the variable ``rules``; what a generator has written goes on to
the components that are connected behind it, those of the project among them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from aisecops.codebase.dataflow.answers import Prompt
from aisecops.codebase.dataflow.frames import Frames
from aisecops.codebase.dataflow.program import Arguments, Instance
from aisecops.codebase.dataflow.values import NOTHING, UNKNOWN, Dict, List, Value, pieces

_MODEL = "model-output"
_VARIABLE = re.compile(r"\{[{%][^{}]*?\b([A-Za-z_]\w{0,60})\b")
_WRITES = re.compile(r"(Generator|\.Agent|LLM\w*)\(\)$")
"""Access paths of components that ask a model."""
_MOST = 100


class Assembly:
    """The components of a pipeline by name, and the names of those that get what a model has written."""

    __slots__ = ("answered", "components", "connections")

    def __init__(self) -> None:
        self.components: dict[str, Value] = {}
        self.connections: list[tuple[str, str]] = []
        self.answered: set[str] = set()


def _made(frames: Frames, arguments: Arguments, node: ast.AST) -> Value | None:
    """``Pipeline()``."""
    return Value("haystack.Pipeline()", UNKNOWN, None, Assembly())


def _system(frames: Frames, arguments: Arguments, node: ast.AST) -> Value | None:
    """``ChatMessage.from_system("Extra rules: {{ rules }}")``: the path stays, since what stands in it already is judged by that."""
    text = arguments.get("text", 0)
    if text is None:
        return None
    variables = frozenset(name for piece in pieces(text) for name in _VARIABLE.findall(piece[:20_000]))
    return Value("haystack.dataclasses.ChatMessage.from_system()", UNKNOWN, text.taint, Prompt(variables, None))


def _builder(frames: Frames, arguments: Arguments, node: ast.AST) -> Value | None:
    """``ChatPromptBuilder(template=[...])``."""
    template = arguments.get("template", 0)
    messages = template.known.items if template is not None and isinstance(template.known, List) else []
    variables = frozenset[str]().union(*(message.ref.variables for message in messages if isinstance(message.ref, Prompt)))
    return Value("haystack.components.builders.ChatPromptBuilder()", UNKNOWN, None, Prompt(variables, None))


def _add_component(frames: Frames, receiver: Value, arguments: Arguments, node: ast.AST) -> Value | None:
    assembly, name, component = receiver.ref, arguments.get("name", 0), arguments.get("instance", 1)
    if isinstance(assembly, Assembly) and name is not None and name.text and component is not None and len(assembly.components) < _MOST:
        assembly.components[name.text] = component
        if _WRITES.search(component.path):
            assembly.answered.add(name.text)
    return None


def _connect(frames: Frames, receiver: Value, arguments: Arguments, node: ast.AST) -> Value | None:
    """What a model has written goes along the connections, through components that pass it on."""
    assembly, sender, taker = receiver.ref, arguments.get("sender", 0), arguments.get("receiver", 1)
    if (
        not isinstance(assembly, Assembly)
        or sender is None
        or taker is None
        or not sender.text
        or not taker.text
        or len(assembly.connections) >= _MOST
    ):
        return None
    assembly.connections.append((sender.text.partition(".")[0], taker.text.partition(".")[0]))
    for _ in assembly.connections:
        reached = {to for origin, to in assembly.connections if origin in assembly.answered} - assembly.answered
        if not reached:
            break
        assembly.answered |= reached
        for name in sorted(reached):
            component = assembly.components.get(name, NOTHING)
            run = component.ref.cls.method("run") if isinstance(component.ref, Instance) else None
            if run is not None:
                frames.program.handle(run, _MODEL)
    return None


def handed_in(method: str, receiver: Value, arguments: Arguments) -> Iterator[Value]:
    """Yield what ``pipe.run(...)``, or ``builder.run(...)`` of a prompt, puts into system messages."""
    if method not in ("run", "run_async"):
        return
    if isinstance(receiver.ref, Prompt):
        if receiver.path.startswith("haystack."):
            yield from _filled(receiver.ref, Dict(dict(arguments.keywords), complete=False))
        return
    data = arguments.get("data", 0)
    if not isinstance(receiver.ref, Assembly) or data is None or not isinstance(data.known, Dict):
        return
    for name, component in receiver.ref.components.items():
        if isinstance(component.ref, Prompt):
            own = data.known.items.get(name)
            yield from _filled(component.ref, own.known if own is not None and isinstance(own.known, Dict) else data.known)


def _filled(prompt: Prompt, given: Dict) -> Iterator[Value]:
    more = given.items.get("template_variables")
    items = given.items | (more.known.items if more is not None and isinstance(more.known, Dict) else {})
    yield from (items[name] for name in sorted(prompt.variables) if name in items and items[name].taint)


CALLS = {
    "haystack.Pipeline": _made,
    "haystack.AsyncPipeline": _made,
    "haystack.core.pipeline.Pipeline": _made,
    "haystack.dataclasses.ChatMessage.from_system": _system,
    "haystack.dataclasses.chat_message.ChatMessage.from_system": _system,
    "haystack.components.builders.ChatPromptBuilder": _builder,
    "haystack.components.builders.chat_prompt_builder.ChatPromptBuilder": _builder,
}
METHODS = {"add_component": _add_component, "connect": _connect}
