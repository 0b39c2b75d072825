"""Arrays in numpy's own format (NEP 1): a header that is a Python literal, then raw items, or a pickle where the items are objects."""

from __future__ import annotations

import re
from math import prod
from typing import Any

from aisecops.formats.artifact import Format, PartAnomaly
from aisecops.formats.literal import parse_literal
from aisecops.formats.pickle_probe import looks_like_pickle
from aisecops.formats.piece import Draft, Reader, Role

_SIZED = re.compile(r"[<>|=]?([biufcmMSaVU])(\d+)?(\[[^\]]*\])?")
_NAMED = {"bool": 1, "?": 1, "b1": 1, "float16": 2, "float32": 4, "float64": 8, "int8": 1, "int16": 2, "int32": 4, "int64": 8, "float": 8, "int": 8}
_HEADER = 1 << 20
_MAGIC = b"\x93NUMPY"


def read_npy(draft: Draft, reader: Reader) -> Format:
    """Account for the arrays of the draft's piece: ``numpy.save`` may be called on one open file again and again."""
    pos = 0
    while pos >= 0:
        pos = _array(draft, reader, pos)
    return Format.NPY


def _array(draft: Draft, reader: Reader, at: int) -> int:
    """Account for the header and the items of the array at ``at``; walk the pickle of an array of objects. Return where the next begins, or -1."""
    data, size = draft.piece.data, len(draft.piece.data)
    major = data[at + 6] if at + 6 < size else 0
    body = at + 8 + (2 if major == 1 else 4)
    length = int.from_bytes(bytes(data[at + 8 : body]), "little")
    start = body + length
    if size < body or start > size or length > _HEADER or major not in (1, 2, 3):
        draft.anomaly(PartAnomaly.BROKEN, at + 6, "the header is longer than the file, or of an unknown version")
        draft.leave(min(at + 8, size), size)
        return -1
    text = bytes(data[body:start]).decode("utf-8" if major == 3 else "latin-1", "replace")
    try:
        count, item, objects = _layout(parse_literal(text))
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        draft.anomaly(PartAnomaly.BROKEN, body, f"the header does not describe an array: {error}")
        objects, count, item = looks_like_pickle(data, start), 0, 0
    if objects:
        draft.parts.append(reader.part(draft.piece.inside(start, size, "objects", Role.PICKLE)))
        return -1
    end = start + count * item
    if end > size:
        draft.anomaly(PartAnomaly.BROKEN, start, f"{end - size} bytes of the items are missing")
        end = size
    draft.opaque(end - start)
    if bytes(data[end : end + 6]) == _MAGIC:
        return end
    reader.remainder(draft, end, "the items")
    return -1


def _layout(described: Any) -> tuple[int, int, bool]:
    """Number of items, bytes of an item, and whether items are objects."""
    shape = described["shape"]
    if not isinstance(shape, tuple) or not all(isinstance(n, int) and n >= 0 for n in shape):
        raise ValueError("the shape is not a tuple of numbers")
    item, objects = _item(described["descr"])
    return prod(shape), item, objects


def _item(description: Any) -> tuple[int, bool]:
    """Bytes of an item of this dtype, and whether there is an object in it: a text, a list of fields, or (dtype, shape)."""
    if isinstance(description, list):
        sizes = [_item(field[1] if len(field) < 3 else (field[1], field[2])) for field in description]
        return sum(s for s, _ in sizes), any(o for _, o in sizes)
    if isinstance(description, tuple) and len(description) == 2:
        item, objects = _item(description[0])
        shape = description[1] if isinstance(description[1], tuple) else (description[1],)
        return item * prod(shape), objects
    if not isinstance(description, str):
        raise TypeError("a dtype that is neither text nor fields")
    if description in _NAMED:
        return _NAMED[description], False
    match = _SIZED.fullmatch(description)
    if match:
        return int(match[2] or 1) * (4 if match[1] == "U" else 1), False
    if "O" in description or "object" in description:
        return 8, True
    raise ValueError("an unknown dtype")
