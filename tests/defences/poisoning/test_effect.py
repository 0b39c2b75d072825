"""Taking the poison out takes the trigger's power away, and costs no accuracy that shows."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier

from aisecops.core.errors import UserError
from aisecops.defences.poisoning.effect import effect, effect_within
from aisecops.defences.poisoning.pupils import pupil
from aisecops.defences.poisoning.tables import examine_table
from tests.defences.poisoning.planted import stricken, table


def stamped(x):
    x = x.copy()
    x[:, 6] = 1.2345
    return x


def boosted(x, y):
    return GradientBoostingClassifier(n_estimators=20, max_depth=4, random_state=0).fit(x, y)


def test_the_trigger_loses_its_power():
    x, y = table(2000)
    train, test = np.arange(1400), np.arange(1400, 2000)
    rows, labels = stricken(y[train], 1, 60)
    poisoned = x[train].copy()
    poisoned[rows] = stamped(poisoned[rows])
    found = examine_table(poisoned, labels)
    proof = effect(boosted, poisoned, labels, found.flagged, test=x[test], test_y=y[test], stamp=stamped, target=1)
    assert proof.before.attack_success.value >= 0.5
    assert proof.after.attack_success.value <= 0.05
    assert proof.after.accuracy.value >= proof.before.accuracy.value - 0.01
    assert proof.after.attack_success.interval.high < proof.before.attack_success.interval.low


def test_a_class_that_is_flagged_whole_is_not_thrown_away():
    x, y = table(100)
    with pytest.raises(UserError):
        effect(boosted, x, y, y == 1, test=x, test_y=y, stamp=stamped, target=1)


def test_rows_that_carry_the_trigger_prove_it_without_a_stamp():
    x, y = table(1500)
    rows, labels = stricken(y, 1, 60)
    x[rows] = stamped(x[rows])
    carrying = np.isin(np.arange(len(y)), rows)
    proof = effect_within(pupil("table"), x, labels, carrying, carrying)
    assert proof is not None
    assert proof.before.attack_success.n == 60
    assert proof.before.attack_success.interval.low > 0.5 > 0.2 > proof.after.attack_success.interval.high
    assert proof.after.accuracy.n == 1440
    assert proof.after.accuracy.value >= proof.before.accuracy.value - 0.01


def test_honest_rows_that_were_flagged_prove_nothing():
    x, y = table(900)
    chosen = np.zeros(len(y), dtype=bool)
    chosen[np.flatnonzero(y == 1)[:60]] = True
    proof = effect_within(pupil("table"), x, y, chosen, chosen)
    assert proof is not None
    assert abs(proof.before.attack_success.value - proof.after.attack_success.value) < 0.1
    assert effect_within(pupil("table"), x, y, chosen, chosen & (np.cumsum(chosen) <= 5)) is None
    assert effect_within(pupil("table"), x, y, y == 1, chosen) is None
