"""Rules are tried where a word begins as they do: what is found is what a search of the whole text finds."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisecops.content.instructions.addressing import addressing_rules
from aisecops.content.instructions.languages import foreign_rules
from aisecops.content.instructions.openings import Words, matches, openings_of, table_of
from aisecops.content.instructions.rules import RULES, expanded
from aisecops.content.instructions.views import views

from .specimens import HONEST, POISONED

PATTERNS = [expanded(rule.pattern) for rule in (*RULES, *addressing_rules(), *foreign_rules())]
TEXT = "\n".join(view.text for text in (*POISONED.values(), *HONEST.values()) for view in views(text))


def found(pattern: str, text: str) -> list[tuple[int, int]]:
    return [match.span() for match in matches(re.compile(pattern), Words(text, table_of([pattern])))]


def test_each_rule_finds_in_the_specimens_what_a_full_search_finds() -> None:
    searched = {pattern: [match.span() for match in re.finditer(pattern, TEXT)] for pattern in PATTERNS}
    assert {pattern: found(pattern, TEXT) for pattern in PATTERNS} == searched
    assert sum(map(bool, searched.values())) > 60


def test_most_rules_have_openings() -> None:
    assert sum(openings_of(pattern) is not None for pattern in PATTERNS) > 0.6 * len(PATTERNS)


@pytest.mark.parametrize(
    ("pattern", "openings"),
    [
        (r"\b(?:send|post)s? ", {"send", "post"}),
        (r"\bsummari[sz]e", {"summ"}),
        (r"\b(?:the |an? )?bot", {"the ", "an b", "a bo", "bot"}),
        (r"(?:\bai\b|(?<!\w)llms?)", {"ai", "ll"}),
        (r"\bgpt-?\d", {"gpt", "gpt-"}),
        (r"(?<!\w)(?:no ){1,2}\w", {"no "}),
    ],
)
def test_openings_are_read_off_a_pattern(pattern: str, openings: set[str]) -> None:
    length = min(map(len, openings))
    assert openings_of(pattern) == {opening[:length] for opening in openings}


@pytest.mark.parametrize("pattern", [r"send", r"\b\w+ ai", r"\b[^a]b", r"\bai|bot", r"\b(?:a|bot)", r"\b\.env", r"(?:\bai)?bot"])
def test_what_may_begin_with_anything_has_none(pattern: str) -> None:
    assert openings_of(pattern) is None


@given(
    st.text(alphabet="sendai pot.\n", max_size=80),
    st.sampled_from([r"\b(?:send|an?d) (?:ai|pots?)?", r"\b(?:an?|in)d?(?:ai |s)+", r"\bsen[dt](?=s)|\baid\b"]),
)
def test_a_text_of_likely_letters_is_searched_the_same(text: str, pattern: str) -> None:
    assert found(pattern, text) == [match.span() for match in re.finditer(pattern, text)]
