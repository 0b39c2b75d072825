"""Look at a project and write an aisecops.yaml for it, with comments: what was found, and what you may want to say."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from aisecops.cli.progress import progress_on
from aisecops.cli.screen import show
from aisecops.core.text import count
from aisecops.report.layout import Line, line
from aisecops.workflows.init import InitReport, init


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the flags of ``init``."""
    parser.add_argument("folder", metavar="DIR", nargs="?", default=".", help="the project's folder (default: this folder)")
    parser.add_argument("--force", action="store_true", help="write it anew if it is there already")
    parser.add_argument("-q", "--quiet", action="store_true", help="say nothing")


def run(args: Namespace) -> int:
    """Write the manifest, say what was found, and return 0."""
    progress = progress_on(sys.stderr, quiet=args.quiet)
    try:
        report = init(args.folder, force=args.force, progress=progress)
    finally:
        progress.close()
    if not args.quiet:
        show(_told(report, args.folder))
    return 0


def _told(report: InitReport, folder: str) -> list[Line]:
    kinds = [count(n, kind.value.replace("-", " ")) for kind, n in report.counts.items()]
    lines = [line("wrote ", (report.path, "path")), line(("  found  ", "dim"), ", ".join(kinds) or "nothing that aisecops examines yet", hang=9)]
    if report.not_examined:
        lines.append(
            line(("         ", "dim"), (f"{len(report.not_examined):,} more could not be read: a scan says what to do", "incomplete"), hang=9)
        )
    if report.left_out:
        lines.append(line((f"         {report.left_out:,} left out by .gitignore and the like", "dim"), hang=9))
    return [*lines, line(("  next   ", "dim"), (f"aisecops scan {folder}", "code"), hang=9)]
