"""The HTML report in a real browser: it works, nothing of an examined file acts or breaks out of its place, everybody can use it, and it stays quick."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest

from aisecops.core.digest import digest
from aisecops.core.finding import FlowStep, Location
from aisecops.core.measurement import Attachment, Better, Bound, Measurement
from aisecops.core.run import Root, Run
from aisecops.core.text import inert
from aisecops.report.html import REPORT
from tests.hostile_text import HOSTILE
from tests.report.browser import MISSING, Browser
from tests.report.runs import LESSONS, clean, hostile, many, swept
from tests.report.test_hostile import INVISIBLE, run_of

pytestmark = [pytest.mark.skipif(bool(MISSING), reason=MISSING), pytest.mark.slow]

NUMBER = Measurement(
    id="n", check="model/evasion", assets=("model:x",), name="robust-accuracy", value=0.4, unit="1", n=60, low=0.3, high=0.5, level=0.95, better=Better.HIGHER,
    bound=Bound.ATTACK, curve=((0.0, 0.9, 0.8, 1.0), (0.1, 0.4, 0.3, 0.5)),
)  # fmt: skip
TAB, ENTER, ESCAPE = "\ue004", "\ue007", "\ue00c"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as started:
        yield started


def show(browser: Browser, folder: Path, run: Run, *, width: int = 1280, dark: bool = False) -> None:
    page = folder / "report.html"
    page.write_bytes(REPORT.render(run, LESSONS))
    browser.dark(dark)
    browser.resize(width)
    browser.open(page)
    assert browser.log() == []


def attacked(*texts: str) -> Run:
    """A record of hostile text, its numbers included."""
    run = run_of(list(texts))
    numbers = [
        msgspec.structs.replace(NUMBER, id=f"n{i}", name=text, subject=text, unit=text, method=text, assets=(text,)) for i, text in enumerate(texts)
    ]
    blocked = [msgspec.structs.replace(number, id=f"b{i}", blocked=number.name or "x") for i, number in enumerate(numbers)]
    return msgspec.structs.replace(run, measurements=(*numbers, *blocked))


def open_all(browser: Browser) -> None:
    """Show everything that there is to show."""
    browser.run("document.getElementById('by-status').value = ''; document.getElementById('by-status').dispatchEvent(new Event('change'))")
    for _ in range(20):
        browser.run("document.querySelector('.more').hidden || document.querySelector('.more').click()")
    browser.run("for (const box of document.querySelectorAll('details')) box.open = true")
    time.sleep(0.5)
    browser.run("for (const box of document.querySelectorAll('details')) box.open = true")


def test_it_tells_the_run(browser: Browser, tmp_path: Path) -> None:
    show(browser, tmp_path, hostile())
    text = browser.run("return document.body.innerText")
    for said in (
        "Failed",
        "no-critical",
        "Loading runs posix.system",
        "models/half.pkl",
        "no parser for HDF5 yet",
        "git lfs pull",
        "ignored by .gitignore",
    ):
        assert said in text


def test_a_project_where_all_is_well(browser: Browser, tmp_path: Path) -> None:
    show(browser, tmp_path, clean())
    text = browser.run("return document.body.innerText")
    for said in (
        "Passed",
        "All 2 rules of the policy standard hold.",
        "Nothing was found.",
        "Everything that the checks were to look at was examined.",
    ):
        assert said in text


def test_settings_are_compared_in_a_table(browser: Browser, tmp_path: Path) -> None:
    show(browser, tmp_path, swept())
    rows = browser.run("return [...document.querySelectorAll('.crossing tr')].map((row) => row.innerText.split(/\\s*[\\n\\t]\\s*/).join('|'))")
    assert rows[0].startswith("Defended|Accuracy|interval of 95 %|Accuracy change")
    assert [row.split("|")[0] for row in rows[1:]] == ["as it is", "depth=2", "depth=4", "leaf=20 rows"]
    assert rows[2] == "depth=2|0.691|0 to 0.8|-0.0573|0 to 0|≥ 0.551|0 to 0.576"
    assert browser.run("return [...document.querySelectorAll('.crossing .chosen th')].map((cell) => cell.innerText)") == ["leaf=20 rows"]
    assert "0.691" not in browser.run("return [...document.querySelectorAll('.numbers:not(.crossing)')].map((table) => table.innerText).join()")


def test_a_cell_opens_its_evidence_and_leads_to_the_finding(browser: Browser, tmp_path: Path) -> None:
    show(browser, tmp_path, hostile())
    browser.run("document.querySelector('button.cell.failing').click()")
    assert "Loading runs posix.system" in browser.run("return document.querySelector('dialog').innerText")
    browser.run("document.querySelector('dialog li button').click()")
    browser.wait("!document.querySelector('dialog')")
    assert "Do not load it" in browser.run("return document.activeElement.closest('.cause').innerText")


def test_escape_leaves_the_evidence_and_focus_returns(browser: Browser, tmp_path: Path) -> None:
    show(browser, tmp_path, hostile())
    browser.run("document.querySelector('button.cell.failing').focus()")
    browser.press(ENTER)
    assert browser.run("return document.querySelector('dialog').contains(document.activeElement)")
    browser.press(ESCAPE)
    browser.wait("!document.querySelector('dialog')")
    assert browser.run("return document.activeElement.className") == "cell failing"


def test_a_rule_opens_what_it_rests_on(browser: Browser, tmp_path: Path) -> None:
    show(browser, tmp_path, hostile())
    browser.run("document.querySelector('.rules button').click()")
    said = browser.run("return document.querySelector('dialog').innerText")
    assert "no-critical" in said
    assert "Findings (1)" in said


PLAIN, ACTING = b"row 1: age 3 -> 4", b'<svg xmlns="http://www.w3.org/2000/svg" width="7" height="7"><script>parent.ran = 1</script></svg>'


def test_attachments_are_shown_and_do_not_act(browser: Browser, tmp_path: Path) -> None:
    kept = []
    for name, media_type, content in (("a", "image/svg+xml", ACTING), ("b", "text/plain", PLAIN), ("c", "text/plain", b"row of somebody")):
        (tmp_path / name).write_bytes(content)
        kept.append(
            Attachment(id=name, role="example", media_type=media_type, digest=digest(content), size=len(content), path=name, sensitive=name == "c")
        )
    run = msgspec.structs.replace(hostile(), attachments=tuple(kept), measurements=(msgspec.structs.replace(NUMBER, attachments=("a",)),))
    show(browser, tmp_path, msgspec.structs.replace(run, run=msgspec.structs.replace(run.run, roots=(Root(path=str(tmp_path)),))))
    assert browser.run("return [document.images.length, document.images[0].naturalWidth, window.ran]") == [1, 7, None]
    assert browser.run("return [...document.querySelectorAll('.kept del, .kept ins')].map((e) => e.textContent)") == ["3", "4"]
    assert "row of somebody" not in browser.run("return document.documentElement.textContent")
    assert browser.log() == []


def test_a_strip_tells_proven_from_unknown_from_broken(browser: Browser, tmp_path: Path) -> None:
    proven = msgspec.structs.replace(NUMBER, id="c", name="certified-accuracy", value=0.25, bound=Bound.CERTIFICATE)
    show(browser, tmp_path, msgspec.structs.replace(hostile(), measurements=(NUMBER, proven)))
    told = browser.run("return document.querySelector('.strip svg').getAttribute('aria-label')")
    assert told == "25 % proven to stay right; 15 % unknown: not changed by this attack, and not proven; 60 % changed, or wrong already"
    widths = browser.run(
        "return [...document.querySelectorAll('.strip rect')].map((piece) => [piece.className.baseVal, Number(piece.getAttribute('width'))])"
    )
    assert widths == [["certificate", 150], ["unknown", 90], ["attack", 360]]


def test_lines_and_bytes_stand_with_their_findings(browser: Browser, tmp_path: Path) -> None:
    lines = [f"line{number} = {number}" for number in range(1, 9)]
    files = {"train.py": "\n".join(lines).encode(), "models/clf.pkl": bytes(range(64))}
    (tmp_path / "models").mkdir()
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    kept = {name: (digest(content), len(content)) for name, content in files.items()}
    run = hostile()
    found = tuple(
        msgspec.structs.replace(f, locations=(Location(path="train.py", line=4), *f.locations[1:]), flow=(FlowStep("train.py", 2, "here"),))
        if f.flow
        else f
        for f in run.findings
    )
    assets = tuple(msgspec.structs.replace(a, digest=kept[a.path][0], size=kept[a.path][1]) if a.path in kept else a for a in run.assets)
    info = msgspec.structs.replace(run.run, roots=(Root(path=str(tmp_path)),))
    show(browser, tmp_path, msgspec.structs.replace(run, findings=found, assets=assets, run=info))
    open_all(browser)
    said = browser.run(
        "return [...document.querySelectorAll('.places .excerpt:not(.bytes) .row')].map((row) => [row.innerText.trim(), row.classList.contains('hit')])"
    )
    assert [text.split()[1] for text, _ in said] == ["line2", "line3", "line4", "line5", "line6"]
    assert [hit for _, hit in said] == [False, False, True, False, False]
    assert browser.run("return document.querySelector('.flow .excerpt').innerText").split()[:2] == ["2", "line2"]
    assert browser.run("return document.querySelector('.excerpt.bytes mark').innerText") == "1f"
    assert browser.run(CONTRAST) == []
    assert browser.run("return document.documentElement.scrollWidth - innerWidth") <= 0


FILTERS = [
    ({"by-text": "JOBLIB.LOAD file"}, ["joblib.load of a file that somebody else can write"]),
    ({"by-text": "nothing has this"}, []),
    ({"by-path": "models/pipe"}, ["Uses credit.features.Binner"]),
    ({"by-check": "code/unsafe-load"}, ["joblib.load of a file that somebody else can write"]),
    ({"by-category": "unknown-callable"}, ["Uses credit.features.Binner"]),
    ({"by-status": "waived"}, ["Loading runs builtins.eval"]),
    ({"by-status": "suppressed", "by-text": "builtins"}, ["Loading runs builtins.exec"]),
]
SET = """for (const [id, value] of Object.entries(arguments[0])) {
  const control = document.getElementById(id);
  control.value = value;
  control.dispatchEvent(new Event(control.tagName === 'SELECT' ? 'change' : 'input'));
}
return [...document.querySelectorAll('.cause h3')].map((title) => title.textContent)"""


@pytest.mark.parametrize(("controls", "titles"), FILTERS, ids=str)
def test_filters(browser: Browser, tmp_path: Path, controls: dict[str, str], titles: list[str]) -> None:
    show(browser, tmp_path, hostile())
    assert browser.run(SET, controls) == titles


def test_severities_add_up(browser: Browser, tmp_path: Path) -> None:
    show(browser, tmp_path, hostile())
    browser.run("document.querySelector('.chip.high').click(); document.querySelector('.chip.medium').click()")
    assert set(browser.run("return [...document.querySelectorAll('.cause .badge')].map((badge) => badge.textContent)")) == {"high", "medium"}


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("clean_text", [True, False], ids=["as our checks write it", "as an attacker writes it"])
def test_hostile_text_neither_acts_nor_breaks_the_layout(browser: Browser, tmp_path: Path, width: int, clean_text: bool) -> None:
    show(browser, tmp_path, attacked(*(inert(text) if clean_text else text for text in HOSTILE.values())), width=width)
    open_all(browser)
    # An alert would have stopped the browser's next answer; a blocked script or request would be in its log.
    assert browser.log() == []
    assert browser.run("return performance.getEntriesByType('resource').map((entry) => entry.name)") == []
    assert browser.run("return [...document.querySelectorAll('main a, main img, main script, main iframe, main style')].length") == 0
    assert (
        browser.run(
            "return [...document.querySelectorAll('main *')].flatMap((e) => e.getAttributeNames()).filter((name) => /^on|^style$/.test(name))"
        )
        == []
    )
    assert not INVISIBLE.search(browser.run("return document.body.textContent"))
    assert browser.run("return document.documentElement.scrollWidth - innerWidth") <= 0
    assert browser.run(STICKING_OUT) == []
    assert browser.run("return document.querySelectorAll('.cause').length") == len(data_of(browser))


STICKING_OUT = """return [...document.querySelectorAll('main .card, main .cause, main .body > *')].filter((box) => box.getBoundingClientRect().right > innerWidth + 1)
  .map((box) => box.outerHTML.slice(0, 200))"""


def data_of(browser: Browser) -> list[Any]:
    return list(browser.run("return JSON.parse(document.getElementById('record').textContent).causes"))


NAMELESS = """return [...document.querySelectorAll('button, input, select, a, summary, [role=region], [role=img], dialog')]
  .filter((e) =>
    !(e.hidden || e.textContent.trim() || e.getAttribute('aria-label') || e.getAttribute('aria-labelledby') || (e.labels && e.labels[0]?.textContent.trim())))
  .map((e) => e.outerHTML.slice(0, 200))"""


def test_every_control_has_a_name_and_headings_do_not_skip(browser: Browser, tmp_path: Path) -> None:
    show(browser, tmp_path, msgspec.structs.replace(hostile(), measurements=(NUMBER,)))
    open_all(browser)
    assert browser.run(NAMELESS) == []
    levels = browser.run("return [...document.querySelectorAll('h1, h2, h3, h4')].map((title) => Number(title.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


FOCUSED = """const e = document.activeElement;
if (e === document.body) return ['', 0, true];
return [e.id || e.textContent.slice(0, 30), e.getBoundingClientRect().top + scrollY, !!e.closest('.top, .skip')]"""


def test_the_keyboard_reaches_things_in_the_order_of_the_page(browser: Browser, tmp_path: Path) -> None:
    show(browser, tmp_path, hostile())
    tops, seen = [], []
    for _ in range(60):
        browser.press(TAB)
        text, top, fixed = browser.run(FOCUSED)
        if text in {"", "Skip to the findings"} and seen:  # once around
            break
        seen.append(text)
        if not fixed:
            tops.append(round(top))
    assert seen[0] == "Skip to the findings"
    assert "by-text" in seen
    assert len(tops) >= 15
    assert all(after >= before - 80 for before, after in pairwise(tops))  # fields side by side


# The contrast of every text with what is behind it, by WCAG 2: 4.5, or 3 where letters are large.
CONTRAST = """
const pixel = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
const parse = (colour) => {
  pixel.clearRect(0, 0, 1, 1); pixel.fillStyle = colour; pixel.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = pixel.getImageData(0, 0, 1, 1).data;
  return [r, g, b, a / 255];
};
const over = (top, under) => top.slice(0, 3).map((c, i) => c * top[3] + under[i] * (1 - top[3])).concat(1);
const behind = (e) => {
  if (!e) return [255, 255, 255, 1];
  const own = parse(getComputedStyle(e).backgroundColor);
  return own[3] === 1 ? own : over(own, behind(e.parentElement));
};
const linear = (c) => (c / 255 <= .03928 ? c / 255 / 12.92 : ((c / 255 + .055) / 1.055) ** 2.4);
const light = ([r, g, b]) => .2126 * linear(r) + .7152 * linear(g) + .0722 * linear(b);
const poor = [];
for (const e of document.querySelectorAll('body *')) {
  if (![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()) || !e.getClientRects().length || e.closest('.unseen, .skip')) continue;
  const style = getComputedStyle(e), ground = behind(e);
  const svg = e instanceof SVGElement;
  const [a, b] = [light(over(parse(svg ? style.fill : style.color), ground)), light(ground)].sort((x, y) => y - x);
  const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.6 && style.fontWeight >= 700);
  const ratio = (a + .05) / (b + .05);
  if (ratio < (large ? 3 : 4.5)) poor.push([Math.round(ratio * 100) / 100, e.className.toString(), e.textContent.slice(0, 40)]);
}
return poor"""


@pytest.mark.parametrize("dark", [False, True])
def test_every_text_stands_out_from_its_ground(browser: Browser, tmp_path: Path, dark: bool) -> None:
    kinds = tuple(msgspec.structs.replace(NUMBER, id=bound, bound=bound) for bound in Bound)
    show(
        browser,
        tmp_path,
        msgspec.structs.replace(hostile(), measurements=(*kinds, msgspec.structs.replace(NUMBER, id="b", blocked="noise"))),
        dark=dark,
    )
    assert browser.run("return document.documentElement.dataset.theme") == ("dark" if dark else "light")
    open_all(browser)
    assert browser.run(CONTRAST) == []


NUMBERS = """return [...document.querySelectorAll('.numbers tbody tr')].map((row) =>
  [row.cells[0].innerText, row.cells[1].innerText.split('\\n')[0], getComputedStyle(row.querySelector('.dot')).fill])"""


def test_bounds_differ_in_colour_and_side(browser: Browser, tmp_path: Path) -> None:
    kinds = tuple(msgspec.structs.replace(NUMBER, id=bound, bound=bound, name=f"{bound}-accuracy") for bound in Bound)
    show(browser, tmp_path, msgspec.structs.replace(hostile(), measurements=kinds))
    rows = browser.run(NUMBERS)
    assert [row[:2] for row in rows] == [["Estimate accuracy", "0.4"], ["Attack accuracy", "≤ 0.4"], ["Certificate accuracy", "≥ 0.4"]]
    assert len({row[2] for row in rows}) == 3
    assert browser.run("return document.querySelectorAll('figure polygon.band').length") == 3


def test_ten_thousand_findings_stay_quick(browser: Browser, tmp_path: Path) -> None:
    run = many(10_000)
    paints, readies, filters = [], [], []
    for _ in range(3):
        show(browser, tmp_path, run)
        time.sleep(1)
        paints.append(browser.run("return performance.getEntriesByName('first-contentful-paint')[0].startTime"))
        readies.append(browser.run("return performance.getEntriesByName('ready')[0].startTime"))
        for text in ("m0", "m04", "m042", "m0421", "", "pkg77", "critical"):
            browser.run(SET, {"by-text": text})
        browser.run("document.querySelector('.chip.low').click()")
        filters += browser.run("return performance.getEntriesByName('filter').slice(1).map((entry) => entry.duration)")
    assert len(filters) == 3 * 8
    timing = f"first paint {min(paints):.0f} ms, ready {min(readies):.0f} ms; filters: median {sorted(filters)[len(filters) // 2]:.1f} ms, slowest {max(filters):.1f} ms"
    assert min(paints) < 1000, timing
    assert min(readies) < 2000, timing
    assert sorted(filters)[len(filters) * 3 // 4] < 100, timing  # a machine that others use, too, may be slow now and then
    assert browser.run("return document.querySelectorAll('.cause').length") <= 150


def test_it_prints_with_findings_unfolded(browser: Browser, tmp_path: Path) -> None:
    show(browser, tmp_path, hostile(), dark=True)
    pages = browser.pdf()
    assert pages.startswith(b"%PDF")
    show(browser, tmp_path, many(1_000))
    count = len(re.findall(rb"/Type\s*/Page\b", browser.pdf()))
    assert 1 < count < 400


AXE = os.environ.get("AXE_CORE", "")


@pytest.mark.skipif(not AXE, reason="AXE_CORE does not name axe.min.js (npm install axe-core)")
@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_nothing(browser: Browser, tmp_path: Path, dark: bool) -> None:
    show(browser, tmp_path, msgspec.structs.replace(hostile(), measurements=(NUMBER, *swept().measurements)), dark=dark)
    open_all(browser)
    browser.run(Path(AXE).read_text() + "; return 1")
    passes, violations = browser.later(
        "const done = arguments[0]; axe.run().then((found) => done([found.passes.length, found.violations.map((v) => v.id)]))"
    )
    assert passes > 10
    assert violations == []
