"""What every part of the lowering stands on: where nodes are, what they say, and what to do with those that make no sense."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from aisecops.codebase.syntax.source import Gap

if TYPE_CHECKING:
    from tree_sitter import Node

LOAD = ast.Load()
STORE = ast.Store()
DELETE = ast.Del()

DEEPEST = 100
"""Levels of nesting that are followed: each costs three of Python's own frames, of which there are a thousand."""
MOST_NODES = 400_000
"""Nodes of one text that are lowered: they take a quarter of a gigabyte."""

BROKEN = (AttributeError, IndexError, KeyError, TypeError, ValueError)
"""What it looks like when a node lacks the parts that the grammar promises, because the parser has made up for an error."""
EXTRAS = frozenset(("comment", "line_continuation"))

STATEMENTS = frozenset(
    """import_statement future_import_statement import_from_statement print_statement assert_statement expression_statement return_statement delete_statement
    raise_statement pass_statement break_statement continue_statement global_statement nonlocal_statement exec_statement type_alias_statement if_statement
    for_statement while_statement try_statement with_statement function_definition class_definition decorated_definition match_statement""".split()
)


class Exhausted(Exception):  # noqa: N818 - it ends the work, it is no mistake
    """The text has more nodes than are lowered."""


class Shape:
    """State and small tools of the lowering of one text.

    Parameters
    ----------
    data : bytes
        The text as UTF-8, its lines ended by line feeds.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.gaps: list[Gap] = []
        self.pending: list[ast.stmt] = []
        """What was saved out of errors within the current statement."""
        self.depth = 0
        self.left = MOST_NODES

    def text(self, node: Node) -> str:
        """What ``node`` covers."""
        return self.data[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def name(self, node: Node) -> str:
        """An identifier, in the form in which Python compares them."""
        text = self.text(node)
        return text if text.isascii() else normalize("NFKC", text)

    def at(self, node: Node) -> dict[str, Any]:
        """Where ``node`` stands."""
        line, column = node.start_point
        end_line, end_column = node.end_point
        return {"lineno": line + 1, "col_offset": column, "end_lineno": end_line + 1, "end_col_offset": end_column}

    def between(self, first: Node, last: Node) -> dict[str, Any]:
        """Where something stands that goes from one node to another."""
        line, column = first.start_point
        end_line, end_column = last.end_point
        return {"lineno": line + 1, "col_offset": column, "end_lineno": end_line + 1, "end_col_offset": end_column}

    def parts(self, node: Node) -> list[Node]:
        """The named parts of ``node``: no comments, no errors."""
        return [part for part in node.named_children if part.type not in EXTRAS and part.type != "ERROR"]

    def part(self, node: Node, field: str) -> Node:
        """The part of ``node`` that the grammar calls ``field``. Raises ``AttributeError`` if it is missing, like any other broken node."""
        found = node.child_by_field_name(field)
        if found is None:
            raise AttributeError(field)
        return found

    def has(self, node: Node, token: str) -> bool:
        """Whether ``token`` is one of the direct parts of ``node``."""
        return any(part.type == token for part in node.children)

    def gap(self, node: Node, reason: str) -> None:
        """Note that ``node`` was left out."""
        self.gaps.append(Gap("truncated", reason, node.start_point[0] + 1, node.end_point[0] + 1))

    def spend(self) -> None:
        """Count one node."""
        self.left -= 1
        if self.left < 0:
            raise Exhausted


def errors(root: Node) -> Iterator[Node]:
    """Yield the nodes below ``root`` that the parser had to invent or to skip, without going below them."""
    stack = [root]
    while stack:
        node = stack.pop()
        if node.is_error or node.is_missing:
            yield node
        elif node.has_error:
            stack += reversed(node.children)
