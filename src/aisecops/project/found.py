"""What a search of a tree comes back with."""

from __future__ import annotations

import msgspec

from aisecops.core.asset import AssetKind
from aisecops.core.examination import Code, LeftOut, NotExamined
from aisecops.core.run import Root
from aisecops.core.text import inert_path
from aisecops.formats.artifact import Format

MAX_LEFT_OUT = 200


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """An asset in the file system.

    ``path`` names it in the record: relative to the first root that holds it, with ``/``, inert, and unique within the search. ``location`` is the absolute
    real path where this process opens it; it may hold undecodable bytes (``surrogateescape``) and is a folder for hub folders and folders of pictures.
    ``size`` is in bytes; ``format`` is known for model files that content gives away; ``declared``: the manifest names it, and ``role`` is what it says that it is
    for; ``digest`` (of the content, ``sha256:...``) is known where recognising the file has read all of it.
    """

    path: str
    location: str
    kind: AssetKind
    size: int
    format: Format | None = None
    declared: bool = False
    role: str = ""
    digest: str = ""


class Discovery(msgspec.Struct, frozen=True, kw_only=True):
    """All assets of the roots in stable order, and an account of what is not among them."""

    roots: tuple[Root, ...]
    found: tuple[Found, ...]
    not_examined: tuple[NotExamined, ...]
    left_out: tuple[LeftOut, ...]


class Ledger:
    """Collects what a search meets. Places are relative paths as the file system has them; they are made inert here."""

    def __init__(self) -> None:
        self.found: list[Found] = []
        self.not_examined: list[NotExamined] = []
        self._left_out: dict[tuple[str, str], int] = {}

    def skip(self, path: str, code: Code, reason: str, remedy: str = "") -> None:
        """Note that the file or folder at ``path`` is in scope and could not be looked at."""
        self.not_examined.append(NotExamined(code=code, reason=reason, remedy=remedy, path=inert_path(path) or "."))

    def leave_out(self, path: str, reason: str) -> None:
        """Note that a rule keeps ``path`` out of scope; equal ones are counted together."""
        key = (inert_path(path) or ".", reason)
        self._left_out[key] = self._left_out.get(key, 0) + 1

    def left_out(self) -> tuple[LeftOut, ...]:
        """What was left out, in order; beyond ``MAX_LEFT_OUT`` places the rest is one line."""
        listed = [LeftOut(path=path, reason=reason, count=count) for (path, reason), count in sorted(self._left_out.items())]
        rest = listed[MAX_LEFT_OUT - 1 :]
        if len(rest) > 1:
            listed[MAX_LEFT_OUT - 1 :] = [
                LeftOut(path=".", reason=f"{len(rest)} more places, for reasons like these", count=sum(item.count for item in rest))
            ]
        return tuple(listed)
