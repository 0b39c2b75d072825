"""Rows on the erasure list and rows without consent are found again; the list holds no id."""

from __future__ import annotations

from hashlib import sha256

from aisecops.core.examination import NotExamined
from aisecops.project.data_sets import DeclaredData
from tests.checks.data_set.tables import looked_at, readings, scanned, weaknesses, written

CHECK = "data-set/governance"


def hashed(value: str) -> str:
    return sha256(b"pepper" + value.encode()).hexdigest()


def test_a_person_who_was_deleted_and_came_back_is_found(tmp_path):
    written(tmp_path / "a.csv", {"customer_id": [f"K{n:03d}" for n in range(50)], "x": list(range(50))})
    (tmp_path / "gone.txt").write_text(f"{hashed('K007')}\n{hashed('K900')}\n{hashed('K030').upper()}\n")
    (tmp_path / "aisecops.yaml").write_text("name: p\nassets:\n  - {path: a.csv, kind: data-set, erased: gone.txt, salt: pepper}\n")
    (finding,) = scanned(tmp_path, CHECK).findings
    assert finding.category == "data-governance" and "2 of 50 rows" in finding.message and "row 7 " in finding.message


def test_consent_that_says_no_or_nothing_is_told(tmp_path):
    path = written(tmp_path / "a.csv", {"id": list(range(6)), "consent": ["yes", "No", "", "true", "withdrawn", "yes"]})
    said = looked_at(CHECK, path)
    assert readings(said)["unconsented-rows"].value == 3.0 and "the first is row 1 " in weaknesses(said)[0].message


def test_nothing_is_said_where_nothing_is_declared_and_a_list_needs_an_id(tmp_path):
    path = written(tmp_path / "a.csv", {"x": [1, 2], "y": [3, 4]})
    assert looked_at(CHECK, path) == []
    (gap,) = looked_at(CHECK, path, declared={"a.csv": DeclaredData(erased=(hashed("1"),), salt="pepper")})
    assert isinstance(gap, NotExamined) and "no column that names whose row it is" in gap.reason
