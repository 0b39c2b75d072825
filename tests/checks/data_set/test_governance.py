"""Rows on the erasure list and rows without consent are found again; the list holds no id."""

from __future__ import annotations

from datetime import date, timedelta
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from aisecops.checks.data_set.representation import _Group
from aisecops.core.errors import ManifestError
from aisecops.core.examination import NotExamined
from aisecops.core.measurement import Reading
from aisecops.core.statistics import clopper_pearson
from aisecops.datasets.croissant.reading import Described
from aisecops.datasets.spelled_ids import spellings
from aisecops.knowledge.licences import licence
from aisecops.project.data_sets import DeclaredData, Governance
from aisecops.project.manifest import load_manifest
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


def said_of(tmp_path, governance, columns, *, name="a.csv"):
    return looked_at(CHECK, written(tmp_path / name, columns), declared={name: DeclaredData(governance=governance)})


def test_groups_that_are_missing_or_small_are_told_with_intervals_that_hold_together(tmp_path):
    population = {"sex": {"f": 0.5, "m": 0.49, "x": 0.01}, "area": {"north": 0.4, "south": 0.6}}
    sex = ["f"] * 200 + ["m"] * 800
    said = said_of(tmp_path, Governance(population=population), {"sex": sex, "area": ["north", "south", "south"] * 333 + ["south"]})
    (finding,) = weaknesses(said)
    assert "sex = f (200 rows, 20.00%" in finding.message and "sex = x (0 rows" in finding.message and "area" not in finding.message
    assert "sex = m" not in finding.message and finding.severity.value == "medium"
    found = {reading.subject: reading for reading in said if isinstance(reading, Reading)}
    level = 1 - 0.05 / 5
    for subject, expected in (("sex = f", 0.5), ("sex = x", 0.01), ("area = north", 0.4)):
        rows = {"sex = f": 200, "sex = x": 0, "area = north": 333}[subject]
        low, high = binomtest(rows, 1000).proportion_ci(level, "exact")
        assert (found[subject].low, found[subject].high) == pytest.approx((low / expected, high / expected), rel=1e-6, abs=1e-9)
    assert not [one for one in said if isinstance(one, NotExamined)]


def test_too_few_rows_are_no_verdict(tmp_path):
    said = said_of(tmp_path, Governance(population={"sex": {"f": 0.5, "m": 0.5}}), {"sex": ["m", "m", "m"]})
    assert weaknesses(said) == []
    (gap,) = (one for one in said if isinstance(one, NotExamined))
    assert gap.code == "no-power" and "sex = f (0 of 3 rows)" in gap.reason
    (gap,) = (one for one in said_of(tmp_path, Governance(population={"sxe": {"f": 1.0}}), {"sex": ["f"]}) if isinstance(one, NotExamined))
    assert "`sxe`, which is not there" in gap.reason


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 400), st.integers(0, 400), st.floats(0.05, 0.95))
def test_a_group_that_has_its_share_is_never_called_small(f, m, share):
    group = _Group("sex", "f", share, f, f + m, *_interval(f, f + m))
    assert not (group.small and f >= share * (f + m))
    assert not (group.small and group.open)


def _interval(rows, total):
    found = clopper_pearson(rows, total, 0.95) if total else None
    return (found.low, found.high) if found else (0.0, 1.0)


@pytest.mark.parametrize(
    ("governance", "kinds"),
    [
        (Governance(license="CC-BY-NC-4.0", provenance="us", use=("commercial",)), ["licence-use"]),
        (Governance(license="https://creativecommons.org/licenses/by-nc-nd/4.0/", provenance="us", use=("commercial", "modify")), ["licence-use"]),
        (Governance(license="CC-BY-4.0", provenance="us", use=("commercial", "modify", "redistribute")), []),
        (Governance(license="https://spdx.org/licenses/ODbL-1.0.html", provenance="us", use=("commercial",)), []),
        (Governance(use=("commercial",)), ["no-licence", "no-provenance"]),
        (Governance(license="mit"), ["no-provenance"]),
        (Governance(), []),
    ],
)
def test_a_licence_must_be_there_and_allow_the_use(tmp_path, governance, kinds):
    assert [finding.evidence["kind"] for finding in weaknesses(said_of(tmp_path, governance, {"x": [1]}))] == kinds


def test_a_licence_that_nobody_knows_is_not_examined_and_two_of_them_are_told(tmp_path):
    (gap,) = said_of(tmp_path, Governance(license="Our Own 1.0", provenance="us", use=("commercial",)), {"x": [1]})
    assert isinstance(gap, NotExamined) and "Our Own 1.0" in gap.reason
    path = written(tmp_path / "b.csv", {"x": [1]})
    said = DeclaredData(
        governance=Governance(license="CC0-1.0"), described=Described(document="croissant.json", license="CC-BY-4.0", provenance="them")
    )
    (finding,) = weaknesses(looked_at(CHECK, path, declared={"b.csv": said}))
    assert finding.evidence["kind"] == "licences-differ"


def test_rows_past_their_retention_are_found_and_days_that_cannot_be_read_told(tmp_path):
    today = date.today()
    days = [str(today - timedelta(days=n * 100)) for n in range(8)]
    written(tmp_path / "a.csv", {"created_at": [*days, "yesterday", ""], "x": list(range(10))})
    (tmp_path / "aisecops.yaml").write_text(
        "name: p\nassets:\n  - {path: a.csv, kind: data-set, retention: {days: 365}, license: MIT, provenance: us}\n"
    )
    run = scanned(tmp_path, CHECK)
    (finding,) = run.findings
    assert "4 of 10 rows are older" in finding.message and "the first is row 4 " in finding.message
    assert [gap.reason[:11] for gap in run.not_examined] == ["1 of 10 cel"]


def test_a_line_of_the_erasure_list_that_matches_nobody_is_an_error(tmp_path):
    written(tmp_path / "a.csv", {"id": [1], "x": [1]})
    (tmp_path / "gone.txt").write_text(f"{hashed('1')}\nK007\n")
    (tmp_path / "aisecops.yaml").write_text("name: p\nassets:\n  - {path: a.csv, kind: data-set, erased: gone.txt, salt: pepper}\n")
    with pytest.raises(ManifestError, match="entry 2 is no SHA-256"):
        scanned(tmp_path, CHECK)


@pytest.mark.parametrize(
    "written_down",
    ["population: {sex: {f: 0.9, m: 0.2}}", "population: {sex: {}}", "population: {sex: {f: 0}}", "retention: {days: 0}", "use: [sell]"],
)
def test_what_a_manifest_may_not_say_of_a_data_set(tmp_path, written_down):
    written(tmp_path / "a.csv", {"x": [1]})
    (tmp_path / "aisecops.yaml").write_text(f"name: p\nassets:\n  - {{path: a.csv, kind: data-set, {written_down}}}\n")
    with pytest.raises(ManifestError, match=r"aisecops\.yaml:3"):
        load_manifest(str(tmp_path / "aisecops.yaml"))


@pytest.mark.parametrize(
    ("listed", "cell"),
    [
        ("anna@example.com", "Anna Schmidt <Anna+news@Example.com>"),
        ("annaschmidt@gmail.com", "anna.schmidt@googlemail.com"),
        ("José Müller", "JOSE\u0301  MU\u0308LLER"),
        ("+491701234567", "0049 (0) 170 / 1234567"),
        ("01701234567", "+49 170 1234567"),
        ("1007", "1007.0"),
        ("123e4567-e89b-12d3-a456-426614174000", "{123E4567E89B12D3A456426614174000}"),
        ("DE89370400440532013000", "DE89 3704 0044 0532 0130 00"),
    ],
)
def test_another_spelling_of_an_id_is_the_same_person(listed, cell):
    assert listed in spellings(cell)


def test_a_number_without_its_country_is_that_of_its_column(tmp_path):
    asset = "{path: a.csv, kind: data-set, erased: gone.txt, salt: pepper}"
    (tmp_path / "aisecops.yaml").write_text(f"name: p\nassets:\n  - {asset}\n")
    (tmp_path / "gone.txt").write_text(hashed("+491701234567") + "\n")
    for others in (["+49 30 123456", "0043 1 2345678"], ["030 123456", "089 2345678"]):  # else it may be that of any country
        written(tmp_path / "a.csv", {"phone": ["0170/1234567", *others]})
        (finding,) = scanned(tmp_path, CHECK).findings
        assert "1 of 3 rows" in finding.message
    written(tmp_path / "a.csv", {"phone": ["0170/1234567", "+43 1 2345678"]})
    assert not scanned(tmp_path, CHECK).findings


@pytest.mark.parametrize(
    ("listed", "cell"),
    [("7", "007"), ("K007", "K070"), ("annas@corp.example", "anna.s@corp.example"), ("1-23", "12-3"), ("Jose Muller", "José Muller")],
)
def test_what_tells_two_persons_apart_is_kept(listed, cell):
    assert not spellings(listed) & spellings(cell)


def test_columns_that_a_list_was_made_from_are_joined(tmp_path):
    written(tmp_path / "a.csv", {"first": ["JANE", "Jan"], "last": ["DOE", "Doe"], "born": ["1980-05-06", "1980-05-06"]})
    (tmp_path / "gone.txt").write_text(hashed("Doe Jane 06.05.1980") + "\n")
    asset = "{path: a.csv, kind: data-set, erased: gone.txt, salt: pepper, erased-by: [[last, first, born]]}"
    (tmp_path / "aisecops.yaml").write_text(f"name: p\nassets:\n  - {asset}\n")
    (finding,) = scanned(tmp_path, CHECK).findings
    assert "1 of 2 rows" in finding.message and "row 0 " in finding.message


def test_objections_and_withdrawn_consent_are_no_consent(tmp_path):
    columns = {
        "researchOptOut": ["N", "Y", "N", "N"],
        "consent_withdrawn_at": ["", "", "2025-02-01", ""],
        "consent_date": ["2024-01-01"] * 3 + [""],
        "consent_version": ["none"] * 4,
    }
    assert readings(looked_at(CHECK, written(tmp_path / "a.csv", columns)))["unconsented-rows"].value == 3.0


def test_groups_by_other_spellings_numbers_and_bands_are_the_same_groups(tmp_path):
    population = {"sex": {"female": 0.5, "male": 0.5}, "age": {"under 18": 0.2, "18\u201364": 0.6, "65+": 0.2}, "code": {"1": 0.5, "2": 0.5}}
    columns = {"sex": ["FEMALE", "Male"] * 200, "age": ["17.0", "40.0", "64.0", "18.0", "65.0"] * 80, "code": ["1.0", "2.0"] * 200}
    assert weaknesses(said_of(tmp_path, Governance(population=population), columns)) == []
    columns["age"] = ["17", "40", "64", "18", "30"] * 80
    (finding,) = weaknesses(said_of(tmp_path, Governance(population=population), columns, name="b.csv"))
    assert "age = 65+ (0 rows" in finding.message and "sex" not in finding.message
    columns["sex"] = ["Frau", "Mann"] * 200
    said = said_of(tmp_path, Governance(population={"sex": population["sex"]}), columns, name="c.csv")
    assert weaknesses(said) == [] and any(isinstance(one, NotExamined) and "in any spelling" in one.reason for one in said)


@pytest.mark.parametrize(
    "document",
    [
        {"README.md": "---\nlicense:\n- cc-by-nc-4.0\ntask_categories:\n- other\n---\n# Card\n"},
        {"README.txt": "1. Title: Toy\n\nLICENSE\nFor non-commercial research purposes only.\n"},
        {"datapackage.json": '{"name": "d", "resources": [{"path": "a.csv", "licenses": [{"name": "CC-BY-NC-4.0"}]}]}'},
        {"dcat.ttl": "<#d> a dcat:Dataset ; dct:license <http://creativecommons.org/licenses/by-nc/4.0/> ; dcat:downloadURL <a.csv> ."},
        {"CITATION.cff": "cff-version: 1.2.0\ntype: dataset\nlicense: CC-BY-NC-SA-4.0\n"},
    ],
)
def test_what_documents_beside_data_say_of_their_licence_counts(tmp_path, document):
    written(tmp_path / "a.csv", {"x": [1, 2]})
    (tmp_path / "aisecops.yaml").write_text("name: p\nassets:\n  - {path: a.csv, kind: data-set, use: [commercial], provenance: us}\n")
    for name, text in document.items():
        (tmp_path / name).write_text(text)
    (finding,) = scanned(tmp_path, CHECK).findings
    assert finding.evidence["kind"] == "licence-use" and next(iter(document)) in finding.message
    (tmp_path / "setup.py").write_text("")  # then a README is the program's; a document that names data still speaks of them
    kinds = [finding.evidence["kind"] for finding in scanned(tmp_path, CHECK).findings]
    assert kinds == (["no-licence"] if "README.txt" in document else ["licence-use"])


@pytest.mark.parametrize(
    "day",
    [
        "2019-01-05",
        "05.01.2019",
        "01/25/2019",
        "20190105",
        "1546300800",
        "1546300800000",
        "Tue, 15 Jan 2019 10:00:00 GMT",
        "05-JAN-19",
        "2019",
        "2019-W05",
        "2019-W05-3",
        "2019-031",
        "2019-Q3",
    ],
)
def test_days_are_read_as_they_are_written(tmp_path, day):
    said = said_of(tmp_path, Governance(retention="day", since="2020-01-01"), {"day": [day, ""], "x": [1, 2]})
    assert readings(said)["expired-rows"].value == 1.0 and not [one for one in said if isinstance(one, NotExamined)]


@pytest.mark.parametrize(
    ("text", "forbids"),
    [
        ("Creative Commons Attribution Non Commercial Share Alike 4.0", ("commercial",)),
        ("Attribution-NonCommercial-NoDerivatives 4.0 International (CC BY-NC-ND 4.0)", ("commercial", "modify")),
        ("http://publications.europa.eu/resource/authority/licence/CC_BYNC_4_0", ("commercial",)),
        ("For academic and research use only.", ("commercial",)),
        ("CC0: Public Domain", ()),
        ("Datenlizenz Deutschland – Namensnennung – Version 2.0", ()),
        ("free for commercial and non-commercial use", None),
        ("see the website", None),
    ],
)
def test_licences_of_data_in_words(text, forbids):
    found = licence(text)
    assert (found.forbids if found else None) == forbids
