"""Mistakes are told from names that are near each other."""

from __future__ import annotations

import numpy as np
import pytest

from aisecops.datasets.spellings import misspellings

COUNTRIES = (
    "Albania Algeria Angola Argentina Armenia Australia Austria Bahrain Belarus Belgium Belize Benin Bhutan Bolivia Botswana Brazil Brunei Bulgaria Burundi Canada Chile "
    "China Colombia Congo Croatia Cuba Cyprus Denmark Ecuador Egypt Estonia Fiji Finland France Gabon Gambia Georgia Germany Ghana Greece Guinea Guyana Haiti Hungary "
    "Iceland India Indonesia Iran Iraq Ireland Israel Italy Jamaica Japan Jordan Kenya Kuwait Latvia Lebanon Lesotho Liberia Libya Mali Malawi Malta Mauritania "
    "Mauritius Mexico Moldova Monaco Mongolia Morocco Namibia Nepal Niger Nigeria Norway Oman Pakistan Panama Peru Poland Portugal Romania Russia Serbia Slovakia "
    "Slovenia Somalia Spain Sudan Sweden Switzerland Syria Thailand Togo Tonga Tunisia Turkey Uganda Ukraine Uruguay Vietnam Yemen Zambia Zimbabwe"
).split()


def found(counts):
    return {one.value: one.meant for one in misspellings(counts)}


@pytest.mark.parametrize("value", ["Berlnn", "Belrin", "Berln", "Berlinn", "Berlín", "BERLÍN ", "berlim"])
def test_a_letter_too_many_too_few_another_or_in_the_wrong_place(value):
    assert found({"Berlin": 900, "Hamburg": 700, value: 2}) == {value: "Berlin"}


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("Berlins", "Berlin"),
        ("Merlin", "Berlin"),
        ("hypotension", "hypertension"),
        ("category 2", "category 1"),
        ("inactive", "active"),
        ("Mali", "Malo"),
        ("BRLN-A", "BRLN-B"),
        ("hepatitis B", "hepatitis C"),
        ("study phase II", "study phase III"),
        ("Berlin", "Bremen"),
        ("Slovakia", "Slovenia"),
    ],
)
def test_another_word_is_no_mistake(value, meant):
    assert found({meant: 5_000, "something else": 900, value: 2}) == {}


def test_what_stands_there_often_or_in_a_small_column_is_meant():
    assert found({"Ireland": 900, "Iceland": 40}) == found({"Ireland": 12, "Iceland": 1}) == found({}) == {}
    assert found({"Iceland": 1} | dict.fromkeys(COUNTRIES, 2) | {"Ireland": 900, "Germany": 800}) == {}


def test_two_letters_of_a_long_word():
    assert found({"Saint Petersburg": 500, "Sant Peterburg": 1}) == {"Sant Peterburg": "Saint Petersburg"}


def test_clean_columns_do_not_alarm():
    rng, alarms = np.random.default_rng(0), 0
    for _ in range(300):
        size = int(rng.choice([5, 20, 60, 100]))
        weights = np.arange(1, size + 1.0) ** -rng.choice([0.5, 1.0, 2.0])
        drawn = rng.multinomial(int(rng.choice([500, 5_000, 50_000])), weights / weights.sum())
        names = rng.choice(COUNTRIES, size, replace=False).tolist()
        alarms += bool(misspellings({name: count for name, count in zip(names, drawn.tolist(), strict=True) if count}))
    assert alarms <= 1
