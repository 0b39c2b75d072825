"""Pictures drawn for the tests, and a small model of digits."""

from __future__ import annotations

from functools import cache

import numpy as np

from aisecops.attacks.evasion.images.weather import clouds
from aisecops.oracles.oracle import Capability


def scenes(n, channels, side, seed=0):
    """Discs over clouds, shape (n, channels, side, side), 0 to 1."""
    rng = np.random.default_rng(seed)
    made = np.concatenate([clouds(rng, n, side, side, 2.0) for _ in range(channels)], axis=1).astype(float)
    y, x = np.mgrid[:side, :side] / side
    for _ in range(3):
        down, across, size = rng.random((3, n, 1, 1))
        disc = (y - down) ** 2 + (x - across) ** 2 < (0.1 + 0.25 * size) ** 2
        made = np.where(disc[:, None], rng.random((n, channels, 1, 1)), made)
    return made


class Pictures:
    """A model of flat rows as an oracle of pictures that counts what it is asked."""

    name = "digits"
    classes = tuple("0123456789")

    def __init__(self, model, scores=True):
        self.model, self.asked, self.calls = model, 0, 0
        self.capabilities = frozenset({Capability.LABELS, Capability.SCORES} if scores else {Capability.LABELS})

    def labels(self, images):
        self.asked, self.calls = self.asked + len(images), self.calls + 1
        return self.model.predict(images.reshape(len(images), -1))

    def scores(self, images):
        assert Capability.SCORES in self.capabilities
        self.asked, self.calls = self.asked + len(images), self.calls + 1
        return self.model.predict_proba(images.reshape(len(images), -1))


@cache
def digits():
    """A trained logistic regression, and 60 pictures that it has not seen, with labels."""
    from sklearn.datasets import load_digits
    from sklearn.linear_model import LogisticRegression

    data = load_digits()
    images = data.images / 16
    model = LogisticRegression(max_iter=300).fit(images[:1000].reshape(1000, -1), data.target[:1000])
    return model, images[1000:1060], data.target[1000:1060]
