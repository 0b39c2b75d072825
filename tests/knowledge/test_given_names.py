from __future__ import annotations

import os
from hashlib import sha256

from aisecops import knowledge
from aisecops.content.personal.context import folded
from aisecops.knowledge.given_names import given_names


def test_names_of_many_countries_are_known_as_they_are_compared():
    names = given_names()
    assert all(folded(name) in names for name in ("Anna", "Søren", "Łukasz", "Иван", "Siti", "Zeynep", "José"))
    assert all(name == folded(name) and " " not in name for name in names)


def test_the_digest_is_that_of_the_data():
    folder = os.path.join(os.path.dirname(knowledge.__file__), "given_names", "data")
    with open(os.path.join(folder, "names.txt"), "rb") as data, open(os.path.join(folder, "digest"), encoding="ascii") as digest:
        assert digest.read().strip() == sha256(data.read()).hexdigest()
