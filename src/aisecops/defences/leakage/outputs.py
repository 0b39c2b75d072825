"""Answers that tell less: scores rounded, of the first classes alone, softened, or none.

The model stays as it is, so accuracy, fairness and what attacks by labels find stay, too. What these defences buy has to be measured with an attacker who knows of
them and puts the same before the shadow models: an attack that expects full scores fails at anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aisecops.defences.leakage.settings import Family, Setting
from aisecops.oracles.oracle import Batch, Capability, CapabilityError, Floats, Integers, Oracle
from aisecops.oracles.veiled import Veiled

if TYPE_CHECKING:
    from collections.abc import Iterable

_TINY = 1e-12


def output_settings(families: Iterable[Family], classes: int) -> tuple[Setting, ...]:
    """Return what is tried of these families on a model of so many classes.

    Of two classes the score of the first tells that of the second, so that ``top-k`` would hide nothing: it is left out.
    """
    wanted, found = set(families), []
    if Family.ROUNDING in wanted:
        found += [Setting(family=Family.ROUNDING, told=f"{digits} digit{'s' * (digits > 1)}", value=digits) for digits in (2, 1)]
    if Family.TOP_K in wanted and classes > 2:
        found.append(Setting(family=Family.TOP_K, told="1", value=1))
    if Family.TEMPERATURE in wanted:
        found += [Setting(family=Family.TEMPERATURE, told=f"{t}", value=t) for t in (2, 5)]
    if Family.LABELS in wanted:
        found.append(Setting(family=Family.LABELS, told="alone"))
    return tuple(found)


def shown(scores: Floats, labels: Integers, setting: Setting) -> Floats:
    """Return what is shown of ``scores``, shape (n, k), whose labels are ``labels``, shape (n,).

    Raises
    ------
    ValueError
        The setting is none of outputs.
    """
    scores = np.asarray(scores, dtype=np.float64)
    match setting.family:
        case Family.ROUNDING:
            return np.round(_distribution(scores), int(setting.value))
        case Family.TEMPERATURE:
            logs = np.log(_distribution(scores) + _TINY) / setting.value
            powers = np.exp(logs - logs.max(axis=1, keepdims=True))
            return np.asarray(powers / powers.sum(axis=1, keepdims=True))
        case Family.TOP_K:
            return _first(_distribution(scores), int(setting.value))
        case Family.LABELS:
            return np.asarray(np.arange(scores.shape[1]) == labels[:, None], dtype=np.float64)
        case _:
            raise ValueError(f"{setting.family} is no defence of outputs")


def _distribution(scores: Floats) -> Floats:
    """Scores as they are where each row is a distribution; logits and margins by a softmax."""
    if len(scores) == 0 or (scores.min() >= 0 and np.allclose(scores.sum(axis=1), 1.0, atol=1e-3)):
        return scores
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _first(scores: Floats, k: int) -> Floats:
    """The k largest of each row; the others share what is left, which is all that an attacker can take them for."""
    hidden = scores.shape[1] - k
    if hidden <= 0:
        return scores
    told = np.zeros(scores.shape, dtype=bool)
    np.put_along_axis(told, np.argsort(-scores, axis=1, kind="stable")[:, :k], values=True, axis=1)
    kept = np.where(told, scores, 0.0)
    return np.asarray(np.where(told, scores, (1.0 - kept.sum(axis=1, keepdims=True)).clip(0.0) / hidden))


class Shown(Veiled):
    """An oracle behind a defence of outputs: the labels stay, scores are what is shown of them; neither gradient nor structure."""

    def __init__(self, oracle: Oracle, setting: Setting) -> None:
        super().__init__(oracle, setting.name)
        self._setting = setting
        if setting.family is Family.LABELS:
            self.capabilities = oracle.capabilities & {Capability.LABELS}

    def scores(self, batch: Batch) -> Floats:
        """What is shown of the oracle's."""
        if Capability.SCORES not in self.capabilities:
            raise CapabilityError("this model gives labels alone", where=self.name)
        return shown(self._oracle.scores(batch), self._oracle.labels(batch), self._setting)
