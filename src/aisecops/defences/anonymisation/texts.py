"""Texts without the persons in them: personal values replaced where they stand by the pseudonyms that they have in the columns, secrets by one word.

Besides what speaks for itself (addresses, numbers with check digits, labelled facts) it replaces what the table itself knows: the values of the identifying columns,
wherever they are spoken of, and of the row that a text belongs to the parts of the names and what was generalised. Days move with those of the columns: one true day
in a text would give away how far all others were moved. A person whom neither knows stays: docs/masking.md.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from aisecops.content.personal import PersonalKind
from aisecops.content.personal.labelled import DATE
from aisecops.content.secrets import find_secrets
from aisecops.core.taxonomy import Confidence
from aisecops.datasets.masking import Method
from aisecops.datasets.sentences import personal_in_text
from aisecops.defences.anonymisation.pseudonyms import Pseudonyms

REMOVED = "[removed]"
METHODS = {
    PersonalKind.EMAIL: Method.EMAIL,
    PersonalKind.PHONE: Method.PHONE,
    PersonalKind.PAYMENT_CARD: Method.CARD,
    PersonalKind.BANK_ACCOUNT: Method.IBAN,
    PersonalKind.NATIONAL_ID: Method.DIGITS,
    PersonalKind.PASSPORT: Method.DIGITS,
    PersonalKind.DRIVING_LICENCE: Method.DIGITS,
    PersonalKind.VEHICLE: Method.DIGITS,
    PersonalKind.MEDICAL_RECORD: Method.DIGITS,
    PersonalKind.BIRTH_DATE: Method.REDACT,
    PersonalKind.POSTAL_ADDRESS: Method.REDACT,
    PersonalKind.PERSON_NAME: Method.NAME,
    PersonalKind.IP_ADDRESS: Method.IP,
    PersonalKind.MAC_ADDRESS: Method.DIGITS,
    PersonalKind.COORDINATES: Method.REDACT,
}
"""What becomes of each kind of personal data, in sentences and as whole columns."""
_WORD = re.compile(r"[^\s,;:!?()\[\]{}\"<>=#|]+")
_ENDING = re.compile(r"(?:['’]s)?[.'’…*_-]*$")
_DAY = re.compile(rf"(?<![\w./-]){DATE}(?![\w/-])|(?<![\w./-]){DATE}(?=T[0-9]{{2}}:)")
_LONGEST_NAME = 4
"""Words of a known value that are looked for together."""
_SHORTEST_PART = 3
_TELLING_PART = 5
"""Letters of a part of a name that is one in small letters, too: "will" and "may" are words."""


class Known:
    """The values of a table's identifying columns, to be found in its texts.

    Parameters
    ----------
    values
        Method of the column to its values. Single words of letters are left out: half of the given names are words of some language.
    """

    def __init__(self, values: Mapping[Method, Sequence[str]]) -> None:
        self._method: dict[str, Method] = {}
        for method, texts in values.items():
            for text in texts:
                folded = _folded(text)
                if len(folded) > _SHORTEST_PART and (" " in folded or not folded.isalpha()) and not (folded.isdecimal() and len(folded) < 6):
                    self._method[folded] = method
        self._first = {match[0] for value in self._method if (match := _WORD.search(value))}

    def __bool__(self) -> bool:
        return bool(self._method)

    def spans(self, text: str) -> Iterator[tuple[int, int, Method]]:
        """Yield where known values stand in ``text``, the longest at each place."""
        words = [match.span() for match in _WORD.finditer(text)]
        at = 0
        while at < len(words):
            first = text[slice(*words[at])].casefold()
            if first not in self._first and _ENDING.sub("", first) not in self._first:
                at += 1
                continue
            for count in range(min(_LONGEST_NAME, len(words) - at), 0, -1):
                start, end = words[at][0], words[at + count - 1][1]
                if found := self._at(text, start, end):
                    yield found
                    at += count - 1
                    break
            at += 1

    def _at(self, text: str, start: int, end: int) -> tuple[int, int, Method] | None:
        """The known value from ``start`` on, which may be followed by a full stop or 's."""
        found = text[start:end]
        for value in dict.fromkeys((found, _ENDING.sub("", found))):
            if method := self._method.get(_folded(value)):
                return start, start + len(value), method
        return None


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


class TextMasker:
    """Masks texts, and counts what it has replaced: in ``replaced`` by kind, in ``characters`` how many."""

    def __init__(self, pseudonyms: Pseudonyms, known: Known) -> None:
        self._pseudonyms = pseudonyms
        self._known = known
        self.replaced: Counter[str] = Counter()
        self.characters = 0

    def masked(self, text: str, names: Sequence[str] = (), details: Sequence[str] = (), day: Callable[[str], str] | None = None) -> str:
        """Return ``text`` without the persons in it.

        Parameters
        ----------
        names
            Of the row that it belongs to: their parts are replaced, too, short ones only where they begin with a capital.
        details
            What else that row holds that its copy shall not tell.
        day
            What becomes of a day; None: days stay.
        """
        spans = [*self._secrets(text), *self._personal(text), *((start, end, method.value) for start, end, method in self._known.spans(text))]
        for name in names:
            spans += self._parts(text, name)
        for detail in details:
            spans += self._detail(text, detail)
        if day is not None:
            spans += [(match.start(), match.end(), "day") for match in _DAY.finditer(text)]
        pieces, done = [], 0
        for start, end, kind, value in self._merged(text, spans):
            pieces += [text[done:start], day(text[start:end]) if kind == "day" and day is not None else value]
            self.replaced[kind] += 1
            self.characters += end - start
            done = end
        return "".join((*pieces, text[done:])) if pieces else text

    def _secrets(self, text: str) -> Iterator[tuple[int, int, str]]:
        for secret in find_secrets(text):
            if secret.confidence.at_least(Confidence.MEDIUM):
                yield secret.start, secret.end, "secret"

    def _personal(self, text: str) -> Iterator[tuple[int, int, str]]:
        for datum in personal_in_text(text):
            yield datum.start, datum.end, METHODS[datum.kind].value

    def _parts(self, text: str, name: str) -> Iterator[tuple[int, int, str]]:
        for part in name.split():
            part = part.strip(".,")
            if len(part) >= _SHORTEST_PART:
                ways = {
                    part.upper(),
                    part.capitalize(),
                    *(() if part.islower() else (part,)),
                    *((part.lower(),) if len(part) >= _TELLING_PART else ()),
                }
                for match in re.finditer(rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(ways)))})(?!\w)", text):
                    yield match.start(), match.end(), "part"

    def _detail(self, text: str, detail: str) -> Iterator[tuple[int, int, str]]:
        if len(detail) >= _SHORTEST_PART:
            for match in re.finditer(rf"(?<!\w){re.escape(detail)}(?!\w)", text, re.IGNORECASE):
                yield match.start(), match.end(), "detail"

    def _merged(self, text: str, spans: list[tuple[int, int, str]]) -> Iterator[tuple[int, int, str, str]]:
        """Yield start, end, kind and replacement; spans that overlap are one, and a secret among them makes the whole one."""
        groups: list[list[tuple[int, int, str]]] = []
        for span in sorted(spans, key=lambda span: (span[0], -span[1])):
            if groups and span[0] < max(end for _, end, _ in groups[-1]):
                groups[-1].append(span)
            else:
                groups.append([span])
        for group in groups:
            start, end = group[0][0], max(end for _, end, _ in group)
            kinds = {kind for _, _, kind in group}
            widest = next((kind for first, last, kind in group if (first, last) == (start, end)), "")
            kind = "secret" if "secret" in kinds else widest or Method.REDACT.value
            yield start, end, kind, self._instead(kind, text[start:end])

    def _instead(self, kind: str, value: str) -> str:
        if kind in ("secret", "detail", "day", Method.REDACT.value):
            return REMOVED
        if kind == "part":
            return "[name]"
        return self._pseudonyms.of(Method(kind), value)
