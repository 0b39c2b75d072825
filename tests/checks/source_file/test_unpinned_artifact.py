"""What is fetched by a name whose content may change; and ids that cannot be pinned where they are used, local folders, digests that are compared."""

from __future__ import annotations

from pathlib import Path

from aisecops.workflows.scan import ScanRequest, scan
from tests.checks.source_file.marked import wrong


def test_every_marked_line_is_found_and_no_other(tmp_path: Path) -> None:
    said = wrong("unpinned", tmp_path, "unpinned-artifact")
    assert not said, "\n" + "\n".join(said)


TWICE = """
from transformers import AutoModel, AutoTokenizer
NAME = "facebook/opt-125m"
model = AutoModel.from_pretrained(NAME)
tokenizer = AutoTokenizer.from_pretrained(NAME)
"""


def test_model_and_tokenizer_of_one_id_are_one_finding_whose_advice_is_a_commit(tmp_path: Path) -> None:
    (tmp_path / "load.py").write_text(TWICE)
    (finding,) = scan(ScanRequest(paths=(str(tmp_path),), jobs=1, cache=False, select=("source-file/unpinned-artifact",))).findings
    assert [place.line for place in finding.locations] == [4, 5]
    assert finding.fix is not None and "40 hexadecimal digits" in finding.fix.summary


ADDRESSES = """
import requests
def first():
    return requests.get("http://data.example.com/a.zip", timeout=9)
def second():
    return requests.get("http://data.example.com/b.zip", timeout=9)
"""


def test_addresses_of_one_kind_are_one_finding(tmp_path: Path) -> None:
    (tmp_path / "load.py").write_text(ADDRESSES)
    (finding,) = scan(ScanRequest(paths=(str(tmp_path),), jobs=1, cache=False, select=("source-file/unpinned-artifact",))).findings
    assert [place.line for place in finding.locations] == [4, 6]
    assert "1 more address" in finding.message
