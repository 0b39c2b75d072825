"""Whether a table is one of passages for retrieval or of instructions and answers for fine-tuning, told by the names of its columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from aisecops.datasets.roles import words_of

_QUESTIONS = ("instruction", "prompt", "question", "query", "user", "human", "input")
_ANSWERS = ("response", "completion", "output", "answer", "answers", "reply", "assistant", "chosen", "target text", "gpt")
_PASSAGES = (
    "passage", "text", "content", "contents", "document", "body", "chunk", "context", "page content", "article", "paragraph", "page", "abstract", "html", "markdown",
)  # fmt: skip
_OTHER_TEXTS = ("message", "review", "comment", "email", "mail", "description", "post", "ticket", "note", "summary")
_CONVERSATIONS = ("messages", "conversations", "conversation", "dialog", "dialogue", "turns")
_SOURCES = ("source", "origin", "provider", "url", "uri", "domain", "author", "publisher", "contributor", "annotator", "site", "file", "filename")
_CLASSES = ("label", "labels", "class", "target", "category", "sentiment", "is spam", "score", "rating", "stars")


class TextLayout(msgspec.Struct, frozen=True, kw_only=True):
    """Columns of a table of passages (``passage``), of instructions (``question`` and ``answer``) or of conversations; empty: there is none.

    ``more``: a column whose text belongs to the question (Alpaca's ``input``).
    """

    passage: str = ""
    question: str = ""
    answer: str = ""
    more: str = ""
    conversation: str = ""
    source: str = ""
    title: str = ""

    @property
    def kind(self) -> str:
        """``passages`` or ``instructions``."""
        return "passages" if self.passage else "instructions"


class TextRow(msgspec.Struct, frozen=True):
    """What one row says: a passage without a question, or an answer with its question; and where it comes from."""

    row: int
    text: str
    question: str = ""
    source: str = ""


def text_layout(names: Sequence[str], *, label: str = "", source: str = "", text: str = "", labelled: bool = False) -> TextLayout | None:
    """Return the layout of a table with columns ``names``; None where it is neither of passages nor of instructions, as a table for a classifier.

    Parameters
    ----------
    label, source, text
        Columns that are declared, or known, to be that; empty: unknown.
    labelled
        Take tables with a label, and other columns of text, too: what stands in a row is of interest in any of them.
    """
    known = {words_of(name): name for name in reversed(names)}
    said = source or _first(known, _SOURCES)
    conversation = _first(known, _CONVERSATIONS)
    if conversation:
        return TextLayout(conversation=conversation, source=said)
    question, answer = _first(known, _QUESTIONS), _first(known, _ANSWERS)
    if question and answer and label not in (question, answer):
        more = known.get("input", "") if question != known.get("input") else ""
        return TextLayout(question=question, answer=answer, more=more, source=said)
    if not labelled and (label or any(name in known for name in _CLASSES)):
        return None
    passage = _first(known, _PASSAGES) or text or (_first(known, _OTHER_TEXTS) if labelled else "")
    return TextLayout(passage=passage, source=said, title=known.get("title", "")) if passage else None


def text_rows(layout: TextLayout, table: Any) -> Iterator[TextRow]:
    """Yield what the rows of ``table`` (a Polars frame) say, without those that say nothing."""
    if layout.conversation:
        yield from _conversations(layout, table)
        return
    columns = [layout.passage or layout.answer, layout.question, layout.more, layout.source]
    cells = [_cells(table, name) if name else None for name in columns]
    texts = cells[0] or []
    for row, text in enumerate(texts):
        if not text.strip():
            continue
        question, more, source = (column[row] if column else "" for column in cells[1:])
        yield TextRow(row, text, f"{question}\n{more}".strip() if layout.answer else "", source)


def _conversations(layout: TextLayout, table: Any) -> Iterator[TextRow]:
    sources = _cells(table, layout.source) if layout.source else None
    for row, turns in enumerate(table[layout.conversation].to_list()):
        asked = ""
        for turn in turns if isinstance(turns, list) else ():
            if not isinstance(turn, dict):
                continue
            role = str(turn.get("role") or turn.get("from") or "")
            said = turn.get("content") or turn.get("value") or ""
            if not isinstance(said, str) or not said.strip():
                continue
            if role in ("assistant", "gpt", "model", "bot"):
                yield TextRow(row, said, asked, sources[row] if sources else "")
            elif role in ("user", "human"):
                asked = said


def _cells(table: Any, name: str) -> list[str]:
    return [cell if isinstance(cell, str) else "" if cell is None else str(cell) for cell in table[name].to_list()]


def _first(known: dict[str, str], names: Sequence[str]) -> str:
    return next((known[name] for name in names if name in known), "")
