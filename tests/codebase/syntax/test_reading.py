"""What reading a Python file gives, in whatever bytes it comes."""

from __future__ import annotations

import ast
import warnings

import pytest

from aisecops.codebase.syntax import read_python


def names(data: bytes) -> list[str]:
    return [node.id for node in ast.walk(read_python(data).tree) if isinstance(node, ast.Name)]


def test_a_plain_file_is_read_as_python_reads_it():
    source = read_python(b"import os\n\nprint(os.name)\n")
    assert ast.dump(source.tree) == ast.dump(ast.parse("import os\n\nprint(os.name)\n"))
    assert source.gaps == source.notes == ()
    assert source.text.line(3) == "print(os.name)"


@pytest.mark.parametrize(
    ("data", "name", "note"),
    [
        (b"\xef\xbb\xbfa", "a", None),
        ("# -*- coding: latin-1 -*-\né".encode("latin-1"), "é", "declared-encoding"),
        ("#!/usr/bin/python\n# vim: set fileencoding=cp1251 :\nж".encode("cp1251"), "ж", "declared-encoding"),
        (b"# coding: utf-7\n+AGEAYg-", "ab", "hiding-encoding"),
        (b"# coding: unicode_escape\n\\x65val", "eval", "hiding-encoding"),
        (b"# coding: idna\na", "a", "declared-encoding"),
        (b"# coding: zlib\na", "a", "declared-encoding"),
        (b"# coding: no-such\na", "a", "declared-encoding"),
        ("ж".encode() + b"\n# coding: latin-1", "ж", None),
        ("é".encode("latin-1"), "é", "latin-1"),
        ("a = 'ж'".encode("utf-16"), "a", "utf-16"),
        (b"a\0 = 1", "a", "null-bytes"),
        (b"\x0ca", "a", None),
        ("ｅｖａｌ".encode(), "eval", None),
    ],
)
def test_bytes_are_decoded_as_python_would_and_what_it_would_refuse_is_said(data, name, note):
    source = read_python(data)
    assert names(data) == [name]
    assert [n.code for n in source.notes] == ([note] if note else [])
    assert bool(source.gaps) == (note in ("latin-1", "utf-16", "null-bytes"))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_counts(end):
    source = read_python(f"a{end}{end}b".encode())
    (_, second) = source.tree.body
    assert second.lineno == 3
    assert source.text.line(3) == "b"


def test_what_the_parser_thinks_of_the_text_stays_unsaid_and_changes_nothing():
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        assert read_python(b"x = '\\d'").parser == "ast"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_python(b"x = '\\d'").parser == "ast"
    assert heard == []


def test_a_file_that_is_too_large_is_a_gap_and_still_text():
    source = read_python(b"x = 1\n" * 10, largest=20)
    assert source.tree.body == []
    assert source.text.line(10) == "x = 1"
    assert [gap.code for gap in source.gaps] == ["too-large"]


def test_comments_are_found_where_they_are_comments():
    source = read_python(b'a = "# nosec"  # nosec: fine\nb = """\n# noqa\n"""\nc = \'\\\'#\' # aisecops: ignore[x] why\n')
    assert source.comments == {1: "# nosec: fine", 5: "# aisecops: ignore[x] why"}
    assert read_python(b"a = 1  # just so\n").comments == {}


def test_long_texts_are_no_data():
    text = 'x = """' + "a.b: c,\n" * 100_000 + '"""\n# ' + "(" * 300_000 + "\ny = 1\n"
    assert len(read_python(text.encode()).tree.body) == 2
    source = read_python(('x = f"""' + "{a.b}, " * 100_000 + '"""\n').encode())
    assert [gap.code for gap in source.gaps] == ["too-large"]
