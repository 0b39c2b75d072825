from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisecops.content.unicode import normalised

READS = {
    "Ig\u200bnore a\u00adll": "Ignore all",
    "\u0406gn\u043ere \u0430ll": "Ignore all",
    "\uff29\uff47\uff4e\uff4f\uff52\uff45": "Ignore",
    "\U0001d408\U0001d420\U0001d427\U0001d428\U0001d42b\U0001d41e": "Ignore",
    "pr\u00e9c\u00e9dentes e\u0301": "precedentes e",
    "\x1b[31mred\x1b[0m": "red",
    "\u0440\u043e\u0441\u0430 \u0436\u0434\u0451\u0442": "\u0440\u043e\u0441\u0430 \u0436\u0434\u0435\u0442",
    "\ud55c\uad6d\uc5b4": "\ud55c\uad6d\uc5b4",
    "\ufb01le \u2160\u2161": "file III",
    "plain": "plain",
}


@pytest.mark.parametrize("text", READS)
def test_a_text_reads_as_it_looks(text):
    assert normalised(text).text == READS[text]


def test_a_span_leads_back_to_the_original():
    text = "ab\u200bc \ufb01le d"
    result = normalised(text)
    start = result.text.index("file")
    assert text[slice(*result.span(start, start + 4))] == "\ufb01le"
    assert text[slice(*result.span(0, 3))] == "ab\u200bc"
    assert result.span(len(result.text), len(result.text)) == (len(text), len(text))


@given(st.text(st.characters(codec=None) | st.sampled_from("\u200b\u0430a \ufb01\x1b[m"), max_size=60))
def test_origins_rise_and_stay_inside(text):
    result = normalised(text)
    origins = [result.origin(i) for i in range(len(result.text) + 1)]
    assert origins == sorted(origins)
    assert origins[-1] == len(text)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_printable_ascii_stays(text):
    assert normalised(text).text == text
