"""Chains of LangChain: ``prompt | model | parser | function``, and functions that frameworks call with what they return.

A chain is what the model in it is: ``chain.invoke()`` gives what ``model.invoke()`` gives, in the form that a parser gives it. A function behind a model is called with
what the model has written.
"""

from __future__ import annotations

import ast

from aisecops.codebase.dataflow.answers import Shaped
from aisecops.codebase.dataflow.frames import Frames
from aisecops.codebase.dataflow.program import Arguments, Bound, Function, Partial
from aisecops.codebase.dataflow.values import NOTHING, UNKNOWN, Dict, Value, inner, merged

_MODEL = "model-output"


def piped(frames: Frames, left: Value, right: Value, node: ast.AST) -> Value:
    """Return what ``left | right`` is."""
    left_model, right_model = _is_model(frames, left), _is_model(frames, right)
    if left_model and not right_model:
        _call_with_answer(frames, right, node)
    model = left if left_model else right if right_model else None
    made = model or (left if left.path else right)
    taint = merged(left.taint, right.taint)
    form = next((side.ref for side in (right, left) if isinstance(side.ref, Shaped)), None)
    return Value(made.path, UNKNOWN, taint, form) if made.path or taint else NOTHING


def _is_model(frames: Frames, value: Value) -> bool:
    return bool(value.path) and _MODEL in frames.program.libraries.labels(value.path + ".invoke()")


def _call_with_answer(frames: Frames, step: Value, node: ast.AST) -> None:
    """A function, or several in a dictionary, that gets what the model has written."""
    answer = Value("", UNKNOWN, frames.marks((_MODEL,), node, "the model before it in the chain"))
    for value in inner(step) if isinstance(step.known, Dict) else (step,):
        if isinstance(value.ref, Function | Bound | Partial) or (value.path and not value.path.endswith("()") and value.known is UNKNOWN):
            frames.call_value(value, Arguments([answer], {}), node, NOTHING)


def runnable(frames: Frames, arguments: Arguments, node: ast.AST) -> Value | None:
    """``RunnableLambda(function)`` is the function."""
    value = arguments.positional[0] if arguments.positional else arguments.keywords.get("func")
    return value if value is not None and (value.ref is not None or value.path) else None


CALLS = {
    "langchain_core.runnables.RunnableLambda": runnable,
    "langchain_core.runnables.base.RunnableLambda": runnable,
    "langchain.schema.runnable.RunnableLambda": runnable,
}
