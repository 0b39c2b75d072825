from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisecops.attacks.evasion.text import ALL_FAMILIES, UNSEEN, Edit, EditBudget, Family, Protected, marked, rewritten
from aisecops.attacks.evasion.text.edits import trimmed
from aisecops.attacks.evasion.text.places import places
from aisecops.attacks.evasion.text.variants import look_alikes, neighbours, variants
from aisecops.core.errors import UserError
from aisecops.defences.unicode_normaliser import normalise

WORDS = st.text(st.characters(categories=("Lu", "Ll", "Nd")), min_size=1, max_size=12)


@given(st.text(max_size=40), st.data())
def test_edits_say_exactly_how_one_text_became_the_other(text, data):
    spots = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=8)))
    edits = [
        Edit(start=a, end=b, before=text[a:b], after=data.draw(st.text(max_size=3)), family=Family.SWAP)
        for a, b in zip(spots[::2], spots[1::2], strict=False)
    ]
    after = rewritten(text, edits)
    pieces, position = [], 0
    for edit in edits:
        pieces += [text[position : edit.start], edit.after]
        position = edit.end
    assert after == "".join(pieces) + text[position:]
    assert rewritten(text, reversed(edits)) == after


def test_edits_that_overlap_or_belong_elsewhere_are_refused():
    first = Edit(start=0, end=3, before="abc", after="x", family=Family.SWAP)
    with pytest.raises(ValueError, match="overlaps"):
        rewritten("abcd", [first, Edit(start=2, end=4, before="cd", after="", family=Family.SWAP)])
    with pytest.raises(ValueError, match="another text"):
        rewritten("abxd", [first])


@given(st.text(max_size=8), st.text(max_size=8))
def test_what_both_sides_share_is_no_change(before, after):
    short, new = trimmed(before, after)
    edit = Edit(start=0, end=len(before), before=before, after=after, family=Family.SWAP)
    assert edit.characters == max(len(short), len(new)) <= max(len(before), len(after))
    assert (edit.characters == 0) == (before == after)


@given(WORDS, st.integers(0, 5), st.integers(1, 30))
def test_every_variant_is_another_word_and_none_comes_twice(word, seed, most):
    made = variants(word, ALL_FAMILIES, most, seed)
    texts = [text for text, _ in made]
    assert len(texts) == len(set(texts)) <= most
    assert word not in texts
    assert made == variants(word, ALL_FAMILIES, most, seed)


@given(st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=12))
def test_a_reader_sees_no_unseen_edit(word):
    for after, family in variants(word, UNSEEN, 40):
        assert normalise(after) == word, (family, ascii(after))


def test_each_family_does_what_its_name_says():
    made = {}
    for after, family in variants("prize", ALL_FAMILIES, 200):
        made.setdefault(family, []).append(after)
    assert set(made) == ALL_FAMILIES - {Family.JOIN, Family.GOOD_WORD}
    assert all(sorted(word) == sorted("prize") for word in made[Family.SWAP])
    assert {len(word) for word in made[Family.DELETE]} == {4}
    assert {len(word) for word in made[Family.INSERT]} == {6}
    assert {word.replace(" ", "") for word in made[Family.SPLIT]} == {"prize"}
    assert {word.isascii() for word in made[Family.HOMOGLYPH]} == {False}
    assert "pr123" in made[Family.LEET]
    for word in made[Family.KEYBOARD]:
        ((a, b),) = [(a, b) for a, b in zip("prize", word, strict=True) if a != b]
        assert b in neighbours()[a]
    assert {word.translate({0x200B: None, 0x2060: None, 0xAD: None}) for word in made[Family.INVISIBLE]} == {"prize"}


def test_keyboard_and_look_alikes():
    assert set(neighbours()["s"]) == set("adzxwe")
    assert look_alikes()["a"][0] == "\u0430"
    assert all(not letter.isascii() for row in look_alikes().values() for letter in row)


def test_protected_parts_are_no_places():
    text = "Call Maria on 0800-555 or see www.win.com/prize at noon, dear friend"

    def editable(*kinds, keep=()):
        return [text[place.start : place.end] for place in places(text, kinds, keep) if place.word]

    assert "0800" in editable()
    assert not {"0800", "555"} & set(editable(Protected.NUMBERS))
    assert not {"www", "win", "com", "prize"} & set(editable(Protected.URLS))
    assert "Maria" not in editable(Protected.NAMES)
    assert "Call" in editable(Protected.NAMES)
    assert not {"dear", "friend"} & set(editable(keep=("Dear Friend",)))
    gaps = [place for place in places(text, (), ("dear friend",)) if not place.word]
    assert all(text[: place.start].split()[-1] not in ("noon,", "dear") for place in gaps)


def test_a_budget_holds_by_every_limit_of_its_own():
    assert EditBudget().allows(99, 999, 99, words=1, length=1)
    assert not EditBudget(count=2).allows(3, 0, 0, words=9, length=9)
    assert EditBudget(words=0.25).allows(2, 9, 9, words=8, length=40)
    assert not EditBudget(words=0.25).allows(2, 0, 0, words=7, length=40)
    assert not EditBudget(characters=0.1).allows(1, 5, 0, words=9, length=40)
    assert not EditBudget(price=1).allows(1, 1, 1.5, words=9, length=40)
    with pytest.raises(UserError, match="words"):
        EditBudget(words=-1)


def test_marked_text_shows_what_nobody_sees():
    edits = [
        Edit(start=0, end=4, before="free", after="fr\u0435\u0435", family=Family.HOMOGLYPH),
        Edit(start=5, end=9, before="cash", after="c ash", family=Family.SPLIT),
    ]
    assert marked("free cash", edits) == "[free|fr<U+0435><U+0435>] [cash|c ash]"
