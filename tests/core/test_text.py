"""What examined files say is made inert before it enters the record."""

import pytest

from aisecops.core.text import agreeing, count, count_of, inert, inert_path


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("models/a.pkl", "models/a.pkl"),
        ("caf\u00e9.pkl", "caf\u00e9.pkl"),
        ("bad\udcff.pkl", "bad\\xff.pkl"),  # an undecodable byte of a file name
        ("lone\ud800.pkl", "lone\\ud800.pkl"),  # no file system has this; a zip may say so
        ("line\nbreak", "line\\x0abreak"),
        ("tag\U000e0100.pkl", "tag\\U000e0100.pkl"),  # a variation selector: no one sees it, and 240 of them spell any byte
        ("rtl\u202elkp.exe", "rtl\\u202elkp.exe"),
    ],
)
def test_paths_become_valid_and_visible(path, shown):
    assert inert_path(path) == shown
    shown.encode()


def test_long_text_is_cut_and_says_so():
    assert inert("x" * 400, 10) == "x" * 9 + "…"


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (count(1, "row"), "1 row"),
        (count(0, "class", "has/have"), "0 classes have"),
        (count(1_204, "dependency set"), "1,204 dependency sets"),
        (count(1, "query", "is/are"), "1 query is"),
        (count(2, "query"), "2 queries"),
        (count_of(1, 400, "row", "has/have"), "1 of 400 rows has"),
        (count_of(2, 3, "cell", "is no day/are no days"), "2 of 3 cells are no days"),
        (agreeing(1, ""), ""),
    ],
)
def test_counts_are_told_in_their_number(said, text):
    assert said == text
