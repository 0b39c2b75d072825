"""Mails: what is said in the subject and in each part that is a text, as a mail program shows it. Of a text and its HTML twin both are read: programs take either."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default

import msgspec

from aisecops.core.examination import Code, NotExamined
from aisecops.formats.document.html import read_html
from aisecops.formats.document.spans import Concealment, Document, Purpose, Span

_MOST_PARTS = 200
_PREVIEW = 200
"""Characters of a hidden beginning that mail programs show in their list of mails, beside the subject."""


def read_mail(data: bytes) -> Document:
    """Return what the mail ``data`` says and shows. Attachments are left out: they are files of their own where somebody saves them."""
    spans: list[Span] = []
    gaps: list[NotExamined] = []
    try:
        message = message_from_bytes(data, policy=default)
        spans += [Span(subject, 1) for subject in [str(message.get("Subject", "")).strip()] if subject]
        for number, part in enumerate(message.walk()):
            if number >= _MOST_PARTS:
                gaps.append(NotExamined(code=Code.TRUNCATED, reason=f"only the first {_MOST_PARTS} parts were read", remedy="take it apart"))
                break
            spans += _spans(part)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):  # what the standard library raises on broken headers
        gaps.append(NotExamined(code=Code.BAD_INPUT, reason="the parts of the mail cannot be told apart", remedy="save it again"))
        spans = spans or [Span(data.decode("utf-8", "replace"), 1)]
    return Document("mail", tuple(spans), tuple(gaps))


def _spans(part: Message) -> Iterator[Span]:
    if part.is_multipart() or part.get_content_maintype() != "text" or not isinstance(part, EmailMessage) or part.is_attachment():
        return
    said = str(part.get_content())
    if part.get_content_subtype() == "html":
        first = True
        for span in read_html(said).spans:
            preview = first and span.hidden is Concealment.NOT_RENDERED and span.purpose is Purpose.NONE and len(span.text) <= _PREVIEW
            first = first and not span.text.strip()
            # lines of a decoded part are not those of the file
            yield msgspec.structs.replace(span, line=1, purpose=Purpose.INTERACTIVE if preview else span.purpose)
    elif said.strip():
        yield Span(said, 1)
