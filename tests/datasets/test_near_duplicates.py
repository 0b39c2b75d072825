"""Nearly equal texts are found, and what is told as a pair is one: the similarity is that of the sets themselves."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisecops.datasets.near_duplicates import near_duplicates

WORDS = [f"word{n}" for n in range(3000)]


def text(rng: random.Random, words: int = 40) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(words))


def jaccard(one: str, two: str) -> float:
    def sets(value: str) -> set[tuple[str, ...]]:
        words = re.findall(r"\w+", value.lower())
        return {tuple(words[n : n + 3]) for n in range(len(words) - 2)} if len(words) > 2 else {tuple(words)} if words else set()

    a, b = sets(one), sets(two)
    return len(a & b) / len(a | b) if a | b else 0.0


def test_planted_pairs_are_found_and_no_others():
    rng = random.Random(0)
    texts = [text(rng) for _ in range(3000)]
    others = [text(rng) for _ in range(1000)]
    for n in range(300):
        words = texts[n].split()
        words[rng.randrange(len(words))] = "changed"
        others[n] = " ".join(words).upper() + "!"
    pairs = near_duplicates(texts, others)
    told = set(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True))
    due = {(n, n) for n in range(300) if jaccard(texts[n], others[n]) >= 0.8}
    assert told <= {(n, n) for n in range(300)} and len(told & due) >= 0.97 * len(due) > 200


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(alphabet="ab cd.", max_size=30), max_size=12))
def test_the_similarity_of_what_is_told_is_true(texts):
    pairs = near_duplicates(texts, threshold=0.5)
    for left, right, similarity in zip(pairs.left, pairs.right, pairs.similarity, strict=True):
        assert left < right and similarity == pytest.approx(jaccard(texts[left], texts[right]))
    said = set(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True))
    equal = {(i, j) for j in range(len(texts)) for i in range(j) if jaccard(texts[i], texts[j]) == 1.0}
    assert equal <= said


def test_a_flood_of_one_text_costs_no_square():
    pairs = near_duplicates(["the same short text again"] * 20_000 + ["another text that nobody repeats"])
    assert 20_000 <= len(pairs.left) < 1_000_000 and set(pairs.right.tolist()) == set(range(1, 20_000))


def test_the_seed_decides_and_empty_texts_are_nothing():
    assert len(near_duplicates(["", " ", "...", ""]).left) == 0
    assert len(near_duplicates([]).left) == 0
    with pytest.raises(ValueError, match="threshold"):
        near_duplicates(["a"], threshold=0.1)
