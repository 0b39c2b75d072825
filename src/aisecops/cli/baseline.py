"""Accept what stands today: from now on only what is new, or has become worse, counts against the project."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from aisecops.cli.screen import show
from aisecops.cli.stored import load_run
from aisecops.core.text import inert_path
from aisecops.report.layout import line
from aisecops.workflows.baseline import accept
from aisecops.workflows.standing import Standing


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the flags of ``baseline``."""
    parser.add_argument("run", metavar="RUN", nargs="?", default="latest", help="an id or the start of one, latest (default), or a JSON record")
    parser.add_argument("--output", metavar="FILE", default="", help="the baseline file (default: the manifest's, or aisecops.baseline.json)")


def run(args: Namespace) -> int:
    """Write the baseline, say what changed, and return 0."""
    path = args.output or Standing((".",)).baseline_path
    change = accept(load_run(args.run), path)
    counts = f"{change.accepted:,} accepted, {change.kept:,} kept, {change.dropped:,} mended and let go"
    show([line((inert_path(path), "path"), f"  {counts}", hang=2), line(("  commit it: a review then sees what was accepted", "dim"))])
    return 0
