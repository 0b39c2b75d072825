"""Concerns: what speaks against loading a file."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from aisecops.core.asset import FileVerdict
from aisecops.core.settings import Operation


class ConcernKind(StrEnum):
    """What sort of concern it is; each has a check of its own."""

    CODE_EXECUTION = "code-execution"
    """Loading runs a callable that is not allowed for that operation."""
    STORED_CALLABLE = "stored-callable"
    """The file names a callable that is not allowed even as a reference: whoever uses the loaded object may run it."""
    COMPUTED_CALLABLE = "computed-callable"
    """What runs is decided while loading: a computed name, or a call of what an earlier call returned."""
    UNKNOWN_CALLABLE = "unknown-callable"
    """A callable of a package that the table does not know."""
    FUNCTION_BY_VALUE = "function-by-value"
    """A function or class that travels as byte code inside the file."""
    LOADER_SUPPLIED = "loader-supplied"
    """An object that the loading process supplies: persistent ids outside their loader, extension codes, out-of-band buffers."""
    PARSER_DISAGREEMENT = "parser-disagreement"
    """Two readers of the same bytes see different contents."""
    PATH_ESCAPE = "path-escape"
    """Unpacking writes outside its folder."""
    FILE_OPERATOR = "file-operator"
    """Code inside the model reads or writes files when it runs."""
    RESOURCE_BOMB = "resource-bomb"
    """Unpacked size out of proportion."""
    UNACCOUNTED_BYTES = "unaccounted-bytes"
    """Bytes that belong to nothing."""
    MISLABELLED = "mislabelled"
    """The name promises another format than the content."""


class Concern(msgspec.Struct, frozen=True, kw_only=True):
    """One concern at one place.

    ``verdict`` is what it makes of the file. ``part`` and ``offset`` say where. For callables: ``callable`` is the name as the stream has it, ``detail`` the
    operation as text ("posix.system('id')"), ``rule`` and ``reason`` the table's ruling.
    """

    kind: ConcernKind
    verdict: FileVerdict
    part: tuple[str, ...]
    reason: str
    offset: int | None = None
    callable: str = ""
    operation: Operation | None = None
    count: int = 1
    rule: str = ""
    detail: str = ""
