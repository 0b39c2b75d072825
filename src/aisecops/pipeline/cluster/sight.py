"""Whether this machine sees the file that the command means. A cluster shares a file system, or it does not examine what it cannot see."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from aisecops.core.asset import Asset, AssetKind
from aisecops.core.examination import Code, NotExamined
from aisecops.datasets.parts import is_sharded
from aisecops.project.digests import digest_files
from aisecops.project.found import Found
from aisecops.project.models import ModelSettings

_REMEDY = "put the project where every node of the cluster sees it under the same path, or run it with --engine local"
_ASKED = frozenset({AssetKind.MODEL, AssetKind.ENDPOINT})


def unseen(asset: Asset, locations: Mapping[str, str], settings: Mapping[str, Any]) -> NotExamined | None:
    """Return why ``asset`` cannot be examined on this machine; None if it can.

    A file or folder has to have the digest that the command saw. A model's digest is taken over many things: its files have to be there.
    """
    for path in _needed(asset, locations, settings):
        if not os.path.exists(path) and not is_sharded(path):
            return NotExamined(code=Code.UNREADABLE, reason="the worker of the cluster that was to examine it does not see this file", remedy=_REMEDY)
    location = locations.get(asset.id)
    if not location or not asset.digest or asset.kind in _ASKED:
        return None
    size = 0 if is_sharded(location) else os.path.getsize(location)
    digests, _ = digest_files([Found(path=asset.path, location=location, kind=asset.kind, size=size)], jobs=1)
    if digests.get(asset.path) != asset.digest:
        return NotExamined(code=Code.UNREADABLE, reason="the worker of the cluster that was to examine it sees other content here", remedy=_REMEDY)
    return None


def _needed(asset: Asset, locations: Mapping[str, str], settings: Mapping[str, Any]) -> Iterable[str]:
    yield from filter(None, [locations.get(asset.id)])
    models = settings.get("models")
    if isinstance(models, ModelSettings) and asset.id in models.models:
        model = models.models[asset.id]
        yield from filter(None, (model.location, model.data, model.training, model.replay, *model.code))
