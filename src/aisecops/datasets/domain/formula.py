"""The small language of derived columns and relations: parsed into a tree, never evaluated as Python.

::

    relation   = condition | "if" condition "then" condition
    condition  = comparison { "and" comparison }
    comparison = sum ("<=" | "<" | ">=" | ">" | "==" | "!=") sum { ... }     a <= b <= c is two comparisons
    sum        = product { ("+" | "-") product }
    product    = factor { ("*" | "/") factor }
    factor     = number | name | `any name` | "text" | "(" sum ")" | "-" factor | function "(" sum { "," sum } ")"

Functions: ``max``, ``min``, ``abs``, ``sqrt``, ``log1p``, ``round``, ``floor``, ``ceil``. A text stands for a category.
"""

from __future__ import annotations

import re
from typing import TypeAlias

import msgspec

from aisecops.core.text import inert

MAX_LENGTH = 2_000
MAX_DEPTH = 40
MAX_OPERATORS = 200
"""Deeper and longer trees are refused: they are walked by recursion."""

FUNCTIONS = {"max": (1, 64), "min": (1, 64), "abs": (1, 1), "sqrt": (1, 1), "log1p": (1, 1), "round": (1, 1), "floor": (1, 1), "ceil": (1, 1)}
"""Name to the least and most arguments."""
COMPARISONS = ("<=", ">=", "==", "!=", "<", ">")
_WORDS = frozenset({"if", "then", "and"})
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|(?P<name>[^\W\d]\w*)|`(?P<quoted>[^`]+)`|\"(?P<text>[^\"]*)\"|'(?P<text1>[^']*)'|(?P<sign><=|>=|==|!=|[-+*/(),<>]))"
)


class Number(msgspec.Struct, frozen=True):
    """A constant."""

    value: float


class Name(msgspec.Struct, frozen=True):
    """A column (or a group, or a category: whoever binds the tree knows); ``at``: its character, from 1."""

    name: str
    at: int


class Text(msgspec.Struct, frozen=True):
    """A category, in quotes."""

    value: str
    at: int


class Call(msgspec.Struct, frozen=True):
    """A function or an operator (``+ - * /``, ``negate``) of its arguments."""

    function: str
    arguments: tuple[Node, ...]


Node: TypeAlias = Number | Name | Text | Call


class Comparison(msgspec.Struct, frozen=True):
    """Two sides and what has to hold between them."""

    left: Node
    sign: str
    right: Node
    at: int


class Relation(msgspec.Struct, frozen=True):
    """Where all conditions hold (always, if there is none), all consequences have to."""

    conditions: tuple[Comparison, ...]
    consequences: tuple[Comparison, ...]


class FormulaError(ValueError):
    """A formula or relation that cannot be read: what is wrong, at which character (from 1), and what to write instead."""

    def __init__(self, what: str, at: int, fix: str) -> None:
        self.what, self.at, self.fix = what, at, fix
        super().__init__(f"{what} at character {at}; {fix}")


def parse_formula(text: str) -> Node:
    """Return the tree of a derived column's formula, such as ``in_bytes + out_bytes``. Raises ``FormulaError``."""
    parser = _Parser(text)
    node = parser.sum()
    parser.end("a formula")
    return node


def parse_relation(text: str) -> Relation:
    """Return a relation, such as ``in_bytes <= total`` or ``if protocol == "udp" then flags == 0``. Raises ``FormulaError``."""
    parser = _Parser(text)
    conditions: tuple[Comparison, ...] = ()
    if parser.takes("if"):
        conditions = parser.condition()
        if not parser.takes("then"):
            raise parser.error("`then` is missing", "write `if CONDITION then CONDITION`")
    consequences = parser.condition()
    parser.end("a relation")
    return Relation(conditions, consequences)


class _Parser:
    """Recursive descent over the tokens of one text."""

    def __init__(self, text: str) -> None:
        if len(text) > MAX_LENGTH:
            raise FormulaError(f"longer than {MAX_LENGTH} characters", MAX_LENGTH, "split it: give a part of it a column of its own")
        self.tokens = list(_tokens(text))
        if sum(kind == "sign" for kind, _, _ in self.tokens) > MAX_OPERATORS:
            raise FormulaError(f"more than {MAX_OPERATORS} operators", len(text), "split it: give a part of it a column of its own")
        self.length, self.next, self.depth = len(text), 0, 0

    @property
    def token(self) -> tuple[str, str, int]:
        """Kind, value and character of the next token; the kind is `end` behind the last."""
        return self.tokens[self.next] if self.next < len(self.tokens) else ("end", "", self.length + 1)

    def error(self, what: str, fix: str) -> FormulaError:
        return FormulaError(what, self.token[2], fix)

    def takes(self, *values: str) -> str:
        """Take the next token if it is one of these signs or words; return it, or nothing."""
        kind, value, _ = self.token
        if kind in {"sign", "word"} and value in values:
            self.next += 1
            return value
        return ""

    def end(self, what: str) -> None:
        kind, value, _ = self.token
        if kind == "end":
            return
        if value in COMPARISONS:
            raise self.error(f"{what} compares nothing", "a condition belongs under `relations`")
        raise self.error(f"`{inert(value, 40)}` does not belong here", "put an operator before it, or end there")

    def condition(self) -> tuple[Comparison, ...]:
        found = [*self.comparison()]
        while self.takes("and"):
            found += self.comparison()
        return tuple(found)

    def comparison(self) -> list[Comparison]:
        left, found = self.sum(), []
        at = self.token[2]
        while sign := self.takes(*COMPARISONS):
            right = self.sum()
            found.append(Comparison(left, sign, right, at))
            left, at = right, self.token[2]
        if not found:
            raise self.error("a comparison is missing", f"write one of {' '.join(COMPARISONS)} and the other side")
        return found

    def sum(self) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(f"nested deeper than {MAX_DEPTH} levels", "give a part of it a column of its own")
        node = self.product()
        while sign := self.takes("+", "-"):
            node = Call(sign, (node, self.product()))
        self.depth -= 1
        return node

    def product(self) -> Node:
        node = self.factor()
        while sign := self.takes("*", "/"):
            node = Call(sign, (node, self.factor()))
        return node

    def factor(self) -> Node:
        negations = 0
        while self.takes("-"):
            negations += 1
        node = self.operand()
        return Call("negate", (node,)) if negations % 2 else node

    def operand(self) -> Node:
        kind, value, at = self.token
        if self.takes("("):
            node = self.sum()
            self.close()
            return node
        if kind in {"end", "sign", "word"}:
            what = f"`{value}` stands where a value belongs" if value else "it ends where a value belongs"
            raise self.error(what, "write a number, a column or a function")
        self.next += 1
        if kind == "number":
            return Number(float(value))
        if kind == "text":
            return Text(value, at)
        if kind == "name" and self.takes("("):
            return self.call(value, at)
        return Name(value, at)

    def call(self, function: str, at: int) -> Node:
        if function not in FUNCTIONS:
            raise FormulaError(f"there is no function `{inert(function, 40)}`", at, f"there are {', '.join(FUNCTIONS)}")
        arguments = [self.sum()]
        while self.takes(","):
            arguments.append(self.sum())
        self.close()
        least, most = FUNCTIONS[function]
        if not least <= len(arguments) <= most:
            raise FormulaError(
                f"`{function}` takes {least if least == most else f'{least} to {most}'}, not {len(arguments)}", at, "give it that many arguments"
            )
        return Call(function, tuple(arguments))

    def close(self) -> None:
        if not self.takes(")"):
            raise self.error("`)` is missing", "close what was opened before")


def _tokens(text: str) -> list[tuple[str, str, int]]:
    found, at = [], 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _unreadable(text, at + len(text[at:]) - len(text[at:].lstrip()))
        kind = match.lastgroup or ""
        value = match.group(kind)
        start = match.start(kind) + 1
        match kind:
            case "text1":
                kind = "text"
            case "name" if value in _WORDS:
                kind = "word"
        found.append((kind, value, start))
        at = match.end()
    return found


def _unreadable(text: str, at: int) -> FormulaError:
    character = text[at]
    fixes = {
        "=": "write == for equality",
        "`": "a quoted name ends with a backtick, too",
        '"': "a quoted category ends with a quote, too",
        "'": "a quoted category ends with a quote, too",
        "^": "write a product: a * a",
    }
    return FormulaError(f"`{inert(character)}` cannot be read", at + 1, fixes.get(character, "names with such characters need backticks: `in-bytes`"))
