"""Describe tables in Croissant (MLCommons 1.0, JSON-LD): files with their SHA-256, columns with their types and roles. A scan holds the data to it."""

from __future__ import annotations

import json
import os
import sys
from argparse import ArgumentParser, Namespace

from aisecops.cli.output import write
from aisecops.cli.pipe import unless_gone
from aisecops.core.errors import UserError
from aisecops.core.text import inert_path
from aisecops.datasets.croissant.writing import About
from aisecops.workflows.croissant import describe


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the flags of ``croissant``."""
    parser.add_argument("data", metavar="DATA", nargs="+", help="tables: CSV, Parquet, Arrow or JSON lines")
    parser.add_argument("--output", metavar="FILE", default="-", help="write it there (croissant.json); standard output by default")
    parser.add_argument("--name", default="", help="what the data set is called (default: the name of the first table)")
    for flag, metavar, what in (
        ("description", "TEXT", "what it holds"),
        ("license", "SPDX", "its licence, an SPDX id or an address"),
        ("creator", "NAME", "who made it"),
        ("url", "URL", "where it is published"),
        ("version", "X.Y.Z", "its version"),
        ("published", "DAY", "when it was published, YYYY-MM-DD"),
        ("cite-as", "TEXT", "how to cite it"),
    ):
        parser.add_argument(f"--{flag}", metavar=metavar, default="", help=what)


def run(args: Namespace) -> int:
    """Write the document, and return 0."""
    folder = os.path.dirname(os.path.abspath(args.output)) if args.output != "-" else os.getcwd()
    if not os.path.isdir(folder):
        raise UserError("there is no such folder", where=f"--output {inert_path(args.output)}", fix="make it first")
    name = args.name or os.path.splitext(os.path.basename(args.data[0]))[0]
    fields = {key: getattr(args, key) for key in About.__struct_fields__ if key != "name"}
    try:
        document = describe(args.data, folder, About(name=name, **fields))
    except ModuleNotFoundError:
        raise UserError("reading tables needs Polars, which is not installed", fix="pip install 'aisecops[data]'") from None
    text = json.dumps(document, indent=2) + "\n"
    if args.output != "-":
        write(args.output, text.encode())
        return 0
    with unless_gone(sys.stdout):
        sys.stdout.write(text)
    return 0
