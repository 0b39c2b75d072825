"""What a condition tells about the values that it looks at."""

from __future__ import annotations

import ast
import re
from typing import Any

from aisecops.codebase.dataflow.frames import Frames
from aisecops.codebase.dataflow.program import Bound, Env, Function
from aisecops.codebase.dataflow.values import Dict, List, Value, without

_ASKS = (
    r"(?i)(^|_)(is_?)?(in)?"
    r"(valid|safe|allow|permit|check|verif|authori[sz]|whitelist|sanit|trusted|approved|acceptable|guard|forbid|malicious|denied|reject|ensure|screen)"
)
"""Names of functions that look whether a value is acceptable."""
_PERSON = r"(?i)(confirm|approv|consent|ask_(user|human)|human|prompt_user|user_agree|review_by)"
"""Names of functions and variables that hold a person's word."""
_SHAPES = frozenset(("isdigit", "isalnum", "isalpha", "isidentifier", "isnumeric", "isdecimal"))
_MATCHES = frozenset(("fullmatch", "match"))
_PLACES = frozenset(("model-output-to-path", "archive-extraction"))
_ADDRESSES = frozenset(("model-output-to-url",))
_NUMBERS = frozenset(("int", "float", "bool", "complex", "Number", "Enum", "UUID", "date", "datetime"))


class Guards(Frames):
    """Refines environments by conditions."""

    def refined(self, test: ast.expr, env: Env, *, truth: bool) -> Env:
        """Return ``env`` where ``test`` has come out as ``truth``: what was found acceptable carries nothing any more."""
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
        return env

    def _compared(self, test: ast.Compare, env: Env, *, truth: bool) -> Env:
        op, left, right = test.ops[0], test.left, test.comparators[0]
        if isinstance(op, ast.In | ast.NotIn):
            return self._clean(left, env) if isinstance(op, ast.In) is truth and self._is_own(right) else env
        if isinstance(op, ast.Eq | ast.NotEq | ast.Is | ast.IsNot):
            if isinstance(op, ast.Eq | ast.Is) is truth and isinstance(right, ast.Constant | ast.Attribute):
                return self._clean(left, env)
            inner = self._call_in(left)
            if inner is not None and isinstance(op, ast.Is | ast.IsNot) and isinstance(right, ast.Constant) and right.value is None:
                return self._asked(inner, env, truth=isinstance(op, ast.IsNot) is truth)  # re.fullmatch(...) is None
        return env

    def _call_in(self, node: ast.expr) -> ast.Call | None:
        return node if isinstance(node, ast.Call) else None

    def _is_own(self, node: ast.expr) -> bool:
        """Whether what ``x in ...`` looks into is the program's own list, not somebody's text."""
        if isinstance(node, ast.Constant):
            return False  # "a" in "text": a part of a text says nothing about the rest
        value = self.evaluate(node)
        if isinstance(value.known, List | Dict):
            return not value.taint
        return not value.taint and value.text is None

    def _asked(self, test: ast.Call, env: Env, *, truth: bool) -> Env:
        function = test.func
        name = function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
        if name == "isinstance" and len(test.args) == 2 and truth:
            return self._clean(test.args[0], env) if _only_numbers(test.args[1]) else env
        if isinstance(function, ast.Attribute):
            if truth and name in _SHAPES:
                return self._clean(function.value, env)
            if truth and name in _MATCHES and test.args:
                return self._clean(test.args[-1], env)
            if truth and name == "is_relative_to":
                return self._clean(function.value, env, _PLACES)
            if truth and name == "startswith":
                return self._started(function, test, env)
        if truth and name == "all" and test.args and isinstance(test.args[0], ast.GeneratorExp):
            return self._all_of(test.args[0], env)
        if name and re.search(_ASKS, name):
            return self._found_acceptable(test, name, env, truth=truth)
        return env

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
        bad = re.search(r"(?i)(forbid|malicious|denied|reject|unsafe|invalid|dangerous)", name) is not None
        if bad is truth:
            return env
        for argument in [*test.args, *(keyword.value for keyword in test.keywords)]:
            env = self._clean(argument, env)
        return env

    def _clean(self, node: ast.expr, env: Env, categories: frozenset[str] | None = None) -> Env:
        """Return ``env`` with what ``node`` names made harmless."""
        names = [key for part in _looked_at(node) if (key := _key(part))]
        for key in names:
            value = env.get(key)
            if value is None:
                value = self._current(key, node)
            if value is not None and (value.taint or "." in key or "[" in key):
                env = env | {key: without(value, categories)}
                self.dotted = self.dotted or "." in key or "[" in key
                if value.taint and categories is None and re.search(_PART_OF_WHOLE, value.path):
                    env = _clean_whole(value, env)
        return env

    def _current(self, key: str, node: ast.expr) -> Value | None:
        if "." not in key and "[" not in key:
            return self.lookup(key)
        parsed = next((part for part in _looked_at(node) if _key(part) == key), None)
        return self.evaluate(parsed) if parsed is not None else None

    def asks_a_person(self, test: ast.expr) -> bool:
        """Whether ``test`` looks at what a person said: ``input(...) == "y"``, ``if approved:``, ``if not click.confirm(...)``."""
        for part in ast.walk(test):
            if isinstance(part, ast.Call):
                value = self.evaluate(part.func)
                if value.path and self.confirms(value.path + "()"):
                    return True
                function = value.ref.function if isinstance(value.ref, Bound) else value.ref
                if isinstance(function, Function) and (
                    re.search(_PERSON, function.name) or (function.summary is not None and function.summary.confirms)
                ):
                    return True
                name = part.func.attr if isinstance(part.func, ast.Attribute) else part.func.id if isinstance(part.func, ast.Name) else ""
                if re.search(_PERSON, name):
                    return True
            elif isinstance(part, ast.Name | ast.Attribute):
                value = self.evaluate(part)
                if value.path and self.confirms(value.path):
                    return True
                name = part.attr if isinstance(part, ast.Attribute) else part.id
                if re.search(_PERSON, name):
                    return True
        return False


_PART_OF_WHOLE = r"url(parse|split)\(\)|\.resolve\(\)|(real|abs)path\(\)|\.(netloc|hostname|host|parents?)$"
"""Access paths of a part by which the whole is judged: the host of an address, the place of a file."""


def _clean_whole(part: Value, env: Env) -> Env:
    """Return ``env`` where the address or file that ``part`` is a part of is harmless, too: it has come the same way."""
    origins = {mark.trail[0] for mark in (part.taint or {}).values() if mark.trail} | {label for label in (part.taint or {}) if label.startswith("#")}
    cleaned = {
        name: without(value, _PLACES | _ADDRESSES)
        for name, value in env.items()
        if value.taint
        and any((label in origins if label.startswith("#") else bool(mark.trail) and mark.trail[0] in origins) for label, mark in value.taint.items())
    }
    return env | cleaned if cleaned else env


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
        elif isinstance(part, ast.Attribute | ast.Subscript):
            if _key(part):
                found.append(part)
            else:
                todo.append(part.value)
        elif isinstance(part, ast.Call):
            if isinstance(part.func, ast.Attribute):
                todo.append(part.func.value)
            todo += part.args
        elif isinstance(part, ast.NamedExpr):
            todo += [part.target, part.value]
        elif isinstance(part, ast.Await | ast.Starred):
            todo.append(part.value)
    return found


def _key(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = _key(node.value)
        return f"{base}.{node.attr}" if base else ""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
        base = _key(node.value)
        return f"{base}[{node.slice.value!r}]" if base else ""
    return ""
