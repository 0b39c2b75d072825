"""Judge a stored run again: by another policy, with today's waivers, on the same results."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace

from aisecops.cli.output import Output
from aisecops.cli.parser import add_output
from aisecops.cli.stored import load_run
from aisecops.gate.baseline import load
from aisecops.workflows.gate import gate
from aisecops.workflows.standing import Standing


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the flags of ``gate``."""
    parser.add_argument("run", metavar="RUN", nargs="?", default="latest", help="an id or the start of one, latest (default), or a JSON record")
    add_output(parser)
    parser.add_argument("--policy", metavar="P", default="", help="baseline, standard, strict, or a file (default: the manifest's, or standard)")


def run(args: Namespace) -> int:
    """Judge, tell, and return the exit code of the new verdict."""
    output = Output(args)
    project = Standing((".",))
    accepted = load(project.baseline_path) if os.path.exists(project.baseline_path) else None
    judged = gate(load_run(args.run), args.policy or project.policy, waivers=project.waivers, baseline=accepted)
    return output.tell(judged)
