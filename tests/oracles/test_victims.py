"""Every kind of model, asked for labels and for scores, answers as the model itself does."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from aisecops.oracles.oracle import Capability, CapabilityError
from aisecops.oracles.spec import Output
from tests.oracles.victims import VICTIMS, Victim


@cache
def victim(kind: str) -> Victim:
    return VICTIMS[kind]()


@pytest.mark.parametrize("kind", VICTIMS)
def test_labels_and_scores_are_the_models_own(kind):
    chosen = victim(kind)
    oracle = chosen.open(None)
    labels = oracle.labels(chosen.samples)
    assert labels.dtype == np.int64
    np.testing.assert_array_equal(labels, chosen.labels)
    assert len(set(labels.tolist())) > 1, "a victim that always says the same shows nothing"
    if chosen.scores is None:
        assert oracle.capabilities == {Capability.LABELS}
        return
    assert Capability.SCORES in oracle.capabilities
    scores = oracle.scores(chosen.samples)
    assert scores.dtype == np.float64
    np.testing.assert_allclose(scores, chosen.scores, atol=1e-6)
    np.testing.assert_array_equal(scores.argmax(axis=1), labels)


@pytest.mark.parametrize("kind", VICTIMS)
def test_no_samples_get_no_answers(kind):
    chosen = victim(kind)
    oracle = chosen.open(None)
    assert oracle.labels(chosen.samples[:0]).shape == (0,)
    if chosen.scores is not None:
        assert oracle.scores(chosen.samples[:0]).shape == (0, len(oracle.classes))


@pytest.mark.parametrize("kind", VICTIMS)
def test_labels_alone_where_no_more_is_wanted(kind):
    chosen = victim(kind)
    oracle = chosen.open(Output.LABELS)
    assert oracle.capabilities == {Capability.LABELS}
    np.testing.assert_array_equal(oracle.labels(chosen.samples), chosen.labels)
    with pytest.raises(CapabilityError, match="no scores"):
        oracle.scores(chosen.samples)
