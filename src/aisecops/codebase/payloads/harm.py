"""Payloads of other kinds: objects that run a command when they are unpickled, destruction on a day, footholds, keys and wallets of others."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache

from aisecops.codebase.dataflow.program import Call
from aisecops.codebase.payloads.folding import folded
from aisecops.codebase.payloads.payload import Payload
from aisecops.codebase.payloads.slices import Slices, fits
from aisecops.codebase.payloads.traits import COMMANDS, EVALUATES, texts
from aisecops.codebase.syntax.walking import walk

TOUCHES = (
    r"shutil\.rmtree|os\.(remove|unlink|removedirs|dup2)|pathlib\.Path\(\)\.unlink|builtins\.(open|getattr|__import__)|io\.open|.*\.(write_text|write_bytes|open)"
    r"|importlib\.import_module|(pyperclip|clipboard)\.copy|pynput\.keyboard\.Listener|keyboard\.(on_press|hook)"
)
"""Calls that can be part of what is found here, beside commands and code."""
_REDUCERS = frozenset(("__reduce__", "__reduce_ex__"))
_RUNNERS = (
    r"(os|posix|nt)\.(system|popen|exec\w+|spawn\w+|remove|unlink)|subprocess\.\w+|(builtins\.)?(exec|eval|compile|__import__)|commands\.getoutput|runpy\.\w+|pty\.spawn|shutil\.rmtree"
    r"|importlib\.import_module|webbrowser\.open|urllib\.request\.urlopen|requests\.\w+|pip\.main|socket\.create_connection|code\.interact|timeit\.timeit|pdb\.run"
)
_FOOTHOLDS = (
    r"(?i)(authorized_keys|\.(bashrc|bash_profile|profile|zshrc|zprofile)$|\.config/autostart|etc/cron|LaunchAgents|systemd/(user|system)/|Start Menu.*Startup"
    r"|sitecustomize\.py$|site-packages/.*\.pth$)"
)
_DESTROYS = r"shutil\.rmtree|os\.(remove|unlink|removedirs|system)|pathlib\.Path\(\)\.unlink|subprocess\.\w+"
_NOW = r"(datetime\.(now|today|utcnow)|date\.today|time\.(time|localtime|gmtime))$"
_HOMES = frozenset(("/", "~", "/home", "/root", "C:\\", "C:/", "/*", "/etc", "/usr", "/var"))
_WALLET = r"(bc1[a-z0-9]{25,60}|[13][1-9A-HJ-NP-Za-km-z]{25,34}|0x[0-9a-fA-F]{40}|4[0-9AB][1-9A-HJ-NP-Za-km-z]{93})"


def harms(slices: Slices) -> Iterator[Payload]:
    """Yield what does harm in other ways."""
    yield from _reducers(slices)
    yield from _bombs(slices)
    for call in slices.calls:
        if call.path in ("shutil.rmtree", "os.removedirs"):
            yield from _wipes(slices, call)
        elif call.path in ("builtins.open", "io.open") or call.path.endswith((".write_text", ".write_bytes", ".open")):
            yield from _foothold(slices, call)
        elif call.path in ("pyperclip.copy", "clipboard.copy") and any(
            re.fullmatch(_WALLET, text) for text in texts(slices.parts(*_given(call), scope=call.span.scope))
        ):
            yield Payload("wallet-swap", f"{call.path} replaces what the user copies by a wallet", call.span)
    yield from _listens(slices)


def _given(call: Call) -> list[ast.expr]:
    node = call.node
    return [*node.args, *(keyword.value for keyword in node.keywords)] if isinstance(node, ast.Call) else []


def _reducers(slices: Slices) -> Iterator[Payload]:
    """``__reduce__`` that returns a command: whoever unpickles the object runs it."""
    for cls in slices.module.classes:
        for name in _REDUCERS & cls.methods.keys():
            method = cls.methods[name]
            for statement in walk(method.node):
                value = statement.value if isinstance(statement, ast.Return) else None
                if isinstance(value, ast.Name):
                    value = next(iter(slices.values(value.id, method.qualname)), None)
                if isinstance(value, ast.Tuple) and value.elts and (runner := _runner(slices, value.elts[0], method.qualname)):
                    yield Payload("pickled-command", f"whoever unpickles a {cls.name} runs {runner}", slices.span(statement, method.qualname))


def _runner(slices: Slices, node: ast.expr, scope: str) -> str:
    text = _dotted(slices, node, scope)
    return text.removeprefix("builtins.") if fits(_RUNNERS, text) else ""


def _dotted(slices: Slices, node: ast.expr, scope: str, depth: int = 4) -> str:
    """The access path of a function that is named, not called."""
    if isinstance(node, ast.Attribute):
        base = _dotted(slices, node.value, scope, depth)
        return f"{base}.{node.attr}" if base else ""
    if isinstance(node, ast.Name):
        known = slices.module.env.get(node.id)
        if known is not None and known.path:
            return known.path
        values = slices.values(node.id, scope)
        if values and depth:
            return _dotted(slices, values[0], scope, depth - 1)
        return node.id
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
        first = node.args[0]
        if node.func.id == "__import__":
            return folded(first) or ""
        if node.func.id == "getattr" and len(node.args) > 1 and (name := folded(node.args[1])) is not None:
            return f"{_dotted(slices, first, scope, depth)}.{name}"
    return ""


def _bombs(slices: Slices) -> Iterator[Payload]:
    """Destruction, or a hidden command, once a fixed day has come."""
    scopes = {call.span.scope for call in slices.calls if _tells_time(call.path)}
    if scopes:
        scopes |= {call.span.scope for call in slices.calls if fits(_DESTROYS, call.path)}
    for scope, body in ((scope, slices.body(scope)) for scope in sorted(scopes)):
        for node in walk(body):
            if isinstance(node, ast.If) and isinstance(node.test, ast.Compare) and _is_a_day(slices, node.test, scope):
                for call in slices.calls:
                    if call.span.scope == scope and _within(call.node, node.body) and fits(f"{_DESTROYS}|{COMMANDS}|{EVALUATES}", call.path):
                        yield Payload("time-bomb", f"{call.path.replace('()', '').removeprefix('builtins.')} waits for a day", call.span)


@lru_cache(maxsize=50_000)
def _tells_time(path: str) -> bool:
    return re.search(_NOW, path) is not None


def _is_a_day(slices: Slices, test: ast.Compare, scope: str) -> bool:
    parts = list(slices.parts(test, scope=scope))
    now = any(isinstance(p, ast.Call) and _tells_time(slices.path(p)) for p in parts)
    fixed = any(
        isinstance(p, ast.Call)
        and slices.path(p)
        in ("datetime.datetime", "datetime.date", "datetime.datetime.strptime", "datetime.datetime.fromisoformat", "datetime.date.fromisoformat")
        and p.args
        and all(isinstance(a, ast.Constant) for a in p.args)
        for p in parts
    )
    stamp = any(isinstance(p, ast.Constant) and isinstance(p.value, int) and 1_500_000_000 < p.value < 3_000_000_000 for p in parts)
    return now and (fixed or stamp)


def _within(node: ast.AST, body: list[ast.stmt]) -> bool:
    first, last = body[0].lineno, body[-1].end_lineno or body[-1].lineno
    return first <= getattr(node, "lineno", 0) <= last


def _wipes(slices: Slices, call: Call) -> Iterator[Payload]:
    given = _given(call)[:1]
    direct = given and isinstance(given[0], ast.Constant)
    home = any(isinstance(part, ast.Call) and slices.path(part) in ("os.path.expanduser", "pathlib.Path.home") for node in given for part in [node])
    if not (direct or home):
        return
    written = texts(slices.parts(*given, scope=call.span.scope))
    if (direct and written[0] in _HOMES) or (home and all(text in _HOMES for text in written)):
        yield Payload("destroys", f"{call.path} deletes everything that it can reach", call.span)


def _foothold(slices: Slices, call: Call) -> Iterator[Payload]:
    """A file that the system runs or trusts by itself is written."""
    node = call.node
    assert isinstance(node, ast.Call)
    modes = [text for argument in (*node.args[1:2], *(k.value for k in node.keywords if k.arg == "mode")) for text in texts([argument])]
    writes = call.path.endswith((".write_text", ".write_bytes")) or any(re.search(r"[wa+x]", mode) for mode in modes)
    if not writes:
        return
    written = texts(slices.parts(*node.args[:1], *([node.func.value] if isinstance(node.func, ast.Attribute) else []), scope=call.span.scope))
    place = next((match[0] for text in written if len(text) < 300 and (match := re.search(_FOOTHOLDS, text))), "")
    if place and (call.span.scope in slices.by_itself or "authorized_keys" in place):
        yield Payload(
            "foothold",
            f"{place} is written: the system runs or trusts it from then on",
            call.span,
            sure="authorized_keys" in place or slices.installs,
        )


def _listens(slices: Slices) -> Iterator[Payload]:
    """A keyboard listener in a program that also sends to somebody."""
    from aisecops.codebase.payloads.sending import SENDS

    listeners = [call for call in slices.calls if call.path in ("pynput.keyboard.Listener", "keyboard.on_press", "keyboard.hook")]
    if listeners and any(fits(SENDS, call.path) for call in slices.calls):
        yield Payload("keylogger", f"{listeners[0].path} takes down what is typed, and it is sent away", listeners[0].span, sure=False)
