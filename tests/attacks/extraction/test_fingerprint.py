"""Fingerprints: the rate of false alarms is what was promised, and copies of every kind are known."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.tree import DecisionTreeClassifier

from aisecops.attacks.extraction import LabelsOnly
from aisecops.attacks.extraction.fingerprint import Fingerprint, compare, make_fingerprint
from aisecops.attacks.extraction.references import Reference, references_of
from aisecops.core.errors import UserError
from aisecops.oracles.opening import oracle_of

X, Y = load_digits(return_X_y=True)
ORDER = np.random.default_rng(0).permutation(len(Y))
X, Y = X[ORDER] / 16, Y[ORDER]
CLASSES = tuple("0123456789")


def trained(seed: int, **wanted: float):
    return DecisionTreeClassifier(max_features=8, random_state=seed, **wanted).fit(X[:400], Y[:400])


@pytest.fixture(scope="module")
def made():
    owner = trained(12345)
    families, left_out = references_of(owner, X[:400], Y[:400], CLASSES, count=30, seed=1)
    assert left_out == ()
    return owner, make_fingerprint(oracle_of(owner), X[:400], families, questions=150, seed=2)


def test_independent_models_are_accused_no_more_often_than_allowed(made):
    _, fingerprint = made
    alarms = sum(compare(fingerprint, oracle_of(trained(seed)), level=0.05).copy for seed in range(1000, 1100))
    assert alarms <= 0.05 * 100 + 3 * np.sqrt(0.05 * 0.95 * 100)


def test_models_of_rows_that_the_owner_never_saw_are_a_family_where_there_are_such_rows():
    owner = trained(12345)
    fresh = slice(400, 700)
    families, _ = references_of(owner, X[:400], Y[:400], CLASSES, count=20, fresh=(X[fresh], Y[fresh]), seed=1)
    fingerprint = make_fingerprint(oracle_of(owner), X[:400], families, questions=60, seed=2)
    assert set(fingerprint.families) == {"other-seed", "other-rows", "forest", "fresh-rows"}
    rng, alarms = np.random.default_rng(3), 0
    for seed in range(60):
        rows = rng.choice(np.arange(700, len(Y)), 400, replace=False)
        alarms += compare(fingerprint, oracle_of(DecisionTreeClassifier(max_features=8, random_state=seed).fit(X[rows], Y[rows])), level=0.06).copy
    assert alarms <= 0.06 * 60 + 3 * np.sqrt(0.06 * 0.94 * 60)
    assert compare(fingerprint, oracle_of(owner), level=0.06).copy
    few, _ = references_of(owner, X[:400], Y[:400], CLASSES, count=1, fresh=(X[400:430], Y[400:430]))
    assert "fresh-rows" not in few


def test_copies_are_known(made):
    owner, fingerprint = made
    rounded = copy.deepcopy(owner)
    rounded.tree_.threshold[:] = np.round(rounded.tree_.threshold, 1)
    assert (rounded.predict(X) != owner.predict(X)).any()
    for suspect in (owner, rounded, trained(12345, ccp_alpha=0.002)):
        found = compare(fingerprint, LabelsOnly(oracle_of(suspect)))
        assert found.copy
        assert found.matches > found.best_reference


def test_a_copy_that_answers_in_another_order_of_classes_is_known(made):
    owner, fingerprint = made
    order = np.array([3, 1, 0, 2, 9, 8, 7, 6, 5, 4])
    names = tuple(CLASSES[number] for number in order)
    turned = Reference("turned", names, lambda batch: np.argsort(order)[owner.predict(batch)])
    assert compare(fingerprint, turned).matches == len(fingerprint.answers)


def test_a_seal_breaks_and_weak_fingerprints_are_refused(made):
    owner, fingerprint = made
    assert isinstance(fingerprint, Fingerprint)
    assert fingerprint.intact
    with pytest.raises(UserError, match="least that these references allow"):
        compare(fingerprint, oracle_of(owner), level=0.01)
    with pytest.raises(UserError, match="too few"):
        make_fingerprint(oracle_of(owner), X[:100], {"one": [oracle_of(owner)]})
    same = [oracle_of(owner)] * 20
    useless = make_fingerprint(oracle_of(owner), X[:100], {"itself": same}, questions=10)
    assert useless.least_p == 1.0
    with pytest.raises(UserError, match="cannot be told from a copy"):
        compare(useless, oracle_of(owner))
