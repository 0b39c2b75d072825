"""Programs that have loaded libraries with threads: their scans come back, tell of progress, and say what is wrong."""

from __future__ import annotations

from pathlib import Path

import polars
import pytest

from aisecops.core.errors import ManifestError
from aisecops.workflows.scan import ScanRequest, scan


class Heard:
    """Progress as it was told."""

    def __init__(self) -> None:
        self.phases: list[str] = []
        self.steps = 0

    def phase(self, title: str, total: int) -> None:
        self.phases.append(title)

    def step(self, what: str, done: int = 1) -> None:
        self.steps += done

    def note(self, message: str) -> None:
        """Not of interest."""

    def close(self) -> None:
        """Nothing to close."""


def test_a_program_that_has_used_polars_can_scan_data(tmp_path: Path) -> None:
    polars.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]}).write_csv(tmp_path / "data.csv")
    assert polars.scan_csv(tmp_path / "data.csv").select("a").collect(engine="streaming").height == 3  # its threads run now
    heard = Heard()
    record = scan(ScanRequest(paths=(str(tmp_path),), seconds=60), heard)
    assert [asset.path for asset in record.assets] == ["data.csv"]
    assert not [gap for gap in record.not_examined if gap.code.value in ("timeout", "crash")]
    assert {"discovering", "examining"} <= set(heard.phases)
    assert heard.steps


def test_what_is_wrong_there_is_said_here(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("a,b\n1,2\n")
    (tmp_path / "aisecops.yaml").write_text("name: x\ncode: {libraries: [nothing.yaml]}\n")
    with pytest.raises(ManifestError, match=r"nothing\.yaml"):
        scan(ScanRequest(paths=(str(tmp_path),)))
