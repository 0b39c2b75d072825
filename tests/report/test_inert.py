from __future__ import annotations

import html as html_module
import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from aisecops.core.text import inert as visible
from aisecops.report import inert
from tests.hostile_text import HOSTILE

ANYTHING = st.text(st.characters(codec=None)) | st.sampled_from(list(HOSTILE.values()))


def over_everything(test: Callable[[str], None]) -> Callable[[], None]:
    """Run ``test`` on the whole corpus, and on whatever else hypothesis comes up with."""
    for text in HOSTILE.values():
        test = example(text)(test)
    return given(ANYTHING)(test)


INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\ue000-\uf8ff\U000e0000-\U0010ffff]")


@over_everything
def test_a_terminal_sees_only_visible_characters(text: str) -> None:
    assert not INVISIBLE.search(inert.terminal(text))


@over_everything
def test_no_ci_runner_finds_a_command(text: str) -> None:
    quoted = inert.line_start(inert.terminal(text))
    assert not quoted.lstrip().startswith("::")
    assert not re.search(r"##\w*\[", quoted)


def test_ordinary_text_stays_as_it_is() -> None:
    text = "models/Modèle 模型.pkl: calls os.system('id'), see std::vector and # 1"
    assert inert.terminal(text) == inert.line_start(text) == text


@over_everything
def test_markdown_renders_as_one_code_span_of_the_text(text: str) -> None:
    (paragraph,) = (token for token in MarkdownIt("commonmark").parse(f"x {inert.markdown(text)} y") if token.type == "inline")
    children = paragraph.children or []
    assert [token.type for token in children] == (["text", "code_inline", "text"] if text else ["text"])
    assert not text or children[1].content == visible(text, 1 << 30)


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, list[tuple[str, str | None]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, attrs))


@over_everything
def test_html_opens_no_tag_and_leaves_no_attribute(text: str) -> None:
    quoted = inert.html(text)
    parser = Tags()
    parser.feed(f'<p title="{quoted}">{quoted}</p>')
    assert [tag for tag, _ in parser.seen] == ["p"]
    assert dict(parser.seen[0][1]) == {"title": html_module.unescape(quoted)}


@over_everything
def test_a_spreadsheet_finds_no_formula(text: str) -> None:
    assert not inert.csv_cell(text).lstrip().startswith(("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"))


@over_everything
def test_a_sarif_message_has_no_placeholder_and_no_link(text: str) -> None:
    quoted = inert.sarif(text)
    assert "{" not in quoted.replace("{{", "")
    assert "}" not in quoted.replace("}}", "")
    assert not re.search(r"\]\(", quoted)


@pytest.mark.parametrize("name", ["sarif placeholder", "format string"])
def test_sarif_text_comes_back_when_a_viewer_undoubles_the_braces(name: str) -> None:
    assert inert.sarif(HOSTILE[name]).replace("{{", "{").replace("}}", "}") == HOSTILE[name]
