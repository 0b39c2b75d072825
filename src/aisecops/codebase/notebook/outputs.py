"""The texts among a cell's outputs; what holds no words is only counted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from aisecops.codebase.notebook.document import array, text_of, value
from aisecops.codebase.notebook.source import Part, Skipped
from aisecops.codebase.syntax import Gap
from aisecops.codebase.text import CellStart, Text

LONGEST = 1_000_000
"""Characters of a cell's outputs that are read."""
_MOST_OUTPUTS = 2_000
_NULL = msgspec.Raw(b"null")
_STATE = ("plotly", "vega", "bokeh", "widget", "holoviews", "jupyter.widget", "geo+json", "vdom", "vnd.")
_V3_NAMES = {
    "text": "text/plain",
    "html": "text/html",
    "latex": "text/latex",
    "json": "application/json",
    "javascript": "application/javascript",
    "png": "image/png",
    "jpeg": "image/jpeg",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
}


class _Output(msgspec.Struct):
    output_type: msgspec.Raw = _NULL
    name: msgspec.Raw = _NULL
    stream: msgspec.Raw = _NULL
    text: msgspec.Raw = _NULL
    data: msgspec.Raw = _NULL
    ename: msgspec.Raw = _NULL
    evalue: msgspec.Raw = _NULL
    traceback: msgspec.Raw = _NULL


class Outputs(NamedTuple):
    """What a cell's outputs came to."""

    parts: list[Part]
    skipped: list[Skipped]
    gaps: list[Gap]


def read_outputs(raw: msgspec.Raw, cell: int) -> Outputs:
    """Read the outputs of cell number ``cell``."""
    found = Outputs([], [], [])
    raws = array(raw)
    if len(raws) > _MOST_OUTPUTS:
        found.gaps.append(
            Gap("truncated", f"cell {cell} has {len(raws):,} outputs; those behind the first {_MOST_OUTPUTS:,} were not read", cell=cell)
        )
    left = LONGEST
    for piece in raws[:_MOST_OUTPUTS]:
        for label, raw_text in _texts(piece, cell, found):
            left = _keep(label, raw_text, cell, left, found)
    return found


def _keep(label: str, raw: msgspec.Raw, cell: int, left: int, found: Outputs) -> int:
    size = len(memoryview(raw))
    if not left or size > 40 * LONGEST:
        if not any(gap.code == "truncated" for gap in found.gaps):
            found.gaps.append(
                Gap("truncated", f"the outputs of cell {cell} are longer than {LONGEST:,} characters; the rest was not read", cell=cell)
            )
        found.skipped.append(Skipped(label, cell, size))
        return 0
    content = _json_text(raw) if label == "application/json" else text_of(raw)
    if content is None:
        found.gaps.append(Gap("bad-input", f"an output ({label}) of cell {cell} is malformed", cell=cell))
        return left
    content = _words(content, label, cell, found)
    if len(content) > left:
        found.gaps.append(Gap("truncated", f"the outputs of cell {cell} are longer than {LONGEST:,} characters; the rest was not read", cell=cell))
        content = content[:left]
    if content.strip():
        found.parts.append(Part("output", label, cell, Text(content, (CellStart(1, cell),))))
    return left - len(content)


def _texts(piece: msgspec.Raw, cell: int, found: Outputs) -> Iterator[tuple[str, msgspec.Raw]]:
    """Yield label and text of one output."""
    try:
        output = msgspec.json.decode(piece, type=_Output)
        kind = value(output.output_type)
        fields = msgspec.json.decode(
            output.data if kind in ("display_data", "execute_result", "update_display_data") else piece, type=dict[str, msgspec.Raw]
        )
    except (ValueError, RecursionError):
        found.gaps.append(Gap("bad-input", f"an output of cell {cell} is malformed", cell=cell))
        return
    if kind == "stream":
        yield str(value(output.name) or value(output.stream) or "stdout")[:40], output.text
    elif kind in ("error", "pyerr"):
        yield "error", msgspec.Raw(msgspec.json.encode(f"{value(output.ename)}: {value(output.evalue)}"))
        yield "traceback", _lines(output.traceback)
    else:
        v3 = {_V3_NAMES[name]: raw for name, raw in fields.items() if name in _V3_NAMES}
        for label, raw in {**v3, **{name: raw for name, raw in fields.items() if "/" in name}}.items():
            if _has_words(label):
                yield label, raw
            else:
                found.skipped.append(Skipped(label[:80], cell, len(memoryview(raw))))


def _lines(raw: msgspec.Raw) -> msgspec.Raw:
    """A traceback is a list of lines, or of several at once, without line ends."""
    found = value(raw)
    if isinstance(found, list):
        return msgspec.Raw(msgspec.json.encode("\n".join(line for line in found if isinstance(line, str))))
    return raw


def _has_words(label: str) -> bool:
    lowered = label.lower()
    return (lowered.startswith("text/") or lowered in ("application/json", "application/javascript", "application/xml")) and not any(
        word in lowered for word in _STATE
    )


def _json_text(raw: msgspec.Raw) -> str | None:
    found = value(raw)
    return found if isinstance(found, str) else None if found is None else msgspec.json.encode(found).decode()


def _words(content: str, label: str, cell: int, found: Outputs) -> str:
    """Take out what is not for reading: colours of terminals, images in addresses, programs of a page."""
    content = without_data(content)
    if "\x1b[" in content:
        import re

        content = re.sub(r"\x1b\[[0-9;?]*[@-~]?", "", content)
    if label == "text/html" and len(content) > _LONG_SCRIPT:
        shorter = _without_scripts(content)
        if len(shorter) < len(content):
            found.skipped.append(Skipped("text/html script", cell, len(content) - len(shorter)))
        return shorter
    return content


_LONG_SCRIPT = 5_000


def _without_scripts(content: str) -> str:
    """Cut long scripts and styles (whole plotting libraries) out of HTML; their line ends stay."""
    lowered = content.lower()
    pieces: list[str] = []
    kept = 0
    start = 0
    while True:
        found = [(at, tag) for tag in ("script", "style") if (at := lowered.find("<" + tag, start)) >= 0]
        if not found:
            return "".join([*pieces, content[kept:]])
        at, tag = min(found)
        end = lowered.find("</" + tag, at)
        end = len(content) if end < 0 else end
        if end - at > _LONG_SCRIPT:
            pieces += [content[kept:at], "\n" * content.count("\n", at, end)]
            kept = end
        start = end + 1


def without_data(content: str) -> str:
    """Return a text without the content of ``data:`` addresses in it: images are no words."""
    if ";base64," not in content:
        return content
    import re

    return re.sub(r"(?<=;base64,)[A-Za-z0-9+/=%\\]{40,}", "", content)
