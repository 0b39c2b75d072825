"""What callables of Python itself do to their arguments: those that copy, convert, wrap, hand on or call them."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable
from functools import reduce
from typing import TYPE_CHECKING, Any

from aisecops.codebase.dataflow.answers import Encoded
from aisecops.codebase.dataflow.program import Arguments, Bound, Choice, Class, Instance, Parameter, Partial
from aisecops.codebase.dataflow.values import NOTHING, UNKNOWN, Dict, List, Mark, Prefix, Value, combined, extended, joined, without

if TYPE_CHECKING:
    from aisecops.codebase.dataflow.calls import Calls

    Special = Callable[[Calls, Arguments, ast.AST], Value | None]


_MOST_METHODS = 40
_ADDRESSES = frozenset(("model-output-to-url", "model-output-to-path"))


def _first(calls: Calls, arguments: Arguments, node: ast.AST) -> Value | None:
    return arguments.positional[0] if arguments.positional else NOTHING


def _text_of(calls: Calls, arguments: Arguments, node: ast.AST) -> Value | None:
    if not arguments.positional:
        return Value(known="")
    value = arguments.positional[0]
    return value if isinstance(value.known, (str, Prefix)) else Value(value.path, UNKNOWN, value.taint)


def _statement(calls: Calls, arguments: Arguments, node: ast.AST) -> Value | None:
    """``sqlalchemy.text("DELETE ...")`` is known to be that text."""
    given = arguments.get("text", 0)
    return Value("sqlalchemy.text()", given.known, given.taint) if given is not None and isinstance(given.known, (str, Prefix)) else None


def _copied(calls: Calls, arguments: Arguments, node: ast.AST) -> Value | None:
    if not arguments.positional:
        return Value("", List([]))
    value = arguments.positional[0]
    if isinstance(value.known, List):
        return Value(value.path, List(list(value.known.items), value.known.complete), value.taint)
    return Value(value.path, UNKNOWN, value.taint, value.ref if isinstance(value.ref, Parameter) else None)


def _dict_of(calls: Calls, arguments: Arguments, node: ast.AST) -> Value | None:
    items: dict[Any, Value] = {}
    complete = arguments.spread is None
    if arguments.positional:
        first = arguments.positional[0]
        if isinstance(first.known, Dict):
            items = dict(first.known.items)
            complete = complete and first.known.complete
        else:
            complete = False
    return Value("", Dict(items | arguments.keywords, complete), combined(arguments))


def _getattr(calls: Calls, arguments: Arguments, node: ast.AST) -> Value | None:
    if len(arguments.positional) < 2:
        return None
    target, name = arguments.positional[0], arguments.positional[1].text
    if name is None and isinstance(target.ref, Instance) and arguments.positional[1].taint:  # whatever method a model, or somebody, names
        methods = [Value(ref=Bound(method, target)) for method in target.ref.cls.methods.values() if not method.name.startswith("_")][:_MOST_METHODS]
        return Value(ref=Choice(methods)) if methods else None
    if name is None:  # some name of that library: `getattr(transformers, class_name)`
        return Value(extended(target.path, ".unknown")) if target.path and target.ref is None and "?" not in target.path else None
    return calls.attribute(target, name, node)


def _setattr(calls: Calls, arguments: Arguments, node: ast.AST) -> Value | None:
    if len(arguments.positional) == 3:
        target, name, value = arguments.positional
        if isinstance(target.ref, Instance) and name.text:
            target.ref.cls.store(name.text, value)
        if name.text and (path := extended(target.path, "." + name.text)):
            calls.assignment("assign", path, node, target, Arguments([], {"value": value}))
    return None


def _partial(calls: Calls, arguments: Arguments, node: ast.AST) -> Value | None:
    if not arguments.positional:
        return None
    callee = arguments.positional[0]
    if isinstance(callee.ref, Partial):
        return Value(ref=Partial(callee.ref.callee, callee.ref.arguments.completed(Arguments(arguments.positional[1:], arguments.keywords))))
    return Value("", UNKNOWN, None, Partial(callee, Arguments(arguments.positional[1:], arguments.keywords, arguments.rest, arguments.spread)))


def _import_module(calls: Calls, arguments: Arguments, node: ast.AST) -> Value | None:
    name = arguments.positional[0].text if arguments.positional else None
    return calls.program.imported(calls.module, name) if name and re.fullmatch(r"[\w.]+", name) else None


def _dunder_import(calls: Calls, arguments: Arguments, node: ast.AST) -> Value | None:
    """``__import__("a.b")`` is ``a``, unless names are asked for."""
    name = arguments.positional[0].text if arguments.positional else None
    if not name or not re.fullmatch(r"[\w.]+", name):
        return None
    whole = len(arguments.positional) > 3 or "fromlist" in arguments.keywords
    return calls.program.imported(calls.module, name if whole else name.partition(".")[0])


def _mapped(calls: Calls, arguments: Arguments, node: ast.AST) -> Value | None:
    if len(arguments.positional) < 2:
        return None
    elements = [calls.element(value) for value in arguments.positional[1:]]
    result = calls.call_value(arguments.positional[0], Arguments(elements, {}), node, NOTHING)
    return Value("", List([result], complete=False), result.taint)


def _filtered(calls: Calls, arguments: Arguments, node: ast.AST) -> Value | None:
    return arguments.positional[1] if len(arguments.positional) > 1 else None


def _zipped(calls: Calls, arguments: Arguments, node: ast.AST) -> Value | None:
    elements = [calls.element(value) for value in arguments.positional]
    taint = combined(elements)
    return Value("", List([Value("", List(elements), taint)], complete=False), taint)


def _enumerated(calls: Calls, arguments: Arguments, node: ast.AST) -> Value | None:
    return _zipped(calls, Arguments([NOTHING, *arguments.positional[:1]], {}), node)


def _next(calls: Calls, arguments: Arguments, node: ast.AST) -> Value | None:
    return calls.element(arguments.positional[0]) if arguments.positional else None


def _submitted(skip: int) -> Special:
    """``asyncio.to_thread(f, *args)``, ``loop.run_in_executor(None, f, *args)``, ``pool.submit(f, *args)``."""

    def call(calls: Calls, arguments: Arguments, node: ast.AST) -> Value | None:
        if len(arguments.positional) <= skip:
            return None
        return calls.call_value(arguments.positional[skip], Arguments(arguments.positional[skip + 1 :], arguments.keywords), node, NOTHING)

    return call


def _thread(calls: Calls, arguments: Arguments, node: ast.AST) -> Value | None:
    target = arguments.keywords.get("target")
    given = arguments.keywords.get("args")
    if target is None:
        return None
    calls.call_value(target, Arguments(given.known.items if given is not None and isinstance(given.known, List) else [], {}), node, NOTHING)
    return None


def _super(calls: Calls, arguments: Arguments, node: ast.AST) -> Value | None:
    function = calls.function
    cls = function.cls if function is not None else None
    if cls is None:
        return NOTHING
    base = next((b for b in cls.bases if isinstance(b.ref, Class)), None)
    if base is not None and isinstance(base.ref, Class):
        return Value(f"{cls.library}()" if cls.library else "", ref=Instance(base.ref))
    return Value(f"{cls.library}()" if cls.library else "")


def _clean(calls: Calls, arguments: Arguments, node: ast.AST) -> Value | None:
    return NOTHING


def _float(calls: Calls, arguments: Arguments, node: ast.AST) -> Value | None:
    text = arguments.positional[0].text if arguments.positional else None
    return Value(known=math.inf) if text is not None and text.strip().lower() in ("inf", "+inf", "infinity") else NOTHING


def _identity(calls: Calls, arguments: Arguments, node: ast.AST) -> Value | None:
    return arguments.positional[0] if arguments.positional else None


def _one_of(calls: Calls, arguments: Arguments, node: ast.AST) -> Value | None:
    """``max(candidates, key=score)`` is one of them."""
    if len(arguments.positional) == 1:
        return calls.element(arguments.positional[0])
    return reduce(joined, arguments.positional) if arguments.positional else None


def _second(calls: Calls, arguments: Arguments, node: ast.AST) -> Value | None:
    return arguments.positional[1] if len(arguments.positional) > 1 else None


def _dumped(calls: Calls, arguments: Arguments, node: ast.AST) -> Value | None:
    if not arguments.positional:
        return None
    value = arguments.positional[0]
    taint = {label: Mark(mark.trail, mark.safe | {"model-output-to-html", "template-injection"}) for label, mark in (value.taint or {}).items()}
    return Value("json.dumps()", UNKNOWN, taint or None, Encoded(value))


def _buffer(calls: Calls, arguments: Arguments, node: ast.AST) -> Value | None:
    """``io.BytesIO(data)`` is another way to read ``data``, which then names no file or address; an empty one holds what the program writes into it."""
    return without(arguments.positional[0], _ADDRESSES) if arguments.positional else None


CALLS: dict[str, Special] = {
    "json.dumps": _dumped, "io.BytesIO": _buffer, "io.StringIO": _buffer, "io.BufferedReader": _buffer, "io.TextIOWrapper": _buffer,
    "builtins.str": _text_of, "builtins.repr": _text_of, "builtins.format": _text_of,
    "builtins.list": _copied, "builtins.tuple": _copied, "builtins.set": _copied, "builtins.sorted": _copied, "builtins.reversed": _copied, "builtins.frozenset": _copied,
    "sqlalchemy.text": _statement, "sqlmodel.text": _statement, "sqlalchemy.sql.text": _statement,
    "builtins.dict": _dict_of, "builtins.getattr": _getattr, "builtins.setattr": _setattr,
    "functools.partial": _partial, "functools.partialmethod": _partial,
    "importlib.import_module": _import_module, "builtins.__import__": _dunder_import,
    "builtins.max": _one_of, "builtins.min": _one_of, "random.choice": _one_of,
    "concurrent.futures.ThreadPoolExecutor().map": _mapped, "concurrent.futures.ProcessPoolExecutor().map": _mapped, "multiprocessing.Pool().map": _mapped,
    "builtins.map": _mapped, "builtins.filter": _filtered, "builtins.zip": _zipped, "builtins.enumerate": _enumerated, "builtins.next": _next, "builtins.iter": _first,
    "asyncio.to_thread": _submitted(0), "asyncio.get_event_loop().run_in_executor": _submitted(1), "asyncio.get_running_loop().run_in_executor": _submitted(1),
    "concurrent.futures.ThreadPoolExecutor().submit": _submitted(0), "concurrent.futures.ProcessPoolExecutor().submit": _submitted(0),
    "fastapi.BackgroundTasks().add_task": _submitted(0), "fastapi.background.BackgroundTasks().add_task": _submitted(0),
    "starlette.background.BackgroundTasks().add_task": _submitted(0), "starlette.background.BackgroundTask": _submitted(0), "?background_tasks.add_task": _submitted(0),
    "?tasks.add_task": _submitted(0), "?background.add_task": _submitted(0), "threading.Thread": _thread, "multiprocessing.Process": _thread, "builtins.super": _super,
    "asyncio.run": _identity, "asyncio.wait_for": _identity, "asyncio.create_task": _identity, "asyncio.ensure_future": _identity, "asyncio.shield": _identity,
    "contextlib.closing": _identity, "contextlib.aclosing": _identity, "contextlib.nullcontext": _identity, "contextlib.ExitStack().enter_context": _identity,
    "quart_cors.cors": _identity, "copy.copy": _identity, "copy.deepcopy": _identity, "typing.cast": _second,
    "yarl.URL": _text_of, "httpx.URL": _text_of, "furl.furl": _text_of,
    "textwrap.dedent": _text_of, "inspect.cleandoc": _text_of, "builtins.staticmethod": _identity, "builtins.classmethod": _identity, "operator.attrgetter": _clean,
    "builtins.float": _float, "builtins.len": _clean, "builtins.isinstance": _clean, "builtins.hash": _clean,
    "builtins.abs": _clean, "builtins.round": _clean, "builtins.sum": _clean, "builtins.ord": _clean, "builtins.id": _clean, "builtins.hasattr": _clean,
    "builtins.any": _clean, "builtins.all": _clean, "builtins.callable": _clean, "builtins.issubclass": _clean, "builtins.range": _clean, "uuid.UUID": _clean,
}  # fmt: skip
"""By access path."""
