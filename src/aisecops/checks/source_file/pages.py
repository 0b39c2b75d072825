"""Answers of models that a template of the project shows as they are: ``render_template("topic.html", answer=answer)`` where the page says ``{{ answer | safe }}``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from aisecops.checks.source_file.html_components import dangerous
from aisecops.codebase.dataflow.program import Call, Module
from aisecops.codebase.dataflow.values import Dict, Value
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context

_RENDERS = (".render_template", ".TemplateResponse", ".render", ".render_to_string", ".render_async", ".template", ".aiohttp_jinja2.render_template")
_PAGES = (".html", ".htm")
_SAFE = r"\{\{[^{}]{0,200}?\b%s\b[^{}]{0,200}?\|\s*(?:safe|safeseq)\b"
_UNESCAPED = r"\{%%-?\s*autoescape\s+(?:false|off)\b.{0,5000}?\{\{[^{}]{0,200}?\b%s\b"
_PARTS = r"\{%%-?\s*for\s+([\w\s,]{1,80}?)\s+in\s+[^{}]{0,80}?\b%s\b"
_LARGEST = 1 << 20
_MOST = 20


def shows_answers(module: Module) -> bool:
    """Whether the module hands what a model has written to a page."""
    return any(True for _ in _shown(module))


def unescaped(module: Module, ctx: Context) -> Iterator[tuple[Call, str]]:
    """Yield the calls of ``module`` that show an answer in a page which does not escape it, and the page's path."""
    for call, page, names in _shown(module):
        for path in _found(page, ctx):
            data = ctx.read(AssetKind.DOCUMENT, path)
            text = data[:_LARGEST].decode("utf-8", "replace") if data is not None else ""
            if any(_is_shown(name, text) for name in names):
                yield call, path
                break


def _shown(module: Module) -> Iterator[tuple[Call, str, list[str]]]:
    """Yield calls that render a page, its name, and the names under which it gets what a model has written."""
    for call in module.calls:
        if call.form == "call" and call.path.endswith(_RENDERS) and (page := _page(call)):
            names = [name for name, value in _values(call) if dangerous(value)]
            if names:
                yield call, page, names


def _page(call: Call) -> str:
    named = next((text for value in call.arguments if (text := value.text or "").endswith(_PAGES)), "")
    made = call.node.func.value if isinstance(call.node, ast.Call) and isinstance(call.node.func, ast.Attribute) else None
    if not named and isinstance(made, ast.Call):  # env.get_template("page.html").render(...)
        named = next(
            (part.value for part in made.args if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value.endswith(_PAGES)), ""
        )
    return named


def _values(call: Call) -> Iterator[tuple[str, Value]]:
    for value in (*call.arguments.positional, call.arguments.keywords.get("context")):
        if value is not None and isinstance(value.known, Dict):
            yield from ((name, item) for name, item in value.known.items.items() if isinstance(name, str))
    yield from call.arguments.keywords.items()


def _found(page: str, ctx: Context) -> list[str]:
    """The files of the project that a template called ``page`` may be."""
    return sorted(path for path in ctx.paths(AssetKind.DOCUMENT) if path == page or path.endswith(f"/{page}"))[:_MOST]


def _is_shown(name: str, text: str) -> bool:
    """Whether the page ``text`` shows the variable ``name``, or an item of it, without escaping."""
    word = re.escape(name)
    items = [part for parts in re.findall(_PARTS % word, text) for part in re.findall(r"\w+", parts)]
    return any(re.search(_SAFE % one, text) or re.search(_UNESCAPED % one, text, re.DOTALL) for one in (word, *items))
