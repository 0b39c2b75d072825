"""Put the page together: a frame that says the verdict, the style, the script, and the record as data.

Nothing of the record ever becomes markup. The frame quotes what little it shows; all else travels as JSON in a data block, which the script sets as text.
A content security policy names the only style and the only scripts that may act, by their hashes, so that even a mistake of ours would not run.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from aisecops.core.run import Run
from aisecops.core.verdict import Outcome
from aisecops.report import inert
from aisecops.report.html.content import content
from aisecops.report.html.embedding import data_block
from aisecops.report.interface import Lessons

_FOLDER = os.path.dirname(__file__)
_STYLES = ("colours.css", "page.css", "matrix.css", "findings.css", "measurements.css")
_SCRIPTS = (
    "document.js",
    "navigation.js",
    "verdict.js",
    "matrix.js",
    "finding.js",
    "findings.js",
    "charts.js",
    "measurements.js",
    "gaps.js",
    "page.js",
)
_SAID = {Outcome.PASS: "Passed", Outcome.FAIL: "Failed", Outcome.INCOMPLETE: "Incomplete"}


def render(run: Run, lessons: Lessons | None = None) -> bytes:
    """Return ``run`` as one HTML file in UTF-8; ``lessons`` are shown with the findings of their checks."""
    said = _SAID[run.verdict.outcome]
    reasons = [f"{rule.id}: {rule.reason}" for rule in run.verdict.rules]
    head = Head(title=f"{said}: {_roots(run)}", outcome=run.verdict.outcome, said=said, above=_roots(run), reasons=tuple(reasons))
    return page(head, content(run, lessons or {}), _SCRIPTS, _STYLES)


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What a page says before its script has run: in the title of the window, in large letters, above them, and in words where scripts are off."""

    title: str
    outcome: Outcome
    said: str
    above: str
    reasons: tuple[str, ...]


def page(head: Head, data: dict[str, Any], scripts: Sequence[str], styles: Sequence[str]) -> bytes:
    """Return a page: the frame with ``head``, the ``data``, and the named assets that show it."""
    style = "".join(map(_asset, (*styles, "print.css")))
    early = _asset("theme.js")
    script = f'"use strict";\n(() => {{\n{"".join(map(_asset, scripts))}}})();\n'
    parts = {
        "POLICY": _policy([early, script], [style]),
        "STYLE": style,
        "EARLY": early,
        "SCRIPT": script,
        "TITLE": inert.html(head.title),
        "OUTCOME": head.outcome.value,
        "SAID": inert.html(head.said),
        "ROOTS": inert.html(head.above),
        "REASONS": "".join(f"<li>{inert.html(reason)}</li>" for reason in head.reasons),
        "DATA": data_block(data),
    }
    return _fill(_asset("frame.html"), parts).encode("utf-8", "backslashreplace")


def _fill(frame: str, parts: dict[str, str]) -> str:
    """Replace each ``{{NAME}}`` of the frame once; what is put in is never read again."""
    pieces = frame.split("{{")
    return pieces[0] + "".join(parts[name] + rest for name, _, rest in (piece.partition("}}") for piece in pieces[1:]))


def _roots(run: Run) -> str:
    return ", ".join(root.shown for root in run.run.roots[:5])[:300] or "."


def _policy(scripts: Iterable[str], styles: Iterable[str]) -> str:
    return f"default-src 'none'; script-src {_hashes(scripts)}; style-src {_hashes(styles)}; img-src data:; base-uri 'none'; form-action 'none'"


def _hashes(texts: Iterable[str]) -> str:
    return " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in texts)


def _asset(name: str) -> str:
    with open(os.path.join(_FOLDER, "assets", name), encoding="utf-8") as file:
        return file.read()
