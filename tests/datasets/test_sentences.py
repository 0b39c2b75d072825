"""What people write about themselves is found in their sentences, and numbers of other things are not."""

from __future__ import annotations

import polars as pl
import pytest

from aisecops.content.personal import PersonalKind
from aisecops.core.taxonomy import Confidence
from aisecops.datasets.sentences import personal_in_text
from aisecops.datasets.sieve import sieved

CARD, RARE_CARD = "3565826" + "154829047", "571711" + "596924"


def found(text: str) -> list[tuple[PersonalKind, str]]:
    told = [(datum.kind, text[datum.start : datum.end]) for datum in personal_in_text(text) if datum.confidence.at_least(Confidence.MEDIUM)]
    assert not told or len(sieved(pl.Series([text]))), "the sieve holds it back"
    return told


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Call me back at {}", "0020" + "8466"),
        ("Meine Telefonnummer ist {}", "8892" + "0169"),
        ("mon num\u00e9ro de t\u00e9l\u00e9phone est le {}", "40 82 " + "73 06"),
        ("Our office line is {} ext 12", "80904" + "03771"),
        ("The courier could not deliver; contact number {}", "0976" + "155551"),
        ("My number is {} now", "711 206 " + "4547"),
        ("whatsapp me: {}", "+3104-" + "6680561"),
        ("spoke to Anna Berg on {} re order 1482", "02 2815" + "440"),
        ("H\u1ea1nh \u0110\u1ee9c B\u00f9i, {}", "(05)081-" + "6540"),
        ("mijn nummer is {}", "0208-" + "342692"),
        ("\u96fb\u8a71\u306f{}\u3067\u3059", "070-7485-" + "3479"),
        ("Rappelez-moi au {} svp", "01781" + "49175"),
        ("Zadzwo\u0144 pod {} po szesnastej", "798 822 " + "217"),
        ("Desk: {} Fax: none", "+1-903-140-" + "4508x769"),
        ("if nobody is home just buzz {}", "0280" + "964217"),
        ("You may reach Dr. Amos at {} on weekdays", "3662" + "798359"),
        ("{} is the best number for me", "0387" + "000284"),
        ("R\u00fcckfragen unter {}", "2049" + "539646"),
        ("Our landline: {}", "(0121) 496" + " 0135"),
        ("Beni {} numaras\u0131ndan aray\u0131n", "751 9 " + "841"),
    ],
)
def test_a_number_behind_a_word_for_telephones_is_one(text: str, number: str) -> None:
    assert found(text.format(number)) == [(PersonalKind.PHONE, number)]


@pytest.mark.parametrize(
    ("text", "number"),
    [("Please refund to {}", CARD), ("my credit card ({}) was declined", RARE_CARD), ("paid with {} last night", "3003827" + "9087500")],
)
def test_a_long_number_that_checks_is_a_card_where_somebody_pays(text: str, number: str) -> None:
    assert found(text.format(number)) == [(PersonalKind.PAYMENT_CARD, number)]
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert found(text.format(wrong)) == []


@pytest.mark.parametrize("number", ["(0151) 203 " + "0034", "03 79 08 " + "21 43", "01840 " + "65310", "043 218" + "7528", "794.226." + "9413"])
def test_a_number_that_is_written_as_they_are_at_home_needs_no_word(number: str) -> None:
    assert found(f"The doctor's office is at {number}") == [(PersonalKind.PHONE, number)]
    assert found(f"see order {number} for more") == found(number.replace(" ", "-").replace(".", "-") + "-1 is the form to fill in") == []


def test_a_card_of_a_known_issuer_in_a_sentence_is_one_unless_it_is_called_something_else() -> None:
    card = "4727345" + "213735254"
    assert found(f"They asked me to read out {card} over there") == [(PersonalKind.PAYMENT_CARD, card)]
    assert (
        found(f"tracking no. {card} of the parcel")
        == found(f"see https://example.org/{card} for more")
        == found(f"Ref {card[:4]}-{card[4:8]}-{card[8:12]}-{card[12:]}")
        == []
    )


def test_an_address_beside_contact_is_somebodys() -> None:
    assert found("contact j.weber@posteo.de for the key to the flat") == [(PersonalKind.EMAIL, "j.weber@posteo.de")]


def test_an_address_of_a_machine_is_told_where_somebody_was_on_it() -> None:
    address = "164.152." + "111.58"
    assert found(f"session started at {address} by the customer") == found(f"my ip is {address} i think") == [(PersonalKind.IP_ADDRESS, address)]
    assert found(f"see chapter {address} of the manual") == found("the client listens on 192.168.7.1 only") == []


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("nacido el {} en Lugo", "18/01/1957"),
        ("Geb.-Datum {}", "14. M\u00e4rz 1936"),
        ("urodzona {} w \u0141odzi", "30.01.1914"),
        ("nata a Roma il {}", "21/02/1965"),
        ("am {} geboren", "16.04.1921"),
        ("Geboortedatum: {}", "27-02-1951"),
        ("\u751f\u5e74\u6708\u65e5 {}", "1980\u5e745\u67083\u65e5"),
    ],
)
def test_a_day_behind_a_word_for_births_is_one(text: str, day: str) -> None:
    assert found(text.format(day)) == [(PersonalKind.BIRTH_DATE, day)]
    assert found(f"shipped on {day}") == found(f"le magasin ne rouvre que le {day}") == []


def test_the_number_of_something_else_is_no_identity_number() -> None:
    assert found("grant no. 658-47-" + "2173 was approved") == []


def test_a_number_behind_a_hash_is_one() -> None:
    assert found("SSN#658-47-" + "2173") == [(PersonalKind.NATIONAL_ID, "658-47-" + "2173")]


@pytest.mark.parametrize(
    "text",
    [
        "Please call about order 123456789",
        "please call about order 047243556",
        "order number is 224466881, call me",
        "I called about ticket 20231144 twice",
        "see 10.1987/j.cell.2020.03.081",
        "message id: 1234567890123",
        "The line is 1234567 characters long",
        "paid on 2023-11-10 12:00",
        "charged 1200000000000 wei",
        "upgrade from 1.2.3.4 to 1.3.0.0",
        f"parcel {CARD} is on its way",
    ],
)
def test_numbers_of_other_things_are_nobodys(text: str) -> None:
    assert found(text) == []
