"""The search as a whole: any text, any size, and nothing of a value in what is said."""

from __future__ import annotations

import random
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aisecops.content.secrets import distinct, find_secrets, masked, scan, secret_hash
from tests.bounded import bounded
from tests.content.secrets.specimens import drawn, expand, pem

RNG = random.Random(41)
PIECES = st.sampled_from(
    """password api_key token hf_ sk- eyJ -- x8Kq2mPz login sig= :// = " ' ` @ : . ( ) { } \\ İ \x00 \ud800""".split(" ")
    + "|\n| |: |-----BEGIN |PRIVATE KEY-----|kind: Secret\n|machine a|curl -u a:".split("|")
)


@given(st.lists(PIECES | st.text(max_size=8), max_size=40).map("".join), st.sampled_from(["", "python", "yaml", "shell"]))
@example("İ" * 30 + 'password = "x8Kq2mPz9"', "python")
@example("password\ud800: x8Kq2mPz9", "yaml")
def test_any_text_gives_places_within_it_in_order(text, language):
    secrets = find_secrets(text, language=language)
    end = 0
    for secret in secrets:
        assert end <= secret.start < secret.end <= len(text)
        end = secret.end


def test_letters_that_grow_in_lower_case_do_not_shift_the_place():
    text = "İİİİ\n" + 'password = "x8Kq2mPz9"'
    (secret,) = find_secrets(text, language="python")
    assert text[secret.start : secret.end] == "x8Kq2mPz9"


@pytest.mark.parametrize(
    "piece",
    [
        *'a|token=|password |password = "|://|://a:|eyJ|-eyJ|curl |curl -u |machine a login |login a account |sk-|key\n|xoxb-|sig=|0123456789abcdef'.split(
            "|"
        ),
        *'LS0tLS1CRUdJTi|jwt.encode(|"key", |a=b |PASSWORD=${|-----BEGIN PRIVATE KEY-----\n|passwd\t\t\t\t\t\t\t|  a: aaaaaaaaaaaa\n'.split("|"),
    ],
)
def test_no_text_takes_more_than_linear_time(piece):
    text = (piece * 400_000)[:400_000]
    with bounded():
        find_secrets("kind: Secret\n" + text + "PASSWORD=x")


def test_many_secrets_are_all_found():
    values = [expand("gsk_<alnum:52>", RNG) for _ in range(3000)]
    assert len(find_secrets("\n".join(f'k = "{value}"' for value in values))) == 3000


def test_one_secret_in_many_places_is_one_thing():
    value = drawn("alnum", 32, RNG)
    text = f'api_key = "{value}"\nx = 1\nAPI_KEY: "{value}"\npassword = "' + "x8Kq2mPz9" + '"\n'
    found = list(distinct(text, find_secrets(text)))
    assert [len(places) for _, places in found] == [2, 1]


def test_the_hash_depends_on_value_and_salt_and_tells_neither():
    first = secret_hash("x8Kq2mPz9", "a")
    assert first == secret_hash("x8Kq2mPz9", "a")
    assert len({first, secret_hash("x8Kq2mPz9", "b"), secret_hash("x8Kq2mPz8", "a")}) == 3
    assert len(first) == 32 and int(first, 16)


def test_the_shape_says_how_long_unless_that_helps_to_guess():
    assert masked(34, "hf_") == "hf_…(34 characters)"
    assert masked(8) == masked(7) == "…(fewer than 12 characters)"


def test_nothing_of_a_value_is_repeated():
    text = f'token = "{drawn("alnum", 40, RNG)}"\npassword: "Tr0ub4' + 'dor&3"\n' + pem("", RNG) + "\npostgres://a:" + "q7Lw9xTT2@db.corp.io/x\n"
    secrets = find_secrets(text)
    assert len(secrets) == 4
    for secret in secrets:
        value = text[secret.start : secret.end].removeprefix("-----BEGIN ")
        assert not any(
            value[i : i + 5] in secret.shape + secret.title + secret.name
            for i in range(0, min(len(value), 60), 5)
            if "PRIVATE" not in value[: i + 30]
        )


def test_lower_case_has_the_length_of_the_text_for_every_letter():
    every = "".join(map(chr, range(sys.maxunicode + 1)))
    assert len(scan._lower(every)) == len(every)
