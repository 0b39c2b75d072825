"""Write a data set without the rows that a run has flagged."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace

from aisecops.cli.screen import show
from aisecops.cli.stored import load_run
from aisecops.core.text import count, inert_path
from aisecops.project.state import state_folder
from aisecops.report.layout import line
from aisecops.workflows.quarantine import quarantine, rows_file


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the flags of ``quarantine``."""
    parser.add_argument(
        "data",
        metavar="DATA",
        help="the data set: a table, JSON lines, lines, an .npz archive, or a folder of pictures in folders named like the labels",
    )
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "--run", metavar="RUN", default="latest", help="the run that flagged the rows: an id or the start of one, latest (default), or a JSON record"
    )
    source.add_argument("--rows", metavar="PARQUET", default="", help="the rows instead: a Parquet file with row, score and flagged")
    parser.add_argument("--output", metavar="CLEAN", required=True, help="what to write; it must not exist")
    parser.add_argument("--level", metavar="P", type=float, default=None, help="take out rows with this score or more, instead of those flagged")


def run(args: Namespace) -> int:
    """Write the cleaned set, say how many rows went, and return 0."""
    rows = args.rows or rows_file(load_run(args.run), args.data, os.path.dirname(state_folder((".",), False) or "") or ".")
    done = quarantine(args.data, rows, args.output, level=args.level)
    show([line((inert_path(args.output), "path"), f"  {count(done.kept, 'row')} kept, {done.left_out:,} left out", hang=2)])
    return 0
