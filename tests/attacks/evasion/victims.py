"""Small real models as oracles that count, and a space with constraints."""

from __future__ import annotations

from functools import cache

import numpy as np
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from aisecops.oracles.oracle import Capability, Loss


class Counting:
    """A fitted classifier that counts what it is asked, with the gradient of a linear one."""

    name = "victim"

    def __init__(self, model, *capabilities):
        self.model, self.calls, self.queries, self.asked = model, 0, 0, []
        self.classes = tuple(map(str, model.classes_))
        self.capabilities = frozenset(capabilities or (Capability.LABELS, Capability.SCORES))

    def _count(self, batch):
        self.calls += 1
        self.queries += len(batch)
        self.asked.append(np.array(batch))
        return np.asarray(batch).reshape(len(batch), -1)

    def labels(self, batch):
        return self.model.predict(self._count(batch)).astype(np.int64)

    def scores(self, batch):
        flat = self._count(batch)
        return self.logits(flat) if isinstance(self.model, LogisticRegression) else self.model.predict_proba(flat)

    def logits(self, flat):
        logits = flat @ self.model.coef_.T + self.model.intercept_
        return logits if logits.shape[1] > 1 else np.hstack([-logits, logits])

    def gradient(self, batch, y, loss, target=None):
        """Of the logits of a linear model, by finite differences of the loss in the logits: exact up to 1e-6."""
        z = self.logits(self._count(batch))
        value = losses(z, y, loss, target)
        by_logit = np.stack([(losses(z + 1e-6 * np.eye(z.shape[1])[k], y, loss, target) - value) / 1e-6 for k in range(z.shape[1])], axis=1)
        weights = self.model.coef_ if len(self.model.coef_) > 1 else np.vstack([-self.model.coef_, self.model.coef_])
        return value, (by_logit @ weights).reshape(np.shape(batch))


def losses(z, y, loss, target):
    here = np.arange(len(z))
    others = z.copy()
    others[here, y] = -np.inf
    match loss:
        case Loss.CROSS_ENTROPY:
            return np.log(np.exp(z - z.max(1, keepdims=True)).sum(1)) + z.max(1) - z[here, y]
        case Loss.MARGIN:
            return others.max(1) - z[here, y]
        case Loss.TARGET:
            return z[here, target] - z[here, y]
        case Loss.DLR:
            ordered = np.sort(z, axis=1)
            return (others.max(1) - z[here, y]) / (ordered[:, -1] - ordered[:, -3] + 1e-12)


@cache
def digits():
    X, y = load_digits(return_X_y=True)
    return X[:900] / 16, y[:900].astype(np.int64), X[900:] / 16, y[900:].astype(np.int64)


@cache
def trained(kind):
    X, y, _, _ = digits()
    return {"forest": RandomForestClassifier(8, random_state=0), "logistic": LogisticRegression(max_iter=500)}[kind].fit(X, y)


def victim(kind, *capabilities, n=20):
    """A counting oracle, and n samples that it gets right with their labels."""
    model = trained(kind)
    _, _, X, y = digits()
    right = model.predict(X) == y
    return Counting(model, *capabilities), X[right][:n], y[right][:n]


class Ledger:
    """Four columns: bytes in and out (integers), their sum, a frozen one."""

    plain = False
    low, high = np.zeros(4), np.array([100.0, 100.0, 200.0, 1.0])

    def project(self, points, origin):
        points = np.clip(np.round(points), self.low, self.high)
        points[:, 3] = origin[:, 3]
        points[:, 2] = points[:, 0] + points[:, 1]
        return points

    def valid(self, points, origin):
        whole = points[:, :2] == np.round(points[:, :2])
        return whole.all(1) & (points[:, 2] == points[:, 0] + points[:, 1]) & (points[:, 3] == origin[:, 3])


def flows(n=400, seed=0):
    """Flows, attacks (1) with more bytes in than out, and a classifier of them."""
    rng = np.random.default_rng(seed)
    sent, received = rng.integers(0, 100, n), rng.integers(0, 100, n)
    X = np.column_stack([sent, received, sent + received, rng.integers(0, 2, n)]).astype(float)
    y = (sent + 10 * X[:, 3] > received).astype(np.int64)
    return RandomForestClassifier(8, max_depth=6, random_state=0).fit(X, y), X, y
