"""What licences of data allow: commercial use, changed copies, redistribution. ``licences.json`` names each by its SPDX id; Creative Commons says it in the name.

Data are licensed in more spellings than software: by an SPDX id, an address, the name that a hub or a catalogue gives (``CC0: Public Domain``), or a sentence. What only
says "research only" is no licence that has a name, and still forbids commercial use.
"""

from __future__ import annotations

import os
import re
from functools import cache

import msgspec

USES = ("commercial", "modify", "redistribute")
_CREATIVE = re.compile(r"cc-by(-nc)?(-sa|-nd)?(?:-[1-4]\.[05])?(?:-[a-z]{2,5})?")
_ADDRESS = re.compile(r"(?:https?://)?(?:www\.)?creativecommons\.org/(?:licenses/([a-z-]+)/([\d.]+)|publicdomain/(zero|mark)/([\d.]+)).*")
_OTHER_ADDRESS = re.compile(
    r"(?:https?://)?(?:spdx\.org/licenses|(?:www\.)?opensource\.org/licenses?|choosealicense\.com/licenses)/([\w.-]+?)(?:\.html|\.json)?/?"
)
_SHORT = re.compile(r"\bcc[ _-]*by(?:[ _-]*(nc))?(?:[ _-]*(sa|nd))?(?:[ /_-]*v?([1-4])(?:[._]([05]))?)?(?![\w.])")
_BARE = re.compile(r"by(?:-(?:nc|sa|nd))+\b")
_LONG = re.compile(
    r"\battribution(?:[ ,-]+(non[- ]?commercial))?(?:[ ,-]+(share[- ]?alike|no[- ]?deriv(?:ative)?s?(?: works)?))?(?:[ ,-]+(?:v|version )?([1-4])(?:\.([05]))?)?(?![\w.])"
)
_NAMES: tuple[tuple[str, str], ...] = (
    (r"\bcc[ _-]?(?:0|zero)\b|\bcczero\b|creative commons zero|zero/1\.0|^publicdomain$", "cc0-1.0"),
    (r"\bdatenlizenz deutschland\b.*\bzero\b|\bdl-de[ /-]zero\b", "dl-de-zero-2.0"),
    (r"\bdatenlizenz deutschland\b|\bdl-de[ /-]by\b", "dl-de-by-2.0"),
    (r"\bopen database\b|\bodbl\b|opendatacommons\.org/licenses/odbl", "odbl-1.0"),
    (r"\bodc[ -]by\b|opendatacommons\.org/licenses/by|open data commons attribution", "odc-by-1.0"),
    (r"\bpddl\b|public domain dedication and licen[cs]e", "pddl-1.0"),
    (r"\blicence ouverte\b|\betalab\b|\blov2\b", "etalab-2.0"),
    (r"open government licen[cs]e.*canada|\bogl[ -]canada\b", "ogl-canada-2.0"),
    (r"\bopen government licen[cs]e\b|\bogl\b|open-government-licence", "ogl-uk-3.0"),
    (r"\bnorwegian licen[cs]e for open government data\b|\bnlod\b", "nlod-2.0"),
    (r"community data licen[cs]e agreement.*sharing|\bcdla-sharing\b", "cdla-sharing-1.0"),
    (r"community data licen[cs]e agreement.*permissive|\bcdla-permissive\b", "cdla-permissive-2.0"),
    (
        r"\bu\.?s\.? government works?\b|\bus-?gov|\bus-pd\b|\bpublic domain\b|^public$|\bpublicdomain/mark\b|usa\.gov/publicdomain|usa\.gov/government-works",
        "public-domain",
    ),
    (r"\bapache(?: software)?(?: licen[cs]e)?,?[ -]*(?:version |v)?2(?:\.0)?\b|apache\.org/licenses/license-2\.0", "apache-2.0"),
    (r"\b(?:the )?mit licen[cs]e\b", "mit"),
    (r"\bbsd[ -](?:3|three)[ -]clause|\b3-clause bsd|\bnew bsd", "bsd-3-clause"),
    (r"\b(?:gnu )?affero general public licen[cs]e|\bagpl\b", "agpl-3.0"),
    (r"\bgnu general public licen[cs]e|\bgpl[ -]?v?3\b|^gpl$", "gpl-3.0"),
)
_STUDY = r"(?:research|academic|educational|personal|scientific|evaluation|private|study|teaching|non-profit)"
_FOR_RESEARCH = re.compile(
    r"\bnon[- ]?commercial\b|^cc-nc$|\bnot? (?:be used )?(?:for |permit(?:ted)? )?(?:any )?commercial\b"
    rf"|\b{_STUDY}(?:(?:,| and| or|/)+ ?{_STUDY})*[- ]?(?: use| uses| purposes?)?[- ]only\b|\bonly (?:be used )?for (?:\w+ )?{_STUDY}\b"
    r"|\bcommercial (?:use|usage|purposes?) (?:is |are )?(?:prohibited|forbidden|not (?:allowed|permitted))"
)
_FOR_ALL = re.compile(
    r"\bcommercial(?:ly)?(?: use| purposes)? (?:and|or|as well as|and/or) (?:for )?non-?commercial"
    r"|\bnon-?commercial(?:ly)?(?: use| purposes)?,? (?:and|or|as well as|and/or) (?:for )?commercial"
    r"|\b(?:commercial|any) (?:use|purpose)s? (?:is|are) (?:allowed|permitted|welcome)|\bnot (?:only|limited to)\b"
)
_LONGEST = 2_000


class Licence(msgspec.Struct, frozen=True):
    """A licence: its name in lower case, and what it does not allow."""

    id: str
    forbids: tuple[str, ...] = ()

    def agrees(self, other: Licence) -> bool:
        """Whether both may be one licence: the version, and the country, may be left out."""
        first, second = sorted((self.id, other.id), key=len)
        return first == second or (second.startswith(f"{first}-") and self.forbids == other.forbids)


def licence(text: str) -> Licence | None:
    """Return what is known of a licence, given as an SPDX id, an address or in words; None: it is none that we know."""
    plain = " ".join(text[:_LONGEST].strip().lower().replace("\u2010", "-").replace("\u2011", "-").replace("\u2013", "-").split())
    name = _named(plain)
    if found := _by_id(name):
        return found
    return _in_words(f"cc {plain}" if _BARE.match(plain) else plain)


def _by_id(name: str) -> Licence | None:
    if creative := _CREATIVE.fullmatch(name):
        return Licence(name, (("commercial",) if creative[1] else ()) + (("modify",) if creative[2] == "-nd" else ()))
    known = _table().get(name)
    return None if known is None else Licence(name, known)


def _in_words(plain: str) -> Licence | None:
    creative = plain.startswith("attribution") or re.search(r"\bcreative ?commons\b|\bcc\b", plain)
    if found := _SHORT.search(plain) or (_LONG.search(plain) if creative else None):
        kind = (found[2] or "").replace(" ", "").replace("-", "")
        parts = [
            "cc-by",
            "nc" if found[1] else "",
            "sa" if kind.startswith("s") else "nd" if kind else "",
            f"{found[3]}.{found[4] or 0}" if found[3] else "",
        ]
        return _by_id("-".join(part for part in parts if part))
    for pattern, name in _NAMES:
        if re.search(pattern, plain):
            return Licence(name) if name == "public-domain" else _by_id(name)
    return Licence("non-commercial", ("commercial",)) if _FOR_RESEARCH.search(plain) and not _FOR_ALL.search(plain) else None


def _named(text: str) -> str:
    if found := _ADDRESS.fullmatch(text):
        return {"zero": f"cc0-{found[4]}", "mark": "public-domain", None: f"cc-{found[1]}-{found[2]}"}[found[3]]
    found = _OTHER_ADDRESS.fullmatch(text)
    return found[1] if found else text


@cache
def _table() -> dict[str, tuple[str, ...]]:
    with open(os.path.join(os.path.dirname(__file__), "licences.json"), "rb") as file:
        return msgspec.json.decode(file.read(), type=dict[str, tuple[str, ...]])
