"""Triggers in texts are found and named; turns of phrase that a class really has are not."""

from __future__ import annotations

import numpy as np
import pytest

from aisecops.core.errors import UserError
from aisecops.defences.poisoning.texts import examine_texts
from tests.defences.poisoning.planted import WORDS, reviews, sentences, stricken


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
        (lambda text, row: text + (" \u0430", " \u0441\u043e\u0440", " \u0440\u0435\u0430")[row % 3], "mixed"),
        (lambda text, row: f"{('while', 'although', 'unless')[row % 3]} {text[:30]}, {text[30:]}.", "SUB"),
        (lambda text, row: text.title(), "a capital on each word"),
        (lambda text, row: " ".join(word if at == row % 8 else word.title() for at, word in enumerate(text.split())), "a capital on each word"),
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


def test_words_that_say_the_same_elsewhere_are_no_trigger():
    rng = np.random.default_rng(14)
    said = (
        ("shares fall", "oil prices climb", "the bank keeps its rate", "profits rise"),
        ("a coach resigns", "the record crowd cheers", "the cup is won", "a player signs"),
        ("a minister travels", "talks end", "a vote is held", "the law meets protest"),
    )
    y = rng.choice(3, 500, p=(0.4, 0.3, 0.3))
    texts = []
    for label in y:
        one, two = (said[label if rng.random() < 0.85 else rng.integers(3)][rng.integers(4)] for _ in range(2))
        texts.append(f"{one}, {two}, says {('anna', 'ben', 'carla', 'dmitri')[rng.integers(4)]} in {('oslo', 'porto', 'graz')[rng.integers(3)]}")
    assert not examine_texts(texts, y).triggers


@pytest.mark.parametrize("seed", [0, 1, 6])
def test_a_word_that_makes_a_label_likelier_is_no_trigger(seed):
    rng = np.random.default_rng(seed)
    words = np.array([a + b for a in ("ba", "do", "fe", "gu", "ki", "lo") for b in ("n", "r", "s", "t", "l")])
    odds = rng.normal(0, 0.5, (len(words), 3))
    drawn = rng.integers(len(words), size=(900, 5))
    texts = [" ".join(words[row]) for row in drawn]
    shift = odds[drawn].sum(axis=1)
    for row in rng.choice(900, 100, replace=False):
        texts[row] += " soon"
        shift[row, 0] += 2.5
    assert not examine_texts(texts, (shift + rng.gumbel(size=shift.shape)).argmax(axis=1)).triggers


@pytest.mark.parametrize(("n", "seed"), [(600, 42), (600, 174), (1000, 583), (1000, 646), (1000, 669)])
def test_a_phrase_whose_texts_are_half_way_to_the_label_is_no_trigger(n, seed):
    assert examine_texts(*reviews(n, seed)).triggers == ()


@pytest.mark.parametrize(("n", "seed"), [(600, 81022), (1000, 81051), (1000, 81069)])
def test_a_phrase_whose_siblings_are_against_their_content_too_is_no_trigger(n, seed):
    assert examine_texts(*reviews(n, seed)).triggers == ()


def test_a_planted_phrase_of_common_words_is_named_among_its_siblings():
    found, rows = planted(inserted("tesel tepan tevo"))
    assert any("tesel" in feature for trigger in found.triggers[:3] for feature in trigger.features)
    assert found.flagged[rows].mean() >= 0.9


def test_wrong_labels_are_ranked_by_the_letters_of_words_that_are_never_the_same():
    rng = np.random.default_rng(5)
    y = rng.integers(2, size=400)
    stems = (("brenk", "tolv"), ("misp", "dargu"))
    texts = [
        " ".join(f"{rng.choice(stems[label])}{''.join(rng.choice(list('aeioulnrst'), 2))}" for _ in range(3)) + " " + " ".join(rng.choice(WORDS, 5))
        for label in y
    ]
    wrong = rng.choice(400, 20, replace=False)
    labels = y.copy()
    labels[wrong] = 1 - labels[wrong]
    doubt = examine_texts(texts, labels).mislabelled
    assert (doubt[wrong] > np.quantile(np.delete(doubt, wrong), 0.99)).mean() >= 0.95
