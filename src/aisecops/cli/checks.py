"""List the checks: each id, and what it looks for."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from aisecops.checks import load_all
from aisecops.cli.screen import show
from aisecops.report.explanation import listing


def add_arguments(parser: ArgumentParser) -> None:
    """``checks`` takes no arguments."""


def run(args: Namespace) -> int:  # noqa: ARG001 every verb has this form
    """List them, and return 0."""
    show(listing(sorted(load_all().checks.values(), key=lambda check: check.id)))
    return 0
