"""Numbers and texts."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from aisecops.codebase.syntax.compiling import compiled
from aisecops.codebase.syntax.lowering.shape import LOAD, Shape

if TYPE_CHECKING:
    from tree_sitter import Node

_LONGEST_NUMBER = 4000
"""Digits: Python itself refuses longer decimal ones, as the conversion takes quadratic time."""


class Literals(Shape):
    """Lowers literals."""

    def expr(self, node: Node) -> ast.expr:
        """Lower an expression."""
        raise NotImplementedError

    def number(self, node: Node) -> ast.expr:
        """Lower an integer, also one of Python 2 (``0777``, ``1L``), or a float."""
        return ast.Constant(_number(self.text(node)), **self.at(node))

    def true(self, node: Node) -> ast.expr:
        """Lower ``True``."""
        return ast.Constant(True, **self.at(node))

    def false(self, node: Node) -> ast.expr:
        """Lower ``False``."""
        return ast.Constant(False, **self.at(node))

    def none(self, node: Node) -> ast.expr:
        """Lower ``None``."""
        return ast.Constant(None, **self.at(node))

    def ellipsis(self, node: Node) -> ast.expr:
        """Lower ``...``."""
        return ast.Constant(..., **self.at(node))

    def string(self, node: Node) -> ast.expr:
        """Lower a string of any kind."""
        return self._strings(node, [node])

    def strings(self, node: Node) -> ast.expr:
        """Lower strings that stand one after the other."""
        return self._strings(node, self.parts(node))

    def _strings(self, node: Node, nodes: list[Node]) -> ast.expr:
        where = self.at(node)
        prefixes = [self._prefix(part) for part in nodes]
        if prefixes[0] == "`":
            return self._backticks(node)
        if not any("f" in prefix or "t" in prefix for prefix in prefixes):
            values = [self._plain(part, prefix) for part, prefix in zip(nodes, prefixes, strict=True)]
            if len(values) == 1:
                return ast.Constant(values[0], kind="u" if prefixes[0] == "u" else None, **where)
            if all(isinstance(value, bytes) for value in values):
                return ast.Constant(b"".join(values), **where)
            whole = "".join(value if isinstance(value, str) else value.decode("latin-1") for value in values)
            return ast.Constant(whole, kind="u" if prefixes[0] == "u" else None, **where)
        pieces: list[ast.expr] = []
        for part, prefix in zip(nodes, prefixes, strict=True):
            pieces += self._pieces(part, prefix)
        pieces = _merged(pieces, where)
        if any("t" in prefix for prefix in prefixes):
            return _template(pieces, where)
        return ast.JoinedStr(pieces, **where)

    def _prefix(self, node: Node) -> str:
        """The letters before a string's quotes, in lower case; a backtick for what Python 2 has between those."""
        start = self.text(node.children[0])
        return "`" if start.endswith("`") else start.rstrip("\"'").lower()

    def _plain(self, node: Node, prefix: str) -> Any:
        return _constant(self.text(node), self.text(node.children[0]), prefix)

    def _pieces(self, node: Node, prefix: str) -> list[ast.expr]:
        if "f" not in prefix and "t" not in prefix:
            return [ast.Constant(self._plain(node, prefix), **self.at(node))]
        start, end = node.children[0], node.children[-1]
        position = start.end_byte
        pieces: list[ast.expr] = []
        for part in node.children[1:]:
            if part.type == "interpolation":
                pieces += self._literal(node, position, part.start_byte, prefix)
                pieces += self._interpolation(part)
                position = part.end_byte
        last = end.start_byte if end.type == "string_end" else node.end_byte
        return [*pieces, *self._literal(node, position, last, prefix)]

    def _literal(self, node: Node, start: int, end: int, prefix: str) -> list[ast.expr]:
        if start >= end:
            return []
        raw = self.data[start:end].decode("utf-8", "replace").replace("{{", "{").replace("}}", "}")
        opening = self.text(node.children[0])
        quotes = opening[len(prefix) :]
        kept = prefix.replace("f", "").replace("t", "")
        return [ast.Constant(_constant(f"{kept}{quotes}{raw}{quotes}", kept + quotes, kept), **self.at(node))]

    def _interpolation(self, node: Node) -> list[ast.expr]:
        inner = self.part(node, "expression")
        if inner.type == "named_expression":
            return [self._width(node, inner)]
        self.spend()
        pieces: list[ast.expr] = []
        conversion = -1
        spec: ast.expr | None = None
        shown = False
        for part in node.children:
            if part.type == "type_conversion":
                conversion = ord(self.text(part)[-1])
            elif part.type == "format_specifier":
                spec = self._specifier(part)
            elif part.type == "=":
                shown = True
                end = next(after.start_byte for after in node.children if after.start_byte >= part.end_byte)
                pieces.append(ast.Constant(self.data[node.start_byte + 1 : end].decode("utf-8", "replace"), **self.at(node)))
        if shown and conversion < 0 and spec is None:
            conversion = ord("r")
        return [*pieces, ast.FormattedValue(self.expr(inner), conversion, spec, **self.at(node))]

    def _width(self, node: Node, inner: Node) -> ast.expr:
        """``{x:=10}``: no assignment, a format."""
        where = self.at(node)
        name, value = self.part(inner, "name"), self.part(inner, "value")
        spec = ast.JoinedStr([ast.Constant("=" + self.text(value), **where)], **where)
        return ast.FormattedValue(ast.Name(self.name(name), LOAD, **self.at(name)), -1, spec, **where)

    def _specifier(self, node: Node) -> ast.expr:
        pieces: list[ast.expr] = []
        position = node.start_byte + 1
        for part in node.children:
            if part.type == "format_expression":
                pieces += self._verbatim(node, position, part.start_byte)
                pieces += self._interpolation(part)
                position = part.end_byte
        pieces += self._verbatim(node, position, node.end_byte)
        return ast.JoinedStr(pieces, **self.at(node))

    def _verbatim(self, node: Node, start: int, end: int) -> list[ast.expr]:
        return [ast.Constant(self.data[start:end].decode("utf-8", "replace"), **self.at(node))] if start < end else []

    def _backticks(self, node: Node) -> ast.expr:
        """What Python 2 writes between backticks is ``repr`` of it."""
        where = self.at(node)
        tree = compiled(self.text(node).strip("`").strip(), "eval")
        if not isinstance(tree, ast.Expression):
            raise ValueError("backticks")
        for inner in ast.walk(tree):
            if isinstance(inner, (ast.expr, ast.keyword, ast.arg)):
                inner.lineno, inner.col_offset = where["lineno"], where["col_offset"]
                inner.end_lineno, inner.end_col_offset = where["end_lineno"], where["end_col_offset"]
        return ast.Call(ast.Name("repr", LOAD, **where), [tree.body], [], **where)


def _number(text: str) -> Any:
    text = text.replace("_", "").lower()
    if len(text) > _LONGEST_NUMBER:
        return 0
    if text.startswith(("0x", "0o", "0b")):
        return int(text.rstrip("l"), 0)
    if text.endswith("j"):
        return complex(text)
    if any(mark in text for mark in ".e"):
        return float(text)
    text = text.rstrip("l")
    octal = len(text) > 1 and text[0] == "0" and not set(text) - set("01234567")
    return int(text, 8 if octal else 10)


def _constant(text: str, opening: str, prefix: str) -> Any:
    """Return what a plain literal says; ``opening`` is its prefix and quotes."""
    quotes = opening[len(prefix) :]
    content = (
        text[len(opening) : len(text) - len(quotes)] if text.endswith(quotes) and len(text) >= len(opening) + len(quotes) else text[len(opening) :]
    )
    if "\\" not in content or ("r" in prefix and "b" not in prefix):
        return content.encode("utf-8", "replace") if "b" in prefix else content
    if "b" in prefix and "r" in prefix:
        return content.encode("utf-8", "replace")
    tree = compiled(text, "eval")
    if isinstance(tree, ast.Expression) and isinstance(tree.body, ast.Constant) and isinstance(tree.body.value, (str, bytes)):
        return tree.body.value
    return content.encode("utf-8", "replace") if "b" in prefix else content


def _merged(pieces: list[ast.expr], where: dict[str, Any]) -> list[ast.expr]:
    """Join texts that follow each other, as Python does."""
    result: list[ast.expr] = []
    run: list[str] = []
    for piece in [*pieces, None]:
        if isinstance(piece, ast.Constant):
            run.append(piece.value.decode("latin-1") if isinstance(piece.value, bytes) else str(piece.value))
            continue
        if text := "".join(run):
            result.append(ast.Constant(text, **where))
        run = []
        if piece is not None:
            result.append(piece)
    return result


def _template(pieces: list[ast.expr], where: dict[str, Any]) -> ast.expr:
    """A template string is not yet a text: ``string.templatelib.Template("...", Interpolation(value))``."""

    def named(name: str) -> ast.expr:
        library = ast.Attribute(ast.Name("string", LOAD, **where), "templatelib", LOAD, **where)
        return ast.Attribute(library, name, LOAD, **where)

    arguments: list[ast.expr] = []
    for piece in pieces:
        if isinstance(piece, ast.FormattedValue):
            arguments.append(ast.Call(named("Interpolation"), [piece.value], [], **where))
        else:
            arguments.append(piece)
    return ast.Call(named("Template"), arguments, [], **where)
