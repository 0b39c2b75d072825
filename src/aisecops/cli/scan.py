"""Examine files and folders without running anything, judge the result by a policy, and tell it."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from typing import Any

from aisecops.cli.output import Output
from aisecops.cli.parser import add_list, add_output, positive, whole
from aisecops.cli.progress import progress_on
from aisecops.core.text import inert_path
from aisecops.workflows.scan import ScanRequest, scan


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the flags of ``scan``."""
    add_output(parser)
    add_selection(parser)
    parser.add_argument("--untrusted", action="store_true", help="somebody else's tree: its manifest, waivers and policies are data, not settings")
    parser.add_argument(
        "--changed-since", metavar="REF", default="", help="examine only what differs from the merge base with this branch, tag or commit"
    )
    parser.add_argument("--history", action="store_true", help="search the git history for secrets, too")


def add_selection(parser: ArgumentParser) -> None:
    """Declare what ``scan`` and ``run`` share: what to examine, by which checks, with which means."""
    parser.add_argument("paths", metavar="PATH", nargs="*", default=["."], help="files and folders (default: this folder)")
    parser.add_argument("--policy", metavar="P", default="", help="baseline, standard, strict, or a file (default: the manifest's, or standard)")
    add_list(parser, "--select", "CHECK", "run only these checks: ids or patterns")
    add_list(parser, "--ignore", "CHECK", "leave these checks out")
    add_list(parser, "--exclude", "PATTERN", "leave these paths out, as .gitignore writes them")
    parser.add_argument("--jobs", metavar="N", type=whole, default=0, help="worker processes (default: one for each core)")
    parser.add_argument(
        "--engine", choices=("local", "ray"), default="local", help="where the checks run: here, or on the Ray cluster of RAY_ADDRESS"
    )
    parser.add_argument("--timeout", metavar="SECONDS", type=positive, default=120.0, help="for each file (default: 120)")
    parser.add_argument("--memory", metavar="MB", type=positive, default=1024, help="for each file (default: 1024)")
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="where all randomness starts (default: 0)")
    parser.add_argument("--no-cache", action="store_true", help="examine everything again")


def selection(args: Namespace) -> dict[str, Any]:
    """Return what the flags of ``add_selection`` say, as fields of a ``ScanRequest``."""
    return {
        "paths": tuple(args.paths),
        "select": tuple(args.select),
        "ignore": tuple(args.ignore),
        "exclude": tuple(args.exclude),
        "jobs": args.jobs,
        "engine": args.engine,
        "policy": args.policy,
        "seed": args.seed,
        "cache": not args.no_cache,
        "seconds": args.timeout,
        "memory_mb": int(args.memory),
        "command": ("aisecops", *map(inert_path, sys.argv[1:])),
    }


def run(args: Namespace) -> int:
    """Scan, tell, and return the exit code of the verdict."""
    output = Output(args)
    request = ScanRequest(**selection(args), untrusted=args.untrusted, history=args.history, changed_since=args.changed_since)
    progress = progress_on(sys.stderr, quiet=args.quiet)
    try:
        record = scan(request, progress)
    finally:
        progress.close()
    return output.tell(record)
