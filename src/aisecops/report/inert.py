r"""Hostile text quoted for each syntax that a report is written in.

The record holds names and strings of examined files, free of control characters but otherwise as an attacker wrote them; records of other programs may
not even keep to that. Each function here returns text that means nothing but itself in one syntax. ``tests/hostile_text.py`` is the corpus that all
formats are held to.
"""

from __future__ import annotations

import re

from aisecops.core.text import inert

_ANY_LENGTH = 1 << 30
_RUNNER_COMMAND = re.compile(r"##(?=\w*\[)")
_FORMULA_START = "=+-@\uff1d\uff0b\uff0d\uff20"
_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;", "`": "&#x60;"})


def terminal(text: str) -> str:
    r"""Quote for a terminal and for the log of a CI job.

    Escape codes, bidirectional overrides and other invisible characters become visible escapes. ``##[group]`` and ``##vso[...]``, which Azure Pipelines
    and the GitHub runner obey anywhere in a line, lose their shape; ``line_start`` takes care of those that count only there.
    """
    return _RUNNER_COMMAND.sub(r"#\\#", inert(text, _ANY_LENGTH))


def line_start(line: str) -> str:
    r"""Quote the start of a finished output line: GitHub's runner obeys ``::error::`` and its kin after any white space."""
    bare = line.lstrip()
    return f"{line[: len(line) - len(bare)]}\\{bare}" if bare.startswith("::") else line


def markdown(text: str) -> str:
    """Quote for Markdown, as a code span: the only form in which links, pictures, HTML, autolinks and @mentions all stay text."""
    line = inert(text, _ANY_LENGTH)
    if not line:
        return ""
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    fence = "`" * (longest + 1)
    padding = " " if longest or (line.strip(" ") and line != line.strip(" ")) else ""  # CommonMark strips one blank at each end, unless all is blank
    return f"{fence}{padding}{line}{padding}{fence}"


def html(text: str) -> str:
    """Quote for HTML, as text or within a quoted attribute."""
    return inert(text, _ANY_LENGTH).translate(_HTML)


def csv_cell(text: str) -> str:
    """Quote a cell so that no spreadsheet takes it for a formula; the CSV writer adds the quotes of the syntax itself."""
    line = inert(text, _ANY_LENGTH)
    return f"'{line}" if line.lstrip().startswith(tuple(_FORMULA_START)) else line


def sarif(text: str) -> str:
    """Quote for the plain text of a SARIF message (2.1.0, sections 3.11.5 and 3.11.6).

    Braces are doubled, as the standard asks, or ``{0}`` would be a placeholder; a space keeps ``[text](target)`` from being a link.
    """
    line = terminal(text).replace("{", "{{").replace("}", "}}")
    return line.replace("](", "] (")


def json_text(data: bytes) -> bytes:
    r"""Quote finished JSON for the log of a CI job that prints it: ``##vso[`` is spelled with an escape, and decodes to the same."""
    return data.replace(b"##", b"#\\u0023")
