"""A function of a library that is handed over is called by whoever gets it."""

from __future__ import annotations

import pytest

from tests.codebase.programs import interpreted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("import pickle\nframe['x'].apply(pickle.loads)\n", True),
        ("import pickle, kafka\nkafka.KafkaConsumer('jobs', value_deserializer=pickle.loads)\n", True),
        ("import functools, torch\npool.map(functools.partial(torch.load, weights_only=False), paths)\n", True),
        ("import functools, torch\npool.map(functools.partial(torch.load, weights_only=True), paths)\n", False),
        ("import pickle\nassert callable(pickle.load)\nprint(pickle.load)\n", False),
        ("import json, kafka\nkafka.KafkaConsumer('jobs', value_deserializer=json.loads)\n", False),
    ],
)
def test_what_is_handed_over_is_judged_as_if_it_was_called(text: str, wanted: bool) -> None:
    assert any(hit.entry.sink == "unsafe-deserialization" for hit in interpreted(text).hits) is wanted
