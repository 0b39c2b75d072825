"""The HTML report as a file: it holds everything, asks for nothing, and no text of the record becomes markup."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import pytest

from aisecops.core.digest import digest
from aisecops.core.finding import Edit, Fix
from aisecops.core.measurement import Attachment
from aisecops.core.run import Results, Root, Run
from aisecops.core.verdict import Outcome
from aisecops.report.html import REPORT
from aisecops.report.html.embedding import data_block, seen
from aisecops.report.posture import State
from tests.hostile_text import HOSTILE
from tests.report.runs import LESSONS, PASSED, clean, finding, hostile, record
from tests.report.test_hostile import INVISIBLE, run_of

PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


class Page(HTMLParser):
    """Elements with their attributes, and the text of scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {"script": [], "style": []}
        self.inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.inside = tag
        if tag in self.texts:
            self.texts[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside in self.texts:
            self.texts[self.inside][-1] += data


def page(run: Run) -> Page:
    return Page(REPORT.render(run, LESSONS).decode())


def data_of(run: Run) -> dict[str, Any]:
    (block,) = re.findall(r'<script type="application/json" id="record">(.*?)</script>', REPORT.render(run, LESSONS).decode(), re.DOTALL)
    return dict(json.loads(block))


def hostile_run() -> Run:
    return run_of(list(HOSTILE.values()))


@pytest.mark.parametrize("run", [clean(), hostile(), hostile_run()], ids=["clean", "hostile", "attacker"])
def test_the_elements_are_the_frame_whatever_the_record_says(run: Run) -> None:
    def frame(elements: list[tuple[str, dict[str, str | None]]]) -> list[str]:
        return [tag for tag, _ in elements if tag != "li"]  # a rule each, for those without scripts

    assert frame(page(run).elements) == frame(page(clean()).elements)


def test_it_asks_nobody_for_anything() -> None:
    found = page(hostile_run())
    for tag, attributes in found.elements:
        assert tag not in {"link", "img", "iframe", "object", "embed", "base", "form"}
        assert not attributes.get("src")
        assert (attributes.get("href") or "#").startswith("#")
    own = "".join(found.texts["style"]) + "".join(found.texts["script"][:1] + found.texts["script"][2:])
    assert set(re.findall(r"https?://[^\"'\s)]+", own)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"@import|url\(|fetch\(|XMLHttpRequest|innerHTML|insertAdjacentHTML|document\.write|\beval\(", own)


def test_only_the_scripts_and_the_style_of_the_page_may_act() -> None:
    found = page(hostile())
    (policy,) = [a["content"] or "" for tag, a in found.elements if tag == "meta" and a.get("http-equiv") == "Content-Security-Policy"]
    early, _, script = found.texts["script"]
    for text, directive in ((early, "script-src"), (script, "script-src"), (found.texts["style"][0], "style-src")):
        hashed = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{hashed}'" in next(part for part in policy.split("; ") if part.startswith(directive))
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy


@pytest.mark.parametrize("text", [*HOSTILE.values(), "</script><script>alert(1)</script>", "<!--<script>", "{{DATA}}"])
def test_no_text_leaves_the_data_block(text: str) -> None:
    block = data_block({text: [text]})
    assert not re.search("[<>&]", block)
    assert not INVISIBLE.search(block)
    assert json.loads(block) == seen({text: [text]})


def test_everything_of_the_record_is_in_the_page() -> None:
    run = hostile()
    assert data_of(run)["record"] == json.loads(msgspec.json.encode(run))


def test_nothing_invisible_is_in_the_page() -> None:
    assert not INVISIBLE.search(REPORT.render(hostile_run(), LESSONS).decode())


def test_two_reports_on_one_run_are_the_same_bytes() -> None:
    assert REPORT.render(hostile(), LESSONS) == REPORT.render(hostile(), LESSONS)


def test_each_finding_is_in_one_cause_and_open_ones_come_first() -> None:
    run = hostile()
    found = [number for cause in data_of(run)["causes"] for number in cause]
    assert sorted(found) == list(range(len(run.findings)))
    assert found[-2:] == [6, 7]  # waived, suppressed


def test_lessons_and_names_of_references_come_along() -> None:
    data = data_of(hostile())
    (lesson,) = data["lessons"].values()
    assert lesson["summary"] == ["Find callables that run while a model file is loaded."]
    assert lesson["sections"][1]["paragraphs"][1] == ["    pickle.loads(b\"cposix\\nsystem\\n(S'id'\\ntR.\")"]
    assert data["references"]["cwe 4.20 CWE-502"] == "Deserialization of Untrusted Data"


def test_edits_keep_their_lines() -> None:
    edit = Edit(path="a.py", line=1, column=1, end_line=2, end_column=1, replacement="one\ntwo")
    run = record(Results(findings=(finding(fix=Fix("do", True, (edit,))),)), Outcome.PASS, (PASSED,))
    assert data_of(run)["record"]["findings"][0]["fix"]["edits"][0]["replacement"] == ["one", "two"]


def attached(folder: Path, **changes: object) -> dict[str, Any]:
    """What the report on a run with one attachment shows of it; ``changes`` are to what the record says of it."""
    (folder / "project").mkdir()
    (folder / "project/picture.png").write_bytes(PNG)
    (folder / "outside.png").write_bytes(PNG)
    kept = Attachment(id="a", role="picture", media_type="image/png", digest=digest(PNG), size=len(PNG), path="picture.png")
    results = Results(attachments=(msgspec.structs.replace(kept, **changes),))
    run = record(results, Outcome.PASS, (PASSED,), roots=(Root(path=str(folder / "project")),))
    return dict(data_of(run)["exhibits"])


def test_a_picture_is_shown(tmp_path: Path) -> None:
    assert attached(tmp_path) == {"a": {"picture": f"data:image/png;base64,{base64.b64encode(PNG).decode()}"}}


@pytest.mark.parametrize(
    "changes",
    [
        {"sensitive": True},
        {"digest": "sha256:" + "0" * 64},
        {"size": 3},
        {"path": "../outside.png"},
        {"path": "gone.png"},
        {"path": "nul\x00.png"},
        {"media_type": "text/html"},
        {"media_type": "application/x-npz"},
    ],
    ids=str,
)
def test_what_is_sensitive_elsewhere_or_something_else_is_only_named(tmp_path: Path, changes: dict[str, object]) -> None:
    assert attached(tmp_path, **changes) == {}


DOCS = Path(__file__).parent.parent.parent / "docs/reports.md"


def test_the_docs_name_the_states_in_the_order_in_which_they_apply() -> None:
    table = DOCS.read_text().partition("### The posture matrix")[2]
    assert re.findall(r"^\| (failing|not examined|accepted|passing|not covered) \|", table, re.MULTILINE) == [
        state.value.replace("-", " ") for state in State
    ]


def test_the_example_of_the_docs_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "train.py").write_text("print(1)\n")
    monkeypatch.chdir(tmp_path)
    exec(DOCS.read_text().partition("```python\n")[2].partition("```")[0], {})
    assert capsys.readouterr().out.startswith("Counter({")
