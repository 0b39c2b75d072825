"""The JSON of a notebook, of any format, down to its cells: only as much of it is decoded as is looked at."""

from __future__ import annotations

from typing import Any, NamedTuple

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


class Document(NamedTuple):
    """The cells (None: malformed) and the metadata of a notebook."""

    cells: list[RawCell | None]
    metadata: dict[str, msgspec.Raw]
    gaps: list[Gap]


def read_document(data: bytes) -> Document | None:
    """Return the cells of a notebook of format 1 to 4; None if ``data`` is not one."""
    top = _top(data)
    if top is None:
        return None
    gaps: list[Gap] = []
    raws = array(top.cells)
    for sheet in array(top.worksheets):
        raws += array(_struct(sheet, _Sheet).cells)
    if len(raws) > MOST_CELLS:
        gaps.append(Gap("truncated", f"has {len(raws):,} cells; those behind the first {MOST_CELLS:,} were not read"))
        del raws[MOST_CELLS:]
    cells: list[RawCell | None] = []
    for number, raw in enumerate(raws, 1):
        try:
            cells.append(msgspec.json.decode(raw, type=RawCell))
        except (ValueError, RecursionError):
            cells.append(None)
            gaps.append(Gap("bad-input", "is malformed", cell=number))
    return Document(cells, fields(top.metadata), gaps)


def array(raw: msgspec.Raw) -> list[msgspec.Raw]:
    """Return the elements of a JSON array; none if it is not one."""
    try:
        return msgspec.json.decode(raw, type=list[msgspec.Raw])
    except (ValueError, RecursionError):
        return []


def fields(raw: msgspec.Raw) -> dict[str, msgspec.Raw]:
    """Return the fields of a JSON object; none if it is not one."""
    try:
        return msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    except (ValueError, RecursionError):
        return {}


def size(raw: msgspec.Raw) -> int:
    """Return the bytes that a piece of JSON takes."""
    return len(memoryview(raw))


def value(raw: msgspec.Raw, largest: int = 10_000_000) -> Any:
    """Return what a piece of JSON says; None if it is malformed, or longer than ``largest`` bytes."""
    if size(raw) > largest:
        return None
    try:
        return msgspec.json.decode(raw)
    except UnicodeDecodeError:
        try:
            return msgspec.json.decode(bytes(raw).decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            return None
    except (ValueError, RecursionError):
        return None


def text_of(raw: msgspec.Raw, largest: int = 20_000_000) -> str | None:
    """Return a text that is written as one string or as a list of strings, up to about ``largest`` bytes of it; None if it is neither."""
    view = memoryview(raw)
    if bytes(view[:1]) == b"[":
        pieces: list[str] = []
        left = largest
        for piece in array(raw):
            found = _string(piece, left)
            if found is None:
                return None
            pieces.append(found)
            left -= size(piece)
            if left <= 0:
                break
        return "".join(pieces)
    return _string(raw, largest)


def _string(raw: msgspec.Raw, largest: int) -> str | None:
    view = memoryview(raw)
    if len(view) > largest:
        start = bytes(view[:largest])
        escape = start.rfind(b"\\", largest - 12)  # the end must not cut through one
        raw = msgspec.Raw((start[:escape] if escape > 0 else start).rstrip(b"\\") + b'"')
    found = value(raw, largest + 100)
    return found if isinstance(found, str) else None


def _struct(raw: msgspec.Raw, kind: type[_Sheet]) -> _Sheet:
    try:
        return msgspec.json.decode(raw, type=kind)
    except (ValueError, RecursionError):
        return kind()


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
