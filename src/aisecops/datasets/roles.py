"""What the columns of a data set are for: declared by its project, or told by their names where it says nothing.

A name alone is a guess: ``content`` may be the water in a soil, ``time`` the days until a relapse. Where there are rows, ``aisecops.datasets.role_values`` has the
cells confirm it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

import msgspec

_WORDS: tuple[tuple[str, str], ...] = (
    ("label", r"labels?|targets?|class|y|outcome|ground truth|gold|is (?:spam|fraud)|(?:.* )?label|target .*|.* target"),
    ("split", r"splits?|fold|partition|subset"),
    (
        "text",
        r"texts?|sentences?|messages?|content|body|reviews?|comments?|tweet|prompt|instruction|document|question|answer|response|utterance|passage",
    ),
    ("image", r"(?:image|img|picture|photo)(?: (?:path|file|filename|file name|name|uri))?"),
    ("consent", r"consent(?: given| status)?|opt in|gdpr consent|marketing consent|has consent"),
    ("source", r"(?:data )?source|data origin|provider|annotator|contributor"),
    ("group", r"(?:patient|customer|client|user|person|subject|household|account|member|employee|student|session|device)(?: (?:id|no|number|key))"),
    ("id", r"id|uuid|guid|key|row id|record id|index|row|unnamed 0"),
    ("time", r"timestamp|time|date|datetime|created(?: at)?|updated at|event (?:time|date)|.* (?:timestamp|datetime)"),
)
"""Role and the names, as words, that speak for it; the first that fits gives a column its role, the first column of a role is the role's."""
_HINTS: tuple[tuple[str, str], ...] = (
    (
        "label",
        r"churn(?:ed)?|survived|sentiment|polarity|diagnosis|species|default(?:ed)?|(?:is )?fraud(?:ulent)?|(?:is )?spam|toxic(?:ity)?|emotion|stance"
        r"|attrition|converted|clicked|subscribed|readmitted|died|death(?: event)?|deceased|stroke|(?:heart )?disease|recurrence|relapse|(?:machine )?failure"
        r"|failed|anomaly|attack(?: cat(?:egory)?)?|intrusion|(?:loan|credit|application|claim) (?:status|decision)|(?:loan |credit )?approved|decision|verdict"
        r"|klasse|classe|clase|etiqueta",
    ),
    ("label of two", r"income"),
    (
        "text",
        r".* text|text .*|descriptions?|abstract|headline|title|summary|caption|transcript|notes?|narrative|query|reply|nachricht|beschreibung|mensaje|texto|texte",
    ),
    ("label of texts", r"category|topic|intent|priority|severity|rating|stars|genre|language|kategorie|thema"),
    (
        "group",
        r"patient|customer|client|user(?: name)?|subject|speaker|participant|respondent"
        r"|(?:participant|respondent|donor|speaker|writer|lesion|video|scene|recording|driver|visitor|applicant|borrower|pupil) (?:id|no|number|key)",
    ),
    ("id", r".* (?:id|uuid|guid)|nr|no|sku"),
    (
        "time",
        r"ts|datum|fecha|day|opened|issued?(?: d)?|.* (?:at|on)|(?!.*\b(?:birth|born|expiry|expiration|end|due)\b).* (?:date|time|day)"
        r"|date (?:opened|created|added|posted|recorded|received)|(?:date|time) of (?!birth|death).*",
    ),
)
"""Names that speak for a role only where the cells do, too."""
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NOT_WORD = re.compile(r"[^a-z0-9]+")


class ColumnRoles(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The columns of a data set by what they are for; an empty name: there is none.

    Parameters
    ----------
    label
        What a model is to learn.
    group
        Whose row it is: rows of one group must not be in training and test alike.
    time
        When it was recorded.
    id
        What names a row, and says nothing else.
    text
        Sentences.
    image
        Paths of pictures, relative to the table.
    split
        Which part (train, test, ...) a row belongs to.
    source
        Where a row comes from.
    consent
        Whether the person has agreed.
    personal
        Columns that hold data of persons, and may.
    """

    label: str = ""
    group: str = ""
    time: str = ""
    id: str = ""
    text: str = ""
    image: str = ""
    split: str = ""
    source: str = ""
    consent: str = ""
    personal: tuple[str, ...] = ()

    def named(self) -> dict[str, str]:
        """Return role to column, of those that there are."""
        return {role: name for role, _ in _WORDS if (name := getattr(self, role))}

    def missing(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the columns that are named here and not among ``names``; of personal ones also places inside of a column count (``messages[].content``)."""
        known = tuple(names)
        lost = [name for name in self.personal if not any(name == one or is_inside(name, one) or is_inside(one, name) for one in known)]
        return tuple(dict.fromkeys((*(name for name in self.named().values() if name not in known), *lost)))

    def completed(self, other: ColumnRoles, names: Iterable[str]) -> ColumnRoles:
        """Return these roles with those of ``other`` where they are open, as far as its columns are among ``names`` and have no role yet."""
        known, taken = set(names), set(self.named().values())
        more = {role: name for role, name in other.named().items() if name in known and name not in taken and not getattr(self, role)}
        return msgspec.structs.replace(self, **more)


NO_ROLES = ColumnRoles()


def is_inside(place: str, column: str) -> bool:
    """Tell whether ``place`` lies inside of the lists or records of ``column``: ``messages[].content`` in ``messages``."""
    return place.startswith((f"{column}[", f"{column}."))


def guess_roles(names: Sequence[str], declared: ColumnRoles = NO_ROLES, denied: Collection[tuple[str, str]] = ()) -> ColumnRoles:
    """Return ``declared`` with the roles that it leaves open filled from the ``names`` of the columns; a column gets one role only.

    Parameters
    ----------
    denied
        Roles and columns whose cells say otherwise.
    """
    found: dict[str, str] = {}
    taken = set(declared.named().values())
    for name in names:
        role = None if name in taken else role_of(name)
        if role and role not in found and not getattr(declared, role) and (role, name) not in denied:
            found[role] = name
    return msgspec.structs.replace(declared, **found)


def hinted(name: str) -> tuple[str, ...]:
    """Return the roles for which the name of a column speaks, if its cells do, too."""
    words = words_of(name)
    return tuple(role for role, pattern in _HINTS if re.fullmatch(pattern, words))


def words_of(name: str) -> str:
    """Return the name of a column as words in small letters: ``page content`` of ``pageContent`` and ``PAGE_CONTENT``."""
    return _NOT_WORD.sub(" ", _CAMEL.sub(" ", name[:80]).lower()).strip()


def role_of(name: str) -> str | None:
    """Return the role for which the name of a column speaks."""
    words = words_of(name)
    return next((role for role, pattern in _WORDS if re.fullmatch(pattern, words)), None)
