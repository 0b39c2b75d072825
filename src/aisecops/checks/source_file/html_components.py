"""Answers of models that reach HTML in two steps: a function that is tied to an HTML component, a template of an environment that does not escape."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import msgspec

from aisecops.checks.source_file.subject import SourceFile
from aisecops.codebase.dataflow.program import Bound, Call, Function
from aisecops.codebase.dataflow.values import List, Value, inner

CATEGORY = "model-output-to-html"
_EVENTS = (".click", ".submit", ".change", ".select", ".release", ".upload", ".then", ".success", ".load")
_PAGES = (".html", ".htm", ".html.j2", ".html.jinja", ".html.jinja2", ".htm.j2")
_LOOKUPS = (".get_template", ".select_template")
_RENDERS = tuple(
    f".{made}().{render}" for made in ("get_template", "select_template", "from_string") for render in ("render", "render_async", "stream")
)
_TAG = re.compile(r"(?i)\s*<(!doctype|html|body|head|table|div|section|article|h[1-6]|ul|ol|p)\b")


class Shown(msgspec.Struct, frozen=True):
    """A ``call`` after which a browser renders what a model has written; ``by`` names the library."""

    call: Call
    by: str
    message: str


def shown(file: SourceFile) -> Iterator[Shown]:
    """Yield the calls of ``file`` that tie a model's answer to HTML."""
    if file.module is None:
        return
    calls = [call for call in file.module.calls if call.form == "call"]
    yield from (
        Shown(call, "gradio", "The function's answer goes to an HTML component as it is")
        for call in calls
        if call.path.startswith("gradio.") and _tied(call)
    )
    yield from (Shown(call, "dash", "The callback's answer goes to a component that renders HTML") for call in _dash(file, calls))
    yield from (Shown(call, "jinja2", "The template's environment escapes nothing, and the answer is among its values") for call in _jinja(calls))


def _tied(call: Call) -> bool:
    """``button.click(answer, question, gr.HTML())``."""
    if not (call.path == "gradio.Interface" or call.path.endswith(_EVENTS)):
        return False
    function, outputs = call.arguments.get("fn", 0), call.arguments.get("outputs", 2)
    return function is not None and outputs is not None and _is_html(outputs) and _answers(function)


def _answers(value: Value) -> bool:
    """Whether ``value`` is a function that returns what a model has written."""
    ref = value.ref.function if isinstance(value.ref, Bound) else value.ref
    summary = ref.summary if isinstance(ref, Function) else None
    return summary is not None and dangerous(summary.returns)


def dangerous(value: Value) -> bool:
    """Whether ``value`` is, or holds, what a model has written and nobody has escaped."""
    return any((mark := part.label("model-output")) is not None and CATEGORY not in mark.safe for part in inner(value, 3))


def _is_html(outputs: Value) -> bool:
    parts = outputs.known.items if isinstance(outputs.known, List) else [outputs]
    return any(part.path == "gradio.HTML()" or part.text == "html" for part in parts)


def _dash(file: SourceFile, calls: list[Call]) -> Iterator[Call]:
    """``dcc.Markdown(id="answer", dangerously_allow_html=True)`` and a callback with ``Output("answer", "children")``."""
    unescaped = {
        name.text: call
        for call in calls
        if call.path.startswith(("dash.", "dash_core_components."))
        and (allowed := call.arguments.keywords.get("dangerously_allow_html")) is not None
        and allowed.known is True
        and (name := call.arguments.keywords.get("id")) is not None
        and name.text
    }
    for function in file.module.functions if unescaped and file.module is not None else ():
        if function.summary is None or not dangerous(function.summary.returns):
            continue
        written = {
            part.value
            for decorator in getattr(function.node, "decorator_list", ())
            for part in ast.walk(decorator)
            if isinstance(part, ast.Constant) and isinstance(part.value, str)
        }
        yield from (call for name, call in unescaped.items() if name in written)


def _jinja(calls: list[Call]) -> Iterator[Call]:
    """``Environment(loader=...).get_template("page.html").render(answer=answer)``: unlike Flask's, this environment escapes nothing unless it is told to."""
    escaping = [call.arguments.keywords.get("autoescape") for call in calls if call.path in ("jinja2.Environment", "jinja2.environment.Environment")]
    plain = any(call.path == "jinja2.Template" and _is_page(call) for call in calls)
    open_environment = bool(escaping) and not any(value is not None and value.known not in (False, None) for value in escaping)
    pages = any(
        (call.path.endswith(_LOOKUPS) and any((value.text or "").endswith(_PAGES) for value in call.arguments))
        or (call.path.endswith(".from_string") and _is_page(call))
        for call in calls
    )
    for call in calls:
        renders = (plain and call.path == "jinja2.Template().render") or (open_environment and pages and call.path.endswith(_RENDERS))
        if renders and any(dangerous(value) for value in call.arguments):
            yield call


def _is_page(call: Call) -> bool:
    """Whether the template's text is HTML, rather than a prompt."""
    source = call.arguments.get("source", 0)
    escapes = call.arguments.keywords.get("autoescape")
    return source is not None and _TAG.match(source.start) is not None and (escapes is None or escapes.known in (False, None))
