"""The comparison of two runs in a real browser: it tells what changed, and nothing of an examined file acts or breaks out of its place."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from aisecops.core.measurement import Better, Bound, Measurement
from aisecops.core.run import Results, Run
from aisecops.core.statistics.clopper_pearson import clopper_pearson
from aisecops.core.taxonomy import Severity
from aisecops.core.text import inert
from aisecops.core.verdict import Outcome
from aisecops.gate.difference import Difference, Kind, compare
from aisecops.report.html.comparison import render
from aisecops.workflows.diff import diff
from tests.hostile_text import HOSTILE
from tests.report.browser import MISSING, Browser
from tests.report.runs import CODE_EXECUTION, LESSONS, PASSED, finding, model, record
from tests.report.test_hostile import INVISIBLE, run_of
from tests.report.test_html_browser import CONTRAST, NAMELESS, STICKING_OUT

pytestmark = [pytest.mark.skipif(bool(MISSING), reason=MISSING), pytest.mark.slow]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as started:
        yield started


def share(name: str, right: int, n: int, **more: object) -> Measurement:
    interval = clopper_pearson(right, n)
    number = Measurement(
        id=name, check="model/quality", assets=("model:clf",), name=name, value=right / n, unit="1", n=n, better=Better.HIGHER, bound=Bound.ESTIMATE
    )
    return msgspec.structs.replace(number.within(interval), **more)


def difference(*texts: str) -> Difference:
    """Something of every kind; with ``texts``, hostile text wherever it can stand."""
    from aisecops.core.asset import FileVerdict

    names = ("stays", "fixed", "new", "graver", "moved", "there")
    assets = {name: model(f"models/{name}.pkl", FileVerdict.BLOCK) for name in names}
    assets |= {name: msgspec.structs.replace(asset, digest=f"sha256:{number:064}") for number, (name, asset) in enumerate(assets.items())}

    def at(name: str, **said: object) -> object:
        mark = "moved" if name in ("moved", "there") else name
        return finding(f"models/{name}.pkl", 7, title=f"Loading runs {mark}.run", root_cause=mark, **said)

    def run(now: bool, found: list[object], numbers: tuple[Measurement, ...], held: tuple[str, ...]) -> Run:
        results = Results(checks=(CODE_EXECUTION,), assets=tuple(assets[name] for name in held), findings=tuple(found), measurements=numbers)  # type: ignore[arg-type]
        return record(results, Outcome.PASS, (PASSED,), id=f"2026110{2 if now else 1}-1")

    if texts:
        before, after = run_of([]), run_of(list(texts))
        numbers = tuple(share(text or "x", n, 400, subject=text, assets=(text,)) for n, text in enumerate(texts))
        return compare(before, msgspec.structs.replace(after, measurements=numbers))  # their digests do not fit: `diff` would say so
    before = run(
        False,
        [at("stays"), at("fixed"), at("graver", severity=Severity.LOW), at("moved")],
        (share("accuracy", 900, 1000), share("precision", 880, 1000), share("recall", 500, 1000)),
        ("stays", "fixed", "graver", "moved"),
    )
    after = run(
        True,
        [at("stays"), at("new"), at("graver", severity=Severity.HIGH), at("there")],
        (share("accuracy", 800, 1000), share("precision", 882, 1000), share("recall", 700, 1000)),
        ("stays", "fixed", "graver", "new", "there"),
    )
    return diff(before, after)


def show(browser: Browser, folder: Path, found: Difference, *, width: int = 1280, dark: bool = False) -> None:
    page = folder / "diff.html"
    page.write_bytes(render(found, LESSONS))
    browser.dark(dark)
    browser.resize(width)
    browser.open(page)
    assert browser.log() == []


def open_all(browser: Browser) -> None:
    browser.run("for (const box of document.querySelectorAll('details')) box.open = true")
    browser.later("setTimeout(arguments[0], 300)")


def test_it_tells_what_changed(browser: Browser, tmp_path: Path) -> None:
    found = difference()
    assert {change.kind for change in found.findings} == {Kind.NEW, Kind.GRAVER, Kind.MOVED, Kind.FIXED}
    show(browser, tmp_path, found)
    assert browser.run("return document.querySelector('h1').innerText") == "Worse"
    tiles = browser.run("return [...document.querySelectorAll('.tiles a')].map((tile) => tile.innerText.replace('\\n', ' '))")
    assert tiles == ["1 New", "1 Graver than before", "1 Moved", "1 Fixed"]
    assert browser.run("return document.querySelector('#moved .at').innerText").startswith("models/moved.pkl at byte 7 → models/there.pkl at byte 7")
    assert browser.run("return [...document.querySelectorAll('#graver .badge')].map((one) => one.innerText)") == ["1", "low", "high"]
    rows = browser.run("return [...document.querySelectorAll('.pairs tbody tr')].map((row) => [row.cells[0].innerText, row.cells[2].innerText])")
    assert rows == [["worse", "0.9 → 0.8"], ["better", "0.5 → 0.7"]]
    open_all(browser)
    assert "0.88 → 0.882" in browser.run("return document.querySelector('.rest').innerText")
    assert "Do not load it" in browser.run("return document.querySelector('#new').innerText")


def test_nothing_new_is_no_worse(browser: Browser, tmp_path: Path) -> None:
    same = record(Results(checks=(CODE_EXECUTION,), findings=(finding(),)), Outcome.FAIL, (PASSED,))
    show(browser, tmp_path, diff(same, same))
    assert browser.run("return document.querySelector('h1').innerText") == "No worse"
    assert "No finding came, went or moved." in browser.run("return document.body.innerText")


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("clean_text", [True, False], ids=["as our checks write it", "as an attacker writes it"])
def test_hostile_text_neither_acts_nor_breaks_the_layout(browser: Browser, tmp_path: Path, width: int, clean_text: bool) -> None:
    show(browser, tmp_path, difference(*(inert(text) if clean_text else text for text in HOSTILE.values())), width=width)
    open_all(browser)
    assert browser.log() == []
    assert browser.run("return performance.getEntriesByType('resource').map((entry) => entry.name)") == []
    assert browser.run("return [...document.querySelectorAll('main img, main script, main iframe, main style')].length") == 0
    assert {*browser.run("return [...document.querySelectorAll('main a')].map((a) => a.getAttribute('href')[0])")} <= {"#"}
    assert not INVISIBLE.search(browser.run("return document.body.textContent"))
    assert browser.run("return document.documentElement.scrollWidth - innerWidth") <= 0
    assert browser.run(STICKING_OUT) == []
    assert browser.run("return document.querySelectorAll('.cause').length") == len(HOSTILE)


@pytest.mark.parametrize("dark", [False, True])
def test_everybody_can_read_it(browser: Browser, tmp_path: Path, dark: bool) -> None:
    show(browser, tmp_path, difference(), dark=dark)
    open_all(browser)
    assert browser.run(CONTRAST) == []
    assert browser.run(NAMELESS) == []
    if axe := os.environ.get("AXE_CORE", ""):
        browser.run(Path(axe).read_text() + "; return 1")
        assert browser.later("const done = arguments[0]; axe.run().then((found) => done(found.violations.map((v) => v.id)))") == []
