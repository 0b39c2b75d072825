"""What MkDocs does beyond copying ``docs/``: pages that are made from the program, and links to files outside ``docs/``.

``mkdocs.yml`` names this file. Made at build and never committed: a page for each check with an index, the reference of the command line (in ``command-line.md``, at
``<!-- verbs -->``) and of the run record (in ``run-record.md``, at ``<!-- types -->``), and the pages of the repository's root.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from check_pages import address, index, page, spoken
from command_pages import reference as verbs
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from record_pages import reference as types

from aisecops import checks
from aisecops.core.check import Check

ROOT = Path(__file__).parents[2]
_CHECKS = "checks"
_FROM_ROOT = {
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "security.md",
    "examples/credit/README.md": "examples/credit.md",
    "examples/intrusion-detection/README.md": "examples/intrusion-detection.md",
    "examples/spam-filter/README.md": "examples/spam-filter.md",
}
_MADE = re.compile(r"\*\*([^*\n]+)\*\*<!-- (\S+\.md) -->")
"""A link to a page that exists in the site alone: in the repository, where it would lead nowhere, the words are merely bold."""
_ELSEWHERE = "https://unpkg.com/iframe-worker/shim"
_SHIM = "site/iframe-worker.js"
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)#\s]+)(#[^)\s]*)?\)")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Hang the pages of the checks into the navigation, a folder for each kind of asset."""
    for part in config.nav or ():
        if "Checks" in part:
            part["Checks"] = [*part["Checks"], *_navigation()]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what is made."""
    found = _checks()
    made = {f"{_CHECKS}/index.md": index(found), **{f"{_CHECKS}/{address(check)}": page(check, ROOT / "docs") for check in found}}
    made |= {target: (ROOT / source).read_text(encoding="utf-8") for source, target in _FROM_ROOT.items()}
    for name, text in made.items():
        files.append(File.generated(config, name, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001 the names are MkDocs's
    """Fill in what a page leaves to the program, and lead links to files outside ``docs/`` somewhere."""
    if page.file.src_uri == "command-line.md":
        markdown = markdown.replace("<!-- verbs -->", verbs())
    if page.file.src_uri == "run-record.md":
        markdown = markdown.replace("<!-- types -->", types())
    return _MADE.sub(r"[\1](\2)", _LINK.sub(lambda found: _link(found, page.file.src_uri), markdown))


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:  # noqa: ARG001 the names are MkDocs's
    """Give the search a name for screen readers, which the theme leaves out; what lets it work from disk comes from the site itself."""
    output = output.replace(_ELSEWHERE, posixpath.relpath(_SHIM, posixpath.dirname(page.file.dest_uri) or "."))
    return output.replace('data-md-component="search" role="dialog"', 'data-md-component="search" role="dialog" aria-label="Search"')


def on_post_template(output_content: str, template_name: str, config: MkDocsConfig) -> str:  # noqa: ARG001 the names are MkDocs's
    """The page for what is not there is served, never opened from disk, and its addresses begin at the root."""
    return output_content.replace(_ELSEWHERE, f"/{_SHIM}")


def _link(found: re.Match[str], here: str) -> str:
    """The link as it is, or one to a page of the site, or the path as code where the site has no page for it."""
    mark, text, target, anchor = found[1], found[2], found[3], found[4] or ""
    if "://" in target or target.startswith("mailto:"):
        return found[0]
    path = posixpath.normpath(posixpath.join(posixpath.dirname(_source(here)), target))
    place = _FROM_ROOT.get(path) or _FROM_ROOT.get(f"{path}/README.md") or (path.removeprefix("docs/") if path.startswith("docs/") else "")
    if place:
        return f"{mark}[{text}]({posixpath.relpath(place, posixpath.dirname(here) or '.')}{anchor})"
    return f"{text} (`{path}`)" if text.strip("`") != path else f"`{path}`"


def _source(page: str) -> str:
    """Where in the repository the text of ``page`` comes from."""
    return next((source for source, target in _FROM_ROOT.items() if target == page), f"docs/{page}")


def _checks() -> list[Check]:
    return sorted(checks.load_all().checks.values(), key=lambda check: check.id)


def _navigation() -> Iterator[dict[str, Any]]:
    for folder, group in groupby(_checks(), key=lambda check: check.id.partition("/")[0]):
        yield {spoken(folder): [f"{_CHECKS}/{address(check)}" for check in group]}
