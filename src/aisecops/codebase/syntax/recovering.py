"""What can be made out of a text that Python refuses: all of it if it is merely of another version, else every piece that is sound.

One bracket that is never closed must not cost the rest of the file. A broken text is cut where a definition or an import begins at the margin, for nothing of
that kind can stand within brackets; a broken class or function is cut again in the same way. Python reads the pieces that it can; tree-sitter saves what
stands in the others.
"""

from __future__ import annotations

import ast
import re
from typing import NamedTuple

from aisecops.codebase.syntax.compiling import parsed
from aisecops.codebase.syntax.lowering import NOT_PYTHON, Forgiving
from aisecops.codebase.syntax.source import Gap

_ANYWHERE = re.compile(r"(?:def|async[ \t]+def|class|import|from|while|try|with|return|raise)\b|@[A-Za-z_]")
"""What cannot stand at the margin within brackets."""
_BETWEEN = re.compile(r"(?:if|for|print|exec)\b|[A-Za-z_][\w.]*(?:\[[^\]\n]*\])?[ \t]*[=(]")
_DEFINITION = re.compile(r"(?:async[ \t]+)?(?:def|class)\b")
_CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7}|\|{7})(?:[ \t].*)?$", re.MULTILINE)
_ONLY_CONTINUED = re.compile(r"^[ \t\f]*\\$", re.MULTILINE)
"""Lines that hold nothing but a backslash: tree-sitter's time for a run of them grows with its square."""
_MANY_CONTINUED = 500
_EXEC = re.compile(r"^([ \t]*exec)[ \t](?=[ \t]*[A-Za-z_][\w.]*[.(\[+%])([^#\n]*[^#\n\\,(\[{ \t])[ \t]*$", re.MULTILINE)
_LEXEME = re.compile(
    r"""(?P<end>\n)|(?P<open>[(\[{])|(?P<close>[)\]}])|\#[^\n]*|(?P<long>\"{3}|'{3})|"(?:[^"\\\n]++|\\.)*+"?|'(?:[^'\\\n]++|\\.)*+'?"""
)
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_MOST_PIECES = 5_000
_LONG = 100_000
"""Characters of a broken piece that is not read again and again."""
_LONGEST_HEADER = 40
_DEEPEST_CUT = 5
_PLACED = (ast.stmt, ast.expr, ast.arg, ast.keyword, ast.alias, ast.excepthandler, ast.pattern)


class Recovered(NamedTuple):
    """The statements of a text, and what they lack."""

    body: list[ast.stmt]
    gaps: list[Gap]


def recovered(text: str) -> Recovered:
    """Return what can be made out of a text that Python refuses."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    gaps: list[Gap] = []
    if "<<<<<<<" in text:
        gaps += _conflicts(text)
        text = _CONFLICT.sub("", text)
    if text.count("\\\n") > _MANY_CONTINUED:
        text = _ONLY_CONTINUED.sub("", text)
    if "exec" in text:
        text = _EXEC.sub(r"\1(\2)", text)
    found = _Recovery().read(text)
    return Recovered(found.body, sorted([*gaps, *found.gaps], key=lambda gap: gap.first))


def _conflicts(text: str) -> list[Gap]:
    lines = [text.count("\n", 0, match.start()) + 1 for match in list(_CONFLICT.finditer(text))[:100] if match[0].startswith("<")]
    return [Gap("bad-input", "holds a merge conflict; both sides were read", line, line, "Resolve the conflict.") for line in lines]


class _Recovery:
    """Cuts one text into pieces and reads each."""

    def __init__(self) -> None:
        self.forgiving = Forgiving()
        self.pieces = 0

    def read(self, text: str, depth: int = 0) -> Recovered:
        """Read a text; line numbers begin with its first."""
        tree = parsed(text)
        if tree is not None:
            return Recovered(tree.body, [])
        if depth and len(text) < _LONG and (tree := parsed(_closed(text))) is not None:
            return Recovered(tree.body, [Gap("bad-input", "lacks closing brackets", 1, text.count("\n") or 1)])
        reading = self.forgiving.read(text)
        if not reading.sound and depth < _DEEPEST_CUT:
            lines = text.split("\n")
            starts = _cuts(text, lines)
            found = self._pieces(lines, starts, depth) if len(starts) > 1 else self._within(lines, depth)
            if found is not None:
                return found
        if reading.structured or len(text) > _LONG:
            return Recovered(*reading.lower())
        return self._line_by_line(text.split("\n"))

    def _pieces(self, lines: list[str], starts: list[int], depth: int) -> Recovered:
        found = Recovered([], [])
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            self.pieces += 1
            rest = self.pieces > _MOST_PIECES
            piece = "\n".join(lines[start : None if rest else end]) + "\n"
            _add(found, self.read(piece, _DEEPEST_CUT if rest else depth + 1), start, 0)
            if rest:
                break
        return found

    def _within(self, lines: list[str], depth: int) -> Recovered | None:
        """Read a definition whose body is broken: its head, then its statements."""
        height = _header(lines)
        if not height:
            return None
        block = lines[height:]
        first = next((line for line in block if line.strip() and not line.lstrip().startswith("#")), "")
        indent = first[: len(first) - len(first.lstrip())]
        head = parsed("\n".join(lines[:height]) + "\n" + (indent or " ") + "pass\n")
        if not indent or head is None or len(head.body) != 1:
            return None
        inner = [line.removeprefix(indent) for line in block]
        starts = _cuts("\n".join(inner), inner)
        if len(starts) < 2:
            return None
        definition = head.body[0]
        found = Recovered([], [])
        _add(found, self._pieces(inner, starts, depth + 1), height, len(indent.encode()))
        if found.body:
            definition.body = found.body  # type: ignore[attr-defined]
            definition.end_lineno = found.body[-1].end_lineno
            definition.end_col_offset = found.body[-1].end_col_offset
        return Recovered([definition], found.gaps)

    def _line_by_line(self, lines: list[str]) -> Recovered:
        """Read lines of which nobody knows how they belong together: each for itself."""
        found = Recovered([], [])
        for number, line in enumerate(lines):
            bare = line.strip()
            if not bare or bare[0] == "#":
                continue
            self.pieces += 1
            if self.pieces > _MOST_PIECES:
                return Recovered(found.body, [Gap("truncated", "left out, as too much is broken", number + 1, len(lines))])
            tree = parsed(bare) or parsed(bare + " pass") or parsed(_closed(bare))
            part = Recovered(tree.body, []) if tree is not None else Recovered(*self.forgiving.read(bare).lower())
            _add(found, part, number, len(line) - len(line.lstrip()))
        return Recovered(found.body, [Gap("bad-input", NOT_PYTHON, 1, len(lines))])


def _closed(text: str) -> str:
    """Return a text with the closing brackets that it lacks."""
    missing: list[str] = []
    for match in _LEXEME.finditer(text):
        if match.lastgroup == "open":
            missing.append(_CLOSING[match[0]])
        elif match.lastgroup == "close" and missing:
            missing.pop()
    return text.rstrip() + "".join(missing[::-1])


def _header(lines: list[str]) -> int:
    """Return the number of lines of the decorators and the head that a definition begins with; 0 if there is none."""
    for number, line in enumerate(lines[:_LONGEST_HEADER], 1):
        bare = line.partition("#")[0].rstrip()
        if bare.endswith(":"):
            text = "\n".join(lines[:number])
            return number if re.search(_DEFINITION.pattern, text) and parsed(text + "\n pass\n") is not None else 0
    return 0


def _cuts(text: str, lines: list[str]) -> list[int]:
    """Return the numbers of the lines (from 0) on which a piece begins; the first is always 0."""
    depths = _depths(text)
    starts = [0]
    decorated = lines[0].startswith("@")
    offset = 0
    for number, line in enumerate(lines):
        depth = depths.get(number)
        if number and depth is not None and line[:1] not in (" ", "\t", "", "#", ")"):
            begins = _ANYWHERE.match(line)
            if not decorated and (begins or (depth - offset <= 0 and _BETWEEN.match(line))):
                starts.append(number)
            if begins:
                offset = depth
                decorated = line.startswith("@")
    return starts


def _depths(text: str) -> dict[int, int]:
    """Return the number of open brackets where each line (from 0) begins; lines that begin within a string are left out."""
    depths = {0: 0}
    line = depth = position = 0
    while match := _LEXEME.search(text, position):
        position = match.end()
        kind = match.lastgroup
        if kind == "end":
            line += 1
            depths[line] = depth
        elif kind == "open":
            depth += 1
        elif kind == "close":
            depth -= 1
        elif kind == "long":
            end = text.find(match[0], position)
            if end >= 0:  # else it is never closed, which is one of the ways to break a file
                line += text.count("\n", position, end)
                position = end + 3
    return depths


def _add(to: Recovered, found: Recovered, lines: int, columns: int) -> None:
    """Add what was read from line ``lines`` (from 0) on, and from column ``columns`` of them."""
    for statement in found.body:
        for node in ast.walk(statement):
            if isinstance(node, _PLACED):
                node.lineno += lines
                node.end_lineno = (node.end_lineno or node.lineno) + lines
                node.col_offset += columns
                node.end_col_offset = (node.end_col_offset or 0) + columns
    to.body.extend(found.body)
    to.gaps.extend([Gap(gap.code, gap.reason, gap.first + lines, gap.last + lines, gap.remedy) for gap in found.gaps])
