"""Payloads, and the honest code that looks like them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisecops.codebase.payloads.folding import folded, is_assembled
from aisecops.workflows.scan import ScanRequest, scan
from tests.checks.source_file.marked import wrong


def test_payloads_are_found_and_honest_code_is_not(tmp_path: Path) -> None:
    assert wrong("payloads", tmp_path, "malicious-code") == []


def test_what_a_payload_decodes_does_not_enter_the_record(tmp_path: Path) -> None:
    text = "cHJpbnQoJ2hlbGxvIHdvcmxkJyk="
    (tmp_path / "app.py").write_text(f"import base64\n{'ex' + 'ec'}(base64.b64decode('{text}'))\n")
    (finding,) = scan(ScanRequest(paths=(str(tmp_path),), jobs=1, cache=False, select=("source-file/malicious-code",))).findings
    assert text not in finding.message
    assert finding.severity == "critical"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("'sys' + 'tem'", "system"),
        ("'metsys'[::-1]", "system"),
        ("''.join(['sys', 'tem'])", "system"),
        ("''.join([chr(111), chr(115)])", "os"),
        ("''.join(chr(c) for c in (101, 120, 101, 99))", "exec"),
        ("''.join(map(chr, (101, 120, 101, 99)))", "exec"),
        ("bytes.fromhex('6f73').decode()", "os"),
        ("base64.b64decode('b3M=').decode()", "os"),
        ("codecs.decode('bf', 'rot13')", "os"),
        ("f'{\"o\"}s'", "os"),
    ],
)
def test_texts_put_together_of_constants_are_read(source: str, text: str) -> None:
    node = ast.parse(source, mode="eval").body
    assert folded(node) == text
    assert is_assembled(node)


@pytest.mark.parametrize(
    "source", ["'system'", "name", "prefix + 'tem'", "base64.b64decode('!')", "f(1)", "chr(-1)", "''.join(chr(c) for c in codes)"]
)
def test_what_depends_on_more_than_constants_is_not(source: str) -> None:
    assert not is_assembled(ast.parse(source, mode="eval").body)


@given(st.lists(st.text(max_size=8), min_size=1, max_size=8))
def test_any_sum_of_texts_folds_to_its_sum(pieces: list[str]) -> None:
    node = ast.parse(" + ".join(repr(piece) for piece in pieces), mode="eval").body
    assert folded(node) == "".join(pieces)
