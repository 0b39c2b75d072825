"""Judge a stored run again: by another policy, with today's waivers, on the same results."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace

from aisecops.cli.output import Output
from aisecops.cli.parser import add_output
from aisecops.cli.screen import show
from aisecops.cli.stored import load_run
from aisecops.core.errors import UserError
from aisecops.gate.baseline import load
from aisecops.report.margins import document as margins_document
from aisecops.workflows.gate import explained, gate
from aisecops.workflows.standing import Standing


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the flags of ``gate``."""
    parser.add_argument("run", metavar="RUN", nargs="?", default="latest", help="an id or the start of one, latest (default), or a JSON record")
    add_output(parser)
    parser.add_argument("--policy", metavar="P", default="", help="baseline, standard, strict, or a file (default: the manifest's, or standard)")
    parser.add_argument("--explain", action="store_true", help="say of every rule how far it is from the other outcome, and what is near")


def run(args: Namespace) -> int:
    """Judge, tell, and return the exit code of the new verdict."""
    output = Output(args)
    if args.explain and output.report.name != "terminal":
        raise UserError("--explain is for people", where=f"--format {args.format}", fix="leave one of the two out")
    project = Standing((".",))
    accepted = load(project.baseline_path) if os.path.exists(project.baseline_path) else None
    record, policy = load_run(args.run), args.policy or project.policy
    judged = gate(record, policy, waivers=project.waivers, baseline=accepted)
    if not args.explain:
        return output.tell(judged)
    show(margins_document(explained(record, policy, waivers=project.waivers, baseline=accepted), judged.verdict))
    return judged.verdict.outcome.exit_code
