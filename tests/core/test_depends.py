"""Names that a parsed form rests on, in one word."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from aisecops.core.asset import Asset, AssetKind
from aisecops.core.depends import name_sum, names_word, sums_of_names
from aisecops.pipeline.inputs import Inputs


@given(st.sets(st.text(max_size=12)))
def test_the_word_holds_every_name_in_whatever_order_they_come(names):
    word = names_word({name_sum(name) for name in sorted(names)})
    assert word == names_word({name_sum(name) for name in sorted(names, reverse=True)})
    assert set(sums_of_names(word)) == {name_sum(name) for name in names}


def made(*paths: str) -> Inputs:
    return Inputs([Asset(id=Asset.id_of(AssetKind.SOURCE_FILE, path), kind=AssetKind.SOURCE_FILE, path=path, size=1, digest="x") for path in paths])


def test_a_file_of_an_asked_name_changes_the_state_and_another_does_not():
    word = names_word({name_sum("torch"), name_sum("utils"), name_sum("Model")})
    before = made("a/main.py").stamp([word])
    assert made("a/main.py").holds(before, [word])
    assert made("a/main.py", "b/other.py").holds(before, [word])
    assert not made("a/main.py", "b/utils.py").holds(before, [word])
    assert not made("a/main.py", "torch/__init__.py").holds(before, [word])
    assert not made("a/main.py", "b/utils.py").holds(made("a/main.py", "c/utils.py").stamp([word]), [word])


def test_what_is_named_by_its_path_counts_even_where_no_file_has_come_or_gone():
    depends = [f"={AssetKind.SOURCE_FILE}:a/main.py", names_word({name_sum("torch")})]
    before = made("a/main.py").stamp(depends)
    (edited,) = made("a/main.py").assets
    assert not Inputs([msgspec.structs.replace(edited, digest="y")]).holds(before, depends)
