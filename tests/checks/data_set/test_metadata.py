"""Croissant documents: written by the command line, read beside the data, and the data held to them."""

from __future__ import annotations

import json
import shutil

import pytest

from aisecops.cli import main
from aisecops.core.examination import Code
from aisecops.datasets.croissant.reading import CroissantError, parse
from tests.checks.data_set.tables import scanned, written

CHECK = "data-set/metadata"
COLUMNS = {
    "customer": [f"K{n}" for n in range(30)],
    "day": [f"2024-01-{n % 28 + 1:02d}" for n in range(30)],
    "age": list(range(30)),
    "score": [n / 7 for n in range(30)],
    "won": ["true", "false"] * 15,
}


@pytest.fixture
def project(tmp_path):
    written(tmp_path / "data/train.csv", COLUMNS)
    (tmp_path / "aisecops.yaml").write_text(
        "name: p\nassets:\n  - {path: data/train.csv, kind: data-set, label: won, id: customer, personal: [customer], license: CC-BY-4.0, provenance: us}\n"
    )
    assert (
        main(["croissant", str(tmp_path / "data/train.csv"), "--name", "sales", "--version", "1.0.0", "--output", str(tmp_path / "croissant.json")])
        == 0
    )
    return tmp_path


def changed(project, change):
    document = json.loads((project / "croissant.json").read_text())
    change(document)
    (project / "croissant.json").write_text(json.dumps(document))


def fields(document):
    return {field["name"]: field for field in document["recordSet"][0]["field"]}


def test_the_document_has_what_the_format_asks_for(project):
    document = json.loads((project / "croissant.json").read_text())
    assert (document["@type"], document["conformsTo"]) == ("sc:Dataset", "http://mlcommons.org/croissant/1.0")
    assert (document["name"], document["license"], document["creator"]["name"]) == ("sales", "CC-BY-4.0", "us")
    assert document["rai:personalSensitiveInformation"] == ["customer"]
    (file,) = document["distribution"]
    assert (file["@type"], file["contentUrl"], file["encodingFormat"]) == ("cr:FileObject", "data/train.csv", "text/csv")
    assert len(file["sha256"]) == 64
    types = {name: field["dataType"] for name, field in fields(document).items()}
    assert types == {"customer": "sc:Text", "day": "sc:Text", "age": "sc:Integer", "score": "sc:Float", "won": ["sc:Boolean", "cr:Label"]}
    for field in fields(document).values():
        assert field["source"]["fileObject"]["@id"] == file["@id"] and field["@id"].startswith(document["recordSet"][0]["@id"])
    assert document["recordSet"][0]["key"]["@id"] == fields(document)["customer"]["@id"]


def test_the_data_as_described_pass_and_give_their_roles(project):
    (project / "aisecops.yaml").write_text("name: p\n")
    changed(project, lambda document: fields(document)["day"].update(dataType="sc:Date"))
    run = scanned(project, CHECK)
    assert not run.findings and not run.not_examined
    facts = next(asset.facts for asset in run.assets if asset.path == "data/train.csv")
    assert (facts["label-column"], facts["id-column"], facts["time-column"]) == ("won", "customer", "day")


def test_a_file_that_was_changed_after_it_was_described_is_found(project):
    with (project / "data/train.csv").open("a") as file:
        file.write("K99,2024-02-01,7,1.0,true\n")
    (finding,) = scanned(project, CHECK).findings
    assert finding.category == "metadata-mismatch" and finding.severity.value == "high" and "SHA-256" in finding.message


def test_columns_and_types_that_disagree_are_found(project):
    def lie(document):
        fields(document)["customer"]["dataType"] = "https://schema.org/Integer"
        fields(document)["day"]["dataType"] = "sc:Float"
        fields(document)["score"]["dataType"] = ["sc:Integer"]
        fields(document)["age"]["source"]["extract"]["column"] = "years"

    changed(project, lie)
    found = [finding.message for finding in scanned(project, CHECK).findings]
    messages = " ".join(found)
    assert len(found) == 5
    assert "describes columns that are not there: `years`" in messages and "does not describe: `age`" in messages
    assert "`customer` is a whole number; 30 of 30 cells are not, the first in row 0" in messages
    assert "`score` is a whole number; 25 of 30 cells are not, the first in row 1" in messages


def test_a_document_of_another_writer_is_read(project):
    """As hubs write it: no prefixes, addresses instead of paths, a file set, and a digest that is none."""
    document = {
        "@context": {"@vocab": "https://schema.org/", "cr": "http://mlcommons.org/croissant/"},
        "@type": "Dataset",
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": "repo",
                "contentUrl": "https://hub.example/d",
                "sha256": "https://github.com/mlcommons/croissant/issues/80",
            },
            {"@type": "cr:FileSet", "@id": "files", "containedIn": {"@id": "repo"}, "includes": "data/*.csv"},
        ],
        "cr:recordSet": {
            "@type": "cr:RecordSet",
            "field": [{"name": n, "dataType": "Text", "source": {"fileSet": {"@id": "files"}, "extract": {"column": n}}} for n in (*COLUMNS, "gone")],
        },
    }
    (project / "croissant.json").write_text(json.dumps(document))
    (finding,) = scanned(project, CHECK).findings
    assert "not there: `gone`" in finding.message


def test_a_broken_document_is_told_and_one_of_something_else_left_alone(project):
    (project / "croissant.json").write_text('{"conformsTo": "http://mlcommons.org/croissant/1.0", ')
    (gap,) = scanned(project, CHECK).not_examined
    assert gap.code is Code.BAD_INPUT and "not JSON" in gap.reason
    (project / "croissant.json").write_text('{"name": "package"}')
    run = scanned(project, CHECK)
    assert not run.findings and not run.not_examined


@pytest.mark.parametrize("text", [b"[]", b"1", b'{"@type": 5}', b"[" * 100_000, b'{"@graph": [{"@type": ["x"]}]}', b"\xff"])
def test_what_is_no_document_is_refused_in_a_line(text):
    with pytest.raises(CroissantError) as wrong:
        parse(text, "x.json")
    assert "\n" not in str(wrong.value)


def test_what_cannot_be_described_is_said(project, capsys):
    shutil.copy(project / "data/train.csv", project / "data/train.weird")
    for arguments, said in (
        ([str(project / "data/train.weird"), "--output", str(project / "x.json")], "does not say which format"),
        ([str(project / "data/train.csv"), "--output", str(project / "data/x/croissant.json")], "no such folder"),
    ):
        assert main(["croissant", *arguments]) == 2
        assert said in capsys.readouterr().err
    (project / "deep").mkdir()
    assert main(["croissant", str(project / "data/train.csv"), "--output", str(project / "deep/croissant.json")]) == 2
    assert "beside the document" in capsys.readouterr().err
