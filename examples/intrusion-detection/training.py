"""The detector: a pipeline that takes flows as a data frame, the protocol as text."""

from __future__ import annotations

from flows import COLUMNS
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

NUMBERS = [name for name in COLUMNS if name != "protocol"]


def pipeline(trees: int = 60, seed: int = 0) -> Pipeline:
    """Return the detector, untrained."""
    prepare = ColumnTransformer([("numbers", StandardScaler(), NUMBERS), ("protocol", OneHotEncoder(handle_unknown="error"), ["protocol"])])
    return make_pipeline(prepare, RandomForestClassifier(trees, min_samples_leaf=2, random_state=seed))
