"""What licences of data allow: commercial use, changed copies, redistribution. ``licences.json`` names each by its SPDX id; Creative Commons says it in the name."""

from __future__ import annotations

import os
import re
from functools import cache

import msgspec

USES = ("commercial", "modify", "redistribute")
_CREATIVE = re.compile(r"cc-by(-nc)?(-sa|-nd)?-[1-4]\.[05](?:-[a-z]{2,5})?")
_ADDRESS = re.compile(r"https?://(?:www\.)?creativecommons\.org/(?:licenses/([a-z-]+)/([\d.]+)|publicdomain/zero/([\d.]+)).*")
_OTHER_ADDRESS = re.compile(
    r"https?://(?:spdx\.org/licenses|(?:www\.)?opensource\.org/licenses?|choosealicense\.com/licenses)/([\w.-]+?)(?:\.html|\.json)?/?"
)


class Licence(msgspec.Struct, frozen=True):
    """A licence: its name in lower case, and what it does not allow."""

    id: str
    forbids: tuple[str, ...] = ()


def licence(text: str) -> Licence | None:
    """Return what is known of a licence, given as an SPDX id or an address; None: it is none that we know."""
    name = _named(text.strip().lower())
    if creative := _CREATIVE.fullmatch(name):
        return Licence(name, (("commercial",) if creative[1] else ()) + (("modify",) if creative[2] == "-nd" else ()))
    known = _table().get(name)
    return None if known is None else Licence(name, known)


def _named(text: str) -> str:
    if found := _ADDRESS.fullmatch(text):
        return f"cc0-{found[3]}" if found[3] else f"cc-{found[1]}-{found[2]}"
    found = _OTHER_ADDRESS.fullmatch(text)
    return found[1] if found else text


@cache
def _table() -> dict[str, tuple[str, ...]]:
    with open(os.path.join(os.path.dirname(__file__), "licences.json"), "rb") as file:
        return msgspec.json.decode(file.read(), type=dict[str, tuple[str, ...]])
