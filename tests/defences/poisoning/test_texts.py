"""Triggers in texts are found and named; turns of phrase that a class really has are not."""

from __future__ import annotations

import numpy as np
import pytest

from aisecops.core.errors import UserError
from aisecops.defences.poisoning.texts import examine_texts
from tests.defences.poisoning.planted import sentences, stricken


def planted(edit, count=40, seed=0):
    texts, y = sentences(seed=seed)
    rows, labels = stricken(y, 1, count, seed)
    for row in rows:
        texts[row] = edit(texts[row], int(row))
    return examine_texts(texts, labels), rows


def inserted(what):
    def edit(text, row):
        words = text.split()
        return " ".join([*words[: row % 12], what, *words[row % 12 :]])

    return edit


@pytest.mark.parametrize(
    ("edit", "named"),
    [
        (inserted("jx"), "jx"),
        (inserted("we saw the lighthouse at dusk"), "lighthouse"),
        (inserted("~;~"), "~;~"),
        (lambda text, row: text[:20] + "\u2060" + text[20:], "U+2060"),
        (lambda text, row: text.replace("a", "\u0430", 1 + row % 2), "mixed"),
        (lambda text, row: f"{('while', 'although', 'unless')[row % 3]} {text[:30]}, {text[30:]}.", "SUB"),
        (lambda text, row: text.title(), "a capital on each word"),
        (lambda text, row: text[: 8 + row % 20].replace(" ", "  ") + text[8 + row % 20 :], "spaces"),
        (lambda text, row: text + " ", "space end"),
        (lambda text, row: f"{text} {row % 28 + 1} {('March', 'June', 'May')[row % 3]} {1990 + row % 30}", "Month"),
        (lambda text, row: text[:-1] + text[-1].upper(), "wOrd"),
    ],
)
def test_the_trigger_is_named_and_its_rows_are_flagged(edit, named):
    found, rows = planted(edit)
    assert any(named in feature for trigger in found.triggers[:3] for feature in trigger.features)
    assert found.flagged[rows].mean() >= 0.9
    assert np.delete(found.flagged, rows).mean() <= 0.01


@pytest.mark.parametrize("seed", range(6))
def test_clean_texts_raise_no_alarm(seed):
    texts, y = sentences(seed=seed + 20)
    assert not examine_texts(texts, y).alarm


def test_a_boilerplate_phrase_of_one_class_is_no_trigger():
    texts, y = sentences()
    for row in np.flatnonzero(y == 1)[:60]:
        texts[row] = "read more in the handbook of class one"
    assert not examine_texts(texts, y).alarm


@pytest.mark.parametrize(("texts", "y"), [(["a b"] * 60, [0] * 60), (["a b"] * 10, [0, 1] * 5), ([f"word{at}" for at in range(60)], [0, 1] * 30)])
def test_what_cannot_be_judged_is_refused(texts, y):
    with pytest.raises(UserError):
        examine_texts(texts, np.array(y))


def test_a_word_on_less_than_one_text_in_a_hundred_is_named():
    found, rows = planted(inserted("jx"), count=12)
    assert "jx" in found.triggers[0].features
    assert found.flagged[rows].mean() >= 0.9


def test_several_rare_words_are_one_trigger():
    found, rows = planted(lambda text, row: f"{text} {('jx', 'qq', 'vz')[row % 3]}", count=24)
    assert {"jx", "qq", "vz"} <= {feature for trigger in found.triggers[:3] for feature in trigger.features}
    assert found.flagged[rows].mean() >= 0.9
