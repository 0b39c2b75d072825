from __future__ import annotations

from types import SimpleNamespace

import msgspec

from aisecops.checks.text.personal_data import personal_data
from aisecops.codebase.text import Text, TextPart
from aisecops.core.taxonomy import Confidence, Severity
from tests.content.personal.people import EMAILS, IDS, NAMES, PHONES, PLACEHOLDERS, SSNS


def found(*parts, path="analysis.ipynb"):
    return list(personal_data(SimpleNamespace(asset=SimpleNamespace(path=path), texts=parts), None))


def output(content, cell, language="text/plain"):
    return TextPart(Text(content), "output", language, language, cell)


def table(emails=EMAILS):
    return "name,email,phone\n" + "\n".join(map(",".join, zip(NAMES, emails, PHONES, strict=True)))


def html(emails=EMAILS):
    rows = "".join(f"<tr><td>{'</td><td>'.join(row)}</td></tr>" for row in zip(NAMES, emails, PHONES, strict=True))
    return f"<table><tr><th>name</th><th>email</th><th>phone</th></tr>{rows}</table>"


def test_each_output_is_one_finding_that_counts_and_never_quotes():
    weaknesses = found(output(table(), 3), output(html(), 3, "text/html"), output(f"charged {IDS['BR CPF'][0]}", 7))
    assert [weakness.locations[0].cell for weakness in weaknesses] == [3, 7]
    assert weaknesses[0].evidence["counts"] == {"email": 4, "person-name": 4, "phone": 4}
    assert "4 e-mail addresses, 4 names of persons and 4 telephone numbers" in weaknesses[0].message
    assert (weaknesses[0].severity, weaknesses[0].confidence) == (Severity.HIGH, Confidence.HIGH)
    said = msgspec.json.encode(weaknesses).decode()
    assert not [value for value in (*NAMES, *EMAILS, *PHONES, IDS["BR CPF"][0]) if value in said or value.split()[0] in said]


def test_the_identity_is_that_of_kinds_and_headers_not_of_place_or_values():
    (first,), (second,) = found(output(table(), 3)), found(output(table(EMAILS[::-1]), 9))
    assert first.identity == second.identity
    assert "email" in first.identity


def test_honest_outputs_are_passed():
    assert found(output(table(PLACEHOLDERS), 1), output(html(PLACEHOLDERS), 1), output("accuracy: 0.93\n1700000000", 2)) == []


def test_source_counts_only_beside_the_person_and_outside_of_tests():
    record = TextPart(Text(f'x = 1\ncustomer = {{"name": "{NAMES[0]}", "ssn": "{SSNS[0]}"}}\n'), "code", "python")
    (weakness,) = found(record, path="app/load.py")
    assert (weakness.locations[0].line, weakness.severity) == (2, Severity.HIGH)
    assert found(record, path="tests/test_load.py") == []
    assert found(TextPart(Text(table()), "code", "python"), path="app/load.py") == []


def test_what_is_beyond_all_measure_is_said_to_be_unread():
    (gap,) = found(*(output("0.5 " * (1 << 18), cell) for cell in range(5)))
    assert gap.code == "truncated"
