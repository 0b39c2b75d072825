"""The passages of a collection, whether a folder of documents or a table of passages or of instructions: what checks of a whole collection compare."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from aisecops.checks.document.subject import Collection, DocumentFile
from aisecops.core.check import Context
from aisecops.core.examination import Code, NotExamined
from aisecops.core.finding import Location
from aisecops.core.text import inert

if TYPE_CHECKING:
    from aisecops.checks.data_set.subject import DataSet

_WHOLE, _CHUNK = 2_500, 1_500
"""Characters up to which a document is one passage, and of the pieces that a longer one is cut into."""
_MOST = 400_000
_LONGEST = 20_000

_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


class Passages(msgspec.Struct, frozen=True):
    """Passages in order.

    Parameters
    ----------
    texts, questions, sources, names
        What each says, what it answers (empty: it is a passage), where it comes from, and its name: a document, or ``row 12``.
    parts
        Whether each is a part of a longer document.
    asset
        The path of the collection.
    table
        Whether it is a table: then names are rows of one file.
    gaps
        What was left out.
    """

    texts: list[str]
    questions: list[str]
    sources: list[str]
    names: list[str]
    parts: list[bool]
    asset: str
    table: bool
    gaps: tuple[NotExamined, ...] = ()

    def place(self, number: int) -> Location:
        """Return where a passage is."""
        if self.table:
            return Location(path=self.asset, member=self.names[number])
        prefix = "" if self.asset == "." else f"{self.asset}/"
        return Location(path=prefix + inert(self.names[number], 4_000))

    def documents(self, members: tuple[int, ...]) -> list[str]:
        """Return the names of the passages, each once."""
        return list(dict.fromkeys(self.names[number] for number in members))


def passages_of(item: Collection | DocumentFile | DataSet, ctx: Context) -> Passages | None:
    """Return the passages of a collection, read once for all checks; None for what is none: a single document, a table of something else."""
    if isinstance(item, DocumentFile):
        return None
    if isinstance(item, Collection):
        return ctx.memo("document/passages", lambda: _of_folder(item))
    return ctx.memo("document/passages", lambda: _of_table(item, ctx, labelled=False))


def rows_of(data: DataSet, ctx: Context) -> Passages | None:
    """Return the texts of any table that has some, whatever they are for: what is looked at row by row."""
    return passages_of(data, ctx) or ctx.memo("document/rows", lambda: _of_table(data, ctx, labelled=True))


def _of_folder(folder: Collection) -> Passages:
    found = Passages([], [], [], [], [], folder.asset.path, table=False)
    for item in folder.items:
        for piece in _pieces(item.text):
            if len(found.texts) < _MOST:
                found.texts.append(piece)
                found.questions.append("")
                found.sources.append(item.name)
                found.names.append(item.name)
                found.parts.append(piece is not item.text)
    return msgspec.structs.replace(found, gaps=tuple(folder.gaps))


def _pieces(text: str) -> Iterator[str]:
    """Yield a short document whole, a long one in pieces that end with a paragraph where there is one."""
    if len(text) <= _WHOLE:
        yield text
        return
    held = ""
    for paragraph in re.split(r"\n\s*\n|\n(?=#)", text):
        if held and len(held) + len(paragraph) > _CHUNK:
            yield held
            held = ""
        held = f"{held}\n\n{paragraph}".strip()
        while len(held) > _WHOLE:
            yield held[:_CHUNK]
            held = held[_CHUNK:]
    if held.strip():
        yield held


def _gaps(text: str) -> int:
    """About how many gaps there are between the words of a text; Chinese, Japanese and Thai write none: there a word has two letters or so."""
    spaces = text.count(" ")
    return spaces if text.isascii() or spaces > len(text) // 12 else spaces + len(_UNSPACED.findall(text[:_LONGEST])) // 2


def _of_table(data: DataSet, ctx: Context, *, labelled: bool) -> Passages | None:
    from aisecops.core.errors import UserError
    from aisecops.datasets.retrieval.recognition import text_layout, text_rows

    if data.kind != "table" or not data.names:
        return None
    text = data.declared.columns.text or (data.roles.text if labelled else "")
    layout = text_layout(data.names, label=data.roles.label, source=data.roles.source, text=text, labelled=labelled)
    if layout is None:
        return None
    if not data.fits(ctx):
        return Passages([], [], [], [], [], data.asset.path, table=True, gaps=(data.too_large(ctx),))
    used = [name for name in (layout.passage, layout.question, layout.answer, layout.more, layout.conversation, layout.source) if name]
    try:
        table = data.collect(data.frame.select(list(dict.fromkeys(used))).head(_MOST))
    except (UserError, ModuleNotFoundError):
        return None  # its own checks say why
    rows = [row for row in text_rows(layout, table) if layout.kind == "instructions" or _gaps(row.text.strip())]
    if layout.kind == "passages" and sum(_gaps(row.text) for row in rows[:500]) < 6 * len(rows[:500]):
        return None  # names or codes, not sentences
    cut = NotExamined(code=Code.TRUNCATED, reason=f"only the first {_MOST:,} rows were compared", remedy="split the table")
    return Passages(
        [row.text[:_LONGEST] for row in rows],
        [row.question[:_LONGEST] for row in rows],
        [row.source for row in rows] if layout.source else [],
        [f"row {row.row}" for row in rows],
        [False] * len(rows),
        data.asset.path,
        table=True,
        gaps=(cut,) if len(table) >= _MOST else (),
    )
