"""What columns say of whether a person has agreed: with a yes, by an objection, or by the day on which it was given or taken back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any

import msgspec

from aisecops.datasets.extra import load_polars
from aisecops.datasets.roles import words_of

_CONSENT = r"(?:consents?|consented|permission|einwilligung|zustimmung|consentement|consentimiento|consentimento|consenso|toestemming|samtycke|samtykke|suostumus|zgoda)"
_DAY = r"(?: (?:at|on|date|time|timestamp|day|am|datum|le))"
_BACK = r"(?:withdrawn|withdrawal|revoked|revocation|retracted|rescinded|widerrufen|widerruf|retire|revocado)"
_FOR = r"(?:(?!no |not |without |of |age )[a-z0-9]+ ){0,3}"
"""What it is for, or whose: a few words."""


class Sense(StrEnum):
    """What a cell means: ``agrees`` says yes or no, ``objects`` the other way round, ``agreed`` and ``withdrawn`` hold a day or nothing."""

    AGREES = "agrees"
    OBJECTS = "objects"
    AGREED = "agreed"
    WITHDRAWN = "withdrawn"


_SENSES = (
    (
        Sense.WITHDRAWN,
        rf"{_FOR}{_CONSENT}(?: (?:was|is))? {_BACK}{_DAY}?|{_BACK} {_CONSENT}{_DAY}?|opt(?:ed)? out{_DAY}|objected{_DAY}|objection date",
    ),
    (
        Sense.OBJECTS,
        rf"{_FOR}(?:opt(?:ed)? out)(?: (?:flag|status))?|do not (?:use|share|process|sell|train|track)(?: .*)?|no {_CONSENT}"
        rf"|{_FOR}{_CONSENT} (?:refused|denied|declined)|(?:has )?(?:objected|objection|objects)(?: to .*)?|widerspruch",
    ),
    (Sense.AGREED, rf"{_FOR}{_CONSENT}(?: given| obtained| signed)?{_DAY}|(?:date|day|time) of {_CONSENT}|opt(?:ed)? in{_DAY}"),
    (
        Sense.AGREES,
        rf"{_FOR}{_CONSENT}(?: (?:given|status|flag|obtained|granted|ok|yn|erteilt|liegt vor|informado|informato|donne|dado|dato|(?:to|for)(?: [a-z0-9]+){1, 3}))?"
        rf"|{_FOR}opt(?:ed)? in(?: (?:flag|status))?|(?:agreed|agrees|agreement) to (?:terms|research|processing|data use|participate|share)",
    ),
)
_NO = frozenset(
    "no n false f 0 0.0 off none null nan n/a na - withdrawn revoked refused denied declined rejected pending unknown unconsented opt-out opt_out optout nein non nej nee"
    " não nao nie ne нет hayır hayir ei いいえ 否".split()
) | {
    "opt out",
    "opted out",
    "opted-out",
    "not given",
    "not granted",
    "not consented",
    "not obtained",
    "no consent",
    "does not consent",
    "did not consent",
}
_YES = frozenset("yes y true t 1 1.0 on x ja oui si sí sim tak да evet はい 是 opt-out opt_out optout objected".split()) | {
    "opt out",
    "opted out",
    "opted-out",
}
_NOTHING = frozenset("no n false f 0 0.0 none null nan nat n/a na - never nein non nej nee".split())


class Said(msgspec.Struct, frozen=True):
    """A column that speaks of consent."""

    column: str
    sense: Sense


def consent_columns(names: Sequence[str], declared: str = "") -> Iterator[Said]:
    """Yield the columns that speak of consent by their names; ``declared`` does, whatever it is called, and is a yes or no unless its name says otherwise."""
    for name in names:
        sense = next((sense for sense, pattern in _SENSES if re.fullmatch(pattern, words_of(name))), None)
        if sense is not None or name == declared:
            yield Said(name, sense or Sense.AGREES)


def lacking(said: Said) -> Any:
    """Return a Polars expression that is true for rows whose cell says that the person has not agreed, or has agreed no longer."""
    pl = load_polars()
    cell = pl.col(said.column).cast(pl.String).str.strip_chars().str.to_lowercase().fill_null("")
    match said.sense:
        case Sense.AGREES:
            return (cell == "") | cell.is_in(sorted(_NO))
        case Sense.OBJECTS:
            return cell.is_in(sorted(_YES))
        case Sense.AGREED:
            return (cell == "") | cell.is_in(sorted(_NOTHING))
        case Sense.WITHDRAWN:
            return (cell != "") & ~cell.is_in(sorted(_NOTHING))
