"""JUnit XML: held to the elements, attributes and order that Jenkins' junit-10.xsd allows, and read back as a CI server would."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable

import junitparser
import pytest

from aisecops.core.run import Run
from aisecops.core.verdict import Outcome
from aisecops.report import junit
from tests.hostile_text import HOSTILE
from tests.report import runs
from tests.report.test_hostile import INVISIBLE, RUNNER, run_of

RUNS: list[Callable[[], Run]] = [runs.clean, runs.hostile, lambda: runs.many(30), lambda: run_of(list(HOSTILE.values()))]
ATTRIBUTES = {
    "testsuites": {"name", "time", "tests", "failures", "errors"},
    "testsuite": {"name", "tests", "failures", "errors", "group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"},
    "testcase": {"name", "time", "classname", "group"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
    "skipped": {"type", "message"},
}
REQUIRED = {"testsuites": set(), "testsuite": {"name", "tests", "failures", "errors"}, "testcase": {"name"}}
CHILDREN = {"testsuites": {"testsuite"}, "testsuite": {"testcase"}, "testcase": {"failure", "error", "skipped"}}


def parsed(run: Run) -> ET.Element:
    return ET.fromstring(junit.render(run))


@pytest.mark.parametrize("make", RUNS)
def test_only_what_the_schema_allows(make: Callable[[], Run]) -> None:
    for element in parsed(make()).iter():
        assert set(element.attrib) <= ATTRIBUTES[element.tag]
        assert REQUIRED.get(element.tag, set()) <= set(element.attrib)
        assert {child.tag for child in element} <= CHILDREN.get(element.tag, set())
        assert element.tag != "testcase" or len(element) <= 1


@pytest.mark.parametrize("make", RUNS)
def test_a_library_that_servers_use_reads_the_same(make: Callable[[], Run]) -> None:
    suites = junitparser.JUnitXml.fromstring(junit.render(make()))
    cases = [case for suite in suites for case in suite]
    results = [result for case in cases for result in case.result]
    root = parsed(make())
    assert [len(cases), sum(isinstance(one, junitparser.Failure) for one in results)] == [int(root.attrib[name]) for name in ("tests", "failures")]


@pytest.mark.parametrize("make", RUNS)
def test_the_counts_are_those_of_the_cases(make: Callable[[], Run]) -> None:
    root = parsed(make())
    for counted in (root, *root):
        for attribute, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            if attribute in counted.attrib:
                assert int(counted.get(attribute, "")) == len(list(counted.iter(tag)))


def test_it_fails_exactly_where_the_gate_does() -> None:
    run = runs.hostile()
    failures = list(parsed(run).iter("failure"))
    assert [failure.get("message") for failure in failures] == [run.verdict.rules[0].reason, run.findings[0].message]
    assert "where  models/clf.pkl at byte 31" in (failures[1].text or "")
    assert "aisecops explain model-file/code-execution" in (failures[1].text or "")


def test_a_run_that_passes_has_neither_failure_nor_error() -> None:
    root = parsed(runs.clean())
    assert runs.clean().verdict.outcome is Outcome.PASS
    assert (root.get("failures"), root.get("errors")) == ("0", "0")
    passed = [case.get("name") for case in root.iter("testcase") if not len(case)]
    assert "Loading the file runs code (9 examined)" in passed
    assert [case.get("message") for case in root.iter("skipped")] == ["no notebook in the project"]


def test_what_was_not_examined_is_an_error_where_a_rule_asked_for_it() -> None:
    suites = {suite.get("name"): suite for suite in parsed(runs.hostile())}
    assert [error.get("type") for error in suites["not examined"].iter("error")] == ["no-parser", "no-parser", "truncated", "unreadable"]


def test_settled_findings_say_why() -> None:
    said = [str(case.get("message")) for case in parsed(runs.hostile()).iter("skipped")]
    assert "waived: W-7" in said
    assert "suppressed in the source: a test fixture" in said


def test_hostile_text_is_inert() -> None:
    run = run_of(list(HOSTILE.values()))
    text = junit.render(run).decode()
    assert not INVISIBLE.search(text)
    assert not RUNNER.search(text)
    spoken = [value for element in ET.fromstring(text).iter() for value in element.attrib.values()]
    assert any("<script>alert(1)</script>" in value for value in spoken)
