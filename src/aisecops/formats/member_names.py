"""Names of members: what they are as text, and whether unpacking them would leave the folder."""

from __future__ import annotations

import re

_DRIVE = re.compile(r"[A-Za-z]:")


def decoded(name: bytes) -> str:
    """Return ``name`` as text: UTF-8, with other bytes escaped."""
    return name.decode("utf-8", "backslashreplace")


def escapes(name: str, *, at: str = "") -> bool:
    """Tell whether unpacking writes outside: an absolute path, a drive, or more ``..`` than folders. ``at`` is the link that points to ``name``."""
    if "." not in name and "/" not in name and "\\" not in name and ":" not in name:
        return False
    path = name.replace("\\", "/")
    if path.startswith("/") or _DRIVE.match(path):
        return True
    if ".." not in path:
        return False
    depth = at.replace("\\", "/").strip("/").count("/")
    for step in path.split("/"):
        depth += -1 if step == ".." else step not in ("", ".")
        if depth < 0:
            return True
    return False
