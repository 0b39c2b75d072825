"""Noise of differential privacy that is drawn from a generator that can be predicted, in floating point."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache

import msgspec

from aisecops.codebase.dataflow.program import Module, Span
from aisecops.codebase.syntax.walking import walk

_DRAWS = (
    r"random\.(gauss|normalvariate|expovariate)|numpy\.random\.((default_rng|RandomState)\(\)\.)?(laplace|normal|geometric|exponential|gumbel)"
    r"|scipy\.stats\.(laplace|norm)(\(\))?\.rvs|torch\.(normal|distributions\.(Laplace|Normal|laplace\.Laplace|normal\.Normal)\(\)\.sample)"
)
_PRIVATE = r"(?i)(laplace|gaussian|exponential|geometric)_?mech|differential(ly)?_?priv|(^|[._])dp([._]|$)|dp_?sgd|(^|[._])priv(ate|atize|acy)"
_BUDGET = r"(?i)^(self\.)?_*(epsilon|eps|privacy_budget|budget|target_epsilon)$"
_SCALE = r"(?i)(sensitivity|l1_sens|l2_sens|noise_multiplier|noise_scale|clip(ping)?_?(norm|bound)|max_grad_norm)"
_CLIPPED = r"(?i)^_*(clip|sigma|noise_std|bound|max_norm|clip_value)$"
"""Names of what scales noise, where the function around says that it is for privacy."""
_COINS = frozenset(
    ("random.random", "random.choice", "random.randint", "numpy.random.random", "numpy.random.rand", "numpy.random.binomial", "numpy.random.choice")
)
_RESPONSE = r"(?i)randomi[sz]ed_?response|rappor"
"""Functions in which a coin decides whether an answer is true: local differential privacy."""
_DEPTH = 4


@lru_cache(maxsize=50_000)
def _is_draw(path: str) -> bool:
    return re.fullmatch(_DRAWS, path) is not None


class Noise(msgspec.Struct, frozen=True):
    """A draw of noise for differential privacy."""

    source: str
    span: Span


def private_noise(module: Module) -> Iterator[Noise]:
    """Yield the draws of ``module`` whose scale is a sensitivity by a privacy budget, or that a private mechanism makes."""
    for call in module.calls:
        if call.form != "call" or not isinstance(call.node, ast.Call):
            continue
        if call.path in _COINS and re.search(_RESPONSE, call.span.scope):
            yield Noise(call.path, call.span)
        if not _is_draw(call.path):
            continue
        scope = call.span.scope
        function = call.function.node if call.function is not None else None
        names = _made_of(call.node, function if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) else module.tree)
        budget = any(re.search(_BUDGET, name) for name in names)
        scale = any(re.search(_SCALE, name) for name in names)
        if (budget and scale) or (re.search(_PRIVATE, scope) and (budget or scale or any(re.search(_CLIPPED, name) for name in names))):
            yield Noise(call.path, call.span)


def _made_of(call: ast.Call, scope: ast.AST) -> set[str]:
    """The names that the arguments of ``call`` are made of within ``scope``."""
    assigned: dict[str, ast.expr] = {}
    for node in walk(scope):
        if isinstance(node, ast.Assign):
            assigned |= {target.id: node.value for target in node.targets if isinstance(target, ast.Name)}
    found: set[str] = set()
    todo: list[tuple[ast.AST, int]] = [(argument, _DEPTH) for argument in (*call.args, *(keyword.value for keyword in call.keywords))]
    if isinstance(call.func, ast.Attribute):
        todo.append((call.func.value, _DEPTH))
    while todo:
        node, depth = todo.pop()
        for part in walk(node):
            name = part.id if isinstance(part, ast.Name) else part.attr if isinstance(part, ast.Attribute) else ""
            if name and name not in found:
                found.add(name)
                if depth and isinstance(part, ast.Name) and name in assigned:
                    todo.append((assigned[name], depth - 1))
    return found
