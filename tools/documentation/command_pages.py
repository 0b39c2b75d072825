"""The reference of the command line, from the parsers of its verbs."""

from __future__ import annotations

import argparse
import re
import textwrap
from collections.abc import Iterator
from importlib import import_module

from aisecops.cli import VERBS
from aisecops.cli.parser import Parser

_CELL = re.compile(r"[|<>*_\[\]&`]")


def reference() -> str:
    """Return a section for each verb: what it does, its arguments and its flags."""
    return "\n\n".join(part for verb in VERBS for part in _verb(verb)) + "\n"


def parser_of(verb: str) -> Parser:
    """The parser that ``aisecops VERB`` uses."""
    module = import_module(f"aisecops.cli.{verb}")
    parser = Parser(prog=f"aisecops {verb}", description=module.__doc__)
    module.add_arguments(parser)
    return parser


def actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """The arguments and flags of ``parser``; every parser has ``--help``."""
    return [action for action in parser._actions if action.dest != "help"]  # noqa: SLF001 argparse has no other door to them


def _verb(verb: str) -> Iterator[str]:
    parser = parser_of(verb)
    yield f"### {verb}"
    yield from (" ".join(map(_text, part.split())) for part in (parser.description or "").split("\n\n"))
    usage = " ".join(parser.format_usage().removeprefix("usage: ").replace("[-h] ", "").replace(" [-h]", "").split())
    yield f"```text\n{textwrap.fill(usage, 80, subsequent_indent='    ', break_on_hyphens=False, break_long_words=False)}\n```"
    rows = [f"| {_name(action)} | {_text(_help(action))} |" for action in actions(parser)]
    if rows:
        yield "\n".join(["| argument | meaning |", "| --- | --- |", *rows])


def _name(action: argparse.Action) -> str:
    metavar = action.metavar or ("|".join(map(str, action.choices)) if action.choices else "")
    value = str(metavar if isinstance(metavar, str) else " ".join(metavar)) if action.nargs != 0 else ""
    names = action.option_strings or [""]
    return ", ".join(f"`{' '.join(filter(None, (name, value)))}`".replace("|", "&#124;") for name in names)


def _help(action: argparse.Action) -> str:
    return (action.help or "").replace("%%", "%")


def _text(text: str) -> str:
    return _CELL.sub(lambda found: f"&#{ord(found[0])};", text)
