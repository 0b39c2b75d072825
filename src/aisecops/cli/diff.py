"""Compare two runs: findings that are new, fixed or moved, and measurements that changed by more than noise."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from aisecops.cli.output import write
from aisecops.cli.pipe import unless_gone
from aisecops.cli.screen import show
from aisecops.cli.stored import load_run
from aisecops.report.difference import as_json, as_markdown, document
from aisecops.workflows.diff import diff


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the flags of ``diff``."""
    parser.add_argument("before", metavar="RUN_A", help="the earlier run: an id or the start of one, or a JSON record")
    parser.add_argument("after", metavar="RUN_B", nargs="?", default="latest", help="the later run (default: latest)")
    parser.add_argument(
        "--format", choices=("terminal", "markdown", "html", "json"), default="terminal", help="terminal (default), markdown, html, json"
    )
    parser.add_argument("--output", metavar="FILE", default="-", help="write it there, whole or not at all")
    parser.add_argument("--fail-on-new", action="store_true", help="exit with 1 if an open finding is new, or graver than it was")
    parser.add_argument("-v", "--verbose", action="store_true", help="leave nothing out on the terminal")


def run(args: Namespace) -> int:
    """Compare, tell, and return 0; with ``--fail-on-new`` 1 where something open is new or graver."""
    found = diff(load_run(args.before), load_run(args.after))
    if args.format == "terminal" and args.output == "-":
        show(document(found, verbose=args.verbose))
    else:
        _tell(_rendered(args, found), args.output)
    return int(args.fail_on_new and bool(found.worse))


def _rendered(args: Namespace, found: object) -> bytes:
    from aisecops.gate.difference import Difference
    from aisecops.report.layout import plain

    assert isinstance(found, Difference)
    match args.format:
        case "markdown":
            return as_markdown(found)
        case "html":
            from aisecops.checks import load_all
            from aisecops.report.html.comparison import render

            return render(found, {check.id: check.lesson for check in load_all().checks.values()})
        case "json":
            return as_json(found)
        case _:
            return plain(document(found, verbose=args.verbose), 100).encode()


def _tell(data: bytes, path: str) -> None:
    if path != "-":
        write(path, data)
        return
    with unless_gone(sys.stdout):
        sys.stdout.buffer.write(data)
