"""Teach a check, a category of weakness, or a finding of the latest run: what it is, why it matters, how to fix it."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from aisecops.checks import load_all
from aisecops.cli.screen import show
from aisecops.core.run import Run
from aisecops.report.explanation import document
from aisecops.workflows.explain import explain


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``explain``."""
    parser.add_argument("id", metavar="ID", help="a check (model-file/code-execution), a category, or a finding's id or fingerprint")


def run(args: Namespace) -> int:
    """Explain, and return 0."""
    explanation = explain(args.id, load_all(), _latest(args.id))
    show(document(explanation.checks, explanation.findings))
    return 0


def _latest(name: str) -> Run | None:
    """The newest stored run, where ``name`` may be a finding of it: the id of a check has a slash."""
    if "/" in name:
        return None
    from aisecops.cli.stored import latest_run

    return latest_run()
