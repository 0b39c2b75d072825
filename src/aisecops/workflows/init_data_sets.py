"""The data sets of a new manifest: what each is for, and its columns, as a scan without a manifest takes them; here people can correct it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from aisecops.core.asset import AssetKind
from aisecops.core.errors import UserError
from aisecops.datasets.delimited import TABLES
from aisecops.datasets.parts import parts_of
from aisecops.datasets.roles import NO_ROLES, ColumnRoles
from aisecops.project.data_sets import guessed_role
from aisecops.project.found import Found

_MOST = 20
"""Data sets that are listed: a file that nobody reads corrects nothing."""
_LONGEST_NAME = 80


def data_set_entries(found: Sequence[Found]) -> str:
    """Return commented entries for the data sets among ``found``: those with a role first, and with columns whose names speak."""
    here = [item for item in found if item.kind is AssetKind.DATA_SET and is_plain(item.path)]
    listed = sorted(here, key=lambda item: not guessed_role(item.path))[:_MOST]
    lines = [line for item in listed for line in _entry(item.path, guessed_role(item.path), columns_of(item.location))]
    if not listed:
        lines = list(_entry("data/train.csv", "train", NO_ROLES))
    if len(here) > len(listed):
        lines.append(f"#  # ... and {len(here) - len(listed):,} more data sets")
    return "\n".join(lines)


def columns_of(location: str) -> ColumnRoles:
    """Return what the columns of the table at ``location`` are for, as far as names and cells tell; no roles where it is no table, or cannot be read."""
    if not location.lower().endswith((*TABLES, ".json")) and parts_of(location) is None:
        return NO_ROLES
    try:
        from aisecops.datasets.role_values import roles_of
        from aisecops.datasets.sources import explained
        from aisecops.datasets.written import open_written

        with explained(location):
            frame = open_written(location)
            return roles_of(frame, frame.collect_schema().names())
    except (UserError, ModuleNotFoundError):
        return NO_ROLES


def is_plain(path: str) -> bool:
    """Tell whether ``path`` can stand in a manifest as it is."""
    return path.isascii() and "\\" not in path and path != "."


def quoted(text: str) -> str:
    """Return ``text`` as YAML and JSON both read it back."""
    return msgspec.json.encode(text).decode()


def _entry(path: str, role: str, columns: ColumnRoles) -> Iterator[str]:
    yield f"#  - path: {quoted(path)}"
    yield f"#    kind: {AssetKind.DATA_SET}"
    if role:
        yield f"#    role: {role}"
    for what, name in columns.named().items():
        if name.isprintable() and len(name) <= _LONGEST_NAME:  # a line break of Unicode would begin a line of its own
            yield f"#    {what}: {quoted(name)}"
