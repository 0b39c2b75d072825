from __future__ import annotations

import random

import msgspec
import pytest

from aisecops.core.asset import Asset, AssetFacts, AssetKind, FileVerdict, LoaderVerdict
from aisecops.core.digest import fingerprint
from aisecops.core.examination import Code, LeftOut, NotExamined
from aisecops.core.finding import Location
from aisecops.core.measurement import Reading
from aisecops.core.run import Results
from aisecops.core.taxonomy import Reference, Stage, Threat
from aisecops.pipeline.assemble import assemble
from aisecops.pipeline.engine import SUBJECT, TaskResult
from aisecops.pipeline.plan import make_plan
from tests.pipeline.specimens import asset, honest, registry_of, weakness

FILE = asset("m/a.pkl")
OTHER = asset("m/b.pkl")
TABLE = asset("d.csv", AssetKind.DATA_SET)
GAP = NotExamined(code=Code.TRUNCATED, reason="cut", member="x")
REGISTRY = registry_of({"model-file/code": honest(0), "model-file/other": honest(0)})
CLEAN = AssetFacts(verdict=FileVerdict.CLEAN, loaders=(LoaderVerdict("pickle.load", FileVerdict.CLEAN),), facts={"format": "pickle"})


def put_together(*said: TaskResult, not_examined: tuple[NotExamined, ...] = (), left_out: tuple[LeftOut, ...] = ()) -> Results:
    files = [FILE, OTHER, TABLE]
    return assemble(files, make_plan(files, REGISTRY), REGISTRY, said, not_examined=not_examined, left_out=left_out)


def read(file: Asset, facts: AssetFacts = CLEAN) -> TaskResult:
    return TaskResult(asset=file.id, check=SUBJECT, facts=facts)


def verdict(results: Results, path: str) -> FileVerdict | None:
    return next(file.verdict for file in results.assets if file.path == path)


def test_a_weakness_becomes_a_finding_with_what_its_check_knows() -> None:
    (finding,) = put_together(TaskResult(asset=FILE.id, check="model-file/code", weaknesses=(weakness("os.system"),))).findings
    assert finding.fingerprint == fingerprint("model-file/code", "code-execution", "os.system")
    assert (finding.check, finding.asset, finding.threat, finding.stage) == ("model-file/code", FILE.id, Threat.SUPPLY_CHAIN, Stage.RELEASE)
    assert finding.locations == (Location(path="m/a.pkl"),)
    assert len(finding.id) == 16 and int(finding.id, 16) >= 0


def test_references_default_to_those_of_the_check() -> None:
    registry = registry_of({})
    refs = (Reference("cwe", "4.16", "CWE-502"),)
    registry.add(msgspec.structs.replace(REGISTRY.checks["model-file/code"], refs=refs))
    own = msgspec.structs.replace(weakness("b"), refs=(Reference("cwe", "4.16", "CWE-94"),))
    said = TaskResult(asset=FILE.id, check="model-file/code", weaknesses=(weakness("a"), own))
    found = assemble([FILE], make_plan([FILE], registry), registry, [said]).findings
    assert {finding.refs for finding in found} == {refs, own.refs}


def test_the_same_weakness_keeps_its_fingerprint_everywhere_and_its_id_nowhere_else() -> None:
    spots = [weakness("os.system", path="m/a.pkl", offset=offset, member=member) for offset in (30, 10, 20) for member in ("", "x")]
    one = TaskResult(asset=FILE.id, check="model-file/code", weaknesses=tuple(spots))
    two = TaskResult(asset=OTHER.id, check="model-file/code", weaknesses=(weakness("os.system"),))
    findings = put_together(one, two).findings
    assert len({finding.fingerprint for finding in findings}) == 1
    assert len({finding.id for finding in findings}) == 7
    without_first = msgspec.structs.replace(one, weaknesses=tuple(spots[:2]))
    assert {f.locations[0].offset for f in put_together(without_first).findings} == {30}
    order = [(f.asset, f.locations[0].member, f.locations[0].offset) for f in findings]
    assert order == sorted(order, key=lambda key: (key[0], key[1], key[2] or 0))


def test_ids_do_not_depend_on_the_order_in_which_results_come() -> None:
    spots = [weakness("w", path="m/a.pkl", offset=offset) for offset in (3, 1, 2, 1)]
    readings = [Reading(name="share", value=value, unit="1") for value in (0.3, 0.1, 0.2)]
    said = [
        read(FILE), read(OTHER),
        TaskResult(asset=OTHER.id, check="model-file/other", not_examined=(GAP,)),
        *(TaskResult(asset=FILE.id, check=check, weaknesses=tuple(spots), readings=tuple(readings)) for check in REGISTRY.checks),
    ]  # fmt: skip
    expected = put_together(*said)
    for seed in range(10):
        random.Random(seed).shuffle(said)
        random.Random(seed).shuffle(spots)
        assert put_together(*said) == expected


def test_measurements_name_their_asset_and_have_ids_of_their_own() -> None:
    readings = tuple(Reading(name="share", value=0.5, unit="1", subject=subject) for subject in ("a", "b", "b"))
    taken = put_together(TaskResult(asset=FILE.id, check="model-file/code", readings=readings)).measurements
    assert [(m.assets, m.check, m.subject) for m in taken] == [((FILE.id,), "model-file/code", subject) for subject in ("a", "b", "b")]
    assert len({m.id for m in taken}) == 3


def test_a_gap_is_named_by_check_asset_and_path() -> None:
    (gap,) = put_together(TaskResult(asset=FILE.id, check="model-file/code", not_examined=(GAP,))).not_examined
    assert (gap.check, gap.asset, gap.path, gap.member) == ("model-file/code", FILE.id, "m/a.pkl", "x")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([read(FILE)], FileVerdict.CLEAN),
        ([], FileVerdict.INCOMPLETE),
        ([read(FILE), TaskResult(asset=FILE.id, check="model-file/code", not_examined=(GAP,))], FileVerdict.INCOMPLETE),
        ([read(FILE), TaskResult(asset=FILE.id, check="model-file/code", complete=False, not_examined=(GAP,))], FileVerdict.INCOMPLETE),
        ([TaskResult(asset=FILE.id, check=SUBJECT, not_examined=(GAP,), complete=False)], FileVerdict.INCOMPLETE),
        (
            [read(FILE, AssetFacts(verdict=FileVerdict.BLOCK)), TaskResult(asset=FILE.id, check="model-file/code", not_examined=(GAP,))],
            FileVerdict.BLOCK,
        ),
        ([read(FILE), TaskResult(asset=OTHER.id, check="model-file/code", not_examined=(GAP,))], FileVerdict.CLEAN),
    ],
)
def test_what_was_not_examined_is_never_clean(said: list[TaskResult], expected: FileVerdict) -> None:
    assert verdict(put_together(*said), "m/a.pkl") is expected


def test_a_gap_that_discovery_found_counts_too() -> None:
    known = NotExamined(code=Code.UNREADABLE, reason="a pointer", asset=FILE.id, path=FILE.path)
    results = put_together(read(FILE), not_examined=(known,), left_out=(LeftOut(path="z", reason="r"), LeftOut(path="a", reason="r")))
    assert verdict(results, "m/a.pkl") is FileVerdict.INCOMPLETE
    assert results.not_examined == (known,)
    assert [left.path for left in results.left_out] == ["a", "z"]


def test_facts_reach_the_asset_and_other_kinds_have_no_verdict() -> None:
    results = put_together(read(FILE))
    assert results.assets[1].loaders == CLEAN.loaders and results.assets[1].facts == {"format": "pickle"}
    assert verdict(results, "d.csv") is None
