"""Which calls of a module give numbers that can be predicted."""

from __future__ import annotations

import ast
import re
from functools import lru_cache

from aisecops.codebase.dataflow.linking import Program
from aisecops.codebase.dataflow.program import Call, Module
from aisecops.codebase.elsewhere import access_path, named_function, statements
from aisecops.codebase.syntax.walking import walk

_DRAWS = (
    r"random\.(Random\(\)\.)?(random|randint|randrange|choice|choices|sample|uniform|getrandbits|randbytes|triangular|gauss|normalvariate|shuffle)"
    r"|(numpy|cupy)\.random\.((default_rng|RandomState|Generator)\(\)\.)?(rand|randint|random|choice|bytes|integers|random_sample|permutation|uniform|randn|tobytes|shuffle)"
    r"|torch\.(rand|randint|randn|randperm)|uuid\.uuid1"
)
_CLOCKS = frozenset(("time.time", "time.time_ns", "time.monotonic", "datetime.datetime.now", "datetime.datetime.utcnow"))
"""Numbers that everybody knows: taken for a draw where the program hashes something."""
_FEW, _SHORT = 4, 12
"""Parameters and statements of a function that makes a random text; longer ones do other things."""
_ARRAYS = r"(numpy|cupy|torch)\."


@lru_cache(maxsize=50_000)
def _is_draw(path: str) -> bool:
    return re.fullmatch(_DRAWS, path) is not None


TEXTS = frozenset(
    (
        "hexdigest hex getrandbits randbytes tobytes bytes b64encode urlsafe_b64encode b32encode digest uuid1 md5 sha1 sha256 UUID ascii_letters ascii_lowercase "
        "ascii_uppercase digits hexdigits octdigits printable punctuation letters lowercase"
    ).split()
)
"""Attributes that tell of texts made of random characters, or of bytes."""


_MAKERS = r"(?i)rand|token|secret|passw|pwd|salt|nonce|uuid|otp|pin|key|code|string|chars|(^|_)(gen|new|make|create)|(^|_)ids?$|session|invite|coupon|voucher"
"""Names of functions elsewhere that may make something random: looking into each one that is called would be reading the project."""


@lru_cache(maxsize=50_000)
def _may_make(name: str) -> bool:
    return re.search(_MAKERS, name) is not None


class Draws:
    """The calls of ``module`` that draw from a generator whose next numbers can be told from those before, also through functions of other modules."""

    def __init__(self, module: Module, program: Program) -> None:
        made = [call for call in module.calls if call.form == "call"]
        paths = {call.path for call in made}
        draws = {path for path in paths if _is_draw(path)}
        if any(path.startswith("hashlib.") for path in paths):
            draws |= paths & _CLOCKS
        calls = [call for call in made if call.path in draws] if draws else []
        self._paths = {id(call.node): call.path for call in calls}
        self._texts: set[int] = set()
        known: dict[str, tuple[str, bool] | None] = {}
        for call in made:
            if call.entries:
                continue
            path = call.path
            if path not in known:
                known[path] = _draw_elsewhere(call, module, program)
            if (drawn := known[path]) is not None:
                calls.append(call)
                self._paths[id(call.node)] = drawn[0]
                self._texts |= {id(call.node)} if drawn[1] else set()
        self.scopes = frozenset(call.span.scope.partition("<lambda>")[0].rstrip(".") for call in calls)
        """The functions that draw, by qualified name; the top of the module is empty."""

    def __bool__(self) -> bool:
        return bool(self._paths)

    @property
    def only_arrays(self) -> bool:
        """Whether all of them belong to libraries of arrays."""
        return all(re.match(_ARRAYS, path) and not path.endswith(".bytes") for path in self._paths.values()) and not self._texts

    def draws(self, node: ast.AST) -> bool:
        """Whether ``node`` is such a call."""
        return id(node) in self._paths

    def path(self, node: ast.AST) -> str:
        """The access path of the call ``node``."""
        return self._paths[id(node)]

    def tells_time(self, node: ast.AST) -> bool:
        """Whether the call reads a clock."""
        return self._paths[id(node)] in _CLOCKS

    def gives_arrays(self, node: ast.AST) -> bool:
        """Whether the call belongs to a library of arrays, where random numbers are nearly always data."""
        return re.match(_ARRAYS, self._paths[id(node)]) is not None and not self._paths[id(node)].endswith(".bytes")

    def gives_text(self, node: ast.AST) -> bool:
        """Whether the call is of a function elsewhere that makes a text of random characters."""
        return id(node) in self._texts

    def picks(self, node: ast.AST) -> bool:
        """Whether the call picks among things that are there, rather than making up a number."""
        return self._paths[id(node)].endswith((".choice", ".choices", ".sample", ".shuffle", ".permutation"))


def _draw_elsewhere(call: Call, module: Module, program: Program) -> tuple[str, bool] | None:
    """What a function of another module draws with, and whether it makes a text of it; None if the call is of no such function."""
    node = call.node
    if not isinstance(node, ast.Call) or not isinstance(node.func, (ast.Name, ast.Attribute)):
        return None
    called = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
    function = named_function(node.func, module, program) if _may_make(called) else None
    if function is None or function.module is module or len(function.signature.names) > _FEW:
        return None
    body = statements(function, program)
    if len(body) > _SHORT or not any(isinstance(statement, ast.Return) for statement in body):
        return None
    parts = [part for statement in body for part in walk(statement)]
    paths = [path for part in parts if isinstance(part, ast.Call) and _is_draw(path := access_path(part.func, function.module, program))]
    text = any(isinstance(part, ast.Attribute) and (part.attr in TEXTS or part.attr == "join") for part in parts)
    return (paths[0], text) if paths else None
