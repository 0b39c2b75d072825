"""A record full of hostile text, in every format: nothing of it may act."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from aisecops.core.asset import FileVerdict
from aisecops.core.examination import Code, LeftOut, NotExamined
from aisecops.core.finding import Finding, Fix, FlowStep, Location
from aisecops.core.run import Results, Root, Run
from aisecops.core.text import inert
from aisecops.core.verdict import FindingStatus, Outcome, RuleOutcome, Status, WaiverUse
from aisecops.report import record, sarif, terminal
from aisecops.report.explanation import document as explained
from aisecops.report.layout import plain
from tests.hostile_text import HOSTILE
from tests.report.runs import CODE_EXECUTION, finding, model
from tests.report.runs import record as make_record

INVISIBLE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\ue000-\uf8ff\U000e0000-\U0010ffff]"
)
RUNNER = re.compile(r"^\s*::|##\w*\[", re.MULTILINE)
WIDE = 10**9
NO_DIGEST = "sha256:"
"""Canonical JSON refuses lone surrogates, so a record that holds some has no digest; ours never holds any."""


def finding_of(text: str) -> Finding:
    return finding(
        text,
        title=text,
        message=text,
        root_cause=text,
        suppressed=text,
        fix=Fix(text),
        evidence={text: text, "would_run": [text]},
        locations=(Location(path=text, member=text, offset=1), Location(path=text, line=1, column=2), Location(path=text, cell=1)),
        flow=(FlowStep(text, 1, text),),
    )


def run_of(texts: list[str]) -> Run:
    findings = tuple(finding_of(text) for text in texts)
    results = Results(
        checks=(CODE_EXECUTION,),
        assets=tuple(model(text, FileVerdict.CLEAN, (text,)) for text in texts),
        findings=findings,
        not_examined=tuple(NotExamined(code=Code.CRASH, reason=text, remedy=text, path=text, member=text) for text in texts),
        left_out=tuple(LeftOut(path=text, reason=text) for text in texts),
    )
    statuses = tuple(FindingStatus(finding=f.id, status=list(Status)[n % 4], waiver=texts[n]) for n, f in enumerate(findings))
    waivers = tuple(WaiverUse(id=text, owner=text, reason=text, expires=text, used=0) for text in texts)
    rules = tuple(RuleOutcome(id=text, outcome=Outcome.FAIL, reason=text) for text in texts)
    return make_record(
        results,
        Outcome.FAIL,
        rules,
        statuses=statuses,
        waivers=waivers,
        results_digest=NO_DIGEST,
        roots=tuple(Root(path=text) for text in texts),
        command=tuple(texts),
    )


@pytest.fixture(params=["as our checks write it", "as an attacker writes it"])
def run(request: pytest.FixtureRequest) -> Run:
    clean = request.param == "as our checks write it"
    return run_of([inert(text) if clean else text for text in HOSTILE.values()])


@pytest.mark.parametrize("width", [40, 100, WIDE])
@pytest.mark.parametrize("verbose", [False, True])
def test_terminal(run: Run, width: int, verbose: bool) -> None:
    text = plain(terminal.document(run, verbose=verbose), width)
    assert not INVISIBLE.search(text)
    assert not RUNNER.search(text)
    text.encode()


def test_no_text_starts_a_line_of_its_own(run: Run) -> None:
    text = plain(terminal.document(run, verbose=True), WIDE)
    assert "\nPASS" not in text


def test_explanation(run: Run) -> None:
    text = plain(explained((), run.findings), 80)
    assert not INVISIBLE.search(text)
    assert not RUNNER.search(text)


def test_json_holds_every_text_as_it_is(run: Run) -> None:
    data = record.render(run)
    assert b"##vso[" not in data
    assert not RUNNER.search(data.decode())
    titles = [item["title"] for item in json.loads(data)["findings"]]
    assert titles == [f.title.encode("utf-8", "backslashreplace").decode() for f in run.findings]


def test_sarif(run: Run) -> None:
    data = sarif.render(run, {})
    assert not RUNNER.search(data.decode())
    log = json.loads(data)
    for message in messages(log):
        assert not INVISIBLE.search(message)
        assert "\n" not in message
        assert "](" not in message
        assert "{" not in message.replace("{{", "")
    for uri in uris(log):
        assert re.fullmatch(r"[A-Za-z0-9._~/%-]*", uri)


def messages(node: Any) -> Iterator[str]:
    """The text of every message object."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "text" and "markdown" not in node:
                yield value
            yield from messages(value)
    elif isinstance(node, list):
        for item in node:
            yield from messages(item)


def uris(node: Any) -> Iterator[str]:
    """Every relative address."""
    if isinstance(node, dict):
        if "uri" in node:
            yield node["uri"]
        node = list(node.values())
    if isinstance(node, list):
        for item in node:
            yield from uris(item)
