"""The texts of a Python file that describe tools to a model: docstrings of functions that are registered as tools, and texts called description."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from textwrap import dedent

import msgspec

from aisecops.codebase.syntax.walking import children

_REGISTERS = re.compile(
    r"(?:^|[._])(?:tool|tools|function_tool|ai_tool|llm_tool|beta_tool|kernel_function|ai_callable|agent_tool|mcp_tool|register_tool|register_function|add_tool|resource|prompt|skill"
    r"|tool_plain|action|function_call|structured_tool|as_tool)$"
)
"""The last name of a decorator that hands a function and its docstring to a model: MCP, LangChain, OpenAI Agents, PydanticAI, Semantic Kernel, smolagents ..."""
_DESCRIBES = frozenset(("description", "tool_description", "function_description", "desc", "instructions"))
_SERVERS = re.compile(r"(?:MCP|Server)\w*$")
_NAMED_TEXT = re.compile(r"(?i)(?:^|_)(?:descriptions?|desc|docstring|tool_doc)$|^description_|^tool_desc|__doc__$")
_TOOL_CLASS = re.compile(r"(?i)(?:tool|toolkit|function|plugin|skill|action)s?$")
_SPECIMENS = re.compile(
    r"(?i)malicious|poison|attack|payload|injection|bad_|evil|unsafe|adversar|deny|block|pattern|example|sample|fixture|bench|dataset|hostile|suspicious|corpus|case"
)
_DEEPEST_SUM = 50
_LEAVES: frozenset[type] = frozenset((
    ast.Name, ast.Constant, ast.Load, ast.Store, ast.Del, ast.arguments, ast.alias, ast.Import, ast.ImportFrom, ast.Compare, ast.JoinedStr, ast.Pass, ast.Raise,
    ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Mod, ast.Not, ast.USub, ast.And, ast.Or, ast.BitOr, ast.Subscript, ast.Slice, ast.Break, ast.Continue, ast.Assert,
))  # fmt: skip
"""What holds no description: most of a tree."""
_TELLING: frozenset[type] = frozenset((ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Call, ast.Dict, ast.Assign, ast.AnnAssign))


class DescribedTool(msgspec.Struct, frozen=True):
    """A text that describes ``tool`` (the function or the name it is given; empty if that is not known), and the node that says it: where it has a name, its value."""

    tool: str
    text: str
    node: ast.expr


def tool_descriptions(tree: ast.Module, handed_over: frozenset[str] = frozenset()) -> Iterator[DescribedTool]:
    """Yield the descriptions of tools in ``tree``, in no particular order; ``handed_over`` names functions that are tools for a reason that the syntax does not show.

    Collections of specimens, which their names tell (``POISONED_TOOLS``, ``BLOCKED_PATTERNS``), are left out.
    """
    finder = _Finder(_constants(tree), handed_over)
    yield from finder.visit(tree)


def _constants(tree: ast.Module) -> dict[str, ast.expr]:
    """The texts that names of the module stand for."""
    found: dict[str, ast.expr] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = node.value
    return found


class _Finder:
    """Goes through a module and keeps out of collections of specimens."""

    def __init__(self, constants: dict[str, ast.expr], handed_over: frozenset[str]) -> None:
        self._constants = constants
        self._handed_over = handed_over

    def visit(self, root: ast.AST) -> Iterator[DescribedTool]:
        left: list[ast.AST] = [root]
        while left:
            node = left.pop()
            if type(node) in _TELLING:
                if isinstance(node, (ast.Assign, ast.AnnAssign)) and _SPECIMENS.search(_target(node)):
                    continue
                yield from self._described(node)
            left += [child for child in children(node) if type(child) not in _LEAVES]

    def _described(self, node: ast.AST) -> Iterator[DescribedTool]:
        if isinstance(node, ast.Call):  # half of all nodes that may tell something
            if node.keywords or node.args:
                yield from self._call(node)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from self._function(node)
        elif isinstance(node, ast.ClassDef):
            yield from self._class(node)
        elif isinstance(node, ast.Dict):
            yield from self._dictionary(node)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None and _NAMED_TEXT.search(_target(node)):
            yield from self._text("", node.value)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[DescribedTool]:
        if node.name not in self._handed_over and not any(_REGISTERS.search(_dotted(decorator)) for decorator in node.decorator_list):
            return
        yield from self._docstring(node)
        for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
            if isinstance(argument.annotation, ast.Subscript) and isinstance(argument.annotation.slice, ast.Tuple):
                for item in argument.annotation.slice.elts[1:]:  # Annotated[str, "what it is"]
                    yield from self._text(node.name, item)

    def _class(self, node: ast.ClassDef) -> Iterator[DescribedTool]:
        """A class of tools; its docstring is the description where nothing else is."""
        bases = [_dotted(base) for base in node.bases]
        if any((_TOOL_CLASS.search(base) and not base.endswith(("Toolkit", "Toolset", "Tools"))) or base.endswith("BaseModel") for base in bases):
            yield from self._docstring(node)

    def _call(self, node: ast.Call) -> Iterator[DescribedTool]:
        describing = [keyword for keyword in node.keywords if keyword.arg in _DESCRIBES]
        if not describing and not any(isinstance(argument, (ast.Constant, ast.JoinedStr, ast.BinOp)) for argument in node.args):
            return
        called = _dotted(node.func)
        name = next((self._said(keyword.value) for keyword in node.keywords if keyword.arg == "name"), "")
        for keyword in describing:
            if keyword.arg != "instructions" or _SERVERS.search(called):
                yield from self._text(name, keyword.value)
        if _TOOL_CLASS.search(called.rpartition(".")[2]):
            for argument in node.args:
                if isinstance(argument, (ast.Constant, ast.JoinedStr, ast.BinOp)) and len(self._said(argument)) > 40:
                    yield from self._text(name, argument)

    def _dictionary(self, node: ast.Dict) -> Iterator[DescribedTool]:
        keys = {
            key.value: value
            for key, value in zip(node.keys, node.values, strict=True)
            if isinstance(key, ast.Constant) and isinstance(key.value, str)
        }
        if "description" in keys and keys.keys() & {"name", "type", "parameters", "inputSchema", "input_schema", "function", "title"}:
            yield from self._text(self._said(keys["name"]) if "name" in keys else "", keys["description"])

    def _docstring(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Iterator[DescribedTool]:
        if node.body and isinstance(node.body[0], ast.Expr):
            yield from self._text(node.name, node.body[0].value)

    def _text(self, tool: str, node: ast.expr) -> Iterator[DescribedTool]:
        said = self._said(node)
        if len(said) > 3:
            yield DescribedTool(tool, said, self._written(node))

    def _written(self, node: ast.expr) -> ast.expr:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            node = node.func.value
        named = self._constants.get(node.id) if isinstance(node, ast.Name) else None
        return named or node

    def _said(self, node: ast.expr, depth: int = 0) -> str:
        """The text that an expression stands for, as far as it can be read; what is not known is left out."""
        if depth > _DEEPEST_SUM:
            return ""
        match node:
            case ast.Constant(value=str(text)):
                return text
            case ast.Name(id=name) if name in self._constants:
                return self._said(self._constants[name], depth + _DEEPEST_SUM // 2)
            case ast.JoinedStr(values=values):
                return "".join(self._said(value, depth + 1) for value in values)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self._said(left, depth + 1) + self._said(right, depth + 1)
            case ast.Call(func=ast.Attribute(value=inner, attr="strip" | "format" | "lstrip" | "rstrip")):
                return self._said(inner, depth + 1)
            case ast.Call(func=function, args=[inner, *_]) if _dotted(function).rpartition(".")[2] in ("dedent", "cleandoc"):
                return dedent(self._said(inner, depth + 1))
            case ast.Call(
                func=ast.Attribute(value=ast.Constant(value=str(separator)), attr="join"), args=[ast.List(elts=parts) | ast.Tuple(elts=parts)]
            ):
                return separator.join(self._said(part, depth + 1) for part in parts)
        return ""


def _target(node: ast.Assign | ast.AnnAssign) -> str:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return " ".join(_dotted(target) for target in targets)


def _dotted(node: ast.expr) -> str:
    """The dotted name of a decorator, base or callee, without its arguments."""
    names: list[str] = []
    while True:
        if isinstance(node, (ast.Call, ast.Subscript)):
            node = node.func if isinstance(node, ast.Call) else node.value
        elif isinstance(node, ast.Attribute):
            names.append(node.attr)
            node = node.value
        else:
            break
    if isinstance(node, ast.Name):
        names.append(node.id)
    return ".".join(reversed(names))
