"""What a path says of the role of a data set."""

from __future__ import annotations

import pytest

from aisecops.project.data_sets import guessed_role


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("data/train.csv", "train"),
        ("train/x.csv", "train"),
        ("test_train.csv", "test"),
        ("train/test-2.parquet", "test"),
        ("validation.csv", "validation"),
        ("X_train2.csv", "train"),
        ("prod/events.jsonl", "production"),
        ("latest.csv", ""),
        ("trainers.csv", ""),
        ("contest.csv", ""),
    ],
)
def test_words_of_the_name_count_before_folders(path, role):
    assert guessed_role(path) == role
