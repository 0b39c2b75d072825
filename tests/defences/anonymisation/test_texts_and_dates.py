"""Texts lose the persons in them and nothing else; days move by subject and come back as they were written."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisecops.datasets.masking import Method
from aisecops.defences.anonymisation.dates import FORMATS, ISO, DateError, Shifts, format_of, read, shifted
from aisecops.defences.anonymisation.keys import MaskingKey
from aisecops.defences.anonymisation.pseudonyms import Pseudonyms
from aisecops.defences.anonymisation.texts import REMOVED, Known, TextMasker

KEY = MaskingKey(hashlib.sha256(b"a key of the tests").digest())
DAYS = st.dates(date(1902, 1, 1), date(2100, 1, 1))
TOKEN = "ghp_" + "Ab3dE6gH1jK4mN7pQ0sT" + "2vW5yZ8bC1dF4gH7"


@pytest.fixture
def masker() -> TextMasker:
    return TextMasker(Pseudonyms(KEY), Known({Method.NAME: ["Mara Quillfeather", "Will"], Method.TOKEN: ["AC-99812"]}))


def test_known_values_are_found_wherever_a_text_speaks_of_them(masker: TextMasker) -> None:
    name, account = Pseudonyms(KEY).of(Method.NAME, "Mara Quillfeather"), Pseudonyms(KEY).of(Method.TOKEN, "AC-99812")
    assert masker.masked("MARA  Quillfeather's order (id=AC-99812).") == f"{name}'s order (id={account})."
    assert masker.masked("Ask mara quillfeather, not Mara Quill.") == f"Ask {name}, not Mara Quill."


def test_parts_of_the_names_of_a_row_go_and_words_that_look_like_them_stay(masker: TextMasker) -> None:
    assert (
        masker.masked("Will said that he will call Turner. TURNER agreed.", ["Will Turner"]) == "[name] said that he will call [name]. [name] agreed."
    )
    assert masker.masked("will turner do?", ["Will Turner"]) == "will [name] do?"
    assert masker.masked("Willow by Turners", ["Will Turner"]) == "Willow by Turners"


def test_a_secret_goes_as_a_whole(masker: TextMasker) -> None:
    said = masker.masked(f"deploy with {TOKEN} today")
    assert said == f"deploy with {REMOVED} today" and masker.replaced["secret"] == 1


@settings(deadline=None)
@given(st.text())
def test_a_text_without_persons_stays_as_it_is(text: str) -> None:
    masker = TextMasker(Pseudonyms(KEY), Known({}))
    said = masker.masked(text)
    assert said == text or masker.replaced.total()


@pytest.mark.parametrize(
    "text", ["The weather was fine on 12 of 30 days.", "Order 1234-5678 for 12.50, version 1.2.3", "\U0001f469\u200d\U0001f52c سلام ok"]
)
def test_nothing_is_replaced_in_plain_texts(masker: TextMasker, text: str) -> None:
    assert masker.masked(text) == text


@settings(deadline=None)
@given(
    st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    st.text(min_size=1),
    st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", ISO]),
)
def test_the_time_between_two_days_of_a_person_stays(one: date, other: date, subject: str, form: str) -> None:
    span = Shifts(KEY).of(subject)
    assert span and -365 <= span <= 365 and span == Shifts(KEY).of(subject)
    first, second = (shifted(day.isoformat() + "T00:00:00+02:00" if form == ISO else day.strftime(form), form, span) for day in (one, other))
    assert read(second, form) - read(first, form) == other - one
    assert read(first, form).date() - one == timedelta(days=span)


def test_spans_differ_by_subject_and_reach_both_ends() -> None:
    spans = {Shifts(KEY).of(str(subject)) for subject in range(20_000)}
    assert len(spans) == 730 and min(spans) == -365 and max(spans) == 365


def test_the_way_of_writing_is_told_by_all_values_or_not_at_all() -> None:
    assert format_of(["2024-01-31", "2023-02-01"], "c") == FORMATS[0]
    assert format_of(["31/01/2024", "01/02/2024"], "c") == "%d/%m/%Y"
    assert format_of(["01/31/2024", "01/02/2024"], "c") == "%m/%d/%Y"
    assert format_of(["2024-01-31 10:00:00.5+00:00".replace(".5", ".500000")], "c") == ISO
    for mixed in (["2024-01-31", "31.01.2024"], ["2024-1-3"], ["01/02/2024"], ["soon"]):
        with pytest.raises(DateError):
            format_of(mixed, "c")
