"""What a project may say about how its assets are examined (sections of ``aisecops.yaml``)."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Operation(StrEnum):
    """What a pickle does with a callable. Each is a permission of its own.

    ``reference``: names it (the module is imported; the object is stored or passed on). ``call``: REDUCE, INST, OBJ with any callable: runs it with the file's
    arguments. ``instantiate``: NEWOBJ: runs ``cls.__new__``. ``state``: BUILD: runs ``__setstate__`` or writes attributes. ``items``: APPEND(S), SETITEM(S),
    ADDITEMS on an object that a callable made: runs its ``append``/``extend``/``__setitem__``/``add``.
    """

    REFERENCE = "reference"
    CALL = "call"
    INSTANTIATE = "instantiate"
    STATE = "state"
    ITEMS = "items"


class AllowedCallable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A callable that this project trusts model files to use: exact dotted name, operations, and who answers for it until when (ISO date)."""

    callable: str
    operations: tuple[Operation, ...]
    owner: str
    reason: str
    expires: str


class ModelFileSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """The ``model-files`` section. Expired entries of ``allow`` are taken out (and reported) before any check sees them."""

    allow: tuple[AllowedCallable, ...] = ()


class LibraryText(msgspec.Struct, frozen=True, kw_only=True):
    """A file in which a project says what its own wrappers and libraries do, read already: what a check may say depends on the content, not on the name."""

    path: str
    text: str


class CodeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The ``code`` section as checks see it: the files that it names, and whether suppressions in comments count."""

    libraries: tuple[LibraryText, ...] = ()
    suppressions: bool = True


class SecretSettings(msgspec.Struct, frozen=True, kw_only=True):
    """With what the hashes of secrets are salted, so that two projects' records do not tell of a secret that both have: the project's name."""

    salt: str = ""
