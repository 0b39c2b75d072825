"""Write the model card of a stored run: every number with its interval, n and run."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace

from aisecops.cli.output import write
from aisecops.cli.pipe import unless_gone
from aisecops.cli.stored import load_run
from aisecops.core.errors import UserError
from aisecops.core.text import inert_path
from aisecops.workflows.card import card


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the flags of ``card``."""
    parser.add_argument("run", metavar="RUN", nargs="?", default="latest", help="an id or the start of one, latest (default), or a JSON record")
    parser.add_argument("--model", metavar="NAME", default="", help="which model, where the run asked several")
    parser.add_argument(
        "--output", metavar="FILE", default="-", help="write it there, as HTML if the name ends so; Markdown to standard output by default"
    )


def run(args: Namespace) -> int:
    """Write the card, and return 0."""
    if args.output != "-" and not os.path.isdir(os.path.dirname(args.output) or "."):
        raise UserError("there is no such folder", where=f"--output {inert_path(args.output)}", fix="make it first")
    text = card(load_run(args.run), model=args.model, html=args.output.lower().endswith((".html", ".htm")))
    if args.output != "-":
        write(args.output, text.encode())
        return 0
    with unless_gone(sys.stdout):
        sys.stdout.buffer.write(text.encode())
    return 0
