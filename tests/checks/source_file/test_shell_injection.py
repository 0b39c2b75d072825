"""Shell commands that are put together from what somebody else has written, and those that are not."""

from __future__ import annotations

import json
from pathlib import Path

from aisecops.workflows.scan import ScanRequest, scan
from tests.checks.source_file.marked import wrong


def test_outside_text_in_shell_commands_is_found_and_quoted_or_constant_text_is_not(tmp_path: Path) -> None:
    assert wrong("shell", tmp_path, "shell-injection") == []


def test_magics_of_a_notebook_are_commands_too(tmp_path: Path) -> None:
    cells = ["name = input('data set: ')", "!wget https://example.com/{name}", "package = 'torch'\n!pip install {package}"]
    notebook = {
        "cells": [{"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": cell} for cell in cells],
        "metadata": {"kernelspec": {"language": "python", "name": "python3", "display_name": "Python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (tmp_path / "a.ipynb").write_text(json.dumps(notebook))
    (finding,) = scan(ScanRequest(paths=(str(tmp_path),), jobs=1, cache=False, select=("source-file/shell-injection",))).findings
    assert [(place.cell, place.line) for place in finding.locations] == [(2, 1)]
