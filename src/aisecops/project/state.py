"""Where a project keeps its manifest and its state."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence

from aisecops.project.commit import repository_above

MANIFEST_NAME = "aisecops.yaml"
STATE_NAME = ".aisecops"
ATTACHMENTS = "attachments"
"""The folder in it for files that belong to runs."""
EVASIONS = "evasions"
"""The folder in it for what fooled a model before."""
_KEPT = {ATTACHMENTS: (".json", ".npz", ".parquet", ".png", ".svg", ".txt"), EVASIONS: (".npz",)}


def find_manifest(paths: Sequence[str]) -> str | None:
    """Return the manifest that governs ``paths``: in the nearest folder from the first path up to the root of its repository.

    Outside a repository the search ends at the current folder, if it holds the path, and at the path's own folder otherwise: the ``/tmp/aisecops.yaml`` of
    another user must not govern our scan.
    """
    for folder in _project_folders(_first_folder(paths)):
        manifest = os.path.join(folder, MANIFEST_NAME)
        if os.path.lexists(manifest):
            return manifest
    return None


def state_folder(paths: Sequence[str], untrusted: bool) -> str | None:
    """Return the ``.aisecops`` folder for a run on ``paths``, made if need be; None where there can be none.

    It is in the nearest folder, searched as the manifest is, that has a manifest, a state folder or a repository; else in the first path if that is a folder;
    else in the current folder. In an untrusted tree nothing is kept; a link, or a folder of somebody else's, is not used: results read from it could be forged.
    """
    if untrusted:
        return None
    start = _first_folder(paths)
    marks = (MANIFEST_NAME, STATE_NAME, ".git")
    home = next((folder for folder in _project_folders(start) if any(os.path.lexists(os.path.join(folder, mark)) for mark in marks)), "")
    if not home:
        home = start if paths and os.path.isdir(paths[0]) else os.path.realpath(".")
    return _own_folder(os.path.join(home, STATE_NAME))


def _first_folder(paths: Sequence[str]) -> str:
    real = os.path.realpath(paths[0] if paths else ".")
    return real if os.path.isdir(real) else os.path.dirname(real)


def _project_folders(start: str) -> Iterator[str]:
    """Yield the folders that may belong to the project of ``start``, from ``start`` up."""
    here = os.path.realpath(".")
    top = repository_above(start) or (here if os.path.join(start, "").startswith(os.path.join(here, "")) else start)
    folder = start
    while True:
        yield folder
        above = os.path.dirname(folder)
        if folder in (top, above):
            return
        folder = above


def _own_folder(folder: str) -> str | None:
    """Make ``folder`` with its own ``.gitignore``; None if it is not ours to write to."""
    try:
        os.makedirs(folder, mode=0o777, exist_ok=True)
        status = os.lstat(folder)
        if not stat.S_ISDIR(status.st_mode) or (hasattr(os, "geteuid") and status.st_uid != os.geteuid()):
            return None
        marker = os.path.join(folder, ".gitignore")
        if not os.path.lexists(marker):
            with open(marker, "x", encoding="ascii") as file:
                file.write("*\n")
    except FileExistsError:  # a file of that name, or another process that was quicker with the marker
        return folder if os.path.isdir(folder) else None
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def holds_only_state(folder: str) -> bool:
    """Whether a ``.aisecops`` folder holds nothing but what we keep in it: a model hidden there is then none that a report passes over."""
    try:
        return all(_is_ours(folder, name) for name in os.listdir(folder))
    except OSError:
        return False


def _is_ours(folder: str, name: str) -> bool:
    if name in (ATTACHMENTS, EVASIONS):
        endings = _KEPT[name]
        return all(_named_by_digest(kept) and kept.endswith(endings) for kept in os.listdir(os.path.join(folder, name)))
    return name == ".gitignore" or name.startswith("state.sqlite")


def _named_by_digest(name: str) -> bool:
    stem = name.partition(".")[0]
    return len(stem) == 64 and not stem.strip("0123456789abcdef")
