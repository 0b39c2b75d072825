"""What a condition tells about the values that it looks at."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from typing import Any

from aisecops.codebase.dataflow.consent import Consent
from aisecops.codebase.dataflow.program import Env, Function
from aisecops.codebase.dataflow.values import NOTHING, Dict, List, Value, without
from aisecops.codebase.syntax.walking import walk

_ASKS = (
    r"(?i)(^|_)(is_?)?(in)?"
    r"(valid|safe|allow|permit|check|verif|authori[sz]|whitelist|sanit|trusted|approved|acceptable|guard|forbid|malicious|denied|reject|ensure|screen)"
    r"|(^|_)is_?(public|external|internal|private|local|global)(_|$)"
)
"""Names of functions that look whether a value is acceptable."""
_BAD = r"(?i)(internal|private|(^|_)is_?local|forbid|malicious|denied|reject|unsafe|invalid|dangerous)"
_SHAPES = frozenset(("isdigit", "isalnum", "isalpha", "isidentifier", "isnumeric", "isdecimal"))
_MATCHES = frozenset(("fullmatch", "match", "search"))
_ANYTHING = r"(?<!\\)\.[*+]|\[\\s\\S\]|\[\^[^\]]{1,3}\][*+]"
"""Parts of a pattern that (nearly) everything matches."""
_HOSTS = r"\.(netloc|hostname|host)$"
_PLACES = frozenset(("model-output-to-path", "archive-extraction"))
_LISTINGS = r"^os\.listdir\(\)$"
_OWNERS = ("system", "developer")
_PROMPTS = frozenset(("prompt-injection",))
_STATEMENTS = frozenset(("model-output-to-sql",))
_PARSED_SQL = r"sqlparse\.parse\(\)|sqlglot\.parse(_one)?\(\)"
_SMALL_PARTS = frozenset(("scheme", "suffix", "port", "fragment"))
"""What tells nothing about the rest of an address or path."""
_INSIDE = frozenset(("is_private", "is_loopback", "is_link_local", "is_reserved", "is_global"))
_CODE = frozenset(("model-output-to-code",))
_ADDRESSES = frozenset(("model-output-to-url",))
_NUMBERS = frozenset(("int", "float", "bool", "complex", "Number", "Enum", "UUID", "date", "datetime"))


@lru_cache(maxsize=50_000)
def _asks(name: str) -> bool:
    return re.search(_ASKS, name) is not None


class Verdict:
    """What a function of the program has found of ``arguments``: ``ok, why = validate(query)``."""

    __slots__ = ("arguments",)

    def __init__(self, arguments: list[ast.expr]) -> None:
        self.arguments = arguments


class Guards(Consent):
    """Refines environments by conditions."""

    def refined(self, test: ast.expr, env: Env, *, truth: bool) -> Env:
        """Return ``env`` where ``test`` has come out as ``truth``: what was found acceptable carries nothing any more."""
        if type(test) is ast.Name:
            verdict = env.get(test.id, NOTHING).ref
            if truth and isinstance(verdict, Verdict):
                for argument in verdict.arguments:
                    env = self._clean(argument, env)
            return env
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            return self.refined(test.operand, env, truth=not truth)
        if isinstance(test, ast.BoolOp):
            if isinstance(test.op, ast.And) is truth:
                for part in test.values:
                    env = self.refined(part, env, truth=truth)
            return env
        if isinstance(test, ast.NamedExpr):
            return self.refined(test.value, env, truth=truth)
        if isinstance(test, ast.Compare) and len(test.ops) == 1:
            return self._compared(test, env, truth=truth)
        if isinstance(test, ast.Call):
            return self._asked(test, env, truth=truth)
        if isinstance(test, ast.Attribute) and test.attr in _INSIDE and truth is (test.attr == "is_global"):
            return {
                name: without(value, _ADDRESSES) if value.taint else value for name, value in env.items()
            }  # whoever looks at that has thought of it
        return env

    def _compared(self, test: ast.Compare, env: Env, *, truth: bool) -> Env:
        op, left, right = test.ops[0], test.left, test.comparators[0]
        if isinstance(op, (ast.In, ast.NotIn)):
            if isinstance(right, ast.Attribute) and right.attr == "parents":  # BASE in path.parents
                return self._clean(right.value, env, _PLACES) if isinstance(op, ast.In) is truth else env
            if isinstance(op, ast.In) is truth and re.search(
                _LISTINGS, self.evaluate(right).path
            ):  # a name that stands in a folder leads nowhere else
                return self._clean(left, env, _PLACES)
            return self._clean(left, env) if isinstance(op, ast.In) is truth and (self._is_own(right) or self._is_alphabet(right)) else env
        if isinstance(op, ast.LtE) and truth and isinstance(left, ast.Call) and getattr(left.func, "id", "") == "set":  # set(text) <= ALLOWED
            return self._clean(left, env) if self._is_own(right) or isinstance(right, ast.Call) else env
        if isinstance(op, (ast.Eq, ast.NotEq, ast.Is, ast.IsNot)):
            if isinstance(op, ast.Eq) is truth and isinstance(right, ast.Constant) and right.value in _OWNERS and "role" in ast.unparse(left):
                # What has the owner's role already is the owner's: who gave it that role is looked at elsewhere.
                env = _clean_origins(self.evaluate(left), env, _PROMPTS)
            if isinstance(op, (ast.Eq, ast.Is)) is truth and isinstance(right, (ast.Constant, ast.Attribute)):
                return self._clean(left, env)
            if isinstance(op, ast.Eq) is truth and (path := _common_path(left) or _common_path(right)) is not None:
                return self._clean(path, env, _PLACES)
            inner = self._call_in(left)
            if inner is not None and isinstance(op, (ast.Is, ast.IsNot)) and isinstance(right, ast.Constant) and right.value is None:
                return self._asked(inner, env, truth=isinstance(op, ast.IsNot) is truth)  # re.fullmatch(...) is None
        return env

    def _call_in(self, node: ast.expr) -> ast.Call | None:
        return node if isinstance(node, ast.Call) else None

    def _is_own(self, node: ast.expr) -> bool:
        """Whether what ``x in ...`` looks into is the program's own list, not somebody's text."""
        if isinstance(node, ast.Constant):
            return False  # "a" in "text": a part of a text says nothing about the rest
        value = self.evaluate(node)
        if value.taint and isinstance(node, (ast.Name, ast.Attribute)) and all(label[0] == "#" for label in value.taint):
            return _asks(node.id if isinstance(node, ast.Name) else node.attr)  # `x in allowed`, which callers give
        if isinstance(value.known, (List, Dict)):
            return not value.taint
        return not value.taint and value.text is None

    def _is_alphabet(self, node: ast.expr) -> bool:
        """Whether ``node`` is a text of different characters, which single ones are looked for in."""
        text = self.evaluate(node).text or ""
        return len(text) > 1 and len(set(text)) == len(text) and " " not in text.strip()

    def _asked(self, test: ast.Call, env: Env, *, truth: bool) -> Env:
        function = test.func
        name = function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
        if name == "isinstance" and len(test.args) == 2 and truth:
            if re.search(_PARSED_SQL, self.evaluate(test.args[0]).path):
                return self._clean(test.args[0], env)
            return self._clean(test.args[0], env) if _only_numbers(test.args[1]) else env
        if isinstance(function, ast.Attribute):
            if truth and name in _SHAPES:
                return self._clean(function.value, env)
            if truth and name in _MATCHES and test.args:
                return self._matched(function, test, env)
            if truth and name == "endswith" and re.search(_HOSTS, self.evaluate(function.value).path):
                return self._clean(function.value, env)
            if truth and name == "issubset" and test.args and self._is_own(test.args[0]):
                return self._clean(function.value, env)
            if truth and name == "is_relative_to":
                return self._clean(function.value, env, _PLACES)
            if truth and name == "startswith":
                return self._started(function, test, env)
        if truth and name == "all" and test.args and isinstance(test.args[0], ast.GeneratorExp):
            return self._all_of(test.args[0], env)
        if name and _asks(name):
            return self._found_acceptable(test, name, env, truth=truth)
        return env

    def _matched(self, function: ast.Attribute, test: ast.Call, env: Env) -> Env:
        """``re.fullmatch("[a-z]+", x)``: harmless if the pattern, where it is known, covers all of it and lets not everything pass."""
        module = self.evaluate(function.value).path == "re"
        if module and len(test.args) < 2:
            return env
        subject = test.args[1] if module else test.args[0]
        pattern = self.evaluate(test.args[0]).text if module else None
        if pattern is None:
            return self._clean(subject, env) if function.attr != "search" else env
        if re.match(r"\^?https\??://[\w.\\-]+/", pattern.replace("(?:", "")):
            return self._clean(subject, env, _ADDRESSES)
        whole = function.attr == "fullmatch" or (
            pattern.endswith(("$", r"\Z", r"\z")) and (function.attr == "match" or pattern.startswith(("^", r"\A")))
        )
        return self._clean(subject, env) if whole and not re.search(_ANYTHING, pattern) else env

    def insisted(self, node: ast.expr, env: Env) -> Env:
        """Return ``env`` after the statement ``node`` has not raised: ``path.relative_to(BASE)``, ``Command(name)``."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "relative_to":
            return self._clean(node.func.value, env, _PLACES)
        return env

    def inspected(self, node: ast.For | ast.AsyncFor | ast.While, env: Env) -> Env:
        """Return ``env`` after a loop that looks at every node of a syntax tree and refuses what it does not know: that code is harmless."""
        walked = node.iter if isinstance(node, ast.For) else None
        if not (isinstance(walked, ast.Call) and len(walked.args) == 1 and self.evaluate(walked.func).path == "ast.walk"):
            return env
        if not any(isinstance(part, (ast.Raise, ast.Return)) for part in walk(node)):
            return env
        tree = self.evaluate(walked.args[0])
        return _clean_origins(tree, env, _CODE) if any(_allows_only(part) for part in walk(node)) else env

    def _started(self, function: ast.Attribute, test: ast.Call, env: Env) -> Env:
        """``path.startswith(base)`` and ``url.startswith("https://api.example.com/")``."""
        target = function.value
        if isinstance(target, ast.Call) and isinstance(target.func, ast.Name) and target.func.id == "str" and target.args:
            target = target.args[0]
        start = self.evaluate(test.args[0]).text if test.args else None
        if start is None:
            return self._clean(target, env, _PLACES | _ADDRESSES)
        whole_host = re.match(r"https?://[^/]+/", start) is not None
        return self._clean(target, env, _ADDRESSES) if whole_host else env

    def _all_of(self, node: ast.GeneratorExp, env: Env) -> Env:
        """``all(c in SAFE for c in x)``."""
        source = node.generators[0].iter
        test = node.elt
        asks = (isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.In)) or (
            isinstance(test, ast.Call) and isinstance(test.func, ast.Attribute)
        )
        return self._clean(source, env) if asks else env

    def _found_acceptable(self, test: ast.Call, name: str, env: Env, *, truth: bool) -> Env:
        """``if is_safe(x)`` or ``if is_malicious(x): raise``; a function of the project that we can read is believed only if it looks at anything."""
        bad = re.search(_BAD, name) is not None
        if bad is truth:
            return env
        for argument in [*test.args, *(keyword.value for keyword in test.keywords)]:
            env = self._clean(argument, env)
        return env

    def insists(self, function: Function) -> bool:
        """Whether ``function`` comes back only if what it is given is acceptable: it is called so (``validate_path``), and it raises or asks another that does."""
        if function.insists is None:
            function.insists = False  # of circles
            if _asks(function.name.lstrip("_")) and not isinstance(function.node, ast.Lambda):
                function.insists = any(
                    isinstance(part, ast.Raise) or (isinstance(part, ast.Call) and self._is_insisting(part.func))
                    for statement in self.program.body(function)
                    for part in walk(statement)
                )
        return function.insists

    def _is_insisting(self, node: ast.expr) -> bool:
        name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
        return _asks(name.lstrip("_")) and name not in _SHAPES

    def verdict(self, node: ast.expr, value: Value) -> Value:
        """Return ``value``, which the expression ``node`` of an assignment is, as what a function has found of its arguments, if its name says that it looks at them."""
        if not isinstance(node, ast.Call) or value.path or (value.ref is not None and not isinstance(value.ref, Verdict)):
            return value
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if not _asks(name.lstrip("_")) or re.search(_BAD, name):
            return value
        return Value("", value.known, value.taint, Verdict([*node.args, *(keyword.value for keyword in node.keywords)]))

    def _clean(self, node: ast.expr, env: Env, categories: frozenset[str] | None = None) -> Env:
        """Return ``env`` with what ``node`` names made harmless."""
        names = [key for part in _looked_at(node) if (key := dotted_name(part))]
        for key in names:
            value = env.get(key)
            if value is None:
                value = self._current(key, node)
            if value is not None and (value.taint or "." in key or "[" in key):
                env = env | {key: without(value, categories)}
                self.dotted = self.dotted or "." in key or "[" in key
                if (
                    value.taint
                    and value.path
                    and (categories is None or categories & (_PLACES | _ADDRESSES))
                    and re.search(_PART_OF_WHOLE, value.path)
                ):
                    env = _clean_whole(value, env)
                if value.taint and categories is None and "sql" in value.path and re.search(_PARSED_SQL, value.path):
                    env = _clean_origins(value, env, _STATEMENTS)
        return env

    def _current(self, key: str, node: ast.expr) -> Value | None:
        if "." not in key and "[" not in key:
            return self.lookup(key)
        parsed = next((part for part in _looked_at(node) if dotted_name(part) == key), None)
        return self.evaluate(parsed) if parsed is not None else None


_PART_OF_WHOLE = r"url(parse|split)\(\)|\.resolve\(\)|(real|abs)path\(\)|\.(netloc|hostname|host|parents?)$"
"""Access paths of a part by which the whole is judged: the host of an address, the place of a file."""


def _clean_whole(part: Value, env: Env) -> Env:
    """Return ``env`` where the address or file that ``part`` is a part of is harmless, too: it has come the same way."""
    return _clean_origins(part, env, _PLACES | _ADDRESSES)


def _allows_only(node: ast.AST) -> bool:
    """``not isinstance(node, ALLOWED)``, ``type(node) not in ALLOWED``."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return isinstance(node.operand, ast.Call) and getattr(node.operand.func, "id", "") == "isinstance"
    return isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.NotIn)


def _clean_origins(part: Value, env: Env, categories: frozenset[str]) -> Env:
    """Return ``env`` where what has come the same way as ``part`` is harmless for ``categories``."""
    origins = {mark.trail[0] for mark in (part.taint or {}).values() if mark.trail} | {label for label in (part.taint or {}) if label.startswith("#")}
    cleaned = {
        name: without(value, categories)
        for name, value in env.items()
        if value.taint
        and any((label in origins if label.startswith("#") else bool(mark.trail) and mark.trail[0] in origins) for label, mark in value.taint.items())
    }
    return env | cleaned if cleaned else env


def _common_path(node: ast.expr) -> ast.expr | None:
    """The paths that ``os.path.commonpath([path, BASE])`` looks at."""
    if (
        isinstance(node, ast.Call)
        and node.args
        and (getattr(node.func, "attr", "") or getattr(node.func, "id", "")) in ("commonpath", "commonprefix")
    ):
        return node.args[0]
    return None


def _only_numbers(node: ast.expr) -> bool:
    types = node.elts if isinstance(node, ast.Tuple) else [node]
    return all((t.attr if isinstance(t, ast.Attribute) else getattr(t, "id", "")) in _NUMBERS for t in types)


def _looked_at(node: ast.expr) -> list[ast.expr]:
    """The expressions whose value a test of ``node`` is about: ``x``, ``x.strip().lower()``, ``urlparse(x).hostname``, ``Path(x).name``."""
    found: list[ast.expr] = []
    todo: list[Any] = [node]
    while todo:
        part = todo.pop()
        if isinstance(part, ast.Name):
            found.append(part)
        elif isinstance(part, (ast.Attribute, ast.Subscript)):
            if dotted_name(part):
                found.append(part)
            elif not (isinstance(part, ast.Attribute) and part.attr in _SMALL_PARTS):
                todo.append(part.value)
        elif isinstance(part, ast.Call):
            if isinstance(part.func, ast.Attribute):
                todo.append(part.func.value)
            todo += part.args
        elif isinstance(part, ast.NamedExpr):
            todo += [part.target, part.value]
        elif isinstance(part, (ast.Await, ast.Starred)):
            todo.append(part.value)
        elif isinstance(part, (ast.List, ast.Tuple)):
            todo += part.elts
    return found


def dotted_name(node: ast.expr) -> str:
    """Return ``a.b.c`` or ``a['k']`` for an attribute or constant item of a name; nothing for other expressions."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = dotted_name(node.value)
        return f"{base}.{node.attr}" if base else ""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
        base = dotted_name(node.value)
        return f"{base}[{node.slice.value!r}]" if base else ""
    return ""
