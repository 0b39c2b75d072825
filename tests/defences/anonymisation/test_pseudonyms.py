"""Pseudonyms: consistent, one to one, of the format that they stand for; keys that can be guessed are refused."""

from __future__ import annotations

import base64
import hashlib
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisecops.content.personal.checksums import luhn, mod_97
from aisecops.datasets.masking import Method
from aisecops.defences.anonymisation.keys import KeyRefusedError, MaskingKey
from aisecops.defences.anonymisation.permutation import permuted
from aisecops.defences.anonymisation.pseudonyms import Pseudonyms

KEY = hashlib.sha256(b"a key of the tests").digest()
SPAN = re.compile(r"[0-9]")


def pseudonyms(key: bytes = KEY, domain: str = "") -> Pseudonyms:
    return Pseudonyms(MaskingKey(key, domain))


@given(st.integers(2, 3000), st.binary(min_size=4, max_size=8))
@settings(max_examples=30, deadline=None)
def test_a_permutation_reaches_each_number_once(size: int, tweak: bytes) -> None:
    assert sorted(permuted(KEY, number, size, tweak) for number in range(size)) == list(range(size))


@settings(deadline=None)
@given(
    st.text(min_size=1), st.sampled_from([Method.TOKEN, Method.EMAIL, Method.PHONE, Method.CARD, Method.IBAN, Method.IP, Method.NAME, Method.DIGITS])
)
def test_any_text_gets_the_same_pseudonym_again_and_never_itself(text: str, method: Method) -> None:
    made = pseudonyms().of(method, text)
    assert made == pseudonyms().of(method, text) == pseudonyms().of(method, f" {text}\t")
    assert made and made != text


@settings(deadline=None)
@given(
    st.sampled_from(["4539", "5412", "37", "6011"]),
    st.text("0123456789", min_size=9, max_size=12),
    st.sampled_from(["", " ", "-"]),
    st.integers(0, 9),
)
def test_a_card_is_as_valid_as_it_was(prefix: str, body: str, gap: str, last: int) -> None:
    digits = f"{prefix}{body}{last}"
    spaced = gap.join(digits[start : start + 4] for start in range(0, len(digits), 4))
    made = pseudonyms().of(Method.CARD, spaced)
    assert SPAN.sub("0", made) == SPAN.sub("0", spaced) and made[0] == spaced[0]
    assert luhn("".join(SPAN.findall(made))) == luhn(digits)
    assert "".join(SPAN.findall(made)) == pseudonyms().of(Method.CARD, digits)  # spaces do not count


@settings(deadline=None)
@given(
    st.sampled_from([("DE", "9" * 18), ("GB", "AAAA" + "9" * 14), ("FR", "9" * 10 + "A9A9A9A9A9A99"), ("NO", "9" * 11)]),
    st.randoms(use_true_random=False),
)
def test_an_account_keeps_country_shape_and_valid_check_digits(form: tuple[str, str], random: object) -> None:
    country, shape = form
    bban = "".join(random.choice("0123456789" if kind == "9" else "ABCDEFGHIJKLMNOPQRSTUVWXYZ") for kind in shape)  # type: ignore[attr-defined]
    check = 98 - int("".join(str(int(character, 36)) for character in f"{bban}{country}00")) % 97
    made = pseudonyms().of(Method.IBAN, f"{country}{check:02}{bban}")
    assert mod_97(made) and made[:2] == country
    assert re.sub("[0-9]", "9", re.sub("[A-Z]", "A", made[4:])) == shape


@pytest.mark.parametrize("number", ["+49 30 1234567", "+1 (415) 555-2671", "0044 20 7946 0018", "030/1234567", "+351912345678", "4155552671"])
def test_a_telephone_number_keeps_its_country_and_spacing(number: str) -> None:
    made = pseudonyms().of(Method.PHONE, number)
    assert made != number and SPAN.sub("0", made) == SPAN.sub("0", number)
    start = next(length for prefix, length in (("+49", 3), ("+1", 2), ("0044", 4), ("0", 1), ("+351", 4), ("4", 0)) if number.startswith(prefix))
    assert made[:start] == number[:start]


def test_the_same_telephone_number_is_the_same_however_it_is_written() -> None:
    made = {"".join(SPAN.findall(pseudonyms().of(Method.PHONE, one))) for one in ("+49 30 1234567", "+49-30-1234567", "+49301234567")}
    assert len(made) == 1
    assert pseudonyms().of(Method.PHONE, "0049301234567") == f"00{made.pop()}"


def test_numbers_stay_numbers_that_a_float_holds_and_never_merge() -> None:
    made = [pseudonyms().of(Method.TOKEN, str(number)) for number in range(2000)]
    assert len(set(made)) == 2000 and all(0 <= int(one) < 2**53 for one in made)


def test_an_address_stays_one_at_nobodys_domain_and_capitals_do_not_count() -> None:
    made = pseudonyms().of(Method.EMAIL, "Ann.Lee@Corp.com")
    assert re.fullmatch(r"[a-z2-7]{13}@masked\.example", made)
    assert made == pseudonyms().of(Method.EMAIL, "ann.lee@corp.com")


def test_domains_and_keys_cannot_be_linked() -> None:
    values = [str(number) for number in range(500)]
    first, other, third = (
        {one.of(method, f"+49 30 {value:0>7}") for value in values for method in (Method.TOKEN, Method.NAME)}
        for one in (pseudonyms(), pseudonyms(domain="research"), pseudonyms(KEY[:-1]))
    )
    assert not first & other and not first & third


@pytest.mark.parametrize(
    "weak",
    [
        *(b"", b"secret", b"a" * 64, bytes(32), b"0123456789abcdef" * 4, b"000102030405060708090a0b0c0d0e0f"),
        *(b"abcdefghijklmnopqrstuvwxyz", b"password" * 8, b"correct horse battery staple", b"changeme12345678", b"thisismysupersecretkey1234"),
    ],
)
def test_keys_that_can_be_guessed_are_refused(weak: bytes) -> None:
    with pytest.raises(KeyRefusedError, match="guessed"):
        MaskingKey(weak)


def test_random_keys_are_taken_in_each_way_that_they_are_written() -> None:
    rng = random.Random(0)
    for _ in range(300):
        MaskingKey(rng.randbytes(32).hex().encode())
        MaskingKey(rng.randbytes(16).hex().upper().encode() + b"\n")
        MaskingKey(base64.b64encode(rng.randbytes(32)))
        MaskingKey(rng.randbytes(16) + b"\xff")


def test_a_key_does_not_show_itself() -> None:
    key = MaskingKey(KEY.hex().encode())
    assert KEY.hex() not in repr(key) and len(key.id) == 8
