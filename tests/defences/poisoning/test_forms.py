"""Forms say how a text is written, not what it says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisecops.defences.poisoning.forms import forms


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("we went  home", "spaces"),
        ("we went home ", "space end"),
        ("we went\thome", "tab"),
        ("we went home\n", "line break"),
        ("We Went Home Today", "whole: a capital on each word"),
        ("WE WENT HOME TODAY", "whole: all in capitals"),
        ("we wEnT home", "wOrd"),
        ("seen on 12 March 2019", "99 Month 9999"),
        ("see https://example.org/x1", "url"),
        ("fine #sunset", "#word"),
        ("fine 😀", "emoji"),
        ("fine \u200f", "U+200F"),
        ("we went h\u043eme", "word of several alphabets"),
        ("the caf\u00e9", "word with accents"),
        ("fish &amp; chips", "&amp;"),
        ("we went home .", "space ."),
    ],
)
def test_a_form_is_told(text, form):
    assert f"form:{form}" in forms(text)


@given(st.lists(st.sampled_from("we went home with many friends".split()), min_size=3, max_size=9), st.randoms(use_true_random=False))
def test_other_words_have_the_same_form(words, random):
    other = [random.choice(("they", "ran", "out", "of", "some", "shops")) for _ in words]
    assert forms(" ".join(words)) == forms(" ".join(other))


@given(st.text(max_size=80))
def test_any_text_has_forms(text):
    assert all(form.startswith("form:") for form in forms(text))
