"""The documentation as a site: it builds with every link leading somewhere, asks no other host for anything, and has every page and every check."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser

import markdown
import pytest
import yaml
from tools.documentation.check_pages import page

from aisecops import checks
from aisecops.core.asset import AssetKind
from aisecops.core.check import Check
from aisecops.core.taxonomy import Stage, Threat
from tests.docs.walk import DOCS, ROOT
from tests.hostile_text import HOSTILE
from tests.report.browser import MISSING, Browser

SETTINGS = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
FETCHES = {("script", "src"), ("img", "src"), ("iframe", "src"), ("source", "src"), ("link", "href"), ("object", "data"), ("form", "action")}


class Tags(HTMLParser):
    """The tags of a page with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def leaves(nav: object) -> set[str]:
    match nav:
        case str(name):
            return {name}
        case dict(parts):
            return set().union(*map(leaves, parts.values()))
        case list(parts):
            return set().union(*map(leaves, parts))
    raise AssertionError(nav)


def test_every_page_is_in_the_navigation():
    pages = {str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md")}
    assert sorted(pages - leaves(SETTINGS["nav"])) == [], "add these pages to `nav` in mkdocs.yml"


@pytest.mark.parametrize(
    "path", [*DOCS.rglob("*.md"), *ROOT.glob("*.md"), *ROOT.glob("examples/*/README.md")], ids=lambda path: str(path.relative_to(ROOT))
)
def test_links_lead_somewhere_in_the_repository_too(path):
    text = re.sub(r"```.*?```|`[^`\n]*`", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = {target for target in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in target and not target.startswith("mailto:")}
    assert sorted(target for target in targets if not (path.parent / target).exists()) == []


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    target = tmp_path_factory.mktemp("site")
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(target)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return target


@pytest.mark.slow
def test_it_builds_strictly_and_asks_nobody_for_anything(site):
    pages = {path: Tags(path.read_text(encoding="utf-8")).tags for path in site.rglob("*.html")}
    assert len(pages) > 100
    asked = {
        (path.name, attrs[name]) for path, tags in pages.items() for tag, attrs in tags for kind, name in FETCHES if tag == kind and name in attrs
    }
    assert {(page, target) for page, target in asked if re.match(r"(https?:)?//", target or "")} == set()
    styles = "".join(path.read_text(encoding="utf-8") for path in site.rglob("*.css"))
    assert re.findall(r"(?:@import|url\()\s*[\"']?(?:https?:)?//[^)]*", styles) == []


@pytest.mark.slow
@pytest.mark.skipif(bool(MISSING), reason=MISSING)
@pytest.mark.parametrize("name", ["index.html", "checks/index.html"])
def test_the_search_works_from_disk(site, name):
    with Browser() as browser:
        browser.open(site / name, "document.querySelector('iframe')")
        # The index is made once somebody wants to search.
        query = "const query = document.querySelector('[data-md-component=search-query]'); query.blur(); query.focus()"
        browser.wait(f"(() => {{ {query}; return document.querySelector('.md-search-result__meta').textContent.includes('Type') }})()")
        for letter in "quarantine":
            browser.press(letter)
        # What is found changes with each letter.
        browser.wait(
            "[...document.querySelectorAll('.md-search-result__link')].some(link => link.href.endsWith('/command-line.html?h=quarantine#quarantine'))"
        )
        assert browser.log() == []


@pytest.mark.slow
def test_every_check_has_a_page_with_its_lesson(site):
    index = (site / "checks" / "index.html").read_text(encoding="utf-8")
    for check in checks.load_all().checks.values():
        text = (site / "checks" / f"{check.id}.html").read_text(encoding="utf-8")
        assert f">{check.id}</code>" in text
        assert "How to fix" in text or check.id.endswith("/unexamined"), check.id
        assert f'href="{check.id}.html"' in index


@pytest.mark.parametrize(
    "text", [*HOSTILE.values(), "<script>alert(1)</script>", "![x](http://example.org/x.png)", "[x](javascript:alert(1))", "a | b `c` ``` d"]
)
def test_hostile_text_in_a_lesson_stays_text(text):
    lesson = f"Find it. {text}\n\nWhat it finds\n    {text}\n\n    - {text}\n\n        {text}\n"
    check = Check(
        id="source-file/x", title=f"T {text}", version=1, threat=Threat.PRIVACY, stage=Stage.CODE, inputs=(AssetKind.SOURCE_FILE,),
        categories=(), refs=(), lesson=lesson, function=lambda *_: (),
    )  # fmt: skip
    body = page(check).partition("---\n\n# ")[2]
    html = markdown.markdown(f"# {body}", extensions=["attr_list", "tables", "md_in_html", "pymdownx.superfences", "pymdownx.highlight"])
    tags = Tags(html).tags
    assert not {tag for tag, _ in tags} & {"script", "img", "iframe", "object", "svg", "style", "link"}
    assert all((attrs.get("href") or "https://").startswith(("https://", "http://", "index.md", "../")) for _, attrs in tags)
    assert not any(name.startswith("on") for _, attrs in tags for name in attrs)
