"""The sieve before the rules for sentences lets through whatever they find, and little else."""

from __future__ import annotations

import random
import string

import polars as pl
import pytest

from aisecops.content.personal.national_ids import SCHEMES, holds
from aisecops.core.taxonomy import Confidence
from aisecops.datasets.disclosure import personal_in
from aisecops.datasets.sentences import personal_in_text
from aisecops.datasets.sieve import sieved
from tests.content.personal.people import BIRTHS, CARDS, EMAILS, IBANS, IDS, NAMES, PHONES

BEFORE = (
    "", "We wrote to ", "Call me at ", "spoke to Anna Berg on ", "Rappelez-moi au ", "telefonu\u0159 je ", "\u96fb\u8a71\u306f", "KONTAKT", "d.o.b. ",
    "n\u00e9e le ", "nata a Roma il ", "narozen ", "\u751f\u5e74\u6708\u65e5 ", "Passport No: ", "drivers licence ", "patient no. ", "fax: ", "tel.",
    "customer name: ", "Mrs. ", "patient ", "address: ", "paid with ", "\u043a\u0430\u0440\u0442\u0430 ", "my iban is ", "order ", "part no. ",
    "the visitor at ", "is back home, ", "buzz ", "The pager: ",
)  # fmt: skip
AFTER = ("", " yesterday", ".", " geboren", "\ub85c \uc804\ud654 \uc8fc\uc138\uc694", ", thanks", " ext 12", " as a callback", "\u751f\u307e\u308c")
STREETS = ("4711 Old Mill Road, Salem, OR 97301", "Lindenstra\u00dfe 12b, 10969 Berlin", "12 rue de la Paix 75002 PARIS", "Via Roma 12")


def _numbers(rng):
    """One valid number of each shape of each scheme."""
    for scheme in SCHEMES:
        for shape in scheme.shapes:
            for _ in range(3_000):
                number = "".join(rng.choice(string.digits) if c == "9" else rng.choice(string.ascii_uppercase) if c == "A" else c for c in shape)
                if holds(scheme, number):
                    yield number, rng.choice(scheme.words)
                    break


def test_nothing_that_the_rules_tell_is_held_back():
    rng = random.Random(5)
    values = [
        *BIRTHS,
        *CARDS,
        *EMAILS,
        *IBANS,
        *(iban.lower() for iban in IBANS),
        *NAMES,
        *PHONES,
        *STREETS,
        "0020" + "8466",
        "(05)081-" + "6540",
        "11 February 1984",
        "03 79 08 " + "21 43",
        "01840 " + "65310",
        "164.152." + "111.58",
        "794.226." + "9413x12",
    ]
    values += [number for number, _ in IDS.values()] + [
        "14. M\u00e4rz 1936",
        "1980\u5e745\u67083\u65e5",
        "C01X0006H",
        "00451299",
        "5717115" + "96924",
    ]
    texts = [before + value + rng.choice(AFTER) for before in BEFORE for value in values]
    texts += [f"The {word} {number} was read" for number, word in _numbers(rng)] + [f"It was {number} then" for number, _ in _numbers(rng)]
    told = {text for text in texts if any(datum.confidence.at_least(Confidence.MEDIUM) for datum in personal_in_text(text))}
    assert len(told) > 400
    assert told - set(sieved(pl.Series(texts)).to_list()) == set()


@pytest.mark.parametrize("texts", [["nothing but words", ""], ["1 of 12 pieces", "order 48213 of 2024-05-17"], []])
def test_what_holds_nothing_is_held_back_in_its_order(texts):
    telling = f"write to {EMAILS[0]}"
    assert sieved(pl.Series([*texts, telling, *texts, telling], dtype=pl.String)).to_list() == [telling, telling]


def test_few_sentences_with_other_numbers_pass():
    rng = random.Random(3)
    forms = (
        "order {} shipped on 2024-05-{}",
        "invoice INV-2023-{} of {}.99",
        "it costs $1,{}.{} per piece",
        "the ticket {} is open since 1{}:05",
        "batch 2024{} with {} pieces",
    )
    texts = [rng.choice(forms).format(rng.randrange(10**5), rng.randrange(10, 30)) for _ in range(2_000)]
    assert len(sieved(pl.Series(texts))) < 20
    assert personal_in("note", pl.Series("note", texts)) == []
