"""How changed cells are told: as short as they can be, and never so that before and after look the same."""

from __future__ import annotations

import numpy as np

from aisecops.datasets.domain import Column, Domain
from aisecops.datasets.domain.changes import MASK, changes

DOMAIN = Domain(columns=(Column(name="share"), Column(name="name", personal=True)))


def told(before: float, after: float) -> list[tuple[str, str]]:
    return [(one.before, one.after) for one in changes(DOMAIN, np.array([after, 2.0]), np.array([before, 2.0]))]


def test_a_hair_is_shown():
    assert told(0.65, 0.6500001) == [("0.65", "0.6500001")]
    assert told(0.65, 1.5) == [("0.65", "1.5")]
    assert told(0.1, np.nextafter(0.1, 1)) == [("0.10000000000000001", "0.10000000000000002")]


def test_personal_cells_stay_masked():
    (one,) = changes(DOMAIN, np.array([1.0, 3.0]), np.array([1.0, 2.0]))
    assert (one.before, one.after) == (MASK, MASK)
