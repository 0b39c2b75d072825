"""From an honest model's bytes to the uses of callables in it, and to a compact form of them that is committed and judged again without the library.

A *use* in compact form is ``[operation, module, name, arguments, maker]``: the callable that is used (``"", ""`` for what an earlier use made), its positional
arguments where they matter (``[kind, text or [module, name]]``), and the use that made the object (an index into the same list), if any.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import zlib
from collections.abc import Iterable, Iterator
from typing import Any
from zipfile import ZipFile

from aisecops.core.settings import Operation
from aisecops.formats.pickle.trace import Argument, Ending, Global, Trace, Use
from aisecops.formats.pickle.walk import walk
from aisecops.knowledge.callables import Table

Compact = list[Any]
_TABLE = Table()
_LONGEST = 60
"""Characters of a text argument that are kept: names are shorter, and contents do not matter."""


def streams(kind: str, data: bytes) -> Iterator[Trace]:
    """The pickle streams of a model, walked. ``kind`` as ``library_models`` gives it."""
    if kind == "joblib":
        yield _walk(_unpacked(data), joblib=True)
    elif kind == "torch" and data.startswith(b"PK"):
        archive = ZipFile(io.BytesIO(data))
        yield _walk(archive.read(next(name for name in archive.namelist() if name.endswith("/data.pkl"))))
    else:
        start = 0
        for _ in range(5 if kind == "torch" else 1):  # torch's legacy format: magic number, protocol, system, the object, storage keys
            trace = _walk(data, start)
            start = trace.end
            yield trace


def _walk(data: bytes, start: int = 0, *, joblib: bool = False) -> Trace:
    trace = walk(data, start, joblib=joblib, keep_arguments=_TABLE.wants_arguments)
    assert trace.ending is Ending.STOP, trace.error
    return trace


def _unpacked(data: bytes) -> bytes:
    """What is inside joblib's compressed stream."""
    if data.startswith(b"\x04\x22\x4d\x18"):
        import lz4.frame

        return bytes(lz4.frame.decompress(data))
    for magic, decompress in (
        (b"\x1f\x8b", gzip.decompress),
        (b"BZh", bz2.decompress),
        (b"\xfd7zXZ", lzma.decompress),
        (b"\x5d\0\0", lzma.decompress),
        (b"\x78", zlib.decompress),
    ):
        if data.startswith(magic):
            return decompress(data)
    return data


def compact(traces: Iterable[Trace]) -> list[Compact]:
    """The uses of all streams of a model."""
    found: list[Compact] = []
    for trace in traces:
        base = len(found)
        for use in trace.uses:
            module, name = trace.globals[use.callee].resolved if use.callee >= 0 else ("", "")
            arguments = None if use.arguments is None else [_argument(trace, argument) for argument in use.arguments]
            found.append([use.operation.value, module, name, arguments, base + use.origin if use.origin >= 0 else None])
    return found


def _argument(trace: Trace, argument: Argument) -> list[Any]:
    if argument.kind == "global":
        return ["global", list(trace.globals[argument.index].resolved)]
    return [argument.kind, argument.text[:_LONGEST]] if argument.kind == "text" else [argument.kind]


def restored(uses: list[Compact]) -> Trace:
    """A trace with these uses, for the judgement."""
    names: dict[tuple[str, str], int] = {}

    def index(module: str, name: str) -> int:
        return names.setdefault((module, name), len(names))

    def argument(kind: str, value: Any = "") -> Argument:
        return Argument(kind, index=index(*value)) if kind == "global" else Argument(kind, text=value)

    restored_uses = [
        Use(
            operation=Operation(operation), callee=index(module, name) if module else -1, offset=number, count=1, origin=-1 if maker is None else maker,
            arguments=None if arguments is None else tuple(argument(*a) for a in arguments),
        )
        for number, (operation, module, name, arguments, maker) in enumerate(uses)
    ]  # fmt: skip
    globals_ = tuple(Global(module, name, 0, "STACK_GLOBAL", 4, (module, name)) for module, name in names)
    return Trace(start=0, end=1, ending=Ending.STOP, globals=globals_, uses=tuple(restored_uses))


def packed(models: dict[str, list[Compact]], releases: dict[str, str]) -> str:
    """JSON with each distinct use once (its maker as an index before it) and each distinct set of uses once, with the labels of the models that have it."""
    rows: dict[str, int] = {}
    sets: dict[tuple[int, ...], list[str]] = {}
    for label, uses in sorted(models.items()):
        known: list[int] = []
        for operation, module, name, arguments, maker in uses:
            row = json.dumps([operation, module, name, arguments, None if maker is None else known[maker]], separators=(",", ":"))
            known.append(rows.setdefault(row, len(rows)))
        sets.setdefault(tuple(sorted(set(known))), []).append(label)
    models_ = ",\n".join(f"[{json.dumps(labels)},{json.dumps(chosen, separators=(',', ':'))}]" for chosen, labels in sets.items())
    return f'{{"releases":{json.dumps(releases)},"uses":[\n' + ",\n".join(rows) + f'\n],"models":[\n{models_}\n]}}\n'


def unpacked(text: str) -> dict[str, list[Compact]]:
    """The uses of each distinct set, by the label of the first model that has it."""
    kept = json.loads(text)
    models: dict[str, list[Compact]] = {}
    for labels, chosen in kept["models"]:
        place = {row: position for position, row in enumerate(chosen)}
        models[labels[0]] = [[*use[:4], None if use[4] is None else place[use[4]]] for use in (kept["uses"][row] for row in chosen)]
    return models
