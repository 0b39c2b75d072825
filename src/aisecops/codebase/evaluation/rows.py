"""Which names hold rows though nobody sees where they come from: what a program splits or cross-validates was rows all along, parameters of functions included."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from aisecops.codebase.syntax.walking import children, walk
from aisecops.knowledge.learning import learning

_LEARNING = ("fit", "transform", "predict", "score", "evaluate")
"""Methods that begin so belong to what learns, not to rows."""
_MAKING = frozenset(
    (
        "randn rand random random_sample normal standard_normal uniform integers randint choice poisson exponential binomial permutation multivariate_normal zeros ones "
        "full empty eye arange linspace range len int float round min max make_classification make_regression make_blobs make_moons make_circles"
    ).split()
)
"""Functions whose arguments are sizes and shapes, not rows."""
_RESAMPLING = frozenset(("fit_resample", "fit_sample"))
_NESTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


class RowNames:
    """Names of rows, scope by scope (a module or function; methods share those of their class).

    A program is read backwards: what is split is rows, and so is what that was made of, ``X`` or ``self.X``. What a function of the module splits is rows for others.
    """

    def __init__(self, tree: ast.Module) -> None:
        self._known: dict[ast.AST, frozenset[str]] = {}
        self._splitting = _splitting()
        functions = [node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
        self._parameters: dict[str, list[bool]] = {}
        for function in functions:
            names = self._read(function)
            if names:
                arguments = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
                self._parameters[function.name] = [argument in names for argument in arguments]

    def of(self, scope: ast.AST) -> frozenset[str]:
        """Return the names in ``scope`` that hold rows."""
        if scope not in self._known:
            self._known[scope] = self._read(scope)
        return self._known[scope]

    def together(self, owner: ast.ClassDef, methods: list[ast.FunctionDef | ast.AsyncFunctionDef]) -> None:
        """Read the ``methods`` of a class as one: what one of them splits, another has kept in ``self``."""
        names = self._read(owner)
        for method in methods:
            self._known[method] = names

    def _read(self, scope: ast.AST) -> frozenset[str]:
        statements = [node for node in _own(scope) if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Call))]
        found = {name for node in statements if isinstance(node, ast.Call) for name in self._split(node)}
        found |= _cut_in_two(node.value for node in statements if isinstance(node, ast.Assign))
        if not found:
            return frozenset()
        made = [(_targets(node), frozenset(_names(node.value))) for node in statements if not isinstance(node, ast.Call) and node.value is not None]
        while more := {name for targets, names in made if targets & found for name in names} - found:
            found |= more
        return frozenset(found)

    def _split(self, call: ast.Call) -> Iterator[str]:
        """Names of what the call splits."""
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        given = call.args
        if name in learning().cross_validation:
            given = call.args[1:]
        elif name in self._parameters and isinstance(call.func, ast.Name):
            given = [argument for argument, rows in zip(call.args, self._parameters[name], strict=False) if rows]
        elif name not in self._splitting and not (name == "split" and isinstance(call.func, ast.Attribute)):  # that of folds
            return
        for argument in given:
            yield from _names(argument)


def _cut_in_two(values: Iterable[ast.expr]) -> set[str]:
    """Names of what is cut by hand: ``X[:n]`` is assigned somewhere, and ``X[n:]``."""
    begins: set[tuple[str, str]] = set()
    ends: set[tuple[str, str]] = set()
    for value in values:
        for part in value.elts if isinstance(value, (ast.Tuple, ast.List)) else (value,):
            if not isinstance(part, ast.Subscript) or not isinstance(part.slice, ast.Slice):
                continue
            lower, upper = part.slice.lower, part.slice.upper
            if lower is None and isinstance(upper, (ast.Name, ast.Attribute)):
                begins |= {(name, ast.dump(upper)) for name in _names(part.value)}
            elif upper is None and isinstance(lower, (ast.Name, ast.Attribute)):
                ends |= {(name, ast.dump(lower)) for name in _names(part.value)}
    return {name for name, _ in begins & ends}


def _splitting() -> frozenset[str]:
    return frozenset(path.rpartition(".")[2] for path in learning().splitters) | _RESAMPLING


def _own(scope: ast.AST) -> Iterator[ast.AST]:
    inside_class = isinstance(scope, ast.ClassDef)
    pending = list(children(scope))
    while pending:
        node = pending.pop()
        if isinstance(node, _NESTED) and not (inside_class and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))):
            continue
        yield node
        pending.extend(children(node))


def _targets(node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> set[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return {
        name for target in targets for part in ([target] if not isinstance(target, (ast.Tuple, ast.List)) else target.elts) for name in _names(part)
    }


def _names(node: ast.expr) -> Iterable[str]:
    """Names whose values are part of what ``node`` is."""
    match node:
        case ast.Name(id=name):
            return (name,)
        case ast.Attribute(value=ast.Name(id="self"), attr=attribute):
            return (f"self.{attribute}",)
        case ast.Attribute(value=inner) | ast.Subscript(value=inner) | ast.Starred(value=inner):
            return _names(inner)
        case ast.Call(func=function, args=given):
            if (function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")) in _MAKING:
                return ()
            receiver = [function.value] if isinstance(function, ast.Attribute) and not function.attr.startswith(_LEARNING) else []
            return [name for part in (*receiver, *given) for name in _names(part)]
        case ast.BinOp(op=ast.FloorDiv() | ast.Mod()) | ast.BinOp(left=ast.List()) | ast.BinOp(right=ast.List()):  # numbers, and as many of them
            return ()
        case ast.BinOp(left=left, right=right):
            return [*_names(left), *_names(right)]
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return [name for part in parts for name in _names(part)]
        case ast.IfExp(body=first, orelse=second):
            return [*_names(first), *_names(second)]
    return ()


def halves(tree: ast.AST) -> dict[str, int]:
    """Return the places at which ``tree`` cuts rows in two, ``X[:n]`` and ``X[n:]``: the bound as text, to the line where that is done first."""
    heads: dict[str, int] = {}
    tails: dict[str, int] = {}
    for node in walk(tree):
        if isinstance(node, ast.Subscript) and isinstance(cut := first_slice(node), ast.Slice) and cut.step is None:
            if cut.lower is None and cut.upper is not None:
                heads.setdefault(ast.dump(cut.upper), node.lineno)
            elif cut.upper is None and cut.lower is not None:
                tails.setdefault(bound_of(cut.lower), node.lineno)
    return {bound: min(line, tails[bound]) for bound, line in heads.items() if bound in tails}


def bound_of(lower: ast.expr) -> str:
    """Return where the second half begins, as text: ``X[n - window:]`` repeats some rows so that its first windows are full."""
    return ast.dump(lower.left if isinstance(lower, ast.BinOp) and isinstance(lower.op, ast.Sub) else lower)


def first_slice(node: ast.Subscript) -> ast.expr:
    """Return what chooses the rows in ``x[rows]`` or ``x[rows, columns]``."""
    return node.slice.elts[0] if isinstance(node.slice, ast.Tuple) and node.slice.elts else node.slice
