"""Files that stand for others which are not here: Git LFS and DVC pointers. What they stand for is not examined, and somebody should know."""

from __future__ import annotations

import os
import re

from aisecops.core.examination import Code, NotExamined
from aisecops.core.text import inert, inert_path

_LFS = b"version https://git-lfs.github.com/spec/v1"
_LFS_MAX = 1024
_LFS_SIZE = rb"(?m)^size ([0-9]{1,18})$"
_DVC_OUTPUTS = r"(?m)^outs:[ \t]*\r?\n(?:[ \t-].*\n?)+"
_DVC_PATH = r"(?m)^[ \t]*(?:-[ \t]+)?path:([^\n]*)"


def missing_content(path: str, location: str, head: bytes, size: int) -> NotExamined | None:
    """Return what is to be said of the file at ``location`` (``path`` in the record) if it is a pointer whose content is not here."""
    if size <= _LFS_MAX and head.startswith(_LFS):
        length = re.search(_LFS_SIZE, head)
        reason = f"a Git LFS pointer: the content{f' ({int(length[1]):,} bytes)' if length else ''} has not been fetched"
        return NotExamined(code=Code.UNREADABLE, reason=reason, remedy=f"git lfs pull --include={_quoted(path)}", path=path)
    if location.endswith(".dvc") and size <= len(head):
        return _dvc(path, location, head.decode("utf-8", "replace"))
    return None


def _dvc(path: str, location: str, text: str) -> NotExamined | None:
    """A DVC file names its outputs; those that are there are found as themselves."""
    outputs = re.search(_DVC_OUTPUTS, text)
    if outputs is None:
        return None
    folder = os.path.dirname(location)
    names = [name.strip(" \t\r'\"") for name in re.findall(_DVC_PATH, outputs[0])] or [os.path.basename(location).removesuffix(".dvc")]
    missing = [name for name in names if "\x00" not in name and not os.path.lexists(os.path.join(folder, name))]
    if not missing:
        return None
    reason = f"a DVC pointer: {', '.join(inert(name, 80) for name in missing[:3])} has not been fetched"
    return NotExamined(code=Code.UNREADABLE, reason=reason, remedy=f"dvc pull {_quoted(path)}", path=path)


def _quoted(path: str) -> str:
    """``path`` as a shell takes it: people paste remedies, and the name may be an attacker's."""
    from shlex import quote

    return quote(inert_path(path))
