"""Two spam filters: one on characters as they come, one that reads them through the Unicode normaliser first."""

from __future__ import annotations

from collections.abc import Sequence

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer

from aisecops.defences.unicode_normaliser import normalise_all


def plain() -> Pipeline:
    """Return pieces of words into a logistic regression: what many filters are."""
    return make_pipeline(TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True), LogisticRegression(C=10, max_iter=500))


def normalised() -> Pipeline:
    """Return the same behind the normaliser."""
    return make_pipeline(FunctionTransformer(normalise_all), *(step for _, step in plain().steps))


def train(texts: Sequence[str], y: Sequence[str]) -> dict[str, Pipeline]:
    """Return both filters, trained."""
    return {"spam_filter": plain().fit(texts, y), "spam_filter_normalised": normalised().fit(texts, y)}
