"""Where a run is told: a report to standard output or a file, a summary to the terminal."""

from __future__ import annotations

import os
import sys
from argparse import Namespace

from aisecops.cli.pipe import unless_gone
from aisecops.cli.screen import show
from aisecops.core.errors import UserError
from aisecops.core.run import Run
from aisecops.core.text import inert_path
from aisecops.core.verdict import Outcome
from aisecops.report.interface import Lessons, Report, find


class Output:
    """What ``--format``, ``--output``, ``--quiet`` and ``--verbose`` ask for, checked before any work is done.

    Raises
    ------
    UserError
        There is no such format, or no folder to write to.
    """

    def __init__(self, args: Namespace) -> None:
        self.report: Report = find(args.format)
        self.path: str = "" if args.output == "-" else args.output
        self.also: list[tuple[Report, str]] = [_further(word) for word in args.also]
        self.quiet: bool = args.quiet
        self.verbose: bool = args.verbose
        if self.path:
            _demand_a_place(self.path, "--output")

    def tell(self, run: Run) -> int:
        """Tell ``run`` and return the exit code of its verdict."""
        for report, path in self.also:
            write(path, report.render(run, _lessons(report)))
        if self.path:
            write(self.path, self.report.render(run, _lessons(self.report)))
        elif self.report.name != "terminal":
            with unless_gone(sys.stdout):
                sys.stdout.buffer.write(self.report.render(run, _lessons(self.report)))
        if self.report.name == "terminal" or self.path:
            self._summary(run)
        return run.verdict.outcome.exit_code

    def _summary(self, run: Run) -> None:
        from aisecops.report.terminal import document, verdict

        if not self.quiet:
            show(document(run, verbose=self.verbose))
        elif run.verdict.outcome is not Outcome.PASS:
            show(verdict(run))


def _further(word: str) -> tuple[Report, str]:
    """What one ``--also NAME=FILE`` asks for."""
    name, _, path = word.partition("=")
    if not path:
        raise UserError("a format and a file are needed", where=f"--also {inert_path(word)}", fix="write --also junit=report.xml, for example")
    _demand_a_place(path, "--also")
    return find(name), path


def _demand_a_place(path: str, flag: str) -> None:
    folder = os.path.dirname(path) or "."
    if not os.path.isdir(folder):
        raise UserError("there is no such folder", where=f"{flag} {inert_path(folder)}", fix="make it first")
    if os.path.isdir(path):
        raise UserError("this is a folder", where=f"{flag} {inert_path(path)}", fix="name a file in it")


def _lessons(report: Report) -> Lessons:
    if not report.teaches:
        return {}
    from aisecops.checks import load_all

    return {check.id: check.lesson for check in load_all().checks.values()}


def write(path: str, data: bytes) -> None:
    """Write ``data`` to ``path``: a regular file appears whole or not at all; a pipe or a device is written to as it is.

    Raises
    ------
    UserError
        It cannot be written.
    """
    beside = f"{path}.{os.getpid()}.new"
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            with open(path, "wb") as file:
                file.write(data)
            return
        with open(beside, "xb") as file:
            file.write(data)
        os.replace(beside, path)
    except OSError as error:
        if os.path.exists(beside):
            os.unlink(beside)
        raise UserError(f"the report cannot be written: {error.strerror}", where=inert_path(path), fix="choose a place that can be written") from None
