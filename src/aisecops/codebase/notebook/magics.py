"""IPython's own syntax made Python, line by line, as IPython does it: ``!command {x}`` is the call ``get_ipython().system(f"command {x}")``."""

from __future__ import annotations

import re

from aisecops.codebase.notebook.interpolation import interpolated
from aisecops.codebase.notebook.source import Magic
from aisecops.codebase.syntax import parsed

_SUSPECT = re.compile(
    r"^[ \t]*(?:[%!?,;/]|>>> |In \[|(?:pip3?|conda|mamba|cd|ls|mkdir|rmdir|cp|mv|rm|cat|git|apt-get)[ \t])|=[ \t]*[%!]|\?[ \t]*$|\A\s*[ \t]",
    re.MULTILINE,
)
_ESCAPED = re.compile(r"([ \t]*)(!!|!|%%?|\?\??|[,;/])[ \t]*(.*)\Z")
_ASSIGNED = re.compile(r"([ \t]*[A-Za-z_][\w.\[\]\"', ]*=[ \t]*)(!|%)(?!=)[ \t]*(.*)\Z")
_HELP = re.compile(r"([ \t]*)(%{0,2}[A-Za-z_*][\w.*]*)(\?\??)[ \t]*\Z")
_NAMED = re.compile(r"([A-Za-z_]\w*(?:\.\w+)*)(?:[ \t]+(.*))?\Z")
_AUTOMATIC = re.compile(r"([ \t]*)(pip3?|conda|mamba|cd|ls|mkdir|rmdir|cp|mv|rm|cat|git|apt-get)[ \t]+([^=\s(\[.,].*)\Z")
"""Names of magics that work without a percent sign (and of programs that people expect to): a line that is not Python."""

_LEXEME = re.compile(
    r"""\#.*|\"{3}|'{3}|"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|'(?:[^'\\]++|\\.)*+(?:'|\\?\Z)|[(\[{]|[)\]}]|\\\Z""",
)
_PYTHON_CELLS = frozenset(
    "time timeit capture prun memit mprun lprun heat snakeviz scalene debug px local spark pyspark skip notify wandb pyinstrument".split()
)
"""Cell magics whose body is Python that runs here."""
_PYTHON_LINES = frozenset("time timeit prun memit lprun mprun".split())
_TIMED = re.compile(r"[ \t]*%(?:time|timeit)[ \t]+(?![-])")
_LONGEST_STATEMENT = 20
_OPTIONS = re.compile(r"(?:-[nrpslTDf][ \t]*[\w.]+[ \t]+|-[A-Za-z][ \t]+)*")
_FOREIGN_CELLS = frozenset("md scala fs sh r".split())
"""What Databricks writes with one percent sign in a cell's first line, and IPython knows no line magic of that name."""
_LONGEST_LINE = 20_000


class Rewriter:
    """Turns the lines of one cell into Python.

    Parameters
    ----------
    source : str
        The cell. Its lines end with line feeds.
    first : int
        The module's line of its first.
    cell : int
        Its number.
    databricks : bool
        Whether ``%sql`` and ``%python`` in the first line mean the whole cell.
    """

    def __init__(self, source: str, first: int, cell: int, *, databricks: bool = False) -> None:
        self.source = source
        self.first = first
        self.cell = cell
        self.databricks = databricks
        self.magics: list[Magic] = []
        self.language = "python"
        self._depth = 0
        self._quote = ""
        self._joined = False

    def rewrite(self) -> str:
        """Return the cell as Python, with as many lines as it has."""
        if _SUSPECT.search(self.source) is None:
            return self.source
        lines = _bare(self.source.split("\n"))
        result: list[str] = []
        while len(result) < len(lines):
            at = len(result)
            line = lines[at]
            if self._depth <= 0 and not self._quote and not self._joined and len(line) < _LONGEST_LINE:
                new = self._cell_magic(line, lines, at) or self._line_magic(line, lines, at)
                if new is not None:
                    result += new
                    continue
            self._lex(line)
            result.append(line)
        return "\n".join(result)

    def _line_magic(self, line: str, lines: list[str], at: int) -> list[str] | None:
        stripped = line.lstrip(" \t")
        if not stripped or (stripped[0].isalpha() and not line.rstrip().endswith(("?", "\\")) and "=" not in line and _AUTOMATIC.match(line) is None):
            return None
        whole, count = _continued(lines, at)
        if count == 1 and (named := _TIMED.match(line)):
            whole, count = _whole_statement(lines, at, named.end())
        new = self._statement(whole, at)
        return None if new is None else [new, *[""] * (count - 1)]

    def _statement(self, line: str, at: int) -> str | None:
        if match := _HELP.match(line):
            return match[1] + self._magic("pinfo2" if len(match[3]) == 2 else "pinfo", match[2], at)
        if match := _ESCAPED.match(line):
            return self._escaped(match[1], match[2], match[3], at)
        if match := _ASSIGNED.match(line):
            if match[2] == "!":
                return match[1] + self._command("getoutput", match[3], at)
            named = _NAMED.match(match[3])
            return match[1] + self._named(named[1], named[2] or "", at, assigned=True) if named else None
        if (match := _AUTOMATIC.match(line)) and parsed(line.strip()) is None:
            if match[2] in ("pip", "conda", "mamba", "cd", "ls"):
                return match[1] + self._named(match[2], match[3], at)
            return match[1] + self._command("system", f"{match[2]} {match[3]}", at)
        return None

    def _escaped(self, indent: str, sign: str, rest: str, at: int) -> str | None:
        if sign == "!":
            return indent + self._command("system", rest, at)
        if sign == "!!":
            return indent + self._command("getoutput", rest, at)
        if sign in ("?", "??"):
            return indent + self._magic("pinfo" if sign == "?" else "pinfo2", rest, at)
        named = _NAMED.match(rest)
        if named is None or sign == "%%":
            return None
        if sign == "%":
            return indent + self._named(named[1], named[2] or "", at)
        words = (named[2] or "").split() if sign == "," else [named[2] or ""]
        called = named[2] or "" if sign == "/" else ", ".join(map(repr, words))
        return f"{indent}{named[1]}({called})"

    def _command(self, kind: str, text: str, at: int) -> str:
        command = interpolated(text)
        self.magics.append(Magic("system" if kind == "system" else "getoutput", "", text, self.first + at, self.cell, command.expressions))
        return f"get_ipython().{kind}({command.source})"

    def _named(self, name: str, rest: str, at: int, *, assigned: bool = False) -> str:
        if name in _PYTHON_LINES:
            statement = rest[_OPTIONS.match(rest).end() :] if _OPTIONS.match(rest) else rest  # type: ignore[union-attr]
            if statement and parsed(f"_ = {statement}" if assigned else statement) is not None:
                self.magics.append(Magic("line", name, rest, self.first + at, self.cell))
                return statement
        return self._magic(name, rest, at)

    def _magic(self, name: str, rest: str, at: int) -> str:
        command = interpolated(rest)
        self.magics.append(Magic("line", name, rest, self.first + at, self.cell, command.expressions))
        if name in ("system", "sx"):
            return f"get_ipython().getoutput({command.source})"
        return f"get_ipython().run_line_magic({name!r}, {command.source})"

    # Whole cells

    def _cell_magic(self, line: str, lines: list[str], at: int) -> list[str] | None:
        if not line.startswith("%"):
            return None
        named = _NAMED.match(line.lstrip("%").strip())
        if named is None or not (line.startswith("%%") or self._is_foreign(named[1], at)):
            return None if line[:3] != "%%!" else self._shell("!", line[3:], lines[at + 1 :], at)
        name, rest = named[1], named[2] or ""
        if name in _PYTHON_CELLS or (name == "python" and not line.startswith("%%")):
            self.magics.append(Magic("cell", name, rest, self.first + at, self.cell))
            return [rest if name == "timeit" and rest and not rest.startswith("-") and parsed(rest) is not None else ""]
        return self._body(name, rest, lines[at + 1 :], at)

    def _is_foreign(self, name: str, at: int) -> bool:
        return at == 0 and (name in _FOREIGN_CELLS or (self.databricks and name in ("sql", "python")))

    def _body(self, name: str, rest: str, body: list[str], at: int) -> list[str]:
        self.language = _language(name, rest)
        if name in ("system", "sx"):
            return self._shell(name, rest, body, at)
        arguments = interpolated(rest)
        text = "\n".join(body)
        if name in ("sql", "bigquery", "sqlcmd"):  # these fill in {x}, or {{x}}, themselves
            query = interpolated(text.replace("{{", "{").replace("}}", "}"))
            self._note(name, rest, at, (*arguments.expressions, *query.expressions), text)
            return [f"get_ipython().run_cell_magic({name!r}, {arguments.source}, {query.source})", *[""] * len(body)]
        self._note(name, rest, at, arguments.expressions, text)
        head = f"get_ipython().run_cell_magic({name!r}, {arguments.source}, "
        if not body:
            return [head + "'')"]
        return [head, *[repr(part + "\n") for part in body[:-1]], repr(body[-1]) + ")"]

    def _shell(self, name: str, rest: str, body: list[str], at: int) -> list[str]:
        self.language = "sh"
        command = interpolated("\n".join([rest, *body]) if rest else "\n".join(body))
        self._note(name, rest, at, command.expressions, "\n".join(body))
        return [f"get_ipython().getoutput({command.source})", *[""] * len(body)]

    def _note(self, name: str, rest: str, at: int, expressions: tuple[str, ...], body: str) -> None:
        self.magics.append(Magic("cell", name, rest, self.first + at, self.cell, expressions, body))

    # Where statements begin

    def _lex(self, line: str) -> None:
        """Follow brackets and strings through ``line``, so that a ``%`` within an expression stays one."""
        position = 0
        self._joined = False
        while True:
            if self._quote:
                position = _closing(line, self._quote, position)
                if position < 0:
                    return
                self._quote = ""
            match = _LEXEME.search(line, position)
            if match is None:
                return
            position = match.end()
            self._take(match[0])

    def _take(self, lexeme: str) -> None:
        if lexeme in ('"""', "'''"):
            self._quote = lexeme
        elif lexeme in "([{":
            self._depth += 1
        elif lexeme in ")]}":
            self._depth -= 1
        elif lexeme == "\\" or (lexeme[0] in "\"'" and lexeme.endswith("\\")):
            self._joined = True


def _language(name: str, rest: str) -> str:
    """Return what the body of a cell magic is written in: of a file its ending."""
    words = [word for word in rest.split() if not word.startswith("-")]
    if name in ("writefile", "file"):
        ending = words[-1].rpartition(".")[2].lower() if words else ""
        return "python" if ending == "py" else ending or "text"
    return (words[0] if name == "script" and words else name).lower()


def _closing(line: str, quote: str, position: int) -> int:
    """Return where the triple quote that is open ends in ``line``; -1 if it does not."""
    while True:
        found = line.find(quote, position)
        if found < 0:
            return -1
        escapes = found
        while escapes > position and line[escapes - 1] == "\\":
            escapes -= 1
        if not (found - escapes) % 2:
            return found + 3
        position = found + 1


def _continued(lines: list[str], at: int) -> tuple[str, int]:
    """Return a line with those that a backslash at its end joins to it, and their number."""
    count = 1
    while lines[at + count - 1].rstrip().endswith("\\") and at + count < len(lines):
        count += 1
    if count == 1:
        return lines[at], 1
    parts = [part.rstrip().removesuffix("\\") for part in lines[at : at + count]]
    return " ".join(parts), count


def _whole_statement(lines: list[str], at: int, start: int) -> tuple[str, int]:
    """Return a line that holds a statement from ``start`` on with those that the statement goes on in."""
    for count in range(1, min(_LONGEST_STATEMENT, len(lines) - at) + 1):
        whole = " ".join(lines[at : at + count])
        if parsed(whole[start:]) is not None:
            return whole, count
    return lines[at], 1


def _bare(lines: list[str]) -> list[str]:
    """Take off what IPython takes off: prompts that were pasted, and the first line's indentation."""
    first = next((line for line in lines if line.strip()), "")
    if prompt := re.match(r"[ \t]*(?:>>> |In \[\d+\]: )", first):
        width = len(prompt[0])
        lines = [
            re.sub(r"^[ \t]*(?:>>> ?|In \[\d+\]: ?|\.{3,}: ?|\.\.\. ?)", "", line)
            if re.match(r"[ \t]*(?:>>>|\.\.\.|In \[)", line)
            else line[width:]
            if not line[:width].strip()
            else line
            for line in lines
        ]
        first = next((line for line in lines if line.strip()), "")
    indent = first[: len(first) - len(first.lstrip(" \t"))]
    return [line.removeprefix(indent) for line in lines] if indent else lines
