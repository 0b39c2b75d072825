"""Scan, then ask and attack the models that aisecops.yaml names, judge the result by a policy, and tell it."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from aisecops.cli.output import Output
from aisecops.cli.parser import add_output, positive
from aisecops.cli.progress import progress_on
from aisecops.cli.scan import add_selection, selection


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the flags of ``run``."""
    add_output(parser)
    add_selection(parser)
    parser.add_argument("--attack-timeout", metavar="SECONDS", type=positive, default=1800.0, help="for each check of a model (default: 1800)")
    parser.add_argument("--attack-memory", metavar="MB", type=positive, default=8192, help="for each check of a model (default: 8192)")
    parser.add_argument(
        "--allow-weak-isolation", action="store_true", help="load untrusted models although this machine cannot lock them in (see aisecops doctor)"
    )


def run(args: Namespace) -> int:
    """Run, tell, and return the exit code of the verdict."""
    from aisecops.workflows.run import RunRequest
    from aisecops.workflows.run import run as carry_out

    output = Output(args)
    request = RunRequest(
        **selection(args),
        attack_seconds=args.attack_timeout,
        attack_memory_mb=int(args.attack_memory),
        allow_weak_isolation=args.allow_weak_isolation,
    )
    progress = progress_on(sys.stderr, quiet=args.quiet)
    try:
        record = carry_out(request, progress)
    finally:
        progress.close()
    return output.tell(record)
