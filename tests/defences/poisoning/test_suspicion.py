"""Verdicts put together."""

from __future__ import annotations

import numpy as np

from aisecops.defences.poisoning.suspicion import Suspicion, Trigger


def trigger(name, rows, p):
    return Trigger(name=name, features=(name,), target=0, rows=np.array(rows), expected=0.0, carried=len(rows), z=9.0, p=p)


def joined(old, new):
    n = 200
    doubt = np.zeros(n), np.zeros(n, dtype=bool), False
    found = Suspicion.of([old], np.isin(np.arange(n), old.rows).astype(float), doubt, 1)
    return found.joined([(new, new.rows, np.ones(len(new.rows)))])


def test_of_two_names_for_about_the_same_rows_the_surer_one_is_told():
    patch, warp = trigger("patch", range(50), 1e-70), trigger("warp", range(61), 1e-5)
    found = joined(patch, warp)
    assert [one.name for one in found.triggers] == ["patch"]
    assert found.flagged.sum() == 50
    assert [one.name for one in joined(trigger("pixels", range(100), 1e-9), trigger("sticker", range(15, 110), 1e-70)).triggers] == ["sticker"]


def test_what_explains_the_rows_of_another_and_many_more_takes_its_place():
    found = joined(trigger("pixel", range(20), 1e-70), trigger("warp", range(100), 1e-5))
    assert [one.name for one in found.triggers] == ["warp"]
    assert found.flagged.sum() == 100


def test_a_name_is_told_once():
    doubt = np.zeros(200), np.zeros(200, dtype=bool), False
    twice = [trigger("patch", range(30), 1e-9), trigger("patch", range(10, 50), 1e-70), trigger("other", range(60, 70), 1e-9)]
    patch, other = Suspicion.of(twice, np.zeros(200), doubt, 1).triggers
    assert (patch.name, patch.p, patch.rows.tolist()) == ("patch", 1e-70, list(range(50)))
    assert other.name == "other"
