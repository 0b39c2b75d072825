"""What IPython puts into a command: ``{expression}`` and ``$name`` (its ``DollarFormatter``)."""

from __future__ import annotations

import ast
import re
from typing import NamedTuple

from aisecops.codebase.syntax import parsed

_LONGEST = 20_000


class Expression(NamedTuple):
    """A Python expression, as source, and what follows it within the braces (``!r``)."""

    source: str
    conversion: str = ""


class Command(NamedTuple):
    """A command as a Python expression, and the sources of the expressions in it."""

    source: str
    expressions: tuple[str, ...] = ()


def interpolated(command: str) -> Command:
    """Return the Python expression whose value IPython runs for ``command``.

    Where any of it cannot be evaluated IPython leaves the command as it is (``awk '{print $1}'``), and so does this.
    """
    if len(command) > _LONGEST or ("{" not in command and "$" not in command):
        return Command(repr(command))
    pieces = _pieces(command)
    if pieces is None:
        return Command(repr(command))
    return Command(_source(pieces), tuple(piece.source for piece in pieces if isinstance(piece, Expression)))


def _pieces(command: str) -> list[str | Expression] | None:
    from string import Formatter

    pieces: list[str | Expression] = []
    try:
        for literal, field, _, conversion in Formatter().parse(command):
            named = _dollars(literal)
            if named is None:
                return None
            pieces += named
            if field is not None:
                if not _is_expression(field):
                    return None
                pieces.append(Expression(field.strip(), f"!{conversion}" if conversion in ("r", "s", "a") else ""))
    except ValueError:
        return None
    return pieces


def _dollars(literal: str) -> list[str | Expression] | None:
    """Split a text at its ``$name``; those that stand between single quotes are the shell's."""
    pieces: list[str | Expression] = []
    start = 0
    quotes = literal.count("'")
    for match in re.finditer(r"'|\$(\$?)([\w.]+)", literal):
        if match[0] == "'":
            quotes -= 1
        elif match[1]:  # $$name is a shell variable, too
            pieces += [literal[start : match.start()], literal[match.start() + 1 : match.end()]]
            start = match.end()
        elif not quotes % 2:
            if not all(part.isidentifier() for part in match[2].split(".")):
                return None
            pieces += [literal[start : match.start()], Expression(match[2])]
            start = match.end()
    return [*pieces, literal[start:]]


def _is_expression(source: str) -> bool:
    tree = parsed(f"({source}\n)") if source.strip() else None
    return tree is not None and len(tree.body) == 1 and isinstance(tree.body[0], ast.Expr)


def _source(pieces: list[str | Expression]) -> str:
    if not any(isinstance(piece, Expression) for piece in pieces):
        return repr("".join(pieces))  # type: ignore[arg-type]
    if any(isinstance(piece, Expression) and re.search(r"['\"\\{}#\n]|^\s*lambda", piece.source) for piece in pieces):
        terms = [f"str({piece.source.replace(chr(10), ' ')})" if isinstance(piece, Expression) else repr(piece) for piece in pieces if piece]
        return " + ".join(terms)
    return f"f'{''.join(_field(piece) for piece in pieces)}'"


def _field(piece: str | Expression) -> str:
    if isinstance(piece, Expression):
        return f"{{{piece.source}{piece.conversion}}}"
    return repr('"' + piece)[2:-1].replace("{", "{{").replace("}", "}}")  # a double quote makes repr choose single ones
