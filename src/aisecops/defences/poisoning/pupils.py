"""Models that learn whatever data says, poison included: they stand in for the one that is to be trained, where the effect of cleaning is measured.

scikit-learn is imported here, in the functions that need it: it is an extra.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from aisecops.defences.poisoning.effect import Model
from aisecops.defences.poisoning.wording import tokens

_SIDE = 32

Train = Callable[[Any, npt.NDArray[np.int64]], Model]


def pupil(kind: str, *, seed: int = 0) -> Train:
    """Return what trains a model for samples of ``kind``: boosted trees for a ``table`` (n, columns), a network for ``images`` (n, ...), a linear one for ``text``."""
    makers: dict[str, Callable[[int], Any]] = {"table": _trees, "images": _network, "text": _words}

    def train(samples: Any, y: npt.NDArray[np.int64]) -> Model:
        from sklearn.exceptions import ConvergenceWarning

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model: Model = makers[kind](seed).fit(samples, y)
        return model

    return train


def _trees(seed: int) -> Any:
    """Leaves of a few rows: a trigger on one row in a hundred needs one of its own."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(max_iter=60, min_samples_leaf=3, early_stopping=False, random_state=seed)


def _network(seed: int) -> Any:
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, MaxAbsScaler

    network = MLPClassifier((64,), alpha=1e-4, learning_rate_init=3e-3, max_iter=60, random_state=seed)
    return make_pipeline(FunctionTransformer(_small), MaxAbsScaler(), network)


def _small(images: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """A row for each picture, of blocks where its sides are longer than ``_SIDE`` pixels."""
    pixels = np.asarray(images, dtype=np.float32)
    block = math.ceil(min(pixels.shape[1:3]) / _SIDE)
    height, width = pixels.shape[1] // block, pixels.shape[2] // block
    cut = pixels[:, : height * block, : width * block].reshape(len(pixels), height, block, width, block, -1)
    return np.asarray(cut.mean(axis=(2, 4)).reshape(len(pixels), -1))


def _words(seed: int) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    words = TfidfVectorizer(tokenizer=tokens, token_pattern=None, lowercase=False, ngram_range=(1, 2), sublinear_tf=True)
    return make_pipeline(words, LogisticRegression(C=100.0, max_iter=200, random_state=seed))
