"""Expressions."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aisecops.codebase.syntax.lowering.literals import Literals
from aisecops.codebase.syntax.lowering.shape import BROKEN, DEEPEST, DELETE, EXTRAS, LOAD, STORE

if TYPE_CHECKING:
    from tree_sitter import Node

BINARY: dict[str, type[ast.operator]] = {
    "+": ast.Add,
    "-": ast.Sub,
    "*": ast.Mult,
    "@": ast.MatMult,
    "/": ast.Div,
    "%": ast.Mod,
    "//": ast.FloorDiv,
    "**": ast.Pow,
    "|": ast.BitOr,
    "&": ast.BitAnd,
    "^": ast.BitXor,
    "<<": ast.LShift,
    ">>": ast.RShift,
}
_COMPARISONS: dict[str, type[ast.cmpop]] = {
    "<": ast.Lt,
    "<=": ast.LtE,
    "==": ast.Eq,
    "!=": ast.NotEq,
    "<>": ast.NotEq,
    ">=": ast.GtE,
    ">": ast.Gt,
    "in": ast.In,
    "not in": ast.NotIn,
    "is": ast.Is,
    "is not": ast.IsNot,
}
_UNARY: dict[str, type[ast.unaryop]] = {"+": ast.UAdd, "-": ast.USub, "~": ast.Invert}
_LEFT = {"binary_operator": "left", "boolean_operator": "left", "attribute": "object", "call": "function", "subscript": "value"}
"""Expressions that grow to the left, and the part where they do: generated code adds up thousands of terms, and chains hundreds of calls."""


class Expressions(Literals):
    """Lowers expressions."""

    def expr(self, node: Node) -> ast.expr:
        """Lower an expression; one that makes no sense becomes what could be saved of it."""
        self.spend()
        if self.depth >= DEEPEST:
            self.gap(node, "is nested too deeply to be followed")
            return ast.Constant(None, **self.at(node))
        self.depth += 1
        try:
            kind = node.type
            if kind in _LEFT:
                return self._chain(node)
            return _KINDS[kind](self, node)
        except BROKEN:
            return self._saved(node)
        finally:
            self.depth -= 1
            if node.has_error:
                self.save_errors(node)

    def save_errors(self, node: Node) -> None:
        """Keep what stands in the errors directly below ``node``."""
        raise NotImplementedError

    def _saved(self, node: Node) -> ast.expr:
        found = [self.expr(part) for part in self.parts(node) if part.type in _KINDS or part.type in _LEFT]
        return found[0] if len(found) == 1 else ast.Tuple(found, LOAD, **self.at(node))

    def target(self, node: Node) -> ast.expr:
        """Lower what is assigned to."""
        return bound(self.expr(node), STORE)

    def deleted(self, node: Node) -> ast.expr:
        """Lower what is deleted."""
        return bound(self.expr(node), DELETE)

    # What grows to the left

    def _chain(self, node: Node) -> ast.expr:
        links: list[Node] = []
        while node.type in _LEFT:
            links.append(node)
            node = self.part(node, _LEFT[node.type])
        star = node if node.type == "list_splat" else None
        if star is not None:  # `*a.b()` among others, which the grammar takes for `(*a).b()`
            (node,) = self.parts(star)
        value = self.expr(node)
        inner = node
        for link in reversed(links):
            self.spend()
            try:
                value = _LINKS[link.type](self, link, value, inner)
            except BROKEN:
                value = ast.Tuple([value], LOAD, **self.at(link))
            if star is not None:
                value.lineno, value.col_offset = node.start_point[0] + 1, node.start_point[1]
            if link.has_error and link is not links[0]:
                self.save_errors(link)
            inner = link
        return value if star is None else ast.Starred(value, LOAD, **self.between(star, links[0]))

    def _binary(self, node: Node, left: ast.expr, _: Node) -> ast.expr:
        operator = BINARY[self.part(node, "operator").type]()
        return ast.BinOp(left, operator, self.expr(self.part(node, "right")), **self.at(node))

    def _boolean(self, node: Node, left: ast.expr, inner: Node) -> ast.expr:
        word = self.part(node, "operator").type
        right = self.expr(self.part(node, "right"))
        if isinstance(left, ast.BoolOp) and inner.type == "boolean_operator" and self.part(inner, "operator").type == word:
            left.values.append(right)
            left.end_lineno, left.end_col_offset = node.end_point[0] + 1, node.end_point[1]
            return left
        return ast.BoolOp(ast.And() if word == "and" else ast.Or(), [left, right], **self.at(node))

    def _attribute(self, node: Node, value: ast.expr, _: Node) -> ast.expr:
        return ast.Attribute(value, self.name(self.part(node, "attribute")), LOAD, **self.at(node))

    def _subscript(self, node: Node, value: ast.expr, _: Node) -> ast.expr:
        indices = node.children_by_field_name("subscript")
        opening = next(number for number, part in enumerate(node.children) if part.type == "[")
        comma = any(part.type == "," for part in node.children[opening:])
        keys = [self.expr(index) for index in indices]
        if len(keys) == 1 and not comma and not isinstance(keys[0], ast.Starred):
            return ast.Subscript(value, keys[0], LOAD, **self.at(node))
        end = indices[-1] if len(indices) > 1 or not comma else next(part for part in reversed(node.children) if part.type == ",")
        key = ast.Tuple(keys, LOAD, **self.between(indices[0], end))
        return ast.Subscript(value, key, LOAD, **self.at(node))

    def _call(self, node: Node, function: ast.expr, _: Node) -> ast.expr:
        arguments = self.part(node, "arguments")
        if arguments.type == "generator_expression":
            return ast.Call(function, [self.expr(arguments)], [], **self.at(node))
        positional, keywords = self.arguments(arguments)
        if isinstance(function, ast.Name) and function.id == "exec" and len(positional) == 1:
            positional = _exec_in(positional[0])
        return ast.Call(function, positional, keywords, **self.at(node))

    def arguments(self, node: Node) -> tuple[list[ast.expr], list[ast.keyword]]:
        """Lower what stands between a call's parentheses."""
        positional: list[ast.expr] = []
        keywords: list[ast.keyword] = []
        for part in self.parts(node):
            if part.type == "keyword_argument":
                keywords.append(ast.keyword(self.name(self.part(part, "name")), self.expr(self.part(part, "value")), **self.at(part)))
            elif part.type == "dictionary_splat":
                keywords.append(ast.keyword(None, self.expr(self.parts(part)[0]), **self.at(part)))
            else:
                positional.append(self.expr(part))
        if node.has_error:
            self.save_errors(node)
        return positional, keywords

    # The others

    def _identifier(self, node: Node) -> ast.expr:
        name = self.name(node)
        if not name:
            return ast.Constant(None, **self.at(node))
        return ast.Name(name, LOAD, **self.at(node))

    def _parenthesized(self, node: Node) -> ast.expr:
        return self.expr(self.parts(node)[0])

    def _comparison(self, node: Node) -> ast.expr:
        operands: list[ast.expr] = []
        operators: list[ast.cmpop] = []
        for part in node.children:
            if part.type in _COMPARISONS:
                operators.append(_COMPARISONS[part.type]())
            elif part.is_named and part.type not in EXTRAS and part.type != "ERROR":
                operands.append(self.expr(part))
        return ast.Compare(operands[0], operators, operands[1:], **self.at(node))

    def _not(self, node: Node) -> ast.expr:
        return ast.UnaryOp(ast.Not(), self.expr(self.part(node, "argument")), **self.at(node))

    def _unary(self, node: Node) -> ast.expr:
        return ast.UnaryOp(_UNARY[self.part(node, "operator").type](), self.expr(self.part(node, "argument")), **self.at(node))

    def _await(self, node: Node) -> ast.expr:
        return ast.Await(self.expr(self.parts(node)[0]), **self.at(node))

    def _conditional(self, node: Node) -> ast.expr:
        body, test, orelse = self.parts(node)
        return ast.IfExp(self.expr(test), self.expr(body), self.expr(orelse), **self.at(node))

    def _named(self, node: Node) -> ast.expr:
        name = self.part(node, "name")
        return ast.NamedExpr(ast.Name(self.name(name), STORE, **self.at(name)), self.expr(self.part(node, "value")), **self.at(node))

    def _lambda(self, node: Node) -> ast.expr:
        parameters = node.child_by_field_name("parameters")
        arguments, _ = self.parameters(parameters)
        return ast.Lambda(arguments, self.expr(self.part(node, "body")), **self.at(node))

    def parameters(self, node: Node | None) -> tuple[ast.arguments, list[ast.stmt]]:
        """Lower the parameters of a function, and what Python 2 unpacks at its start."""
        raise NotImplementedError

    def _yield(self, node: Node) -> ast.expr:
        parts = self.parts(node)
        if self.has(node, "from"):
            return ast.YieldFrom(self.expr(parts[0]), **self.at(node))
        return ast.Yield(self.expr(parts[0]) if parts else None, **self.at(node))

    def _starred(self, node: Node) -> ast.expr:
        return ast.Starred(self.expr(self.parts(node)[0]), LOAD, **self.at(node))

    def _as(self, node: Node) -> ast.expr:
        """``a as b`` where only an expression is looked for."""
        return self.expr(self.parts(node)[0])

    def _elements(self, node: Node) -> list[ast.expr]:
        return [self.expr(part) for part in self.parts(node)]

    def _tuple(self, node: Node) -> ast.expr:
        return ast.Tuple(self._elements(node), LOAD, **self.at(node))

    def _pattern(self, node: Node) -> ast.expr:
        """Parentheses on the left of an assignment: a tuple only with a comma."""
        parts = self.parts(node)
        if len(parts) == 1 and not self.has(node, ","):
            return self.expr(parts[0])
        return self._tuple(node)

    def _list(self, node: Node) -> ast.expr:
        return ast.List(self._elements(node), LOAD, **self.at(node))

    def _set(self, node: Node) -> ast.expr:
        return ast.Set(self._elements(node), **self.at(node))

    def _dictionary(self, node: Node) -> ast.expr:
        keys: list[ast.expr | None] = []
        values: list[ast.expr] = []
        for part in self.parts(node):
            if part.type == "pair":
                keys.append(self.expr(self.part(part, "key")))
                values.append(self.expr(self.part(part, "value")))
            else:
                keys.append(None)
                values.append(self.expr(self.parts(part)[0]))
        return ast.Dict(keys, values, **self.at(node))

    def _slice(self, node: Node) -> ast.expr:
        bounds: list[ast.expr | None] = [None, None, None]
        number = 0
        for part in node.children:
            if part.type == ":":
                number += 1
            elif part.is_named and part.type not in EXTRAS and part.type != "ERROR":
                bounds[number] = self.expr(part)
        return ast.Slice(*bounds, **self.at(node))

    def _comprehension(self, node: Node) -> ast.expr:
        generators = self._generators(node)
        body = self.part(node, "body")
        if node.type == "dictionary_comprehension":
            return ast.DictComp(self.expr(self.part(body, "key")), self.expr(self.part(body, "value")), generators, **self.at(node))
        kind = {"list_comprehension": ast.ListComp, "set_comprehension": ast.SetComp}.get(node.type, ast.GeneratorExp)
        return kind(self.expr(body), generators, **self.at(node))

    def _generators(self, node: Node) -> list[ast.comprehension]:
        found: list[ast.comprehension] = []
        for part in self.parts(node):
            if part.type == "for_in_clause":
                target = self.target(self.part(part, "left"))
                sources = [source for source in part.children_by_field_name("right") if source.is_named]
                iterated = (
                    self.expr(sources[0])
                    if len(sources) == 1
                    else ast.Tuple([self.expr(s) for s in sources], LOAD, **self.between(sources[0], sources[-1]))
                )
                found.append(ast.comprehension(target, iterated, [], int(self.has(part, "async"))))
            elif part.type == "if_clause":
                found[-1].ifs.append(self.expr(self.parts(part)[0]))
        return found

    # Types are expressions, except that the grammar has its own names for some

    def _type(self, node: Node) -> ast.expr:
        return self.expr(self.parts(node)[0])

    def _generic(self, node: Node) -> ast.expr:
        base, parameters = self.parts(node)
        indices = self.parts(parameters)
        keys = [self.expr(index) for index in indices]
        if len(keys) == 1 and not self.has(parameters, ",") and not isinstance(keys[0], ast.Starred):
            key = keys[0]
        else:
            end = indices[-1] if len(keys) > 1 or not self.has(parameters, ",") else next(p for p in reversed(parameters.children) if p.type == ",")
            key = ast.Tuple(keys, LOAD, **self.between(indices[0], end))
        return ast.Subscript(self.expr(base), key, LOAD, **self.at(node))

    def _union(self, node: Node) -> ast.expr:
        left, right = self.parts(node)
        return ast.BinOp(self.expr(left), ast.BitOr(), self.expr(right), **self.at(node))

    def _member(self, node: Node) -> ast.expr:
        base, attribute = self.parts(node)
        return ast.Attribute(self.expr(base), self.name(attribute), LOAD, **self.at(node))


def bound(expression: ast.expr, context: ast.expr_context) -> ast.expr:
    """Return ``expression`` as a target."""
    stack = [expression]
    while stack:
        node = stack.pop()
        if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript, ast.Tuple, ast.List, ast.Starred)):
            node.ctx = context
            if isinstance(node, (ast.Tuple, ast.List)):
                stack += node.elts
            elif isinstance(node, ast.Starred):
                stack.append(node.value)
    return expression


def _exec_in(code: ast.expr) -> list[ast.expr]:
    """``exec code in names`` of Python 2, which has been given parentheses."""
    if isinstance(code, ast.Compare) and len(code.ops) == 1 and isinstance(code.ops[0], ast.In):
        return [code.left, code.comparators[0]]
    return [code]


# ruff: noqa: SLF001 - the tables below are part of the class
_LINKS: dict[str, Callable[[Any, Node, ast.expr, Node], ast.expr]] = {
    "binary_operator": Expressions._binary,
    "boolean_operator": Expressions._boolean,
    "attribute": Expressions._attribute,
    "subscript": Expressions._subscript,
    "call": Expressions._call,
}
_KINDS: dict[str, Callable[[Any, Node], ast.expr]] = {
    "identifier": Expressions._identifier,
    "string": Expressions.string,
    "concatenated_string": Expressions.strings,
    "integer": Expressions.number,
    "float": Expressions.number,
    "true": Expressions.true,
    "false": Expressions.false,
    "none": Expressions.none,
    "ellipsis": Expressions.ellipsis,
    "parenthesized_expression": Expressions._parenthesized,
    "parenthesized_list_splat": Expressions._parenthesized,
    "comparison_operator": Expressions._comparison,
    "not_operator": Expressions._not,
    "unary_operator": Expressions._unary,
    "await": Expressions._await,
    "conditional_expression": Expressions._conditional,
    "named_expression": Expressions._named,
    "lambda": Expressions._lambda,
    "yield": Expressions._yield,
    "list_splat": Expressions._starred,
    "list_splat_pattern": Expressions._starred,
    "dictionary_splat_pattern": Expressions._starred,
    "dictionary_splat": Expressions._starred,
    "splat_type": Expressions._starred,
    "as_pattern": Expressions._as,
    "as_pattern_target": Expressions._parenthesized,
    "tuple": Expressions._tuple,
    "expression_list": Expressions._tuple,
    "pattern_list": Expressions._tuple,
    "tuple_pattern": Expressions._pattern,
    "list": Expressions._list,
    "list_pattern": Expressions._list,
    "set": Expressions._set,
    "dictionary": Expressions._dictionary,
    "slice": Expressions._slice,
    "list_comprehension": Expressions._comprehension,
    "set_comprehension": Expressions._comprehension,
    "dictionary_comprehension": Expressions._comprehension,
    "generator_expression": Expressions._comprehension,
    "type": Expressions._type,
    "constrained_type": Expressions._type,
    "generic_type": Expressions._generic,
    "union_type": Expressions._union,
    "member_type": Expressions._member,
}
EXPRESSIONS = frozenset((*_KINDS, *_LINKS))
