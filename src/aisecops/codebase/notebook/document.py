"""The JSON of a notebook, of any format, down to its cells: only as much of it is decoded as is looked at."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar

import msgspec

from aisecops.codebase.syntax import Gap

_NULL = msgspec.Raw(b"null")
_MENDED = 10_000_000
"""Bytes of a document that is decoded a second time by a parser that forgives more, and that takes up to thirty times its size in memory."""
MOST_CELLS = 20_000


class RawCell(msgspec.Struct):
    """A cell whose fields have not been decoded: most bytes of a notebook are images, which nobody here looks at."""

    cell_type: msgspec.Raw = _NULL
    source: msgspec.Raw = _NULL
    input: msgspec.Raw = _NULL
    outputs: msgspec.Raw = _NULL
    metadata: msgspec.Raw = _NULL
    execution_count: msgspec.Raw = _NULL
    prompt_number: msgspec.Raw = _NULL
    language: msgspec.Raw = _NULL
    attachments: msgspec.Raw = _NULL


class _Sheet(msgspec.Struct):
    cells: msgspec.Raw = _NULL


class _Top(msgspec.Struct):
    cells: msgspec.Raw = _NULL
    worksheets: msgspec.Raw = _NULL
    metadata: msgspec.Raw = _NULL


class Metadata(msgspec.Struct):
    """What is looked at of the metadata of a notebook, or of a cell."""

    kernelspec: msgspec.Raw = _NULL
    language_info: msgspec.Raw = _NULL
    widgets: msgspec.Raw = _NULL
    tags: msgspec.Raw = _NULL
    vscode: msgspec.Raw = _NULL
    dotnet_interactive: msgspec.Raw = _NULL
    polyglot_notebook: msgspec.Raw = _NULL


class Document(NamedTuple):
    """The cells (None: malformed) and the metadata of a notebook."""

    cells: list[RawCell | None]
    metadata: Metadata
    databricks: bool
    gaps: list[Gap]


def read_document(data: bytes) -> Document | None:
    """Return the cells of a notebook of format 1 to 4; None if ``data`` is not one."""
    top = _top(data)
    if top is None:
        return None
    gaps: list[Gap] = []
    cells: list[RawCell | None] = []
    for number, raw in enumerate(_cells(top, gaps), 1):
        cells.append(struct(raw, RawCell))
        if cells[-1] is None:
            gaps.append(Gap("bad-input", "is malformed", cell=number))
    databricks = b"databricks" in bytes(memoryview(top.metadata)[:4000])
    return Document(cells, metadata(top.metadata), databricks, gaps)


def _cells(top: _Top, gaps: list[Gap]) -> list[msgspec.Raw]:
    try:
        raws = array(top.cells)
        for sheet in array(top.worksheets):
            raws += array((struct(sheet, _Sheet) or _Sheet()).cells)
    except TooMany:
        gaps.append(Gap("too-large", "holds more values than are read"))
        return []
    if not raws and bytes(top.cells).lstrip()[:1] != b"[":
        gaps.append(Gap("bad-input", "has no list of cells"))
    if len(raws) > MOST_CELLS:
        gaps.append(Gap("truncated", f"has {len(raws):,} cells; those behind the first {MOST_CELLS:,} were not read"))
    return raws[:MOST_CELLS]


class TooMany(ValueError):  # noqa: N818 - the input's fault, not an error of ours
    """A piece of JSON has so many parts that a list of them would take gigabytes."""


_SMALL = 4_000_000
"""Bytes of an array whose elements cannot be too many: each takes 80 bytes of memory, and two in the file."""
_MOST_PARTS = 2_000_000


class _Object(msgspec.Struct):
    pass


def array(raw: msgspec.Raw) -> list[msgspec.Raw]:
    """Return the elements of a JSON array; none if it is not one. Raises :class:`TooMany`."""
    if size(raw) > _SMALL:
        _check(raw)
    try:
        return msgspec.json.decode(raw, type=list[msgspec.Raw])
    except (ValueError, RecursionError):
        return []


def _check(raw: msgspec.Raw) -> None:
    """Raise if the array may have too many elements: objects are as many as their brackets at most, anything else as the commas."""
    if _count(raw, b"{") > _MOST_PARTS:
        raise TooMany
    try:
        msgspec.json.decode(raw, type=list[_Object])
    except (ValueError, RecursionError):
        if _count(raw, b",") > _MOST_PARTS:
            raise TooMany from None


def _count(raw: msgspec.Raw, sign: bytes) -> int:
    view = memoryview(raw)
    return sum(bytes(view[start : start + _SMALL]).count(sign) for start in range(0, len(view), _SMALL))


def metadata(raw: msgspec.Raw) -> Metadata:
    """Return what counts of the metadata of a notebook or cell."""
    return struct(raw, Metadata) or Metadata()


def fields(raw: msgspec.Raw) -> dict[str, msgspec.Raw]:
    """Return the fields of a JSON object; none if it is not one. Raises :class:`TooMany`."""
    if size(raw) > _SMALL and _count(raw, b":") > _MOST_PARTS // 2:
        raise TooMany
    try:
        return msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    except (ValueError, RecursionError):
        return {}


def size(raw: msgspec.Raw) -> int:
    """Return the bytes that a piece of JSON takes."""
    return len(memoryview(raw))


def value(raw: msgspec.Raw, largest: int = 100_000) -> Any:
    """Return what a piece of JSON says; None if it is malformed, or longer than ``largest`` bytes."""
    if size(raw) > largest:
        return None
    return _decoded(raw, Any)


def text_of(raw: msgspec.Raw, largest: int = 12_000_000) -> str | None:
    """Return a text that is written as one string or as a list of strings, up to ``largest`` bytes of it; None if it is neither."""
    view = memoryview(raw)
    if bytes(view[:1]) == b"[":
        pieces = _decoded(raw if len(view) <= largest else _shorter(bytes(view[:largest])), list[str])
        return None if pieces is None else "".join(pieces)
    if len(view) > largest:
        start = bytes(view[:largest])
        escape = start.rfind(b"\\", largest - 12)  # the end must not cut through one
        raw = msgspec.Raw((start[:escape] if escape > 0 else start).rstrip(b"\\") + b'"')
    text: str | None = _decoded(raw, str)
    return text


def _shorter(start: bytes) -> msgspec.Raw:
    """Return the beginning of an array of strings as an array: up to where the last string that is whole ends."""
    end = len(start)
    for _ in range(10):
        end = start.rfind(b'",', 0, end)
        shorter = msgspec.Raw(start[: end + 1] + b"]")
        if end < 0 or _decoded(shorter, list[str]) is not None:
            return shorter
    return _NULL


def _decoded(raw: msgspec.Raw, kind: Any) -> Any:
    try:
        return msgspec.json.decode(raw, type=kind)
    except UnicodeDecodeError:
        try:
            return msgspec.json.decode(bytes(raw).decode("utf-8", "replace"), type=kind)
        except (ValueError, RecursionError):
            return None
    except (ValueError, RecursionError):
        return None


_Struct = TypeVar("_Struct", bound=msgspec.Struct)


def struct(raw: msgspec.Raw, kind: type[_Struct]) -> _Struct | None:
    """Return an object of JSON; None if it is malformed."""
    try:
        return msgspec.json.decode(raw, type=kind)
    except (ValueError, RecursionError):
        return None


def _top(data: bytes) -> _Top | None:
    for mend in (_unmarked, _without_constants, _forgiven):
        mended = mend(data)
        if mended is None:
            return None
        try:
            return msgspec.json.decode(mended, type=_Top)
        except msgspec.ValidationError:
            return None
        except (ValueError, RecursionError):
            data = mended
    return None


def _unmarked(data: bytes) -> bytes:
    """UTF-8 without a byte order mark."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace").encode()
    return data.removeprefix(b"\xef\xbb\xbf")


def _without_constants(data: bytes) -> bytes:
    """Python writes NaN and halves of surrogate pairs, which JSON does not know."""
    import re

    data = re.sub(rb"(?<=[\s:,\[])-?(?:NaN|Infinity)(?=[\s,\]}])", b"null", data)
    pair = rb"(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
    return re.sub(pair, lambda match: match[1] or b"\\ufffd", data)


def _forgiven(data: bytes) -> bytes | None:
    """What Python's own parser can read: it takes control characters in strings, too."""
    if len(data) > _MENDED:
        return None
    import json

    try:
        read = json.loads(data.decode("utf-8", "replace"), strict=False, parse_constant=lambda _: None)
        return json.dumps(read, ensure_ascii=False).encode("utf-8", "replace")
    except (ValueError, RecursionError, MemoryError):
        return None
