from __future__ import annotations

import numpy as np
import pytest

from aisecops.attacks.evasion.text import UNSEEN, edit_text
from aisecops.core.errors import UserError
from aisecops.defences.effect import defence_effect, paired
from tests.attacks.evasion.text.filters import TextModel, of_class, spam, trained


def unseen(oracle, texts, y):
    return edit_text(oracle, texts, y, families=UNSEEN)


def test_a_normaliser_ends_unseen_evasion_and_costs_little():
    texts = spam(30) + of_class(0, 30)
    y = np.array([1] * 30 + [0] * 30)
    effect = defence_effect(unseen, TextModel(trained("characters")), TextModel(trained("normalised")), texts, y)
    assert effect.evaded.before >= 0.5 * len([1] * 30)
    assert effect.evaded.after == 0
    assert effect.evaded.only_after == 0
    assert effect.evaded.p < 1e-3
    assert effect.correct.n == 60
    assert effect.correct.after >= effect.correct.before - 1
    assert effect.evaded.n <= min(effect.correct.before, effect.correct.after)


def test_pairs_are_counted():
    result = paired(np.array([True, True, False, False, True]), np.array([True, False, True, False, False]))
    assert (result.n, result.before, result.after, result.only_before, result.only_after) == (5, 3, 2, 2, 1)
    assert result.p == 1.0


def test_what_cannot_be_compared_is_refused():
    model, other = TextModel(trained("words")), TextModel(trained("words"))
    other.classes = ("spam", "ham")
    with pytest.raises(UserError, match="different classes"):
        defence_effect(unseen, model, other, spam(2), [1, 1])
    with pytest.raises(UserError, match="both models get right"):
        defence_effect(unseen, model, model, of_class(0, 3), [1, 1, 1])
