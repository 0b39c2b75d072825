from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from aisecops.core.errors import UserError
from aisecops.report import interface
from tests.report.runs import LESSONS, clean, hostile


@pytest.mark.parametrize("name", interface.built_in())
def test_every_built_in_format_is_found_and_renders(name: str) -> None:
    report = interface.find(name)
    assert report.name == name
    assert report.render(clean(), LESSONS)


def test_finding_one_format_imports_no_other() -> None:
    code = "import sys; from aisecops.report.interface import find; find('json'); print(*(m for m in sys.modules if 'sarif' in m or m.startswith('rich')))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == ""


def test_an_unknown_format_names_the_known_ones() -> None:
    with pytest.raises(UserError, match="terminal, json, sarif"):
        interface.find("jsn")


def test_a_third_party_format_comes_by_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    offered = EntryPoints([EntryPoint("upper", "tests.report.test_interface:UPPER", interface.GROUP)])
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: offered.select(group=group))
    assert interface.find("upper").render(clean(), {}) == b"PASS"


UPPER = interface.Report("upper", "text/plain", lambda run, lessons: run.verdict.outcome.value.upper().encode())


def test_the_example_of_the_docs_works() -> None:
    text = (Path(__file__).parent.parent.parent / "docs/run-record.md").read_text()
    names: dict[str, object] = {}
    exec(text.partition("```python\n")[2].partition("```")[0], names)
    report = names["REPORT"]
    assert isinstance(report, interface.Report)
    assert report.render(hostile(), {}).startswith(b"critical,model-file/code-execution\n")
