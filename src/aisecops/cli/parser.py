"""Arguments: ``argparse`` with errors on one line that name the nearest flag, and the flags that several verbs share."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from typing import NoReturn

from aisecops.cli.width import columns

argparse._ = str  # type: ignore[attr-defined]  # our words are English, and `error` reads argparse's: looking for translations costs 2 ms of every start


class Parser(argparse.ArgumentParser):
    """A parser without abbreviations: a flag added later must not change what a script means."""

    def __init__(self, *, prog: str, description: str | None) -> None:
        super().__init__(prog=prog, description=description, allow_abbrev=False)

    def _get_formatter(self) -> argparse.HelpFormatter:
        return argparse.RawDescriptionHelpFormatter(self.prog, width=columns(sys.stdout))

    def error(self, message: str) -> NoReturn:
        """Say what is wrong on one line and exit with 2."""
        from aisecops.cli.failure import complain

        _, _, words = message.partition("unrecognized arguments: ")
        known = [flag for action in self._actions for flag in action.option_strings]
        hints = [nearest(word.partition("=")[0], known) for word in words.split() if word.startswith("-")]
        fix = next(filter(None, hints), f"see {self.prog} --help")
        complain(f"{self.prog.removeprefix('aisecops ')}: {message}; {fix}")
        sys.exit(2)


def nearest(word: str, known: Iterable[str]) -> str:
    """Return "did you mean ...?" with the name of ``known`` that is closest to ``word``; empty if none is near."""
    from difflib import get_close_matches

    near = get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f"did you mean {near[0]}?" if near else ""


def words(text: str) -> list[str]:
    """Split a comma list; white space and empty entries do not count."""
    return [part.strip() for part in text.split(",") if part.strip()]


def add_list(parser: argparse.ArgumentParser, flag: str, metavar: str, text: str) -> None:
    """Add a flag that takes a comma list and may be repeated."""
    parser.add_argument(flag, metavar=metavar, type=words, action="extend", default=[], help=f"{text} (comma list, repeatable)")


def positive(text: str) -> float:
    """Parse a number above 0."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return number


def whole(text: str) -> int:
    """Parse a whole number of at least 0."""
    try:
        number = int(text)
    except ValueError:
        number = -1
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 0")
    return number


def add_output(parser: argparse.ArgumentParser) -> None:
    """Add the flags that say how a run is told."""
    parser.add_argument(
        "--format",
        metavar="NAME",
        default="terminal",
        help="terminal (default), html, json, sarif, junit, markdown, github, gitlab, or an installed format",
    )
    parser.add_argument("--output", metavar="FILE", default="-", help="write the report there (whole or not at all) and the summary to the terminal")
    parser.add_argument("--also", metavar="NAME=FILE", action="append", default=[], help="write a further report of the same run (repeatable)")
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress, and no report on the terminal beyond a verdict that is not a pass")
    parser.add_argument("-v", "--verbose", action="store_true", help="leave nothing out of the terminal report")
