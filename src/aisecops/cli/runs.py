"""List the runs that this project keeps, the newest first: what `gate`, `diff` and `explain` can speak of."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence

import msgspec

from aisecops.cli.failure import complain
from aisecops.cli.parser import whole
from aisecops.cli.pipe import unless_gone
from aisecops.cli.screen import show
from aisecops.report.inert import json_text
from aisecops.report.layout import Line, clip, line
from aisecops.workflows.runs import KeptRun, runs


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the flags of ``runs``."""
    parser.add_argument("-n", "--most", metavar="N", type=whole, default=20, help="how many, the newest first (default: 20)")
    parser.add_argument("--json", action="store_true", help="as a JSON list")


def run(args: Namespace) -> int:
    """List them, and return 0."""
    kept = runs(most=args.most, note=complain)
    if args.json:
        with unless_gone(sys.stdout):
            sys.stdout.buffer.write(json_text(msgspec.json.format(msgspec.json.encode(kept), indent=2)) + b"\n")
    else:
        show(list(_listing(kept)))
    return 0


def _listing(kept: Sequence[KeptRun]) -> Iterator[Line]:
    for one in kept:
        yield line((f"{one.id}  ", "code"), (f"{one.outcome.value:<10}  ", one.outcome.value), _told(one), (f"  {_from(one)}", "dim"), hang=36)
    if not kept:
        yield line("no run is kept here: ", ("aisecops scan .", "code"), " makes one")
    elif len(kept) > 1:
        yield line((f"compare:  aisecops diff {kept[1].id} {kept[0].id}", "dim"))


def _told(one: KeptRun) -> str:
    if one.problem:
        return one.problem
    found = ", ".join(f"{n:,} {severity.value}" for severity, n in one.findings.items()) or "nothing open"
    parts = [found]
    parts += [f"{one.measurements:,} measured"] if one.measurements else []
    parts += [f"{one.not_examined:,} not examined"] if one.not_examined else []
    return " · ".join(parts)


def _from(one: KeptRun) -> str:
    paths = clip(" ".join(one.paths), 40)
    return " ".join(part for part in (one.verb, paths, f"at {one.commit[:10]}" if one.commit else "", one.policy and f"policy {one.policy}") if part)
