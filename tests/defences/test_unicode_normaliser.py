from __future__ import annotations

import pickle

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aisecops.defences.unicode_normaliser import changed, normalise, normalise_all, normalise_all_with_leet
from aisecops.knowledge.confusables import confusables

LETTERS = "".join(confusables())


@given(st.text() | st.text(LETTERS + "ab1 \u0301\u200b\x1b[m", max_size=30), st.booleans())
@example("\x1b\x1b[[31m31m", False)
@example("\u0435\u0308 e\u0308 \ufb01", False)
def test_twice_is_once(text, leet):
    once = normalise(text, leet=leet)
    assert normalise(once, leet=leet) == once


@given(st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,!?@$'\n", max_size=60))
def test_plain_text_is_left_alone(text):
    assert normalise(text) == text


@pytest.mark.parametrize(
    ("hostile", "read"),
    {
        "fr\u0435\u0435 c\u0430sh": "free cash",
        "\u0441\u0430\u0455h": "cash",  # a whole word of another script
        "\u0436 \u0441\u0430\u0455h": "\u0436 cash",  # and a letter beside it that makes the script look genuine
        "f\u200br\u2060e\u00ade": "free",
        "\uff46\uff52\uff45\uff45": "free",
        "\U0001d41f\U0001d42b\U0001d41e\U0001d41e": "free",
        "fre\u0301e": "free",
        "free\x1b[8m hidden\x1b[0m": "free hidden",
        "\u0391\u0412\u0421": "ABC",
    }.items(),
)
def test_what_reads_the_same_becomes_the_same(hostile, read):
    assert normalise(hostile) == read


@given(st.text(LETTERS, min_size=1, max_size=20))
def test_no_letter_of_the_table_survives(text):
    assert not set(normalise(text)) & set(LETTERS)


def test_leet_is_undone_only_when_asked_and_only_in_words():
    assert normalise("fr33 c@sh") == "fr33 c@sh"
    assert normalise("fr33 c@sh w1n b00k v14gra", leet=True) == "free cash win book viagra"
    for kept in ("call 08712 460324", "over18", "m8", "2nd 15th", "k52", "B2B", "ok!", "$500"):
        assert normalise(kept, leet=True) == kept


def test_pipelines_can_be_stored():
    for function in (normalise_all, normalise_all_with_leet):
        assert pickle.loads(pickle.dumps(function))(["fr\u0435\u0435"]) == ["free"]


def test_texts_that_change_are_counted():
    assert changed(["free", "fr\u0435e", "na\u00efve"]) == 2
