"""Which Croissant document speaks of which data set: one beside the data, or in a folder above it within the tree."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from aisecops.codebase.repository import read_small
from aisecops.core.asset import AssetKind
from aisecops.core.text import inert_path
from aisecops.datasets.croissant.reading import MAX_BYTES, CroissantError, Described, Document, is_croissant, parse
from aisecops.project.found import Found

_NAMES = re.compile(r"(?i)(?:.*croissant.*\.json|.*\.jsonld|.*\.json-ld|metadata\.json)")
_MOST = 16
"""Documents of one folder that are read."""


def descriptions(found: Sequence[Found]) -> dict[str, Described]:
    """Return what documents say of the data sets among ``found``, by their paths; the nearest document that speaks of a file counts."""
    folders: dict[str, list[Document | Described]] = {}
    said = {}
    for item in found:
        if item.kind is AssetKind.DATA_SET and (told := _of(item, folders)) is not None:
            said[item.path] = told
    return said


def _of(item: Found, folders: dict[str, list[Document | Described]]) -> Described | None:
    folder, _, inner = item.location.rpartition(os.sep)
    broken = None
    for _ in range(item.path.count("/") + 1):
        if folder not in folders:
            folders[folder] = _documents(folder)
        for document in folders[folder]:
            if isinstance(document, Described):
                broken = broken or document
            elif (told := document.describe(inner)) is not None:
                return told
        folder, _, name = folder.rpartition(os.sep)
        inner = f"{name}/{inner}"
        if not folder:
            break
    return broken


def _documents(folder: str) -> list[Document | Described]:
    try:
        names = sorted(name for name in os.listdir(folder) if _NAMES.fullmatch(name))
    except OSError:
        return []
    read: list[Document | Described] = []
    for name in names[:_MOST]:
        path = os.path.join(folder, name)
        if os.path.islink(path):  # it may lead out of the tree
            continue
        data = read_small(path, MAX_BYTES).encode("utf-8", "surrogateescape")
        if not is_croissant(data):
            continue
        try:
            read.append(parse(data, name))
        except CroissantError as wrong:
            read.append(Described(document=inert_path(name), problem=wrong.what))
    return read
