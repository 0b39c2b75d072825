"""Pickle streams in a row: plain, joblib's with raw arrays between the opcodes, and PyTorch's legacy files, which are five pickles and raw storages."""

from __future__ import annotations

from aisecops.formats.artifact import Format, PartAnomaly
from aisecops.formats.pickle.names import extent
from aisecops.formats.pickle.trace import Ending, Trace
from aisecops.formats.pickle_probe import looks_like_pickle
from aisecops.formats.piece import Bytes, Draft, Reader, Role

_STREAMS = 10_000
"""Pickles in a row that are walked; what follows counts as unaccounted."""
_TORCH_MAGIC = b"\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
"""The first pickle of a legacy torch file, behind PROTO: LONG1 0x1950a86a20f9469cfc6c, STOP."""


def read_pickles(draft: Draft, reader: Reader) -> Format:
    """Walk the streams of the draft's piece and account for what follows the last."""
    data = draft.piece.data
    traces = _streams(data, reader, joblib=False)
    if _is_torch_legacy(data, traces):
        from aisecops.formats.torch_legacy import read_storages

        draft.traces = tuple(traces[:5])
        read_storages(draft, reader)
        return Format.TORCH_LEGACY
    if any(_is_array_wrapper(g.name) for t in traces for g in t.globals):
        plain, traces = traces, _streams(data, reader, joblib=True)
        arrays = any(trace.arrays for trace in traces)
        if arrays or any(trace.ending is not Ending.STOP for trace in traces):  # where joblib cannot go on, pickle.load may
            draft.traces, draft.plain_traces = tuple(traces), tuple(plain)
            return _finish(draft, reader, Format.JOBLIB if arrays else Format.PICKLE)
    draft.traces = tuple(traces)
    return _finish(draft, reader, Format.PICKLE)


def _streams(data: Bytes, reader: Reader, *, joblib: bool) -> list[Trace]:
    """Walk one stream after the other while the next bytes look like one."""
    traces = [reader.walk(data, 0, joblib=joblib)]
    size = len(data)
    while traces[-1].ending is Ending.STOP and traces[-1].end < size and len(traces) < _STREAMS:
        if _is_torch_legacy(data, traces) and len(traces) == 5:
            break  # what follows are storages, not opcodes
        if not looks_like_pickle(data, traces[-1].end):
            break
        traces.append(reader.walk(data, traces[-1].end, joblib=joblib))
    return traces


def _is_torch_legacy(data: Bytes, traces: list[Trace]) -> bool:
    """Tell whether torch.load takes the streams for its own: by the magic number, or, where that is computed, by the ids of storages in the fourth."""
    return data[2:16] == _TORCH_MAGIC or (len(traces) >= 5 and bool(traces[3].persistent_ids))


def _is_array_wrapper(name: str) -> bool:
    return name.rpartition(".")[2] == "NumpyArrayWrapper"


def _files_in(data: Bytes, traces: tuple[Trace, ...]) -> list[tuple[int, int]]:
    """Where the bytes literals stand that the streams hand to a loader of files (``torch.storage._load_from_bytes``)."""
    places = {
        argument.index
        for trace in traces
        for use in trace.uses
        for argument in use.arguments or ()
        if argument.kind == "bytes" and use.callee >= 0 and trace.globals[use.callee].resolved in _LOADERS
    }
    return [extent(data, at) for at in sorted(places)]


_LOADERS = frozenset({("torch.storage", "_load_from_bytes")})


def _finish(draft: Draft, reader: Reader, kind: Format) -> Format:
    """Count raw arrays as opaque, read files that stand in the stream as arguments, name those that old joblib pickles read, and account for the end."""
    last = draft.traces[-1]
    for start, stop in _files_in(draft.piece.data, draft.traces):
        draft.parts.append(reader.part(draft.piece.inside(start, stop, f"bytes at {start}", Role.FILE)))
    for trace in draft.traces:
        draft.opaque(sum(a.end - a.start for a in trace.arrays if not a.nested))
        for found in trace.globals:
            if found.name.rpartition(".")[2] in ("NDArrayWrapper", "ZNDArrayWrapper") and "numpy_pickle" in found.module:
                draft.anomaly(PartAnomaly.EXTERNAL_FILE, found.offset, "joblib.load reads the arrays of this object from files that it names")
    size = len(draft.piece.data)
    if last.ending is Ending.STOP:
        reader.remainder(draft, last.end, "the last pickle")
    elif last.ending is Ending.LIMIT:
        draft.opaque(max(size - last.end, 0))
    else:
        draft.leave(min(last.end, size), size)
    return kind
