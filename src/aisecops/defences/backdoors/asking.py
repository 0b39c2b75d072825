"""What many triggers do to a model, asked in few calls."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aisecops.defences.backdoors.triggers import Trigger, joined
from aisecops.oracles.oracle import Batch, Capability, Floats, Integers, Oracle

_AT_ONCE = 8192
"""Samples in a call: as many as keep the activations of a small network in memory."""


def shares(oracle: Oracle, triggers: Sequence[Trigger], batch: Batch) -> Floats:
    """Return how far each trigger moves the samples towards each class, on average, shape (triggers, classes).

    The mean score where scores are probabilities; otherwise (margins, or labels alone) the share of labels.
    """
    n, k = len(batch), len(oracle.classes)
    per = max(1, _AT_ONCE // n)
    found = [np.zeros((0, k))]
    for start in range(0, len(triggers), per):
        some = triggers[start : start + per]
        answers = answered(oracle, joined([trigger.stamp(batch) for trigger in some]))
        found.append(answers.reshape(len(some), n, k).mean(axis=1))
    return np.concatenate(found)


def moved(oracle: Oracle, triggers: Sequence[Trigger], batch: Batch, before: Integers) -> Floats:
    """Return the same by class: the mean score of each class over the samples that were ``before`` (n,) of each class, shape (triggers, classes, classes)."""
    n, k = len(batch), len(oracle.classes)
    member = before[:, None] == np.arange(k)
    weights = member / np.maximum(1, member.sum(axis=0))
    per = max(1, _AT_ONCE // n)
    found = [np.zeros((0, k, k))]
    for start in range(0, len(triggers), per):
        some = triggers[start : start + per]
        answers = answered(oracle, joined([trigger.stamp(batch) for trigger in some])).reshape(len(some), n, k)
        found.append(np.einsum("ns,znt->zst", weights, answers))
    return np.concatenate(found)


def labelled(oracles: Sequence[Oracle], triggers: Sequence[Trigger], batch: Batch) -> list[Integers]:
    """Return the labels of the samples under each trigger, shape (triggers, n), by each model.

    A trigger is stamped once for all of them, and asked about once where it stands there for several aims.
    """
    n = len(batch)
    per = max(1, _AT_ONCE // n)
    found: list[list[Integers]] = [[np.zeros((0, n), dtype=np.int64)] for _ in oracles]
    for start in range(0, len(triggers), per):
        stamped = [trigger.stamp(batch) for trigger in triggers[start : start + per]]
        keys = [one.tobytes() if isinstance(one, np.ndarray) else tuple(one) for one in stamped]
        distinct = dict(zip(keys, stamped, strict=True))
        places = {key: at for at, key in enumerate(distinct)}
        asked, back = joined(list(distinct.values())), [places[key] for key in keys]
        for answers, oracle in zip(found, oracles, strict=True):
            answers.append(oracle.labels(asked).reshape(len(distinct), n)[back])
    return [np.concatenate(answers) for answers in found]


def answered(oracle: Oracle, batch: Batch) -> Floats:
    """Return what the model says of each class, shape (n, k), between 0 and 1: probabilities, a softmax of logits, or the label alone."""
    k = len(oracle.classes)
    if Capability.SCORES not in oracle.capabilities:
        return np.eye(k)[oracle.labels(batch)]
    scores = oracle.scores(batch)
    if scores.min(initial=0.0) < -1e-6 or np.abs(scores.sum(axis=1) - 1).max(initial=0.0) > 1e-3:
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        scores = scores / scores.sum(axis=1, keepdims=True)
    return scores
