"""Make the fingerprint of a model, or ask with --against whether another model is a copy of it: exit code 1 if it is.

Keep the file secret until it is needed, and publish its digest now: it proves later that the questions were there first.
"""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from aisecops.cli.parser import positive, whole
from aisecops.cli.screen import show
from aisecops.core.errors import UserError
from aisecops.core.text import inert_path
from aisecops.report.layout import Line, line
from aisecops.workflows.fingerprint import FingerprintRequest, against, make, read, written

if TYPE_CHECKING:
    from aisecops.attacks.extraction.fingerprint import Comparison


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the flags of ``fingerprint``."""
    parser.add_argument("path", metavar="PATH", nargs="?", default=".", help="the project whose aisecops.yaml declares the model (default: here)")
    parser.add_argument(
        "--model", metavar="NAME", default="", help="which model, where several are declared: the owner's, or with --against the suspect"
    )
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--output", metavar="FILE", help="make the fingerprint, with references trained on `training-data`, and write it there")
    which.add_argument("--against", metavar="FILE", help="ask the model the questions of this fingerprint")
    parser.add_argument("--references", metavar="N", type=whole, default=60, help="models to train in each way (default 60)")
    parser.add_argument("--questions", metavar="N", type=whole, default=200, help="how many (default 200)")
    parser.add_argument("--level", metavar="P", type=positive, default=0.05, help="the rate of false alarms that is allowed (default 0.05)")
    parser.add_argument("--seed", metavar="N", type=whole, default=0, help="what questions and references are drawn by (default 0)")
    parser.add_argument("--allow-weak-isolation", action="store_true", help="load the model even where this machine cannot lock it in")


def run(args: Namespace) -> int:
    """Make or compare; 0, or 1 for a copy."""
    request = FingerprintRequest(
        path=args.path,
        model=args.model,
        references=args.references,
        questions=args.questions,
        seed=args.seed,
        allow_weak_isolation=args.allow_weak_isolation,
    )
    if args.against is not None:
        if args.level >= 1:
            raise UserError("a rate lies between 0 and 1", where="--level", fix="0.05 allows one false alarm in twenty")
        found = against(request, read(args.against), level=args.level)
        show(_compared(found))
        return int(found.copy)
    if os.path.exists(args.output):
        raise UserError("it is there already", where=f"--output {inert_path(args.output)}", fix="name a file that is not there yet")
    fingerprint, left_out = make(request)
    written(fingerprint, args.output)
    lines = [
        line((inert_path(args.output), "path"), f"  {len(fingerprint.answers)} questions; publish {fingerprint.digest}", hang=2),
        line(f"  lowest rate of false alarms that can be shown: {fingerprint.least_p:.2g}", hang=2),
    ]
    if left_out:
        lines.append(
            line(
                f"  {', '.join(left_out)}: this learner ends in the same model on the same rows; whoever trains it on your data cannot be told from a copy",
                hang=2,
            )
        )
    if "fresh-rows" not in fingerprint.families:
        told = "  no references of rows that the model was not trained on: the rate holds for models of your rows alone; give 50 test rows or more, of every class"
        lines.append(line(told, hang=2))
    show(lines)
    return 0


def _compared(found: Comparison) -> list[Line]:
    word = ("a copy", "fail") if found.copy else ("not shown to be a copy", "title")
    verdict = line(word, f": p = {found.worst:.2g}, allowed {found.level:g}")
    rate = f"{found.matches} of {found.questions} questions answered like the owner's model ({found.interval.low:.0%} to {found.interval.high:.0%})"
    others = "; ".join(f"{name} p = {p:.2g}" for name, p in found.p.items())
    return [
        verdict,
        line(f"  {rate}; the best of the references: {found.best_reference}", hang=2),
        line(f"  trained independently: {others}", hang=2),
    ]
