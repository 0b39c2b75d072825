"""The storages of PyTorch's legacy files (``torch.save`` before 1.6): raw tensors behind five pickles, and the members of the tar files of before 0.1.10."""

from __future__ import annotations

import re

from aisecops.formats.artifact import Format, PartAnomaly
from aisecops.formats.pickle.trace import Ending, Trace
from aisecops.formats.piece import Bytes, Draft, Reader

_ITEM_SIZES = {
    "DoubleStorage": 8, "FloatStorage": 4, "HalfStorage": 2, "BFloat16Storage": 2, "LongStorage": 8, "IntStorage": 4, "ShortStorage": 2, "CharStorage": 1,
    "ByteStorage": 1, "BoolStorage": 1, "ComplexFloatStorage": 8, "ComplexDoubleStorage": 16, "QInt8Storage": 1, "QUInt8Storage": 1, "QInt32Storage": 4,
    "QUInt4x2Storage": 1, "QUInt2x4Storage": 1, "UntypedStorage": 1,
}  # fmt: skip
_TEXT = re.compile(rb"X(?P<four>....)|\x8c(?P<one>.)|[VS]'?(?P<line>[^\n']+)'?\n", re.DOTALL)


def read_storages(draft: Draft, reader: Reader) -> Format:
    """Account for what follows the five pickles: for each key of the fifth, in its order, an int64 count of items and the items."""
    data, size = draft.piece.data, len(draft.piece.data)
    last = draft.traces[-1]
    if last.ending is not Ending.STOP or len(draft.traces) < 5:
        draft.leave(min(last.end, size), size)
        if last.ending is Ending.STOP:
            draft.anomaly(PartAnomaly.BROKEN, last.end, f"a legacy torch file has five pickles, this one {len(draft.traces)}")
        return Format.TORCH_LEGACY
    sizes = _item_sizes(draft.traces[3])
    pos = last.end
    for key in _keys(data, last, sizes):
        end = _storage_end(data, pos, sizes[key])
        if end < 0:
            draft.anomaly(PartAnomaly.BROKEN, pos, f"storage {key} does not fit into the file")
            break
        draft.opaque(end - pos)
        pos = end
    reader.remainder(draft, pos, "the last storage")
    return Format.TORCH_LEGACY


def read_storage_member(draft: Draft, reader: Reader) -> Format:
    """Account for the ``storages`` member of a legacy tar: a pickled count, then for each storage a pickle (key, location, class) and the raw items."""
    data, size = draft.piece.data, len(draft.piece.data)
    traces = [reader.walk(data, 0)]
    pos = traces[-1].end
    while traces[-1].ending is Ending.STOP and pos < size:
        traces.append(reader.walk(data, pos))
        named = [g.name for g in traces[-1].globals if g.name in _ITEM_SIZES]
        end = _storage_end(data, traces[-1].end, _ITEM_SIZES[named[-1]]) if named and traces[-1].ending is Ending.STOP else -1
        if end < 0:
            pos = min(traces[-1].end, size)
            break
        draft.opaque(end - traces[-1].end)
        pos = end
    draft.traces = tuple(traces)
    _rest(draft, reader, pos)
    return Format.PICKLE


def read_tensor_member(draft: Draft, reader: Reader) -> Format:
    """Account for the ``tensors`` member of a legacy tar: a pickled count, then for each tensor a pickle, an int32 of dimensions, and int64 sizes."""
    data, size = draft.piece.data, len(draft.piece.data)
    traces = [reader.walk(data, 0)]
    pos = traces[-1].end
    while traces[-1].ending is Ending.STOP and pos < size:
        traces.append(reader.walk(data, pos))
        pos = traces[-1].end
        dimensions = int.from_bytes(bytes(data[pos : pos + 4]), "little")
        end = pos + 8 + 16 * dimensions + 8
        if traces[-1].ending is not Ending.STOP or dimensions > 1024 or end > size:
            break
        draft.opaque(end - pos)
        pos = end
    draft.traces = tuple(traces)
    _rest(draft, reader, pos)
    return Format.PICKLE


def _rest(draft: Draft, reader: Reader, pos: int) -> None:
    if draft.traces[-1].ending is Ending.STOP:
        reader.remainder(draft, pos, "the last record")
    else:
        draft.leave(min(pos, len(draft.piece.data)), len(draft.piece.data))


def _item_sizes(trace: Trace) -> dict[str, int]:
    """Bytes per item for each storage key that the object's pickle refers to: ('storage', class, key, location, count, ...)."""
    sizes = {}
    for found in trace.persistent_ids:
        items = found.items
        if items and len(items) >= 3 and items[1].kind == "global" and items[2].kind == "text":
            sizes[items[2].text] = _ITEM_SIZES.get(trace.globals[items[1].index].name, 0)
    return sizes


def _keys(data: Bytes, trace: Trace, known: dict[str, int]) -> list[str]:
    """The storage keys in the order of the list in the fifth pickle: the literal texts of its stream that the object refers to."""
    stream = bytes(data[trace.start : trace.end])
    keys, pos = [], 0
    while match := _TEXT.search(stream, pos):
        at = match.end()
        length = int.from_bytes(match["four"] or match["one"] or b"", "little")
        key = (match["line"] or stream[at : at + length]).decode("utf-8", "replace")
        if key in known:
            keys.append(key)
            pos = at + length
        else:
            pos = match.start() + 1
    return keys


def _storage_end(data: Bytes, pos: int, item_size: int) -> int:
    """Where the storage at ``pos`` ends; -1 if it does not fit."""
    if item_size == 0 or pos + 8 > len(data):
        return -1
    end = pos + 8 + int.from_bytes(bytes(data[pos : pos + 8]), "little") * item_size
    return end if end <= len(data) else -1
