"""Names as unpicklers read them: string literals, and the renaming of Python 2 modules."""

from __future__ import annotations

from aisecops.formats.pickle.opcodes import COUNTED, line_end
from aisecops.formats.pickle.trace import Buffer

_STRING_OPCODES = frozenset({0x53, 0x54, 0x55})
"""STRING, BINSTRING, SHORT_BINSTRING: 8-bit strings of Python 2, decoded by the ``encoding`` that the loader chooses."""
BYTES_OPCODES = frozenset({0x42, 0x43, 0x8E})
"""BINBYTES, SHORT_BINBYTES, BINBYTES8: no text under any ``encoding``."""
LONGEST = 1 << 12
"""Bytes of the longest literal that is decoded: longer ones are no name that anything could import, and no argument that a rule could ask about."""


def literal(data: Buffer, at: int, end: int) -> str | None:
    """Return the text of the string literal whose opcode is at ``at``; None where it is bytes, too long, malformed, or depends on the loader's ``encoding``."""
    op = data[at]
    if op == 0x8C:  # SHORT_BINUNICODE, as nearly all names are written
        start = at + 2
        stop = start + data[at + 1]
    elif op in BYTES_OPCODES:
        return None
    elif op in COUNTED:
        start, stop = extent(data, at)
    else:
        start, stop = at + 1, line_end(data, at + 1) - 1
    if stop < start or stop > end or stop - start > LONGEST:
        return None
    raw = bytes(data[start:stop])
    try:
        if op in _STRING_OPCODES:
            return (_unquoted(raw) if op == 0x53 else raw).decode("ascii")
        return raw.decode("raw-unicode-escape") if op == 0x56 else raw.decode("utf-8", "surrogatepass")
    except ValueError:
        return None


def extent(data: Buffer, at: int) -> tuple[int, int]:
    """Where the content of the counted literal begins and ends whose opcode is at ``at``."""
    start = at + 1 + COUNTED[data[at]]
    return start, start + int.from_bytes(data[at + 1 : start], "little")


def _unquoted(raw: bytes) -> bytes:
    """The bytes that a STRING argument stands for. Raises ``ValueError`` where unpicklers do."""
    if len(raw) < 2 or raw[0] != raw[-1] or raw[:1] not in (b"'", b'"'):
        raise ValueError("not quoted")
    inner = raw[1:-1]
    if b"\\" not in inner:
        return inner
    from _codecs import escape_decode
    from warnings import catch_warnings, simplefilter

    with catch_warnings():
        simplefilter("ignore")  # an unknown escape is kept as it is, with a DeprecationWarning
        return escape_decode(inner)[0]


def resolve(module: str, name: str, protocol: int) -> tuple[str, str]:
    """Return what ``find_class`` imports for ``module`` and ``name``: below protocol 3 it maps Python 2 names (``fix_imports``, on by default)."""
    if protocol >= 3:
        return module, name
    from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING

    return NAME_MAPPING.get((module, name)) or (IMPORT_MAPPING.get(module, module), name)
