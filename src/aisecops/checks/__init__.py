"""The examinations: one folder for each kind of asset, one file for each check.

A folder is a module that, when imported, registers its parser and its checks with ``aisecops.core.check``. Ours are named in ``FOLDERS``; third parties name
theirs by entry points of the group ``aisecops.checks`` whose names are asset kinds::

    [project.entry-points."aisecops.checks"]
    model-file = "my_package.model_checks"
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection
from importlib import import_module

from aisecops.core.asset import AssetKind
from aisecops.core.check import Registry, registry

FOLDERS: dict[AssetKind, tuple[str, ...]] = {
    AssetKind.CONFIGURATION: ("aisecops.checks.configuration", "aisecops.checks.text"),
    AssetKind.DATA_SET: ("aisecops.checks.data_set", "aisecops.checks.document"),
    AssetKind.DEPENDENCY_SET: ("aisecops.checks.configuration", "aisecops.checks.text"),
    AssetKind.DEPLOYMENT: ("aisecops.checks.configuration", "aisecops.checks.text"),
    AssetKind.DOCUMENT: ("aisecops.checks.document", "aisecops.checks.text"),
    AssetKind.ENDPOINT: ("aisecops.checks.model",),
    AssetKind.MODEL: ("aisecops.checks.model",),
    AssetKind.MODEL_FILE: ("aisecops.checks.model_file",),
    AssetKind.NOTEBOOK: ("aisecops.checks.source_file", "aisecops.checks.configuration", "aisecops.checks.text"),
    AssetKind.PROMPT: ("aisecops.checks.configuration", "aisecops.checks.text"),
    AssetKind.SOURCE_FILE: ("aisecops.checks.source_file", "aisecops.checks.configuration", "aisecops.checks.text"),
}
GROUP = "aisecops.checks"


def load(kinds: Collection[AssetKind], *, history: bool = False) -> Registry:
    """Import the folders for ``kinds``, ours and third parties', and return the registry that they fill. ``history``: with the checks of what was once there."""
    for kind in sorted(kinds):
        for module in FOLDERS.get(kind, ()):
            import_module(module)
    if _third_party_is_installed():
        _load_third_party(kinds)
    if not history:
        return registry.without("history")
    import_module("aisecops.checks.history")
    return registry


def load_all() -> Registry:
    """Import every folder: for listings and explanations."""
    return load(tuple(AssetKind), history=True)


def _third_party_is_installed() -> bool:
    """Whether any installed distribution names our group: reads a few small files, since ``importlib.metadata`` costs more than a whole small scan."""
    wanted = f"[{GROUP}]".encode()
    for folder in dict.fromkeys(sys.path):
        try:
            names = [name for name in os.listdir(folder or ".") if name.endswith((".dist-info", ".egg-info"))]
        except OSError:
            continue
        for name in names:
            try:
                with open(os.path.join(folder, name, "entry_points.txt"), "rb") as file:
                    if wanted in file.read():
                        return True
            except OSError:
                continue
    return False


def _load_third_party(kinds: Collection[AssetKind]) -> None:
    from importlib.metadata import entry_points  # 50 ms, only where somebody uses the door

    for point in sorted(entry_points(group=GROUP), key=lambda p: (p.name, p.value)):
        if point.name in kinds:
            point.load()
