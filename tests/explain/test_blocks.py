"""Pictures by patches and texts by words: every pixel and every word is in one place, and what is taken away is what is asked about."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisecops.explain import movements, patches, words_of

SAID = ("Free prize, call 0800", "free lunch", "Prize draw: free entry", "the prize is FREE", "free of charge, a prize", "no prize")


@pytest.mark.parametrize("shape", [(8, 8), (64,), (28, 28, 3), (3, 28, 28), (5, 9), (2, 2), (10,), (1,)])
def test_every_pixel_is_in_one_patch(shape):
    placed = sorted(pixel for part in patches(shape).values() for pixel in part)
    assert placed == list(range(int(np.prod(shape))))
    assert len(patches(shape)) <= 16


def test_the_colours_of_a_pixel_are_in_one_patch():
    last, first = (dict(patches(shape)) for shape in ((8, 8, 3), (3, 8, 8)))
    corner = "rows 1 to 2, columns 1 to 2"
    assert last[corner] == [0, 1, 2, 3, 4, 5, 24, 25, 26, 27, 28, 29]
    assert sorted(first[corner]) == [0, 1, 8, 9, 64, 65, 72, 73, 128, 129, 136, 137]


def test_words_are_taken_away_wherever_they_stand_and_the_rest_together():
    words = words_of(SAID, [1, 0, 1, 1, 0, 0])
    assert words.names == ("free", "prize", "all other words")  # the others stand in fewer than five texts
    whole, none = words.points(kept=True), words.points(kept=False)
    assert words.written(whole)[0] == list(SAID)
    without = whole.copy()
    without[:, 1] = 0
    told, which = words.written(without)
    assert told[which[0]] == " prize, call 0800"
    assert told[which[3]] == "the prize is "
    told, which = words.written(none)
    assert told[which[1]] == " "
    assert {text.strip(" ,:") for text in told} == {""}


@given(st.lists(st.text(max_size=30), min_size=1, max_size=20))
def test_any_text_is_itself_with_all_words_and_has_none_without(texts):
    words = words_of(texts, np.zeros(len(texts), dtype=np.int64))
    told, which = words.written(words.points(kept=True))
    assert [told[place] for place in which] == texts
    told, which = words.written(words.points(kept=False))
    assert not any(letter.isalnum() for text in told for letter in text)


def test_the_word_that_an_answer_hangs_on_moves_it_and_no_other():
    words = words_of(SAID, [1, 0, 1, 1, 0, 0])

    def answers(points):
        told, which = words.written(points)
        free = np.array([float("free" in text.lower()) for text in told])[which]
        return np.stack([1 - free, free], axis=1)

    moved = movements(answers, words.points(kept=True), words.points(kept=False), words.blocks, orders=1)
    np.testing.assert_array_equal(moved, [[1, 0, 0]] * 5 + [[0, 0, 0]])
