"""``croissant``: describe tables in the form that hubs, search engines and loaders read."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import msgspec

from aisecops.core.text import inert_path
from aisecops.datasets.croissant.reading import CroissantError
from aisecops.datasets.croissant.writing import About, croissant
from aisecops.datasets.roles import NO_ROLES
from aisecops.workflows.data_sets import declared
from aisecops.workflows.standing import Standing


def describe(paths: Sequence[str], folder: str, about: About) -> dict[str, Any]:
    """Return the Croissant document of tables.

    Parameters
    ----------
    paths
        The tables.
    folder
        Where the document will lie: the tables are named relative to it, and must be in it or below.
    about
        What to say of the whole. What the manifest says of licence and origin counts where this says nothing; roles of columns as a scan takes them.

    Raises
    ------
    CroissantError
        A path is no table, or lies elsewhere.
    ManifestError, TableError
        The manifest, or a table, cannot be read.
    """
    from aisecops.datasets.role_values import roles_of
    from aisecops.datasets.sources import explained, open_frame

    standing = Standing((folder,))
    listed = {standing.at(asset.path): asset for asset in declared(standing)}
    tables = []
    for path in paths:
        name = os.path.relpath(os.path.realpath(path), os.path.realpath(folder)).replace(os.sep, "/")
        if name.startswith("../"):
            raise CroissantError(
                "it does not lie beside the document, or below", where=inert_path(path), fix="write the document into a folder above all tables"
            )
        asset = listed.get(os.path.realpath(path))
        with explained(path):
            frame = open_frame(path)
            roles = roles_of(frame, frame.collect_schema().names(), asset.columns() if asset else NO_ROLES)
        tables.append((name, path, roles))
        if asset:
            about = msgspec.structs.replace(about, license=about.license or asset.license, creator=about.creator or asset.provenance)
    return croissant(about, tables)
