"""What examined files say is made inert before it enters the record."""

import pytest

from aisecops.core.text import inert, inert_path


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
