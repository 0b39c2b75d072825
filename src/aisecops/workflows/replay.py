"""What fooled a model before is tried first on its next version: kept by the model's name between runs.

A run that finds such a file names its digest among the facts of the model, for it is an input like the test data.
"""

from __future__ import annotations

import os

import msgspec

from aisecops.checks.model.showing import ROLE
from aisecops.core.digest import digest
from aisecops.core.run import Run
from aisecops.pipeline.attachments import keep
from aisecops.project.state import ATTACHMENTS, EVASIONS

_ENDINGS = {"application/x-npz": ".npz", "application/json": ".json"}
"""By type: arrays of numbers and images, and texts."""


class Evasions(msgspec.Struct, frozen=True):
    """A kept file, and its digest."""

    path: str
    digest: str


def evasions_of(state: str | None, model: str, *, texts: bool) -> Evasions | None:
    """Return what is kept for ``model``, which is asked about texts or about numbers; None if there is nothing."""
    path = _path(state, model, ".json" if texts else ".npz") if state else ""
    try:
        with open(path, "rb") as file:
            return Evasions(path, digest(file.read()))
    except OSError:
        return None


def keep_evasions(run: Run, state: str) -> None:
    """Keep the adversarial examples of ``run`` for the next one, in the place of the earlier."""
    kept = {attachment.id: attachment for attachment in run.attachments if attachment.role == ROLE and attachment.media_type in _ENDINGS}
    names = {asset.id: asset.facts.get("name", "") for asset in run.assets}
    for measurement in run.measurements:
        for attachment in (kept[name] for name in measurement.attachments if name in kept):
            source = os.path.join(state, ATTACHMENTS, os.path.basename(attachment.path))
            _replace(source, _path(state, names[measurement.assets[0]], _ENDINGS[attachment.media_type]))


def _replace(source: str, target: str) -> None:
    try:
        with open(source, "rb") as file:
            data = file.read()
    except OSError:
        return
    if os.path.exists(target):
        os.unlink(target)
    keep(target, data)


def _path(state: str, model: str, ending: str) -> str:
    return os.path.join(state, EVASIONS, digest(model.encode()).removeprefix("sha256:") + ending)
