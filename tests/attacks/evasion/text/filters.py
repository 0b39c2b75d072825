"""Small spam filters, trained for real on the example's messages, and the oracle that asks them."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import numpy as np

from aisecops.oracles.oracle import Capability

sys.path.insert(0, str(Path(__file__).parents[4] / "examples" / "spam-filter"))

from messages import make_messages


class TextModel:
    """A pipeline as an oracle that keeps what it is asked."""

    name = "filter"
    classes = ("ham", "spam")

    def __init__(self, pipeline, scores=True) -> None:
        self.pipeline = pipeline
        self.capabilities = frozenset({Capability.LABELS, Capability.SCORES} if scores else {Capability.LABELS})
        self.asked: list[list[str]] = []

    def labels(self, texts):
        self.asked.append(list(texts))
        return self.pipeline.predict(list(texts))

    def scores(self, texts):
        assert Capability.SCORES in self.capabilities
        self.asked.append(list(texts))
        return self.pipeline.predict_proba(list(texts))


@cache
def messages(count=1200, seed=0):
    texts, labels = make_messages(count, seed=seed)
    return texts, np.array([label == "spam" for label in labels], dtype=np.int64)


@cache
def trained(kind):
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    from aisecops.defences.unicode_normaliser import normalise_all

    def characters():
        return TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True)

    pipelines = {
        "words": lambda: make_pipeline(TfidfVectorizer(), LogisticRegression(C=10)),
        "bayes": lambda: make_pipeline(CountVectorizer(), MultinomialNB()),
        "forest": lambda: make_pipeline(TfidfVectorizer(), RandomForestClassifier(30, random_state=0)),
        "characters": lambda: make_pipeline(characters(), LogisticRegression(C=10)),
        "normalised": lambda: make_pipeline(FunctionTransformer(normalise_all), characters(), LogisticRegression(C=10)),
    }
    texts, y = messages()
    return pipelines[kind]().fit(texts, y)


def of_class(label, count):
    """Messages that no filter was trained on."""
    seen, (texts, y) = set(messages()[0]), messages(seed=1)
    return [text for text, is_spam in zip(texts, y, strict=True) if is_spam == label and text not in seen][:count]


def spam(count=20):
    return of_class(1, count)
