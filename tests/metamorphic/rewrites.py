"""Twelve ways to write the same program, each applied to one call of it."""

from __future__ import annotations

import ast
from collections.abc import Callable
from copy import deepcopy

Rewritten = dict[str, str]
"""Path to text; the program itself is ``example.py``."""
Rewrite = Callable[[ast.Module, ast.Call], Rewritten | None]


def parse(text: str) -> list[ast.stmt]:
    return ast.parse(text).body


class _Replace(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.expr) -> None:
        self.old, self.new, self.done = old, new, False

    def visit(self, node: ast.AST) -> ast.AST:
        if node is self.old:
            self.done = True
            return self.new
        return self.generic_visit(node)


def replaced(tree: ast.Module, call: ast.Call, new: ast.expr, before: list[ast.stmt], top: list[ast.stmt] | None = None) -> Rewritten | None:
    """The program with ``new`` in the place of ``call``, ``before`` in front of its statement and ``top`` in front of everything but the imports."""
    replacer = _Replace(call, new)
    replacer.visit(tree)
    if not replacer.done:
        return None
    if before:
        block, index = next((b, i) for b, i in reversed(list(_places(tree))) if any(part is new for part in ast.walk(b[i])))
        block[index:index] = before
    if top:
        last = max((i for i, s in enumerate(tree.body) if isinstance(s, ast.Import | ast.ImportFrom)), default=-1)
        tree.body[last + 1 : last + 1] = top
    return {"example.py": ast.unparse(ast.fix_missing_locations(tree))}


def _places(tree: ast.AST) -> list[tuple[list[ast.stmt], int]]:
    """Every statement, outer ones first, as the block that holds it and its place there."""
    found = []
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list):
                found += [(block, i) for i in range(len(block)) if isinstance(block[i], ast.stmt)]
    return found


def root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Call):
        node = node.value if isinstance(node, ast.Attribute) else node.func
    return node.id if isinstance(node, ast.Name) else ""


def imported(tree: ast.Module) -> dict[str, ast.stmt]:
    """Name to the statement at the top that imports it."""
    names = {}
    for statement in tree.body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            for alias in statement.names:
                names[alias.asname or alias.name.partition(".")[0]] = statement
    return names


class _Rename(ast.NodeTransformer):
    def __init__(self, old: str, new: str) -> None:
        self.old, self.new = old, new

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self.new, node.ctx) if node.id == self.old else node


def alias(tree: ast.Module, call: ast.Call) -> Rewritten | None:
    name = root(call.func)
    statement = imported(tree).get(name)
    if not isinstance(statement, ast.Import | ast.ImportFrom):
        return None
    for item in statement.names:
        if (item.asname or item.name) == name:
            item.asname = "_renamed"
            return {"example.py": ast.unparse(_Rename(name, "_renamed").visit(tree))}
    return None


def wrapper(tree: ast.Module, call: ast.Call) -> Rewritten | None:
    if isinstance(call.func, ast.Attribute) and root(call.func) not in imported(tree):
        return None  # a method of an object: the wrapper would have to be given it
    top = parse(f"def _wrapped(*args, **kwargs):\n    return {ast.unparse(call.func)}(*args, **kwargs)")
    return replaced(tree, call, ast.Call(ast.Name("_wrapped"), call.args, call.keywords), [], top)


def partial(tree: ast.Module, call: ast.Call) -> Rewritten | None:
    tree.body.insert(0, parse("import functools")[0])
    before = [ast.Assign([ast.Name("_ready")], ast.Call(ast.parse("functools.partial").body[0].value, [call.func], call.keywords), lineno=1)]  # type: ignore[attr-defined]
    return replaced(tree, call, ast.Call(ast.Name("_ready"), call.args, []), before)


def kwargs_dict(tree: ast.Module, call: ast.Call) -> Rewritten | None:
    named = [keyword for keyword in call.keywords if keyword.arg]
    if not named or len(named) != len(call.keywords):
        return None
    options = ast.Dict([ast.Constant(k.arg) for k in named], [k.value for k in named])
    before = [ast.Assign([ast.Name("_options")], options, lineno=1)]
    return replaced(tree, call, ast.Call(call.func, call.args, [ast.keyword(None, ast.Name("_options"))]), before)


def get_attribute(tree: ast.Module, call: ast.Call) -> Rewritten | None:
    if not isinstance(call.func, ast.Attribute):
        return None
    function = ast.Call(ast.Name("getattr"), [call.func.value, ast.Constant(call.func.attr)], [])
    return replaced(tree, call, ast.Call(function, call.args, call.keywords), [])


def try_import(tree: ast.Module, call: ast.Call) -> Rewritten | None:
    name = root(call.func)
    statement = imported(tree).get(name)
    if statement is None:
        return None
    handler = ast.ExceptHandler(ast.Name("ImportError"), None, parse(f"{name} = None"))
    tree.body[tree.body.index(statement)] = ast.Try([statement], [handler], [], [])
    return {"example.py": ast.unparse(ast.fix_missing_locations(tree))}


def walrus(tree: ast.Module, call: ast.Call) -> Rewritten | None:
    return replaced(tree, call, ast.Call(ast.NamedExpr(ast.Name("_called"), call.func), call.args, call.keywords), [])


def comprehension(tree: ast.Module, call: ast.Call) -> Rewritten | None:
    if not call.args or isinstance(call.args[0], ast.Starred):
        return None
    inner = ast.Call(call.func, [ast.Name("_each"), *call.args[1:]], call.keywords)
    made = ast.ListComp(inner, [ast.comprehension(ast.Name("_each"), ast.List([call.args[0]]), [], 0)])
    return replaced(tree, call, ast.Subscript(made, ast.Constant(0)), [])


def decorator(tree: ast.Module, call: ast.Call) -> Rewritten | None:
    if any(isinstance(node, ast.Await) and node.value is call for node in ast.walk(tree)):
        return None
    top = parse(
        "import functools\ndef _traced(f):\n    @functools.wraps(f)\n    def inner(*args, **kwargs):\n        return f(*args, **kwargs)\n    return inner"
    )
    function = ast.FunctionDef("_run", ast.arguments([], [], None, [], [], None, []), [ast.Return(call)], [ast.Name("_traced")], lineno=1)
    return replaced(tree, call, ast.Call(ast.Name("_run"), [], []), [function], top) if _swap(tree, call, function) else None


def _swap(tree: ast.Module, call: ast.Call, function: ast.FunctionDef) -> bool:
    """The moved call must be a copy: the original is what gets replaced."""
    function.body = [ast.Return(deepcopy(call))]
    return True


def class_attribute(tree: ast.Module, call: ast.Call) -> Rewritten | None:
    if root(call.func) not in imported(tree) and not isinstance(call.func, ast.Name):
        return None
    top = parse(f"class _Held:\n    call = staticmethod({ast.unparse(call.func)})")
    function = ast.Attribute(ast.Name("_Held"), "call")
    return replaced(tree, call, ast.Call(function, call.args, call.keywords), top, None)


def split_strings(tree: ast.Module, call: ast.Call) -> Rewritten | None:
    texts = [a for a in ast.walk(call) if isinstance(a, ast.Constant) and isinstance(a.value, str) and len(a.value) > 3]
    plain = [t for t in texts if not any(isinstance(n, ast.JoinedStr) and t in ast.walk(n) for n in ast.walk(call))]
    if not plain:
        return None
    for text in plain:
        middle = len(text.value) // 2
        _Replace(text, ast.BinOp(ast.Constant(text.value[:middle]), ast.Add(), ast.Constant(text.value[middle:]))).visit(tree)
    return {"example.py": ast.unparse(ast.fix_missing_locations(tree))}


def other_module(tree: ast.Module, call: ast.Call) -> Rewritten | None:
    name = root(call.func)
    statement = imported(tree).get(name)
    if statement is None and not isinstance(call.func, ast.Name):
        return None
    defined = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef)}
    assigned = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    if statement is None and name in defined | assigned:
        return None
    if {n.id for n in ast.walk(call.func) if isinstance(n, ast.Name)} - {name}:
        return None  # it needs more names than the one that can be imported there
    head = ast.unparse(statement) + "\n" if statement is not None else ""
    other = f"{head}def run(*args, **kwargs):\n    return {ast.unparse(call.func)}(*args, **kwargs)\n"
    top = parse("from elsewhere import run as _run")
    done = replaced(tree, call, ast.Call(ast.Name("_run"), call.args, call.keywords), [], top)
    return done and done | {"elsewhere.py": other}


REWRITES: dict[str, Rewrite] = {
    "alias": alias, "wrapper": wrapper, "partial": partial, "kwargs dict": kwargs_dict, "getattr": get_attribute, "try-import": try_import, "walrus": walrus,
    "comprehension": comprehension, "decorator": decorator, "class attribute": class_attribute, "string split": split_strings, "other module": other_module,
}  # fmt: skip
