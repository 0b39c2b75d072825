"""What people see, held in ``snapshots``: ``AISECOPS_UPDATE_SNAPSHOTS=1 pytest tests/report`` writes them again; look at the difference."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from aisecops.core.check import Check
from aisecops.core.examination import Code, NotExamined
from aisecops.core.run import Results, Run
from aisecops.core.verdict import Outcome
from aisecops.report import explanation, terminal
from aisecops.report.layout import Line, plain
from tests.report import runs

SNAPSHOTS = Path(__file__).parent / "snapshots"


def compare(name: str, text: str) -> None:
    path = SNAPSHOTS / f"{name}.txt"
    if os.environ.get("AISECOPS_UPDATE_SNAPSHOTS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def shown(lines: list[Line], width: int = 80, encoding: str = "utf-8") -> str:
    return plain(lines, width, encoding)


def empty() -> Run:
    return runs.record(Results(), Outcome.PASS, (runs.PASSED,))


@pytest.mark.parametrize("make", [runs.clean, runs.hostile, empty], ids=["clean", "hostile", "empty"])
def test_snapshot(make: Callable[[], Run]) -> None:
    compare(make.__name__, shown(terminal.document(make())))


def test_snapshot_of_many_findings() -> None:
    compare("many", shown(terminal.document(runs.many(300))))


def test_snapshot_of_everything() -> None:
    compare("verbose", shown(terminal.document(runs.hostile(), verbose=True)))


def test_snapshot_of_a_narrow_terminal_without_unicode() -> None:
    text = shown(terminal.document(runs.hostile()), 40, "ascii")
    assert text.isascii()
    compare("narrow", text)


def test_snapshot_of_a_lesson() -> None:
    planned = runs.CODE_EXECUTION
    check = Check(
        id=planned.id, title=planned.title, version=1, threat=planned.threat, stage=planned.stage, inputs=(), categories=planned.categories,
        refs=planned.refs, lesson=runs.LESSON, function=lambda subject, ctx: (),
    )  # fmt: skip
    compare("explain", shown(explanation.document((check,), runs.hostile().findings[1:2])))


def test_a_small_project_fits_one_screen() -> None:
    assert len(shown(terminal.document(runs.hostile())).splitlines()) <= 50


def test_many_findings_do_not_flood_the_screen() -> None:
    text = shown(terminal.document(runs.many(20_000)))
    assert len(text.splitlines()) <= 50
    assert "19,988 more causes" in text


def test_an_interrupted_run_says_so_first() -> None:
    run = runs.clean()
    interrupted = msgspec.structs.replace(run, run=msgspec.structs.replace(run.run, incomplete=True))
    assert "Interrupted" in "".join(shown(terminal.document(interrupted)).splitlines()[:4])


def test_verbose_leaves_nothing_out() -> None:
    text = shown(terminal.document(runs.many(60), verbose=True), 200)
    assert all(f"models/m{i:05}.pkl" in text for i in range(60))


@pytest.mark.parametrize(
    ("started", "finished", "said"),
    [
        ("2026-11-01T10:00:00Z", "2026-11-01T10:00:00Z", ""),
        ("2026-11-01T10:00:00.5Z", "2026-11-01T10:00:02Z", "1.5 s"),
        ("2026-11-01T23:59:30+00:00", "2026-11-02T00:01:00+00:00", "1 min 30 s"),
        ("yesterday", "today", ""),
    ],
)
def test_duration(started: str, finished: str, said: str) -> None:
    run = runs.clean()
    timed = msgspec.structs.replace(run, run=msgspec.structs.replace(run.run, started=started, finished=finished))
    assert shown(terminal.document(timed)).splitlines()[1].endswith(f"2 checks{' · ' if said else ''}{said}")


def test_a_file_that_several_checks_could_not_read_is_one_file() -> None:
    gaps = tuple(
        NotExamined(code=Code.BAD_INPUT, reason="2 fields, the header has 4", remedy="mend it", check=f"data-set/{name}", path="train.csv")
        for name in ("quality", "secret", "drift", "personal-data")
    )
    text = shown(terminal.document(msgspec.structs.replace(runs.clean(), not_examined=gaps)))
    assert "  1 file  2 fields, the header has 4\n    train.csv  → mend it\n" in text
