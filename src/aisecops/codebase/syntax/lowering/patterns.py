"""The patterns of ``match``."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from aisecops.codebase.syntax.lowering.expressions import Expressions
from aisecops.codebase.syntax.lowering.shape import BROKEN, DEEPEST, EXTRAS, LOAD

if TYPE_CHECKING:
    from tree_sitter import Node

_SINGLETONS = {"true": True, "false": False, "none": None}


class Patterns(Expressions):
    """Lowers patterns."""

    def pattern(self, node: Node) -> ast.pattern:
        """Lower a pattern; one that makes no sense matches everything."""
        self.spend()
        if self.depth >= DEEPEST:
            self.gap(node, "is nested too deeply to be followed")
            return ast.MatchAs(None, None, **self.at(node))
        self.depth += 1
        try:
            return self._pattern_of(node)
        except BROKEN:
            return ast.MatchAs(None, None, **self.at(node))
        finally:
            self.depth -= 1
            if node.has_error:
                self.save_errors(node)

    def case(self, patterns: list[Node], *, comma: bool) -> ast.pattern:
        """Lower what stands between ``case`` and its colon: several patterns are a sequence."""
        lowered = [self.pattern(pattern) for pattern in patterns]
        if len(lowered) == 1 and not comma:
            return lowered[0]
        return ast.MatchSequence(lowered, **self.between(patterns[0], patterns[-1]))

    def _pattern_of(self, node: Node) -> ast.pattern:
        kind = node.type
        where = self.at(node)
        if kind == "case_pattern":
            return self._case_pattern(node)
        if kind in _SINGLETONS:
            return ast.MatchSingleton(_SINGLETONS[kind], **where)
        if kind == "_":
            return ast.MatchAs(None, None, **where)
        if kind == "dotted_name":
            return self._name_or_value(node)
        if kind == "union_pattern":
            return ast.MatchOr([self.pattern(part) for part in _subpatterns(node)], **where)
        if kind == "as_pattern":
            inner, name = self.parts(node)
            return ast.MatchAs(self.pattern(inner), self.name(name), **where)
        if kind in ("list_pattern", "tuple_pattern"):
            return self._sequence(node)
        if kind == "splat_pattern":
            parts = self.parts(node)
            return ast.MatchStar(self.name(parts[0]) if parts else None, **where)
        if kind == "dict_pattern":
            return self._mapping(node)
        if kind == "class_pattern":
            return self._class(node)
        return ast.MatchValue(self._value(node), **where)

    def _case_pattern(self, node: Node) -> ast.pattern:
        parts = _subpatterns(node)
        if len(parts) == 1 and not self.has(node, "-"):
            return self.pattern(parts[0])
        where = self.at(node)
        return ast.MatchValue(ast.UnaryOp(ast.USub(), self.expr(parts[0]), **where), **where)

    def _value(self, node: Node) -> ast.expr:
        if node.type != "complex_pattern":
            return self.expr(node)
        where = self.at(node)
        real, imaginary = (self.expr(part) for part in self.parts(node))
        signs = [part.type for part in node.children if part.type in ("+", "-")]
        if len(signs) == 2:
            real = ast.UnaryOp(ast.USub(), real, **where)
        return ast.BinOp(real, ast.Add() if signs[-1] == "+" else ast.Sub(), imaginary, **where)

    def _name_or_value(self, node: Node) -> ast.pattern:
        if len(self.parts(node)) == 1:
            name = self.name(node)
            return ast.MatchAs(None, None if name == "_" else name, **self.at(node))
        return ast.MatchValue(self.dotted(node), **self.at(node))

    def dotted(self, node: Node) -> ast.expr:
        """Lower a dotted name as the expression that it is."""
        first, *rest = self.parts(node)
        value: ast.expr = ast.Name(self.name(first), LOAD, **self.at(first))
        for part in rest:
            value = ast.Attribute(value, self.name(part), LOAD, **self.between(first, part))
        return value

    def _sequence(self, node: Node) -> ast.pattern:
        parts = _subpatterns(node)
        if node.type == "tuple_pattern" and len(parts) == 1 and not self.has(node, ","):
            inner = self.pattern(parts[0])
            if not isinstance(inner, ast.MatchStar):
                return inner
            return ast.MatchSequence([inner], **self.at(node))
        return ast.MatchSequence([self.pattern(part) for part in parts], **self.at(node))

    def _mapping(self, node: Node) -> ast.pattern:
        keys: list[ast.expr] = []
        patterns: list[ast.pattern] = []
        rest: str | None = None
        negative = False
        for number, part in enumerate(node.children):
            field = node.field_name_for_child(number)
            if field == "key" and part.type == "-":
                negative = True
            elif field == "key":
                key = self.dotted(part) if part.type == "dotted_name" else self._value(part)
                keys.append(ast.UnaryOp(ast.USub(), key, **self.at(part)) if negative else key)
                negative = False
            elif field == "value":
                patterns.append(self.pattern(part))
            elif part.type == "splat_pattern":
                rest = self.name(self.parts(part)[0])
        return ast.MatchMapping(keys, patterns, rest, **self.at(node))

    def _class(self, node: Node) -> ast.pattern:
        name, *arguments = self.parts(node)
        patterns: list[ast.pattern] = []
        names: list[str] = []
        named: list[ast.pattern] = []
        for argument in arguments:
            inner = argument
            while inner.type == "case_pattern" and len(_subpatterns(inner)) == 1:
                inner = _subpatterns(inner)[0]
            if inner.type == "keyword_pattern":
                key, value = _subpatterns(inner)[0], _subpatterns(inner)[1:]
                names.append(self.name(key))
                named.append(self._signed(inner, value[0]))
            else:
                patterns.append(self.pattern(argument))
        return ast.MatchClass(self.dotted(name), patterns, names, named, **self.at(node))

    def _signed(self, node: Node, value: Node) -> ast.pattern:
        if not self.has(node, "-"):
            return self.pattern(value)
        where = self.at(value)
        return ast.MatchValue(ast.UnaryOp(ast.USub(), self.expr(value), **where), **where)


def _subpatterns(node: Node) -> list[Node]:
    """The parts of a pattern; the wildcard is one, although the grammar gives it no name."""
    return [part for part in node.children if (part.is_named or part.type == "_") and part.type not in EXTRAS and part.type != "ERROR"]
