from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisecops.gate.patterns import name_matches, path_matches
from tests.bounded import bounded


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("models/a.pkl", "models/a.pkl", True),
        ("a.pkl", "models/a.pkl", False),
        ("*.pkl", "a.pkl", True),
        ("*.pkl", "models/a.pkl", False),
        ("models/*", "models/a.pkl", True),
        ("models/*", "models/old/a.pkl", False),
        ("models/**", "models/old/a.pkl", True),
        ("**/*.pkl", "a.pkl", True),
        ("**/*.pkl", "x/y/a.pkl", True),
        ("**", "x/y/a.pkl", True),
        ("x/**/a.pkl", "x/a.pkl", True),
        ("x/**/**/a.pkl", "x/y/z/a.pkl", True),
        ("x/**/a.pkl", "y/a.pkl", False),
        ("models/[ab].pkl", "models/a.pkl", True),
        ("models/[ab].pkl", "models/[ab].pkl", True),
        ("models/A.pkl", "models/a.pkl", False),
        ("models/?.pkl", "models/a.pkl", True),
        ("./models/a.pkl", "models/a.pkl", True),
        ("models/a.pkl", "models/a.pkl/x", False),
        ("models/a.pkl", "models/a.pkl\n", False),
        ("m[z-a]", "mz", False),
    ],
)
def test_a_star_stays_in_its_folder_and_two_cross_folders(pattern: str, path: str, expected: bool) -> None:
    assert path_matches((pattern,), path) is expected


def test_a_star_in_a_name_stands_for_anything() -> None:
    assert name_matches(("*",), "model-file/code-execution")
    assert name_matches(("model-file/*",), "model-file/code-execution")
    assert not name_matches(("model-file/*",), "code/secrets")


def test_no_pattern_matches_everything() -> None:
    assert path_matches((), "any/thing") and name_matches((), "anything")


@given(st.lists(st.sampled_from(["a", "b", "[", "]", "*", "?", "!", "\n", "."]), min_size=1).map("".join))
def test_every_path_matches_itself(path: str) -> None:
    assert path_matches((path,), path)


def test_many_double_stars_over_a_deep_path_stay_cheap() -> None:
    with bounded():
        assert not path_matches(("**/a/" * 30 + "x",), "a/" * 500 + "y")
