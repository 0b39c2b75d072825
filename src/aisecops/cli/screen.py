"""Styled lines on a real terminal, or as plain text where there is none.

rich is imported only for a terminal: it costs more than a whole small scan.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TextIO

from aisecops.cli.pipe import unless_gone
from aisecops.cli.width import WIDEST, columns
from aisecops.report.inert import line_start
from aisecops.report.layout import Line, plain, wrap

STYLES = {
    "critical": "bold bright_red",
    "high": "bold red",
    "medium": "bold yellow",
    "low": "bold cyan",
    "info": "bold blue",
    "pass": "bold green",
    "fail": "bold red",
    "incomplete": "bold yellow",
    "title": "bold",
    "path": "cyan",
    "code": "green",
    "dim": "dim",
}


def show(lines: Sequence[Line], stream: TextIO | None = None) -> None:
    """Write ``lines`` to ``stream`` (standard output), with colours where it is a terminal that has them."""
    out = stream or sys.stdout
    with unless_gone(out):
        if out.isatty() and os.environ.get("TERM") != "dumb":
            _colourful(lines, out)
        else:
            out.write(plain(lines, columns(out) if out.isatty() else WIDEST, _encoding(out)))


def _colourful(lines: Sequence[Line], out: TextIO) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(file=out, highlight=False, markup=False, emoji=False)
    text = Text(end="")
    for row in wrap(lines, min(console.width, WIDEST), _encoding(out)):
        whole = "".join(span for span, _ in row)
        if line_start(whole) != whole:
            row = ((line_start(whole), ""),)
        for span, style in row:
            text.append(span, STYLES.get(style))
        text.append("\n")
    console.print(text, no_wrap=True, overflow="ignore", crop=False)


def _encoding(out: TextIO) -> str:
    return (getattr(out, "encoding", None) or "utf-8").lower()
