"""Every hostile sample gets at least the verdict that it deserves, in one scan of a folder that holds them all."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from aisecops.core.asset import FileVerdict
from aisecops.core.run import Run
from aisecops.workflows.scan import ScanRequest, scan
from tests.hostile.corpus import corpus
from tests.hostile.sample import Sample

GROUPS = sorted({sample.group for sample in corpus()})


def filename(sample: Sample) -> str:
    return sample.id + sample.suffix


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("hostile")
    for sample in corpus():
        (folder / filename(sample)).write_bytes(sample.content)
    return scan(ScanRequest(paths=(str(folder),), cache=False))


def test_the_corpus_is_large_and_varied():
    counts = Counter(sample.group for sample in corpus())
    assert len(corpus()) >= 150
    assert min(counts.values()) >= 15, counts


@pytest.mark.parametrize("group", GROUPS)
def test_verdicts_are_at_least_what_they_should_be(run: Run, group: str):
    verdicts = {asset.path: asset.verdict for asset in run.assets}
    wrong = {}
    for sample in corpus():
        got = verdicts.get(filename(sample))
        if sample.group == group and (got is None or got.rank < FileVerdict(sample.verdict).rank):
            wrong[sample.id] = f"{got} instead of {sample.verdict} ({sample.technique})"
    assert not wrong


@pytest.mark.parametrize("group", GROUPS)
def test_what_is_not_clean_is_told(run: Run, group: str):
    told: dict[str, list[str]] = defaultdict(list)
    for finding in run.findings:
        for location in finding.locations:
            told[location.path] += [finding.title, finding.message]
    for gap in run.not_examined:
        told[gap.path or gap.asset.partition(":")[2]].append(gap.reason)
    silent = [s.id for s in corpus() if s.group == group and s.verdict != "clean" and not any(told[filename(s)])]
    assert not silent
    unsaid = {s.id: told[filename(s)] for s in corpus() if s.group == group and s.says and not any(s.says in text for text in told[filename(s)])}
    assert not unsaid


def test_nobody_can_overlook_it(run: Run):
    assert run.verdict.outcome == "fail"
    assert Path(run.run.roots[0].path).name.startswith("hostile")
