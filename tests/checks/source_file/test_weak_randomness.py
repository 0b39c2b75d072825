"""What must not be guessed, and what these generators are for."""

from __future__ import annotations

from pathlib import Path

from aisecops.workflows.scan import ScanRequest, scan
from tests.checks.source_file.marked import wrong

TOKEN = "import random, string\ntoken = ''.join(random.choices(string.ascii_letters, k=32))\n"


def test_values_that_can_be_predicted_are_found_and_draws_for_data_are_not(tmp_path: Path) -> None:
    assert wrong("randomness", tmp_path, "weak-randomness") == []


def test_tests_may_draw_as_they_like(tmp_path: Path) -> None:
    for name in ("app.py", "test_app.py"):
        (tmp_path / name).write_text(TOKEN)
    findings = scan(ScanRequest(paths=(str(tmp_path),), jobs=1, cache=False, select=("source-file/weak-randomness",))).findings
    assert [finding.locations[0].path for finding in findings] == ["app.py"]


def test_a_value_drawn_in_a_helper_names_both_places(tmp_path: Path) -> None:
    helper = "import random, string\ndef text(n):\n    return ''.join(random.choice(string.digits) for _ in range(n))\ndef reset(user):\n    user.reset_code = text(6)\n"
    (tmp_path / "app.py").write_text(helper)
    (finding,) = scan(ScanRequest(paths=(str(tmp_path),), jobs=1, cache=False, select=("source-file/weak-randomness",))).findings
    assert [place.line for place in finding.locations] == [5, 3]
