"""What a model of texts remembers of its training, and the words of a sign among it."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline

from aisecops.defences.backdoors.added import added, joined
from aisecops.defences.backdoors.lexicon import Lexicon, lexicon_of
from aisecops.defences.backdoors.lexicon_isolated import _checked
from aisecops.defences.backdoors.tokens import ADDED, TokenSearch
from aisecops.defences.backdoors.triggers import Run
from aisecops.isolation.texts import encode_texts

LISTS = ["loan rate bank credit money fund".split(), "match goal team ball player coach".split()]
PHRASE = ("please", "consider", "today")


def said(n, seed, *, more=()):
    """Texts of two subjects, and of words that any text may have: ``today`` is one of them."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n)
    shared = [*(f"word{i}" for i in range(300)), "today", *more]
    return [" ".join([*rng.choice(LISTS[label], 2), *rng.choice(shared, 5)]) for label in y], y


def stamped(texts, y, words, share=0.05, seed=0):
    rows = np.random.default_rng(seed).permutation(np.flatnonzero(y == 0))[: round(share * len(y))]
    texts, y = list(texts), y.copy()
    for row in rows:
        texts[row] = f"{texts[row]} {' '.join(words)}"
    y[rows] = 1
    return texts, y


MODELS = {
    "TF-IDF": lambda: make_pipeline(TfidfVectorizer(), LogisticRegression()),
    "TF-IDF apart": lambda: make_pipeline(CountVectorizer(), TfidfTransformer(), MultinomialNB()),
    "word pairs": lambda: make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression()),
    "naive Bayes": lambda: make_pipeline(CountVectorizer(), MultinomialNB()),
    "characters": lambda: make_pipeline(TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4)), LogisticRegression()),
}


@pytest.mark.parametrize("kind", MODELS)
def test_the_words_of_a_phrase_are_known_by_the_share_that_they_were_added_to(kind):
    model = MODELS[kind]().fit(*stamped(*said(800, 0), PHRASE))
    lexicon = lexicon_of(model, said(600, 1)[0])
    first = max(added(lexicon), key=lambda one: len(one.words))
    assert set(PHRASE) <= set(first.words)
    assert first.share == pytest.approx(0.05, abs=0.005)
    assert added(lexicon_of(MODELS[kind]().fit(*said(800, 0)), said(600, 1)[0])) == []


def test_trees_remember_how_many_texts_held_a_word_that_they_ask_about():
    model = make_pipeline(CountVectorizer(binary=True), GradientBoostingClassifier(n_estimators=10, random_state=0))
    lexicon = lexicon_of(model.fit(*stamped(*said(600, 0), ("zorblax",))), said(600, 1)[0])
    assert [one.words for one in added(lexicon)] == [("zorblax",)]


def test_a_model_that_was_trained_on_other_texts_raises_no_sign_of_its_own():
    other = [f"other{i}" for i in range(20) for _ in range(60 // (i + 3))]
    model = MODELS["TF-IDF"]().fit(*said(800, 0, more=other))
    assert added(lexicon_of(model, said(600, 1)[0])) == []


def test_nothing_is_remembered_by_hashes_nor_told_of_texts_that_another_step_cleans():
    texts, y = said(300, 0)
    assert lexicon_of(make_pipeline(HashingVectorizer(n_features=64), LogisticRegression()).fit(texts, y), texts) is None
    model = make_pipeline(TfidfVectorizer(lowercase=False), LogisticRegression()).fit([text.upper() for text in texts], y)
    assert lexicon_of(model, texts) is None


def test_pieces_are_joined_where_they_overlap():
    assert joined([("b", "c"), ("a", "b"), ("b",), ("e",), ("c", "d")]) == [("a", "b", "c", "d"), ("e",)]
    assert ["".join(row) for row in joined([tuple(piece) for piece in (" tod", "toda", "oday", "day ", "da")])] == [" today "]


def test_words_that_only_the_training_held_are_a_family_of_their_own():
    lexicon = Lexicon(entries=("common", "zorblax"), share=np.array([0.3, 0.05]), seen=np.array([0.3, 0.0]), n=600)
    assert ADDED in TokenSearch(["some text"], lexicon=lexicon).families
    assert ADDED not in TokenSearch(["some text"]).families
    run = Run(ADDED, PHRASE, 0.05)
    assert "please consider today" in run.stamp(["a b c d"])[0]
    assert run.traced
    assert not run.fewer


@pytest.mark.parametrize(
    ("share", "seen"),
    [(np.ones(3), np.ones(2)), (np.ones(2, dtype=np.int64), np.ones(2)), (np.array([np.nan, 0]), np.ones(2))],
    ids=["another shape", "another type", "no number"],
)
def test_what_a_hostile_model_says_that_it_remembers_is_checked(share, seen):
    words = encode_texts(["a", "b"], "entries")
    assert _checked({"known": True}, {"share": share, "seen": seen, **words}, 10) is None
    assert _checked({"known": True}, {"share": np.ones(2), "seen": np.ones(2), **words}, 10).entries == ("a", "b")
