"""Markdown as it is rendered: prose, code, HTML in it, and what never gets to the page (comments, link definitions that nobody uses, front matter).

References
----------
CommonMark 0.31.2, as far as it decides what is seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from aisecops.core.examination import NotExamined
from aisecops.formats.document.html import read_html
from aisecops.formats.document.spans import Concealment, Document, Purpose, Span

_FENCE = re.compile(r"^ {0,3}(?:> ?)*(?:[-*+] |\d{1,3}[.)] )?\s{0,12}(`{3,}|~{3,})([^`\n]{0,200})$")
_DEFINITION = re.compile(r"^ {0,3}\[([^\]\n]{1,200})\]:[ \t]*(<[^>\n]{0,2000}>|\S{0,2000})[ \t]*(?:\"([^\"\n]*)\"|'([^'\n]*)'|\(([^)\n]*)\))?[ \t]*$")
_FOOTNOTE = re.compile(r"^ {0,3}\[\^")
_TITLED = re.compile(r"!?\[([^\[\]\n]{0,400})\]\(\s*(?:<[^>\n]{0,500}>|[^\s()]{0,500})[ \t]+(?:\"([^\"\n]{1,2000})\"|'([^'\n]{1,2000})')\s*\)")
_PICTURE = re.compile(r"!\[([^\[\]\n]{1,2000})\]\(")
_UNPAINTED = re.compile(
    r"\\(?:[hv]?phantom\s*\{|(?:textcolor|colorbox)\s*\{\s*white\s*\}\s*\{|color\s*\{\s*white\s*\}\s*\{?)(?:\s*\\(?:tiny|text\w*)\s*\{?)*([^{}$]{1,2000})",
    re.IGNORECASE,
)
"""TeX that takes room and paints nothing, or white."""
_INLINE_CODE = re.compile(r"(?<!`)(`{1,3})(?!`)([^`\n]{1,300})\1(?!`)")
_LESS = "\ue000"
"""Stands for ``<`` in code, which opens no tag there: a character of the private area, taken out of the text first."""


def read_markdown(text: str) -> Document:
    """Return what the Markdown in ``text`` says and shows."""
    spans: list[Span] = []
    gaps: list[NotExamined] = []
    lines = text.replace(_LESS, " ").split("\n")
    first = _front_matter(lines)
    if first:
        spans.append(Span("\n".join(lines[1 : first - 1]), 2, Concealment.METADATA, Purpose.EDITORIAL, "front matter"))
    for number, block, code in _blocks(lines, first):
        if code:
            spans.append(Span(block, number, code=True))
            continue
        prose, definitions = _without_definitions(block, number)
        spans += definitions
        read = read_html(_escaped(prose), line=number)
        gaps += read.gaps
        spans += [_restored(span) for span in read.spans]
        spans += _titles(prose, number)
        spans += unpainted(prose, number)
    return Document("markdown", tuple(spans), tuple(gaps))


def _front_matter(lines: Sequence[str]) -> int:
    """Return the number of lines of the front matter, 0 without."""
    if not lines or lines[0].rstrip() not in ("---", "+++"):
        return 0
    return next((number + 1 for number, line in enumerate(lines[1:300], 1) if line.rstrip() == lines[0].rstrip()), 0)


def _blocks(lines: Sequence[str], first: int) -> Iterator[tuple[int, str, bool]]:
    """Yield (line, text, whether it is a block of code); consecutive prose is one block."""
    start, held, fence = first, [], ""
    for number in range(first, len(lines)):
        match = _FENCE.match(lines[number])
        opens = match is not None and (not fence or (match[1][0] == fence[0] and len(match[1]) >= len(fence) and not match[2].strip()))
        if not opens or match is None:
            held.append(lines[number])
            continue
        if held:
            yield start + 1, "\n".join(held), bool(fence)
        held, start, fence = [], number + 1, "" if fence else match[1]
    if held:
        yield start + 1, "\n".join(held), bool(fence)


def _without_definitions(block: str, number: int) -> tuple[str, list[Span]]:
    """Return the block without its link definitions, and these: shown nowhere but by the links that use them."""
    if "]:" not in block:
        return block, []
    kept, spans = [], []
    for at, line in enumerate(block.split("\n")):
        match = None if _FOOTNOTE.match(line) else _DEFINITION.match(line)
        kept.append("" if match else line)
        if match:
            title = match[3] or match[4] or match[5] or ""
            how = "a Markdown comment" if match[2] in ("#", "<>", "") or match[1] in ("//", "comment", "#") else "a link definition"
            said = title or (match[1] if how == "a Markdown comment" and " " in match[1] else "")
            if said.strip():
                spans.append(Span(said, number + at, Concealment.COMMENT if "comment" in how else Concealment.METADATA, Purpose.EDITORIAL, how))
    return "\n".join(kept), spans


def _escaped(block: str) -> str:
    """Return the block with the tags in its code kept from being tags."""
    if "`" in block and "<" in block:
        block = _INLINE_CODE.sub(lambda match: match[0].replace("<", _LESS), block)
    return re.sub(r"\\<|<(?=https?:|mailto:|[\w.+-]+@|[^a-zA-Z/!?])", lambda match: match[0].replace("<", _LESS), block)


def _restored(span: Span) -> Span:
    if _LESS not in span.text:
        return span
    return Span(span.text.replace(_LESS, "<"), span.line, span.hidden, span.purpose, span.how, span.code)


def unpainted(block: str, number: int) -> Iterator[Span]:
    """Yield what formulas hide."""
    if "$" not in block and "\\(" not in block and "\\[" not in block:
        return
    for match in _UNPAINTED.finditer(block):
        yield Span(match[1].strip(), number + block.count("\n", 0, match.start()), Concealment.SAME_COLOUR, how="TeX that paints nothing")


def _titles(block: str, number: int) -> Iterator[Span]:
    """Yield the titles of links and pictures, shown when the mouse rests there, and what stands for pictures."""
    if "](" not in block:
        return
    for match in _PICTURE.finditer(block):
        line = number + block.count("\n", 0, match.start())
        yield Span(match[1], line, Concealment.ATTRIBUTE, Purpose.ASSISTIVE, "the alt attribute")
    for match in _TITLED.finditer(block):
        line = number + block.count("\n", 0, match.start())
        yield Span(match[2] or match[3], line, Concealment.ATTRIBUTE, Purpose.ASSISTIVE, "the title of a link")
