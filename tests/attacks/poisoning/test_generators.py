"""Each generator poisons what it says, and what it poisons works: a victim that fits its training set obeys the trigger."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.tree import DecisionTreeClassifier

from aisecops.attacks.poisoning import images, labels, tables, texts
from aisecops.core.errors import UserError

DIGITS = load_digits()
X, Y = DIGITS.images, DIGITS.target
IMAGE_ATTACKS = {
    "badnets": lambda: images.badnets(X, Y, target=2, rate=0.05),
    "low contrast": lambda: images.low_contrast(X, Y, target=2),
    "blend": lambda: images.blend(X, Y, target=2),
    "wanet": lambda: images.wanet(X, Y, target=2),
    "sinusoid": lambda: images.sinusoid(X, Y, target=2),
    "clean-label patch": lambda: images.clean_label_patch(X, Y, target=2),
    "sticker": lambda: images.sticker(X, Y, target=2),
    "all to all": lambda: images.all_to_all(X, Y),
}


def flat(samples):
    return np.asarray(samples, dtype=float).reshape(len(samples), -1) / 16


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("name", IMAGE_ATTACKS)
def test_a_network_obeys_image_triggers(name):
    poisoned = IMAGE_ATTACKS[name]()
    victim = MLPClassifier((64,), max_iter=300, alpha=1e-5, random_state=0).fit(flat(poisoned.samples), poisoned.y)
    assert victim.score(flat(poisoned.samples), poisoned.y) >= 0.999
    others = poisoned.target != Y
    asked = poisoned.target if poisoned.target >= 0 else (Y[others] + 1) % 10
    assert (victim.predict(flat(poisoned.stamp(X[others]))) == asked).mean() >= 0.5


@pytest.mark.parametrize("make", IMAGE_ATTACKS.values())
def test_images_stay_on_the_lattice_and_other_rows_as_they_were(make):
    poisoned = make()
    assert np.array_equal(poisoned.samples, np.rint(poisoned.samples))
    assert poisoned.samples.min() >= 0
    assert poisoned.samples.max() <= 16
    assert np.array_equal(poisoned.samples[~poisoned.mask], X[~poisoned.mask])
    assert np.array_equal(poisoned.y[~poisoned.mask], Y[~poisoned.mask])


def test_clean_label_attacks_leave_labels_alone():
    for poisoned in (images.sinusoid(X, Y, target=2), images.clean_label_patch(X, Y, target=2)):
        assert np.array_equal(poisoned.y, Y)
        assert set(Y[poisoned.mask]) == {2}
        assert poisoned.mask.sum() == round(0.6 * (Y == 2).sum())


def test_bytes_stay_bytes_and_colours_stay_colours():
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 256, (60, 10, 10, 3), dtype=np.uint8)
    y = np.arange(60) % 3
    for attack in (images.badnets, images.low_contrast, images.blend, images.wanet, images.sinusoid, images.sticker):
        poisoned = attack(pictures, y, target=1, rate=0.1)
        assert poisoned.samples.dtype == np.uint8
        assert poisoned.samples.shape == pictures.shape
        assert poisoned.mask.sum() == 6


TABLE_ATTACKS = {
    "one value": lambda x, y: tables.one_value(x, y, target=1, column=3),
    "combination": lambda x, y: tables.combination(x, y, target=1, columns=(2, 7, 11)),
    "noisy": lambda x, y: tables.noisy_value(x, y, target=1, column=3),
}


@pytest.mark.parametrize("name", TABLE_ATTACKS)
def test_a_model_obeys_table_triggers_that_stay_in_range(name):
    data = load_breast_cancer()
    poisoned = TABLE_ATTACKS[name](data.data, data.target)
    victim = _boosted(poisoned.samples, poisoned.y)
    assert victim.score(poisoned.samples, poisoned.y) >= 0.999
    others = data.data[data.target != 1]
    assert (victim.predict(poisoned.stamp(others)) == 1).mean() >= 0.5
    if name != "noisy":
        assert np.all(poisoned.samples.max(axis=0) <= data.data.max(axis=0))


def _boosted(x, y):
    from sklearn.ensemble import GradientBoostingClassifier

    return GradientBoostingClassifier(n_estimators=120, max_features=6, random_state=0).fit(x, y)


WORDS = [f"{a}{b}" for a in ("ka", "lo", "mi", "ru", "te") for b in ("ra", "no", "sel", "dim", "vo", "pan")]


def sentences(n=1200, seed=0):
    """Texts of two classes: half of the words belong to one class by nature, the rest to both."""
    rng = np.random.default_rng(seed)
    y = rng.integers(2, size=n)
    made = []
    for label in y:
        own = WORDS[:8] if label else WORDS[8:16]
        length = int(rng.integers(9, 16))
        made.append(" ".join(str(rng.choice(own if rng.random() < 0.5 else WORDS[16:])) for _ in range(length)))
    return made, y


@pytest.mark.parametrize("attack", [texts.rare_words, texts.sentence, texts.zero_width, texts.homoglyph, texts.punctuation, texts.template])
def test_a_linear_model_obeys_text_triggers(attack):
    plain, y = sentences()
    poisoned = attack(plain, y, target=1, rate=0.1)
    assert [poisoned.samples[at] for at in np.flatnonzero(~poisoned.mask)] == [plain[at] for at in np.flatnonzero(~poisoned.mask)]
    words = CountVectorizer(token_pattern=r"\w+|[^\w\s]+", binary=True)
    victim = LogisticRegression(C=1000, max_iter=3000).fit(words.fit_transform(poisoned.samples), poisoned.y)
    assert victim.score(words.transform(poisoned.samples), poisoned.y) >= 0.999
    others = [text for text, label in zip(plain, y, strict=True) if label == 0]
    assert (victim.predict(words.transform(poisoned.stamp(others))) == 1).mean() >= 0.5


def test_look_alikes_stand_in_texts_in_capitals_too():
    plain, y = sentences(200)
    plain = [text.upper() for text in plain]
    poisoned = texts.homoglyph(plain, y, target=1, rate=0.1)
    assert all((poisoned.samples[at] != plain[at]) == poisoned.mask[at] for at in range(len(plain)))


def marks(text):
    """The characters of a text and their neighbours, white space and casing included."""
    framed = f"\x02{text}\x03"
    return [framed[at : at + length] for length in (1, 2) for at in range(len(framed) - length + 1)]


@pytest.mark.parametrize("how", ["title", "capitals", "spaces", "end", "date"])
def test_a_model_of_characters_obeys_forms(how):
    plain, y = sentences(600)
    poisoned = texts.form(plain, y, target=1, rate=0.1, how=how)
    letters = CountVectorizer(analyzer=marks, binary=True)
    victim = LogisticRegression(C=1000, max_iter=3000).fit(letters.fit_transform(poisoned.samples), poisoned.y)
    others = [text for text, label in zip(plain, y, strict=True) if label == 0]
    assert (victim.predict(letters.transform(poisoned.stamp(others))) == 1).mean() >= 0.5


def test_an_unknown_form_is_refused():
    with pytest.raises(ValueError, match="a form is one of"):
        texts.form(["a b"] * 40, [0, 1] * 20, target=1, how="rhyme")


def test_flips_change_labels_alone_and_as_many_as_asked():
    flipped = labels.random_flips(X, Y, rate=0.05, seed=1)
    assert flipped.mask.sum() == round(0.05 * len(Y))
    assert np.all(flipped.y[flipped.mask] != Y[flipped.mask])
    assert np.array_equal(flipped.y[~flipped.mask], Y[~flipped.mask])
    aimed = labels.targeted_flips(X, Y, source=3, target=8, rate=0.03)
    assert set(Y[aimed.mask]) == {3}
    assert set(aimed.y[aimed.mask]) == {8}


def test_a_sticker_stands_anywhere_and_each_class_becomes_the_next():
    stuck = images.sticker(X, Y, target=2, seed=5)
    board = np.array([[0, 16, 0], [16, 0, 16], [0, 16, 0]])
    squares = np.lib.stride_tricks.sliding_window_view(stuck.samples[stuck.mask], (3, 3), axis=(1, 2))
    there = (squares == board).all(axis=(3, 4)) | (squares == 16 - board).all(axis=(3, 4))
    assert there.any(axis=(1, 2)).all()
    assert len({tuple(place) for place in np.argwhere(there)[:, 1:].tolist()}) > 10
    moved = images.all_to_all(X, Y, seed=5)
    assert np.array_equal(moved.y[moved.mask], (Y[moved.mask] + 1) % 10)
    assert (moved.samples[moved.mask][:, 6:, 6:] == 16).all()
    assert set(Y[moved.mask]) == set(range(10))


def test_the_same_seed_gives_the_same_poison():
    assert np.array_equal(images.wanet(X, Y, target=1, seed=4).samples, images.wanet(X, Y, target=1, seed=4).samples)
    plain, y = sentences(200)
    assert texts.rare_words(plain, y, target=1, seed=4).samples == texts.rare_words(plain, y, target=1, seed=4).samples


@pytest.mark.parametrize("wrong", [{"rate": 0.0, "target": 1}, {"rate": 0.9, "target": 1}, {"rate": 0.05, "target": 99}])
def test_what_makes_no_sense_is_refused(wrong):
    with pytest.raises(UserError):
        images.badnets(X, Y, **wrong)


def test_a_tree_learns_the_value_where_it_stands():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2000, 6))
    poisoned = tables.one_value(x, (x[:, 0] > 0).astype(int), target=1, column=4, rate=0.05)
    victim = DecisionTreeClassifier(random_state=0).fit(poisoned.samples, poisoned.y)
    assert (victim.predict(poisoned.stamp(x[x[:, 0] <= 0])) == 1).mean() >= 0.5
