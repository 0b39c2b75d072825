"""The Markdown summary: within GitHub's limits, the gravest first, and nothing of an attacker's text is anything but text."""

from __future__ import annotations

import re

import msgspec
import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from aisecops.core.measurement import Measurement
from aisecops.core.run import Results, Run
from aisecops.core.verdict import Outcome
from aisecops.report import markdown
from tests.hostile_text import HOSTILE
from tests.report import runs
from tests.report.test_hostile import INVISIBLE, RUNNER, run_of

OURS = re.compile(r"</?(?:details|summary|b|code|sub|table|tr|th|td)>|<td colspan=4>")


def text_of(run: Run) -> str:
    return markdown.render(run).decode()


def tokens(text: str) -> list[Token]:
    found: list[Token] = []
    for token in MarkdownIt("commonmark").parse(text):
        found += [token, *(token.children or [])]
    return found


def measured(count: int, subject: str = "") -> Run:
    one = Measurement(id="m", check="model/quality", assets=("model:clf",), name="accuracy", value=0.5, unit="", n=10, low=0.2, high=0.8, level=0.95)
    many = tuple(msgspec.structs.replace(one, id=f"m{n}", subject=subject or f"group {n}") for n in range(count))
    return runs.record(Results(measurements=many), Outcome.PASS, (runs.PASSED,))


def test_verdict_first_then_why_then_the_gravest() -> None:
    text = text_of(runs.hostile())
    order = ["## ❌ aisecops: fail", "**no-critical**", "critical · <b>Loading runs posix.system</b> ×4", "high · <b>joblib", "medium · <b>Uses"]
    order += ["1 measured", "### Not examined"]
    assert [text.index(part) for part in order] == sorted(text.index(part) for part in order)
    assert "not counted: 1 waived, 1 suppressed" in text


def test_a_clean_run_is_short() -> None:
    text = text_of(runs.clean())
    assert text.startswith("## ✅ aisecops: pass")
    assert len(text) < 500


@pytest.mark.parametrize(
    "run", [runs.many(5000), run_of(list(HOSTILE.values()) * 20), measured(5000, "x" * 300)], ids=["many", "hostile", "measured"]
)
def test_it_fits_a_comment(run: Run) -> None:
    assert len(markdown.render(run)) < 65_536


def test_what_was_cut_is_counted() -> None:
    text = text_of(runs.many(5000))
    told = text.count("<details>")
    assert f"and {5000 - told:,} more causes" in text
    assert "· <b>Loading runs pkg0.run</b>" in text


def test_everything_folded_is_closed_again() -> None:
    for run in (runs.hostile(), runs.many(300), run_of(list(HOSTILE.values())), measured(100)):
        text = text_of(run)
        for element in ("details", "summary", "table", "code", "b"):
            inside = re.sub(r"`[^`\n]*`", "", text)
            assert inside.count(f"<{element}>") == inside.count(f"</{element}>")


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_only_text(name: str) -> None:
    text = text_of(run_of([HOSTILE[name]]))
    assert not INVISIBLE.search(text)
    assert not RUNNER.search(text)
    for token in tokens(text):
        assert token.type not in {"link_open", "image", "fence", "code_block", "hr"}
        if token.type in {"html_block", "html_inline"}:
            bare = re.sub(r"<code>[^<>]*</code>", "", token.content)
            assert not re.search(r"[<>@#]|://|\]\(", OURS.sub("", bare))
        elif token.type == "text":
            assert not re.search(r"[<>@#`\[]|://|www\.", token.content)


def test_a_subject_of_an_attacker_stays_in_its_cell() -> None:
    text = text_of(measured(1, "a|b</td></tr></table>@everyone"))
    assert "<code>accuracy a|b&lt;/td&gt;&lt;/tr&gt;&lt;/table&gt;@everyone</code>" in text


@pytest.mark.parametrize("text", ["see www.example.invalid", "GH-12", "a *b*", "# x", "1. x", "- x", "https://x.invalid", "a:smile:b", "@all"])
def test_what_markdown_or_github_could_take_for_more_is_code(text: str) -> None:
    assert markdown.prose(text) == f"`{text}`"


def test_plain_words_stay_plain() -> None:
    assert markdown.prose("4 open findings".replace("4", "Four")) == "Four open findings"
    assert markdown.prose("Load by digest: verify(path) first.") == "Load by digest: verify(path) first."
