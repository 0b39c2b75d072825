"""A document, or a collection of them, as its checks see it: spans of text, each with whether a person sees it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from aisecops.core.asset import Asset, AssetFacts, AssetKind
from aisecops.core.check import Context, RefusedError, subject
from aisecops.core.examination import Code, NotExamined
from aisecops.core.finding import Location
from aisecops.core.text import inert_path

if TYPE_CHECKING:
    from aisecops.codebase.text import TextPart
    from aisecops.formats.document.spans import Document

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_MOST_FILES = 200_000
_MOST_BYTES = 256 << 20
"""Bytes of all documents of a collection that are read."""


class DocumentFile:
    """One document.

    Attributes
    ----------
    asset : Asset
        The file.
    document : Document
        What it says and shows.
    """

    def __init__(self, asset: Asset, document: Document, data: bytes = b"") -> None:
        self.asset, self.document, self._data = asset, document, data

    @cached_property
    def texts(self) -> tuple[TextPart, ...]:
        """The document as it stands in the file, as checks of text take it; empty for formats that are no text."""
        from aisecops.codebase.text import Text, TextPart

        return (TextPart(Text(self._data.decode("utf-8", "replace")), "prose", "markdown"),) if self.document.unit == "line" else ()

    @property
    def gaps(self) -> tuple[NotExamined, ...]:
        """What could not be read."""
        return self.document.gaps

    @cached_property
    def seen(self) -> tuple[str, list[tuple[int, int]]]:
        """The visible text, specimens in fences, and where its lines are (``aisecops.formats.document.spans.seen_text``)."""
        from aisecops.formats.document.spans import seen_text

        return seen_text(self.document.visible())

    def place(self, line: int) -> Location:
        """Return where ``line`` of the document is: of formats without lines the page or paragraph, as the member."""
        if self.document.unit == "line":
            return Location(path=self.asset.path, line=line or None)
        return Location(path=self.asset.path, member=f"{self.document.unit} {line}" if line else "")

    def facts(self) -> AssetFacts:
        """Its format, and how much of it nobody sees."""
        said: dict[str, Any] = {"format": self.document.format, "spans": len(self.document.spans)}
        if concealed := len(self.document.concealed()):
            said["concealed"] = concealed
        return AssetFacts(facts=said)


class CollectionItem(msgspec.Struct, frozen=True):
    """A document of a collection: its name within the folder, and all that a program extracts from it."""

    name: str
    text: str


class Collection:
    """A folder of documents that a model answers from: looked at as a whole. Each of its documents is an asset of its own, too.

    Attributes
    ----------
    asset : Asset
        The folder.
    """

    texts: tuple[TextPart, ...] = ()

    def __init__(self, asset: Asset, location: str) -> None:
        self.asset, self.location = asset, location
        self.gaps: list[NotExamined] = []

    @cached_property
    def items(self) -> tuple[CollectionItem, ...]:
        """The documents, by name."""
        return tuple(self._read())

    def facts(self) -> AssetFacts:
        """How many documents it has."""
        return AssetFacts(facts={"content": "collection", "documents": sum(1 for _ in self._names())})

    def _names(self) -> Iterator[tuple[str, str]]:
        from aisecops.formats.document.reading import ENDINGS

        stack, count = [("", self.location)], 0
        while stack:
            prefix, path = stack.pop()
            with os.scandir(path) as entries:
                for entry in sorted(entries, key=lambda entry: entry.name):
                    if entry.is_dir(follow_symlinks=False) and not entry.name.startswith("."):
                        stack.append((f"{prefix}{entry.name}/", entry.path))
                    elif entry.is_file(follow_symlinks=False) and entry.name.rpartition(".")[2].lower() in ENDINGS and count < _MOST_FILES:
                        count += 1
                        yield prefix + entry.name, entry.path

    def _read(self) -> Iterator[CollectionItem]:
        from aisecops.formats.document.reading import LARGEST, read_document

        left, lost = _MOST_BYTES, 0
        for name, path in self._names():
            try:
                with open(os.open(path, _FLAGS), "rb") as file:
                    data = file.read(min(LARGEST, left) + 1)
            except OSError:
                lost += 1
                continue
            left -= len(data)
            if left < 0 or len(data) > LARGEST:
                self.gaps.append(
                    NotExamined(code=Code.TOO_LARGE, reason="not all documents were compared with each other", remedy="declare parts of it")
                )
                return
            document = read_document(data, name)
            text = "\n".join(span.text for span in document.spans if span.hidden is None or span.how != "an HTML comment")
            if text.strip():
                yield CollectionItem(name, text)
        if lost:
            self.gaps.append(NotExamined(code=Code.UNREADABLE, reason=f"{lost:,} documents cannot be opened", remedy="check their permissions"))

    def place(self, name: str) -> Location:
        """Return where the document ``name`` is."""
        prefix = "" if self.asset.path == "." else f"{self.asset.path}/"
        return Location(path=prefix + inert_path(name))


@subject(AssetKind.DOCUMENT, version=3)
def document(asset: Asset, ctx: Context) -> DocumentFile | Collection:
    """Read the document, or open the folder."""
    location = ctx.location(asset)
    if os.path.isdir(location):
        return Collection(asset, location)
    from aisecops.checks.reading import read
    from aisecops.formats.document.reading import LARGEST, read_document

    if asset.size > LARGEST:
        why = NotExamined(code=Code.TOO_LARGE, reason=f"more than {LARGEST >> 20} MiB", remedy="split it, or leave it out with exclude")
        raise RefusedError(why)
    data = read(asset, ctx, LARGEST)
    return DocumentFile(asset, read_document(data, os.path.basename(asset.path)), data)
