"""What a PDF says beside its pages: properties, bookmarks, attached texts, descriptions of what pages show, fields that no page shows.

References
----------
ISO 32000-2, sections 7.11.4 (embedded files), 12.3.3 (outlines), 12.7 (forms), 14.3 (metadata), 14.7 (structure) and 14.9.3 (alternate descriptions).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from aisecops.core.examination import Code, NotExamined
from aisecops.core.text import inert
from aisecops.formats.document.spans import Concealment, Purpose, Span

_MOST_BOOKMARKS, _DEEPEST = 20_000, 50
_MOST_ATTACHED, _LONGEST_ATTACHED = 50, 4 << 20
_MOST_NODES = 200_000
_LONGEST_PACKET = 4 << 20
_BETWEEN_TAGS = re.compile(r"<([\w:.-]{1,60})[^<>]*>([^<>]+)</")


def read_aside(reader: Any, on_pages: set[int], gaps: list[NotExamined]) -> Iterator[Span]:
    """Yield what the document of a ``pypdf`` reader says beside its pages. ``on_pages``: the numbers of the objects that pages show."""
    yield from _properties(reader)
    yield from _packet(reader)
    yield from _bookmarks(reader)
    yield from _descriptions(reader)
    yield from _fields(reader, on_pages)
    yield from _attachments(reader, gaps)


def _properties(reader: Any) -> Iterator[Span]:
    for name, value in (reader.metadata or {}).items():
        if isinstance(value, str) and value.strip().count(" ") > 1:
            yield Span(value, 0, Concealment.METADATA, Purpose.EDITORIAL, f"the property {inert(str(name), 30)}")


def _packet(reader: Any) -> Iterator[Span]:
    """Yield the sentences of the XMP packet, which repeats the properties as a rule."""
    stream: Any = reader.root_object.get("/Metadata")
    stream = None if stream is None else stream.get_object()
    if stream is None or not hasattr(stream, "get_data"):
        return
    said_before = {value for value in (reader.metadata or {}).values() if isinstance(value, str)}
    for name, said in _BETWEEN_TAGS.findall(stream.get_data()[:_LONGEST_PACKET].decode("utf-8", "replace")):
        if said.strip().count(" ") > 1 and said.strip() not in said_before:
            yield Span(said.strip(), 0, Concealment.METADATA, Purpose.EDITORIAL, f"the property {inert(name, 30)}")


def _descriptions(reader: Any) -> Iterator[Span]:
    """Yield what the structure says in place of pictures and of what is shown: readers aloud and extractors take it."""
    for node in _nodes(reader.root_object.get("/StructTreeRoot"), "/K"):
        for name, means in (("/Alt", "the description of a picture"), ("/ActualText", "a replacement text")):
            said = node.get(name)
            if isinstance(said, str) and said.count(" ") > 1:
                yield Span(str(said), 0, Concealment.ATTRIBUTE, Purpose.ASSISTIVE, means)


def _fields(reader: Any, on_pages: set[int]) -> Iterator[Span]:
    """Yield what fields of the form hold that no page shows."""
    form = reader.root_object.get("/AcroForm")
    for node in _nodes(form, "/Fields", "/Kids", leave=lambda item: getattr(item, "idnum", -2) in on_pages):
        said = node.get("/V")
        if isinstance(said, str) and said.count(" ") > 1 and "/Kids" not in node:
            yield Span(str(said), 0, Concealment.NOT_RENDERED, Purpose.NONE, "a field that no page shows")


def _nodes(root: Any, *links: str, leave: Callable[[Any], bool] = lambda _: False) -> Iterator[Any]:
    """Yield the dictionaries of a tree that ``links`` lead down, each once, at most two hundred thousand."""
    stack, seen = [root], set[int]()
    while stack and len(seen) < _MOST_NODES:
        item = stack.pop()
        if item is None or leave(item):
            continue
        node = item.get_object()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, list):
            stack += reversed(node)
        elif hasattr(node, "get"):
            yield node
            stack += [node.raw_get(link) for link in links if link in node]


def _bookmarks(reader: Any) -> Iterator[Span]:
    """Yield the titles of the outline, a sentence each: a viewer shows them beside the page."""
    stack, count = [iter(reader.outline)], 0
    while stack and count < _MOST_BOOKMARKS and len(stack) < _DEEPEST:
        item = next(stack[-1], None)
        if item is None:
            stack.pop()
        elif isinstance(item, list):
            stack.append(iter(item))
        else:
            count += 1
            said = getattr(item, "title", None)
            if isinstance(said, str) and said.count(" ") > 1:
                yield Span(said, 0, Concealment.METADATA, Purpose.EDITORIAL, "a bookmark")


def _attachments(reader: Any, gaps: list[NotExamined]) -> Iterator[Span]:
    """Yield what attached texts say: indexing programs read attachments, viewers list their names. Others are not read."""
    unread = []
    for number, item in enumerate(reader.attachment_list):
        if number >= _MOST_ATTACHED:
            break
        data = item.content
        if data and len(data) <= _LONGEST_ATTACHED and b"\0" not in data[:4096]:
            yield Span(data.decode("utf-8", "replace"), 0, Concealment.METADATA, Purpose.EDITORIAL, f"the attachment {inert(item.name, 40)}")
        else:
            unread.append(inert(item.name, 40))
    if unread:
        gaps.append(
            NotExamined(code=Code.NO_PARSER, reason=f"attached files were not read: {', '.join(unread[:5])}", remedy="detach and examine them")
        )
