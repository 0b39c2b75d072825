"""A second view of texts, by the letters of their words: it ranks wrong labels where words are too many for the texts to tell them by.

Naive Bayes on runs of letters learns from a few hundred texts what a linear model on words does not (Ng and Jordan 2002). Where words tell the labels sharply it is the
worse of the two. How much each is believed is what makes the labels likeliest out of fold.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np

from aisecops.defences.poisoning.reading import FOLDS, Reading, softmax
from aisecops.defences.poisoning.suspicion import Floats

_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
_SHARPNESS = (1.0, 2.0, 4.0, 8.0)
_WRONG = 0.1
"""Share of the labels that may be wrong when the views are weighed: what contradicts them is not to make either view timid."""


def votes(texts: Sequence[str], reading: Reading) -> Floats:
    """Return how likely each class is for each text by its words and its letters, out of fold, shape (n, classes)."""
    rows = np.arange(len(reading.y))
    words, letters = (_centred(np.log(p)) for p in (softmax(reading.logits), _by_letters(texts, reading)))

    def likelihood(p: Floats) -> float:
        return float(np.log((1 - _WRONG) * p[rows, reading.y] + _WRONG / reading.classes).mean())

    return max((softmax(by * ((1 - share) * words + share * letters)) for share, by in product(_SHARES, _SHARPNESS)), key=likelihood)


def _by_letters(texts: Sequence[str], reading: Reading) -> Floats:
    """Return the probabilities by complement naive Bayes (Rennie et al. 2003) on runs of two to five letters; of a class that is not learnt from, next to nothing."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.naive_bayes import ComplementNB

    runs = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=2, sublinear_tf=True).fit_transform(texts).tocsr()
    p = np.full((len(texts), reading.classes), 1e-9)
    for number in range(FOLDS):
        asked = reading.fold == number
        if asked.any() and not asked.all():
            model = ComplementNB(alpha=0.3).fit(runs[~asked], reading.y[~asked])
            p[np.ix_(asked, model.classes_)] = model.predict_proba(runs[asked])
    return np.asarray(np.clip(p, 1e-9, 1.0))


def _centred(odds: Floats) -> Floats:
    """Return log odds about 0 of a mean size of 1, so that views of unlike sharpness can be weighed."""
    odds = odds - odds.mean(axis=1, keepdims=True)
    return np.asarray(odds / max(float(np.abs(odds).mean()), 1e-9))
