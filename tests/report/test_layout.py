from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from aisecops.report.layout import Line, cells, clip, line, plain, wrap, writable
from tests.hostile_text import HOSTILE

TEXTS = st.lists(st.text(max_size=60) | st.sampled_from([text[:500] for text in HOSTILE.values()]), max_size=5)


@given(TEXTS, st.integers(0, 12), st.integers(20, 120))
@example(["   \u3000", "\ud7fc\U00018d09"], 0, 20)  # a wide space before a long word
def test_no_row_is_wider_than_asked_and_no_word_is_lost(texts: list[str], hang: int, width: int) -> None:
    one = Line(tuple((text, "path") for text in texts), hang)
    rows = ["".join(text for text, _ in row) for row in wrap([one], width)]
    assert all(cells(row) <= width for row in rows)
    whole = "".join(text for row in wrap([one], 10**9) for text, _ in row)
    assert "".join("".join(rows).split()) == "".join(whole.split())


def test_continuation_lines_are_indented_under_the_text() -> None:
    assert plain([line("  fix    ", "convert it to safetensors", hang=9)], 24) == "  fix    convert it to\n         safetensors\n"


def test_words_of_several_styles_stay_together() -> None:
    assert plain([line("see ", ("train.py", "path"), (":12:5", "dim"))], 14) == "see\ntrain.py:12:5\n"


def test_what_an_encoding_lacks_is_spelled_in_ascii() -> None:
    assert writable("✓ 3 files · é 模", "ascii") == "ok 3 files - \\xe9 \\u6a21"
    assert writable("3 files · é", "cp1252") == "3 files · é"
    plain([line(*HOSTILE.values())], 80, "cp1252").encode("cp1252")


def test_wide_characters_count_twice() -> None:
    assert cells("模型.pkl") == 8
    assert plain([line("模型模型")], 10) == "模型模型\n"


def test_clip_keeps_both_ends() -> None:
    assert clip("a" * 50 + "/model.pkl", 25).endswith("/model.pkl")
    assert len(clip("x" * 1000, 25)) == 25
