"""Chains of LangChain: ``prompt | model | parser | function``, and functions that frameworks call with what they return.

A chain is what the model in it is: ``chain.invoke()`` gives what ``model.invoke()`` gives, in the form that a parser gives it. A function behind a model is called with
what the model has written.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from aisecops.codebase.dataflow.answers import Prompt, Shaped
from aisecops.codebase.dataflow.frames import Frames
from aisecops.codebase.dataflow.program import Arguments, Bound, Function, Partial
from aisecops.codebase.dataflow.values import NOTHING, UNKNOWN, Dict, List, Value, inner, merged, pieces

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
    prompt = next((side.ref for side in (left, right) if isinstance(side.ref, Prompt)), None)
    ref = Prompt(prompt.variables, form or prompt.form) if prompt is not None else form
    return Value(made.path, UNKNOWN, taint, ref) if made.path or taint else NOTHING


def _is_model(frames: Frames, value: Value) -> bool:
    return bool(value.path) and _MODEL in frames.program.libraries.labels(value.path + ".invoke()")


def _call_with_answer(frames: Frames, step: Value, node: ast.AST) -> None:
    """A function, or several in a dictionary, that gets what the model has written."""
    answer = Value("", UNKNOWN, frames.marks((_MODEL,), node, "the model before it in the chain"))
    for value in inner(step) if isinstance(step.known, Dict) else (step,):
        if isinstance(value.ref, (Function, Bound, Partial)) or (value.path and not value.path.endswith("()") and value.known is UNKNOWN):
            frames.call_value(value, Arguments([answer], {}), node, NOTHING)


def runnable(frames: Frames, arguments: Arguments, node: ast.AST) -> Value | None:
    """``RunnableLambda(function)`` is the function."""
    value = arguments.positional[0] if arguments.positional else arguments.keywords.get("func")
    return value if value is not None and (value.ref is not None or value.path) else None


# Templates of prompts

SYSTEM_MESSAGE = "langchain_core.messages.SystemMessage"
SYSTEM_BLOCKS = frozenset(f"guidance.{where}()" for where in ("system", "library.system", "library._role.system", "chat.system"))
"""Blocks of guidance in which what is added is the system message."""
INSTRUCTIONS = "instructions"
"""The label of functions that a framework asks for an agent's instructions: ``Agent(instructions=tell)``."""
_FILL = frozenset(
    (
        "invoke",
        "ainvoke",
        "stream",
        "astream",
        "batch",
        "abatch",
        "format",
        "format_messages",
        "aformat_messages",
        "format_prompt",
        "partial",
        "transform",
    )
)
_VARIABLE = r"(?<!\{)\{([A-Za-z_]\w{0,60})\}(?!\})"


def template(frames: Frames, arguments: Arguments, node: ast.AST) -> Value | None:
    """``ChatPromptTemplate.from_messages([("system", "You are {persona}"), ...])``: a prompt of which the system message has variables."""
    messages = arguments.get("messages", 0)
    if messages is None or not isinstance(messages.known, List):
        return None
    variables = frozenset(name for message in messages.known.items for name in _variables_of(message))
    return Value("langchain_core.prompts.ChatPromptTemplate.from_messages()", UNKNOWN, messages.taint, Prompt(variables, None))


def system_template(frames: Frames, arguments: Arguments, node: ast.AST) -> Value | None:
    """``SystemMessagePromptTemplate.from_template("You are {persona}")``."""
    text = arguments.get("template", 0)
    if text is None:
        return None
    return Value("langchain_core.prompts.SystemMessagePromptTemplate.from_template()", UNKNOWN, text.taint, Prompt(frozenset(_variables(text)), None))


def _variables_of(message: Value) -> Iterator[str]:
    if isinstance(message.ref, Prompt):
        yield from message.ref.variables
    known = message.known
    if isinstance(known, List) and len(known.items) == 2 and known.items[0].known == "system":
        yield from _variables(known.items[1])
    elif isinstance(known, Dict) and (role := known.items.get("role")) is not None and role.known == "system" and "content" in known.items:
        yield from _variables(known.items["content"])


def _variables(text: Value) -> Iterator[str]:
    for piece in pieces(text):
        yield from re.findall(_VARIABLE, piece[:20_000])


def filled(frames: Frames, method: str, prompt: Prompt, arguments: Arguments, node: ast.AST) -> Iterator[Value]:
    """Yield what the call ``method`` puts into the system message of ``prompt``."""
    if method not in _FILL:
        return
    for name in sorted(prompt.variables):
        given = arguments.keywords.get(name)
        if given is None and arguments.positional:
            values = arguments.positional[0]
            given = values.known.items.get(name) if isinstance(values.known, Dict) else frames.item(values, Value(known=name), node)
        if given is not None and given.taint:
            yield given


CALLS = {
    "langchain_core.prompts.ChatPromptTemplate.from_messages": template,
    "langchain_core.prompts.ChatPromptTemplate": template,
    "langchain_core.prompts.chat.ChatPromptTemplate.from_messages": template,
    "langchain.prompts.ChatPromptTemplate.from_messages": template,
    "langchain.prompts.ChatPromptTemplate": template,
    "langchain.prompts.chat.ChatPromptTemplate.from_messages": template,
    "langchain_core.prompts.SystemMessagePromptTemplate.from_template": system_template,
    "langchain.prompts.SystemMessagePromptTemplate.from_template": system_template,
    "langchain.prompts.chat.SystemMessagePromptTemplate.from_template": system_template,
    "langchain_core.runnables.RunnableLambda": runnable,
    "langchain_core.runnables.base.RunnableLambda": runnable,
    "langchain.schema.runnable.RunnableLambda": runnable,
}
