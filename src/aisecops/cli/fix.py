"""Carry out the edits that findings carry: show them as a diff, and write the files."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from aisecops.cli.parser import add_list, whole
from aisecops.cli.pipe import unless_gone
from aisecops.cli.progress import progress_on
from aisecops.cli.screen import show
from aisecops.report.inert import terminal
from aisecops.report.layout import line
from aisecops.workflows.fix import Mending, apply, difference, plan
from aisecops.workflows.scan import ScanRequest


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the flags of ``fix``."""
    parser.add_argument("paths", metavar="PATH", nargs="*", default=["."], help="files and folders (default: this folder)")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if there is something to mend")
    parser.add_argument("--unsafe", action="store_true", help="also edits that may change what the program does with honest input")
    add_list(parser, "--select", "CHECK", "mend only what these checks find: ids or patterns")
    add_list(parser, "--ignore", "CHECK", "leave these checks out")
    add_list(parser, "--exclude", "PATTERN", "leave these paths out, as .gitignore writes them")
    parser.add_argument(
        "--changed-since", metavar="REF", default="", help="mend only what differs from the merge base with this branch, tag or commit"
    )
    parser.add_argument("--jobs", metavar="N", type=whole, default=0, help="worker processes (default: one for each core)")
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress and no diff")


def run(args: Namespace) -> int:
    """Mend, tell, and return 0; with ``--check`` 1 if there is something to mend."""
    request = ScanRequest(
        paths=tuple(args.paths),
        select=tuple(args.select),
        ignore=tuple(args.ignore),
        exclude=tuple(args.exclude),
        changed_since=args.changed_since,
        jobs=args.jobs,
        command=("aisecops", "fix"),
    )
    progress = progress_on(sys.stderr, quiet=args.quiet)
    try:
        mending = plan(request, unsafe=args.unsafe, progress=progress)
    finally:
        progress.close()
    if not args.quiet:
        _show(mending)
    if not args.check:
        apply(mending)
    _tell(mending, check=args.check)
    return 1 if args.check and mending.files else 0


def _show(mending: Mending) -> None:
    with unless_gone(sys.stdout):
        for file in mending.files:
            sys.stdout.write("".join(f"{terminal(line)}\n" for line in difference(file)))


def _tell(mending: Mending, *, check: bool) -> None:
    lines = [line(f"not mended: {r.finding.title} ({r.finding.asset.partition(':')[2]}): {r.reason}") for r in mending.refused]
    done = "would mend" if check else "mended"
    lines.append(
        line(f"{done} {_count(mending.findings, 'finding')} in {_count(len(mending.files), 'file')}" if mending.files else "nothing to mend")
    )
    if mending.unsafe:
        lines.append(
            line(
                f"{_count(mending.unsafe, 'finding')} more could be mended by edits that need a person's eye: aisecops fix --unsafe --check shows them"
            )
        )
    show(lines)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
