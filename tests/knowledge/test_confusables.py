from __future__ import annotations

import os
from hashlib import sha256

from aisecops import knowledge
from aisecops.knowledge.confusables import confusables


def test_letters_are_told_with_their_case():
    table = confusables()
    assert {letter: table[letter] for letter in "\u0430\u0410\u0456\u0406\u03bf\u0455"} == dict(
        zip("\u0430\u0410\u0456\u0406\u03bf\u0455", ("a", "A", "i", "I", "o", "s"), strict=True)
    )
    assert all(not letter.isascii() and like.isascii() and like.isalnum() for letter, like in table.items())


def test_the_digest_is_that_of_the_data():
    folder = os.path.join(os.path.dirname(knowledge.__file__), "confusables", "data")
    with open(os.path.join(folder, "letters.txt"), "rb") as data, open(os.path.join(folder, "digest"), encoding="ascii") as digest:
        assert digest.read().strip() == sha256(data.read()).hexdigest()
