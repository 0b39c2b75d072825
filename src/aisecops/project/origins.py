"""Which documents speak of the licence and origin of which data set: those beside it, and those above it that name data as their subject."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Sequence

from aisecops.codebase.repository import read_small
from aisecops.core.asset import AssetKind
from aisecops.datasets.origin_documents import Stated, stated
from aisecops.project.found import Found

_NAMES = re.compile(
    r"(?i)(?:readme|data(?:set)?[-_]?card|data[-_]?sheet|data[-_]?statement)(?:\.(?:md|txt|rst))?|(?:index|dataset|about)\.html?|.*\.(?:jsonld|json-ld|ttl|rdf|n3)|(?:data-?package|dataset|metadata|dataset[-_]metadata|dataset_infos?"
    r"|\.?zenodo|datacite|dcat|schema)\.json|datacite\.xml|citation\.cff|(?:un)?licen[cs]e(?:[-_.]\w+)?(?:\.(?:md|txt))?|copying(?:\.txt)?"
)
_PROGRAM = re.compile(
    r"(?i)pyproject\.toml|setup\.(?:py|cfg)|package\.json|cargo\.toml|go\.mod|pom\.xml|.*\.(?:py|ipynb|r|js|ts|java|go|rs|cpp|jl)|requirements.*\.txt"
)
_MOST, _MAX_BYTES = 24, 1 << 20
"""Documents of one folder that are read, and how large they may be."""


def origins(found: Sequence[Found], wanted: Collection[str]) -> dict[str, tuple[Stated, ...]]:
    """Return what documents say of the data sets among ``found`` whose paths are ``wanted``, the nearest first."""
    folders: dict[str, tuple[list[tuple[str, str]], bool]] = {}
    data = [item for item in found if item.kind is AssetKind.DATA_SET and item.path in wanted]
    return {item.path: told for item in data if (told := tuple(_of(item, folders)))}


def _of(item: Found, folders: dict[str, tuple[list[tuple[str, str]], bool]]) -> list[Stated]:
    folder, _, inner = item.location.rpartition(os.sep)
    told: list[Stated] = []
    for level in range(item.path.count("/") + 1):
        if folder not in folders:
            folders[folder] = _read(folder)
        documents, program = folders[folder]
        for name, text in documents:
            said = stated(name, text, beside=not level and not program, data=inner)
            told += [said] if said else []
        folder, _, name = folder.rpartition(os.sep)
        inner = f"{name}/{inner}"
        if not folder:
            break
    return told


def _read(folder: str) -> tuple[list[tuple[str, str]], bool]:
    """Return the documents of a folder with their texts, and whether it holds a program."""
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return [], False
    kept = [name for name in names if _NAMES.fullmatch(name) and not os.path.islink(os.path.join(folder, name))][:_MOST]
    return [(name, read_small(os.path.join(folder, name), _MAX_BYTES)) for name in kept], any(_PROGRAM.fullmatch(name) for name in names)
