"""The lesson of a check: its docstring, taken apart.

A lesson opens with a sentence and then has sections, each a heading on a line of its own with indented text below it (what it finds, why it matters,
example, how to fix, limits, references). Text that is indented further is code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

_BLANK_LINES = re.compile(r"\n\s*\n")


class Section(msgspec.Struct, frozen=True):
    """A heading and the paragraphs below it; a paragraph that starts with white space is code."""

    heading: str
    paragraphs: tuple[str, ...]


class Lesson(msgspec.Struct, frozen=True):
    """What a check teaches: one sentence, more of the same, and the sections."""

    summary: str
    sections: tuple[Section, ...]

    def section(self, heading: str) -> Section | None:
        """The section called ``heading``, in any case."""
        return next((s for s in self.sections if s.heading.casefold() == heading.casefold()), None)

    def text(self) -> str:
        """The lesson as plain text."""
        return "\n\n".join([self.summary, *(f"{s.heading}: " + "\n\n".join(s.paragraphs) for s in self.sections)])

    def markdown(self) -> str:
        """The lesson in Markdown."""
        return "\n\n".join([self.summary, *(part for s in self.sections for part in _markdown(s))])


def parse(docstring: str) -> Lesson:
    """Take ``docstring`` apart; whatever has no heading belongs to the summary."""
    blocks = [block for block in _BLANK_LINES.split(_dedent(docstring)) if block.strip()]
    summary: list[str] = []
    sections: list[Section] = []
    for block in blocks:
        heading, _, rest = block.partition("\n")
        if rest.startswith(" ") and not heading.startswith(" "):
            sections.append(Section(heading.rstrip(":"), (_paragraph(_dedent_all(rest)),)))
        elif sections and block.startswith(" "):
            last = sections[-1]
            sections[-1] = Section(last.heading, (*last.paragraphs, _paragraph(block.removeprefix("    ").replace("\n    ", "\n"))))
        else:
            summary.append(_paragraph(block))
    return Lesson("\n\n".join(summary), tuple(sections))


def _markdown(section: Section) -> Iterator[str]:
    yield f"### {section.heading}"
    for paragraph in section.paragraphs:
        yield _indent(paragraph) if paragraph.startswith(" ") else paragraph


def _indent(code: str) -> str:
    """Markdown takes four spaces for code."""
    return "\n".join(f"    {line.removeprefix('    ')}" for line in code.splitlines())


def _paragraph(text: str) -> str:
    """Join the lines of prose; code and lists keep theirs."""
    if text.startswith((" ", "- ", "* ")):
        return text.rstrip()
    return re.sub("::$", ":", " ".join(part.strip() for part in text.splitlines()))


def _dedent(docstring: str) -> str:
    """Take the indentation of a docstring off every line but the first, as ``inspect.cleandoc`` does."""
    first, *rest = docstring.expandtabs().strip("\n").splitlines() or [""]
    margin = min((len(line) - len(line.lstrip()) for line in rest if line.strip()), default=0)
    return "\n".join([first.strip(), *(line[margin:].rstrip() for line in rest)])


def _dedent_all(text: str) -> str:
    lines = text.splitlines()
    margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join(line[margin:] for line in lines)
