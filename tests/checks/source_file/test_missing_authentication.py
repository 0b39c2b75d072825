"""Which applications ask who is calling, and where they listen."""

from __future__ import annotations

from pathlib import Path

from aisecops.workflows.scan import ScanRequest, scan
from tests.checks.source_file.marked import wrong

APP = """\
from fastapi import FastAPI
app = FastAPI()
@app.post("/predict")
def predict(features: list[float]):
    return model.predict(features)
@app.post("/admin/reload")
def reload(path: str):
    return load(path)
@app.get("/health")
def health():
    return "ok"
"""


def test_routes_that_matter_and_ask_nobody_are_found_and_no_others(tmp_path: Path) -> None:
    assert wrong("services", tmp_path, "missing-authentication", "exposed-service") == []


def test_an_application_is_one_finding_with_its_routes_as_places(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(APP)
    (finding,) = scan(ScanRequest(paths=(str(tmp_path),), jobs=1, cache=False, select=("source-file/missing-authentication",))).findings
    assert [(place.line, place.end_line) for place in finding.locations] == [(3, 4), (6, 7)]
    assert finding.severity == "high"  # reloading changes something
    assert "/health" not in finding.message


def test_tests_of_a_project_may_serve_what_they_like(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_app.py").write_text(APP)
    assert scan(ScanRequest(paths=(str(tmp_path),), jobs=1, cache=False, select=("source-file/missing-authentication",))).findings == ()
