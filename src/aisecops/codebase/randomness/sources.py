"""Which calls of a module give numbers that can be predicted."""

from __future__ import annotations

import ast
import re
from functools import lru_cache

from aisecops.codebase.dataflow.program import Module

_DRAWS = (
    r"random\.(Random\(\)\.)?(random|randint|randrange|choice|choices|sample|uniform|getrandbits|randbytes|triangular|gauss|normalvariate|shuffle)"
    r"|(numpy|cupy)\.random\.((default_rng|RandomState|Generator)\(\)\.)?(rand|randint|random|choice|bytes|integers|random_sample|permutation|uniform|randn|tobytes|shuffle)"
    r"|torch\.(rand|randint|randn|randperm)|uuid\.uuid1"
)
_ARRAYS = r"(numpy|cupy|torch)\."


@lru_cache(maxsize=50_000)
def _is_draw(path: str) -> bool:
    return re.fullmatch(_DRAWS, path) is not None


class Draws:
    """The calls of ``module`` that draw from a generator whose next numbers can be told from those before."""

    def __init__(self, module: Module) -> None:
        calls = [call for call in module.calls if call.form == "call" and _is_draw(call.path)]
        self._paths = {id(call.node): call.path for call in calls}
        self.scopes = frozenset(call.span.scope for call in calls)
        """The functions that draw, by qualified name; the top of the module is empty."""

    def __bool__(self) -> bool:
        return bool(self._paths)

    def draws(self, node: ast.AST) -> bool:
        """Whether ``node`` is such a call."""
        return id(node) in self._paths

    def path(self, node: ast.AST) -> str:
        """The access path of the call ``node``."""
        return self._paths[id(node)]

    def gives_arrays(self, node: ast.AST) -> bool:
        """Whether the call belongs to a library of arrays, where random numbers are nearly always data."""
        return re.match(_ARRAYS, self._paths[id(node)]) is not None and not self._paths[id(node)].endswith(".bytes")

    def picks(self, node: ast.AST) -> bool:
        """Whether the call picks among things that are there, rather than making up a number."""
        return self._paths[id(node)].endswith((".choice", ".choices", ".sample", ".shuffle", ".permutation"))
