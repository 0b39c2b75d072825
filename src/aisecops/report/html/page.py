"""Put the page together: a frame that says the verdict, the style, the script, and the record as data.

Nothing of the record ever becomes markup. The frame quotes what little it shows; all else travels as JSON in a data block, which the script sets as text.
A content security policy names the only style and the only scripts that may act, by their hashes, so that even a mistake of ours would not run.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterable

from aisecops.core.run import Run
from aisecops.core.verdict import Outcome
from aisecops.report import inert
from aisecops.report.html.content import content
from aisecops.report.html.embedding import data_block
from aisecops.report.interface import Lessons

_FOLDER = os.path.dirname(__file__)
_STYLES = ("colours.css", "page.css", "matrix.css", "findings.css", "measurements.css", "print.css")
_SCRIPTS = ("document.js", "verdict.js", "matrix.js", "finding.js", "findings.js", "charts.js", "measurements.js", "gaps.js", "page.js")
_SAID = {Outcome.PASS: "Passed", Outcome.FAIL: "Failed", Outcome.INCOMPLETE: "Incomplete"}


def render(run: Run, lessons: Lessons | None = None) -> bytes:
    """Return ``run`` as one HTML file in UTF-8; ``lessons`` are shown with the findings of their checks."""
    style = "".join(map(_asset, _STYLES))
    early = _asset("theme.js")
    script = f'"use strict";\n(() => {{\n{"".join(map(_asset, _SCRIPTS))}}})();\n'
    parts = {
        "POLICY": _policy([early, script], [style]),
        "STYLE": style,
        "EARLY": early,
        "SCRIPT": script,
        "TITLE": inert.html(f"{_SAID[run.verdict.outcome]}: {_roots(run)}"),
        "OUTCOME": run.verdict.outcome.value,
        "SAID": _SAID[run.verdict.outcome],
        "ROOTS": inert.html(_roots(run)),
        "REASONS": "".join(f"<li>{inert.html(rule.id)}: {inert.html(rule.reason)}</li>" for rule in run.verdict.rules),
        "DATA": data_block(content(run, lessons or {})),
    }
    return _fill(_asset("frame.html"), parts).encode("utf-8", "backslashreplace")


def _fill(frame: str, parts: dict[str, str]) -> str:
    """Replace each ``{{NAME}}`` of the frame once; what is put in is never read again."""
    pieces = frame.split("{{")
    return pieces[0] + "".join(parts[name] + rest for name, _, rest in (piece.partition("}}") for piece in pieces[1:]))


def _roots(run: Run) -> str:
    return ", ".join(root.path for root in run.run.roots[:5])[:300] or "."


def _policy(scripts: Iterable[str], styles: Iterable[str]) -> str:
    return f"default-src 'none'; script-src {_hashes(scripts)}; style-src {_hashes(styles)}; img-src data:; base-uri 'none'; form-action 'none'"


def _hashes(texts: Iterable[str]) -> str:
    return " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in texts)


def _asset(name: str) -> str:
    with open(os.path.join(_FOLDER, "assets", name), encoding="utf-8") as file:
        return file.read()
