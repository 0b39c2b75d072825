"""What a pickle stream would do: the result of walking it.

A trace speaks only of what the stream says. Whether a callable may be used that way is for the table of callables to say.
"""

from __future__ import annotations

from enum import StrEnum
from mmap import mmap

import msgspec

from aisecops.core.settings import Operation

Buffer = bytes | bytearray | memoryview | mmap
"""What a stream is read from."""


OUT_OF_MEMORY = "stack and memo take more than"
"""How the error of a walk begins that would have gone on with more memory."""


class Ending(StrEnum):
    """How the walk ended."""

    STOP = "stop"
    """A STOP opcode: the load returns."""
    TRUNCATED = "truncated"
    """The bytes end inside the stream: the load raises after everything recorded has run."""
    MALFORMED = "malformed"
    """An opcode that every unpickler refuses at that point (unknown, stack underflow, missing memo entry): the load raises after everything recorded has run."""
    LIMIT = "limit"
    """We stopped before a real unpickler would (budget of memory or opcodes)."""


class StreamAnomaly(StrEnum):
    """What is wrong or unknowable about a stream, apart from the callables that it names."""

    COMPUTED_NAME = "computed-name"
    """STACK_GLOBAL whose module or name is not a literal of the stream: nobody can tell what it imports."""
    FRAME_DISAGREEMENT = "frame-disagreement"
    """Frames that readers treat differently (an argument across a frame end, nested frames, a frame longer than the data): one sees another program than the other."""
    TEXT_DISAGREEMENT = "text-disagreement"
    """A text argument or opcode that unpicklers accept differently."""
    EXTENSION_CODE = "extension-code"
    """EXT1/2/4: names a callable by a number of a registry that lives in the loading process."""
    PERSISTENT_ID = "persistent-id"
    """PERSID/BINPERSID: an object that the loader supplies."""
    OUT_OF_BAND_BUFFER = "out-of-band-buffer"
    """NEXT_BUFFER: bytes that the loader supplies."""
    FALSE_DTYPE = "false-dtype"
    """A data type of numpy that contradicts itself: bytes of the file would be read as addresses of objects, or raw data as a pickle."""
    EXTERNAL_FILE = "external-file"
    """An array wrapper of joblib before 0.10: loading opens another file by a name that stands in the stream."""


class Global(msgspec.Struct, frozen=True):
    """A callable that the stream names.

    ``module`` and ``name`` are as the stream has them (``name`` may be dotted). ``protocol`` is the protocol in force at that opcode: below 3, unpicklers
    with ``fix_imports`` (the default) map Python 2 names, and ``resolved`` gives what they import; otherwise it equals ``(module, name)``.
    """

    module: str
    name: str
    offset: int
    opcode: str
    protocol: int
    resolved: tuple[str, str]


class Argument(msgspec.Struct, frozen=True):
    """A positional argument, as far as the stream alone tells.

    ``kind``: ``text`` (a literal string, in ``text``), ``number``/``data`` (a literal or a container made of literals), ``bytes`` (a literal long enough to be a
    file; ``index`` is the offset of its opcode), ``global`` (``index`` into ``Trace.globals``), ``result`` (``index`` into ``Trace.uses``: what that use made),
    ``unknown``.
    """

    kind: str
    text: str = ""
    index: int = -1


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """An operation on a callable, or on what a callable made.

    ``callee`` indexes ``Trace.globals``; -1 is a callable that the stream computes (the result of a call, something the loader supplies).
    ``origin`` (STATE, ITEMS, computed calls) indexes the use that made the object; -1 with STATE or ITEMS means that the operation hits the callable itself
    (``callee``) or, where ``callee`` is -1 too, something of unknown making.
    ``arguments`` are known where the stream builds the argument tuple right before the call and the walk was told to keep them; otherwise None. With
    STATE they are None but where the state is no container or literal of the stream.
    Equal uses are recorded once: ``offset`` is the first of ``count``.
    """

    operation: Operation
    callee: int
    offset: int
    count: int
    origin: int = -1
    arguments: tuple[Argument, ...] | None = None


class RawArray(msgspec.Struct, frozen=True):
    """Array data that joblib keeps raw inside the stream: opaque bytes [start, end), or a nested pickle at ``start`` for object arrays (``nested``)."""

    start: int
    end: int
    dtype: str
    nested: bool = False


class PersistentId(msgspec.Struct, frozen=True):
    """An id that the loader resolves: its items where the stream builds a tuple right before (torch: 'storage', class, key, location, number)."""

    offset: int
    items: tuple[Argument, ...] | None


class Anomaly(msgspec.Struct, frozen=True):
    """A ``StreamAnomaly`` at a byte offset, with the detail in words (inert)."""

    kind: StreamAnomaly
    offset: int
    detail: str


class State(msgspec.Struct, frozen=True):
    """The state that an instance of a class is given.

    ``items``: its keys, each with the value if that is a text of a name's length; None where the keys are not known for certain. ``empty``: those whose value is
    ``None``.
    """

    module: str
    name: str
    items: tuple[tuple[str, str | None], ...] | None
    empty: frozenset[str] = frozenset()


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """One stream from its first opcode to its end. Offsets are relative to the buffer that was walked."""

    start: int
    end: int
    ending: Ending
    error: str = ""
    protocol: int = 0
    opcodes: int = 0
    globals: tuple[Global, ...] = ()
    uses: tuple[Use, ...] = ()
    anomalies: tuple[Anomaly, ...] = ()
    arrays: tuple[RawArray, ...] = ()
    read: tuple[tuple[int, int], ...] = ()
    """Where numbers stand that say what a data type is: all else that is no name, text or length, the walk has skipped."""
    persistent_ids: tuple[PersistentId, ...] = ()
    hooks: tuple[str, ...] = ()
    """Special methods that the stream names as text, looked for where it builds classes by value."""
    states: tuple[State, ...] | None = None
    """The states of instances of classes that run a text of their state; None where nobody asked, or where they cannot be told (``states``)."""
    details: dict[int, str] = {}
    """Use offset to the operation as text, for the uses that somebody asked about (``describe``)."""
