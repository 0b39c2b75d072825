"""Which texts of a column may hold personal data: what each rule for sentences needs of a text, asked of all texts at once.

The rules themselves (``sentences``, ``aisecops.content.personal``) take some twenty microseconds a text, and most sentences with numbers hold none that they tell: an
order, three pieces, a day in May. A text that does not pass here holds nothing of medium confidence. The patterns are those of the rules
without what Polars' engine, which knows no look-around, can't say of them: more passes, never less.
"""

from __future__ import annotations

import re
from functools import cache, reduce
from operator import or_
from typing import Any

from aisecops.content.personal.contact import PHONE_WORDS
from aisecops.content.personal.context import UNDIVIDED, either
from aisecops.content.personal.labelled import LABELS, SPOKEN_OF, STREET, WHOSE
from aisecops.content.personal.national_ids import SCHEMES
from aisecops.content.personal.numbers import CARD_WORDS
from aisecops.content.personal.tongues import BORN_ANYWHERE, CALLED_AFTER, CALLS, CARDS, anywhere
from aisecops.core.taxonomy import Confidence
from aisecops.datasets import sentences

_POSSIBLE = r"[0-9@]|(?i:nam|nom|patient |customer |client |employee |applicant |p<)|(?:Mr|Mrs|Ms)\. "
"""Digits, an at sign, or a word that announces a name."""
_SEVEN_DIGITS = "[0-9](?:[ ()./-]{0,3}[0-9]){6}"
_DAY = "(?:19|20)[0-9]{2}|[0-9][-/.][0-9]{1,2}[-/.][0-9]{2}"
_SHOWN = (
    (
        r"[A-Za-z0-9._%+'-]@[A-Za-z0-9]"  # an address
        r"|(?:\+[1-9]|00[1-9][0-9]{1,2}[ .()/-])(?:[ ()./-]{0,3}[0-9]){5}"  # a telephone with its country, or with its area
        r"|(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[ .-])[2-9][0-9]{2}[ .-][0-9]{4}|\(0[0-9]{1,4}\) ?[0-9]{2}"
        rf"|(?:^|[^\w.+=/:-])(?:{sentences.AT_HOME})"  # a telephone without
        "|[0-9]{15}|[0-9]{4}[ -][0-9]{4}[ -][0-9]{4}|3[0-9]{3}[ -][0-9]{6}[ -][0-9]{4}"  # a card
        "|P[A-Z<][A-Z]{3}[A-Z<]{20}"  # the zone of a passport
    ),
    r"(?:^|[^\w.-])(?:[0-9]{1,3}\.){3}[0-9]",  # a machine
    STREET.replace(r"\b", ""),  # with it, the engine is slow where a text is not plain ASCII
)
"""What shows itself, beside accounts, identity numbers of telling shapes and what has a label. As one pattern these would take the engine more states than it keeps."""


def sieved(texts: Any) -> Any:
    """Return those of a Polars series of texts, in their order, in which the rules for sentences may find something."""
    texts = texts.filter(texts.str.contains(_POSSIBLE))
    passed = reduce(or_, (texts.str.contains(pattern) for pattern in _shown()))
    asked = (~passed).arg_true()
    rest = texts[asked]
    numbers, days = rest.str.contains(_number()), rest.str.contains(_DAY)
    some = (numbers | days).arg_true()
    if len(some):
        rest, numbers, days = rest[some], numbers[some], days[some]
        folded = _folded(rest)
        spoken = (numbers & (rest.str.contains(_spoken_of()) | folded.str.contains(_spoken_of_folded()))) | (
            days & folded.str.contains(BORN_ANYWHERE)
        )
        passed[asked[some].filter(spoken)] = True
    return texts.filter(passed)


def _folded(texts: Any) -> Any:
    """As ``aisecops.content.personal.context.folded``."""
    plain = {chr(letter): str(instead) for letter, instead in UNDIVIDED.items()}
    return texts.str.replace_many(plain).str.normalize("NFKD").str.replace_all(r"\p{Mn}", "").str.to_lowercase()


@cache
def _shown() -> tuple[str, ...]:
    alone = (shape for scheme in SCHEMES if scheme.alone in (Confidence.MEDIUM, Confidence.HIGH) for shape in scheme.shapes)
    telling = [shape for shape in alone if not shape.isdecimal() or len(shape) >= 15]
    issued = f"[A-Z]{{2}}[0-9]{{2}}(?: ?[A-Z0-9]{{4}}){{2}}|(?i:iban)|{_of_shapes(telling)}"
    labels = "|".join(label.replace("(?=", "(?:") for _, sure, _, label, _ in LABELS if sure is not Confidence.LOW)
    persons = rf"(?:{'|'.join(map(re.escape, SPOKEN_OF))})[A-Z]|(?i:{WHOSE}(?:names?|nombre|nome?))"
    return (*_SHOWN, issued, rf"{persons}|(?:^|[^\p{{L}}])(?i:{labels})(?:[^A-Za-z]|$)")


@cache
def _number() -> str:
    """Digits enough for a number of anything, or an identity number with letters, which is shorter."""
    return f"{_SEVEN_DIGITS}|{_of_shapes([shape for scheme in SCHEMES for shape in scheme.shapes if 'A' in shape])}"


def _of_shapes(shapes: list[str]) -> str:
    written = (re.escape(shape).replace("9", "[0-9]").replace("A", "[A-Z]") for shape in dict.fromkeys(shapes))
    return f"(?:^|[^0-9A-Za-z])(?:{'|'.join(written)})(?:[^0-9A-Za-z]|$)"


@cache
def _spoken_of() -> str:
    return rf"(?:^|\W)(?i:{sentences.CALLS}|{sentences.CALLED_BEHIND}|{sentences.SPOKEN}|{sentences.PAID})(?:[\W\d]|$)|{CALLED_AFTER.pattern}"


@cache
def _spoken_of_folded() -> str:
    words = either((*PHONE_WORDS, *CARD_WORDS, *(word for scheme in SCHEMES for word in scheme.words)))
    return f"(?:^|[^a-z])(?:{words})(?:[^a-z]|$)|{anywhere(CALLS)}|{anywhere(CARDS)}"
