"""No false alarm: models that real libraries made, of releases old, new and held out of the table's build, are clean."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import pytest

from aisecops.core.asset import FileVerdict
from aisecops.formats.loading.judgement import judge
from aisecops.formats.pickle.walk import walk
from aisecops.knowledge.callables import Table
from tests.honest import library_models, traces

HERE = Path(__file__).parent
RELEASES = ("previous", "held-out", "newest")


def _kept(release: str) -> str:
    return (HERE / f"callables-{release}.json").read_text("utf-8")


def _alarms(models: dict[str, list[traces.Compact]]) -> set[tuple[str, str, str]]:
    table = Table()
    judged = {label: judge(traces.restored(uses), table, torch=True).concerns for label, uses in models.items()}
    return {(label, concern.callable, concern.reason) for label, concerns in judged.items() for concern in concerns}


@pytest.mark.parametrize("release", RELEASES)
def test_every_kept_model_is_clean(release: str) -> None:
    assert not _alarms(traces.unpacked(_kept(release)))


def test_the_corpus_has_many_distinct_sets_of_callables_from_three_releases_each() -> None:
    for release in RELEASES:
        models = traces.unpacked(_kept(release)).values()
        assert len({frozenset((module, name) for _operation, module, name, _arguments, _maker in uses if module) for uses in models}) >= 120
    releases = [json.loads(_kept(release))["releases"] for release in RELEASES]
    for library in ("scikit-learn", "numpy"):
        assert len({versions[library] for versions in releases}) == 3
    assert any(versions["numpy"].startswith("1.") for versions in releases)


class OwnScorer:
    """Stands for a class of the project that a model file was made in."""


def test_a_class_of_the_project_itself_is_for_review() -> None:
    import pickle

    trace = walk(pickle.dumps(OwnScorer()))
    assert {concern.verdict for concern in judge(trace, Table()).concerns} == {FileVerdict.REVIEW}


@pytest.mark.slow
def test_every_model_of_the_installed_libraries_is_clean() -> None:
    pytest.importorskip("sklearn")
    table = Table()
    alarms, sets = set(), set()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for label, kind, data in library_models.models():
            for trace in traces.streams(kind, data):
                judgement = judge(trace, table, torch=True)
                alarms |= {(label, concern.callable, concern.reason) for concern in judgement.concerns}
                sets.add(frozenset(allowed.callable for allowed in judgement.allowed))
    assert not alarms
    assert len(sets) >= 120
