"""Attachments that may be shown: pictures and texts of the run, never the sensitive ones, and only if they still are what the record says they are."""

from __future__ import annotations

import base64
from typing import Any

from aisecops.core.run import Run
from aisecops.report.html.kept import Kept

_PICTURES = frozenset({"image/png", "image/svg+xml"})
_TEXTS = frozenset({"application/json", "text/plain"})
_LARGEST = 2 << 20
_IN_ALL = 16 << 20


def exhibits(run: Run) -> dict[str, dict[str, Any]]:
    """Return what to show of the attachments, by id: a ``picture`` (a ``data:`` address; scripts in an SVG do not run in an image) or the ``lines`` of a text.

    A record can come from anywhere, so its paths are hostile: a file is read only below the first root, and shown only if size and digest are those of the
    record. What is left out stays named in the report.
    """
    shown: dict[str, dict[str, Any]] = {}
    kept = Kept(run.run.roots[:1], _IN_ALL)
    for attachment in run.attachments:
        if attachment.sensitive or attachment.media_type not in _PICTURES | _TEXTS or attachment.size > _LARGEST:
            continue
        data = kept.read(attachment.path, attachment.digest, attachment.size)
        if data is not None:
            shown[attachment.id] = _exhibit(attachment.media_type, data)
    return shown


def _exhibit(media_type: str, data: bytes) -> dict[str, Any]:
    if media_type in _PICTURES:
        return {"picture": f"data:{media_type};base64,{base64.b64encode(data).decode()}"}
    return {"lines": data.decode("utf-8", "backslashreplace").splitlines()}
