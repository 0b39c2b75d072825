"""Functions, their parameters, classes and imports."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from aisecops.codebase.syntax.lowering.expressions import bound
from aisecops.codebase.syntax.lowering.patterns import Patterns
from aisecops.codebase.syntax.lowering.shape import LOAD, STORE

if TYPE_CHECKING:
    from tree_sitter import Node


class Definitions(Patterns):
    """Lowers definitions."""

    def suite(self, node: Node) -> list[ast.stmt]:
        """Lower a block of statements."""
        raise NotImplementedError

    def decorated(self, node: Node) -> ast.stmt:
        """Lower a definition with its decorators."""
        decorators = [self.expr(self.parts(part)[0]) for part in self.parts(node) if part.type == "decorator"]
        definition = self.part(node, "definition")
        return self.class_(definition, decorators) if definition.type == "class_definition" else self.function(definition, decorators)

    def function(self, node: Node, decorators: list[ast.expr] | None = None) -> ast.stmt:
        """Lower a function; what only a type checker reads (type parameters) is left out."""
        arguments, unpacked = self.parameters(self.part(node, "parameters"))
        annotation = node.child_by_field_name("return_type")
        returns = self.expr(annotation) if annotation is not None else None
        body = [*unpacked, *self.suite(self.part(node, "body"))]
        kind: Any = ast.AsyncFunctionDef if self.has(node, "async") else ast.FunctionDef
        made: ast.stmt = kind(self.name(self.part(node, "name")), arguments, body, decorators or [], returns, None, **self.ending(node, body))
        return _without_parameters(made)

    def class_(self, node: Node, decorators: list[ast.expr] | None = None) -> ast.stmt:
        """Lower a class."""
        bases = node.child_by_field_name("superclasses")
        positional, keywords = self.arguments(bases) if bases is not None else ([], [])
        body = self.suite(self.part(node, "body"))
        made = ast.ClassDef(self.name(self.part(node, "name")), positional, keywords, body, decorators or [], **self.ending(node, body))
        return _without_parameters(made)

    def ending(self, node: Node, body: list[ast.stmt]) -> dict[str, Any]:
        """Where a compound statement stands: it ends with its last statement."""
        where = self.at(node)
        if body:
            where["end_lineno"], where["end_col_offset"] = body[-1].end_lineno, body[-1].end_col_offset
        return where

    def parameters(self, node: Node | None) -> tuple[ast.arguments, list[ast.stmt]]:
        """Lower the parameters of a function or lambda."""
        made = ast.arguments([], [], None, [], [], None, [])
        unpacked: list[ast.stmt] = []
        if node is None:
            return made, unpacked
        lambdas = node.type == "lambda_parameters"
        only_keyword = False
        for part in self.parts(node):
            if part.type == "positional_separator":
                made.posonlyargs, made.args = made.args, []
            elif part.type == "keyword_separator":
                only_keyword = True
            else:
                only_keyword = self._parameter(part, made, unpacked, only_keyword=only_keyword, lambdas=lambdas)
        if node.has_error:
            self.save_errors(node)
        return made, unpacked

    def _parameter(self, node: Node, made: ast.arguments, unpacked: list[ast.stmt], *, only_keyword: bool, lambdas: bool) -> bool:
        inner, annotation, default = self._split(node)
        where = self.at(node if node.type == "typed_parameter" else inner)
        if annotation is not None and default is not None:
            where = self.between(inner, annotation)
        noted = self.expr(annotation) if annotation is not None else None
        if inner.type == "list_splat_pattern":
            name = self.parts(inner)[0]
            made.vararg = ast.arg(self.name(name), noted, None, **self.between(name, annotation or name))
            return True
        if inner.type == "dictionary_splat_pattern":
            name = self.parts(inner)[0]
            made.kwarg = ast.arg(self.name(name), noted, None, **self.between(name, annotation or name))
            return only_keyword
        if inner.type == "tuple_pattern":
            self._unpacked(inner, made, unpacked, lambdas=lambdas)
        elif only_keyword:
            made.kwonlyargs.append(ast.arg(self.name(inner), noted, None, **where))
            made.kw_defaults.append(self.expr(default) if default is not None else None)
            return True
        else:
            made.args.append(ast.arg(self.name(inner), noted, None, **where))
        if default is not None:
            made.defaults.append(self.expr(default))
        return only_keyword

    def _split(self, node: Node) -> tuple[Node, Node | None, Node | None]:
        """Return a parameter's name, annotation and default."""
        if node.type == "typed_parameter":
            return self.parts(node)[0], node.child_by_field_name("type"), None
        if node.type in ("default_parameter", "typed_default_parameter"):
            return self.part(node, "name"), node.child_by_field_name("type"), self.part(node, "value")
        return node, None, None

    def _unpacked(self, node: Node, made: ast.arguments, unpacked: list[ast.stmt], *, lambdas: bool) -> None:
        """``def f(a, (b, c))`` of Python 2: the argument is unpacked first. A lambda has no place for that: it gets the names."""
        where = self.at(node)
        target = bound(self.expr(node), STORE)
        if lambdas:
            made.args += [ast.arg(name.id, None, None, **where) for name in ast.walk(target) if isinstance(name, ast.Name)]
            return
        name = f".{len(made.args)}"
        made.args.append(ast.arg(name, None, None, **where))
        unpacked.append(ast.Assign([target], ast.Name(name, LOAD, **where), None, **where))

    # Imports

    def import_(self, node: Node) -> ast.stmt:
        """Lower ``import a.b as c``."""
        return ast.Import(self._aliases(node), **self.at(node))

    def import_from(self, node: Node) -> ast.stmt:
        """Lower ``from . import a``."""
        if node.type == "future_import_statement":
            return ast.ImportFrom("__future__", self._aliases(node), 0, **self.at(node))
        module = self.part(node, "module_name")
        level = 0
        name: str | None = None
        if module.type == "relative_import":
            for part in self.parts(module):
                if part.type == "import_prefix":
                    level = self.text(part).count(".")
                else:
                    name = self._dotted(part)
        else:
            name = self._dotted(module)
        star = next((part for part in node.children if part.type == "wildcard_import"), None)
        names = [ast.alias("*", None, **self.at(star))] if star is not None else self._aliases(node)
        return ast.ImportFrom(name, names, level, **self.at(node))

    def _aliases(self, node: Node) -> list[ast.alias]:
        found: list[ast.alias] = []
        for part in node.children_by_field_name("name"):
            if part.type == "aliased_import":
                found.append(ast.alias(self._dotted(self.part(part, "name")), self.name(self.part(part, "alias")), **self.at(part)))
            elif part.is_named:
                found.append(ast.alias(self._dotted(part), None, **self.at(part)))
        return found

    def _dotted(self, node: Node) -> str:
        return ".".join(self.name(part) for part in self.parts(node)) or self.name(node)


def _without_parameters(made: ast.stmt) -> ast.stmt:
    if "type_params" in made._fields:  # Python 3.12 and later
        made.type_params = []  # type: ignore[attr-defined]
    return made
