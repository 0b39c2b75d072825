"""Graphs of LangGraph: what one node returns is in the state that the others get.

``builder.add_node("write", write)`` makes the items of the dictionary that ``write`` returns part of the state; a node or router that may read them there is
interpreted again.
"""

from __future__ import annotations

import ast
from typing import Any

from aisecops.codebase.dataflow.frames import Frames
from aisecops.codebase.dataflow.program import Arguments, Bound, Function
from aisecops.codebase.dataflow.values import UNKNOWN, Dict, Value, inner, joined

_GRAPHS = ("langgraph.graph.StateGraph", "langgraph.graph.state.StateGraph", "langgraph.graph.MessageGraph", "langgraph.graph.Graph")
_MOST_NODES = 60


class Graph:
    """The nodes of a graph, and what is known of its state."""

    __slots__ = ("nodes", "state")

    def __init__(self) -> None:
        self.nodes: list[Function] = []
        self.state: dict[Any, Value] = {}


def made(frames: Frames, arguments: Arguments, node: ast.AST) -> Value | None:
    """``StateGraph(State)``."""
    return Value("langgraph.graph.StateGraph()", UNKNOWN, None, Graph())


def add_node(frames: Frames, receiver: Value, arguments: Arguments, node: ast.AST) -> Value | None:
    """``builder.add_node("name", function)``, ``builder.add_conditional_edges("name", router)``."""
    graph = receiver.ref
    if not isinstance(graph, Graph) or len(graph.nodes) >= _MOST_NODES:
        return None
    for value in arguments:
        function = value.ref.function if isinstance(value.ref, Bound) else value.ref
        if isinstance(function, Function) and function not in graph.nodes and not function.module.settled:
            graph.nodes.append(function)
            _take(frames, graph, function)
    return None


def _take(frames: Frames, graph: Graph, function: Function) -> None:
    """Take what ``function`` returns into the state, and let every node see the state as it is now."""
    _show(graph, function)
    returned = frames.program.summary(function).returns.known
    if not isinstance(returned, Dict):
        return
    news = {key: value for key, value in returned.items.items() if any(_carries(part) for part in inner(value))}
    if news:
        graph.state |= {key: joined(graph.state[key], value) if key in graph.state else value for key, value in news.items()}
        for each in graph.nodes:
            _show(graph, each)


def _carries(value: Value) -> bool:
    return any(label[0] != "#" for label in value.taint or ())


def _show(graph: Graph, function: Function) -> None:
    positional = function.signature.positional
    first = positional[1:2] if function.cls is not None and not function.is_static else positional[:1]
    if first:
        function.given = {first[0]: Dict(dict(graph.state), complete=False)}
        function.summary = None


def command(frames: Frames, arguments: Arguments, node: ast.AST) -> Value | None:
    """``Command(goto="next", update={"plan": plan})``: returned by a node, it changes the state as a dictionary would."""
    update = arguments.get("update")
    return Value("langgraph.types.Command()", update.known, update.taint) if update is not None and isinstance(update.known, Dict) else None


CALLS = dict.fromkeys(_GRAPHS, made) | {"langgraph.types.Command": command}
METHODS = {"add_node": add_node, "add_conditional_edges": add_node}
