"""What a model file holds of its training data in plain sight: rows, values, words, and leaves that stand for a few people.

No question is asked of the model and nothing is guessed: this is read off its structure. It says where to look and why another number is high; a leaf of two rows is
in every default forest, so it is no verdict. Only counts and places leave this module, never a value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import Any

import msgspec
import numpy as np

from aisecops.oracles.parts import attributes, parts_of

_STRINGS = 5000
_CLASSES, _CATEGORIES = 50, 100


class Kept(StrEnum):
    """What is kept, from the plainest to the faintest."""

    ROWS = "training-rows"
    PERSONAL = "personal-values"
    RARE_COUNTS = "rare-counts"
    RARE_WORDS = "rare-words"
    CLASSES = "class-list"
    CATEGORIES = "category-list"
    SMALL_LEAVES = "small-leaves"


class Disclosure(msgspec.Struct, frozen=True, kw_only=True):
    """Something kept.

    Parameters
    ----------
    kind
        What.
    where
        The attribute that holds it: ``steps.*.vocabulary_``.
    count, of
        How many rows, words, counts, leaves; of how many.
    rows
        For leaves: the share of training rows that fall into one of those, averaged over trees.
    """

    kind: Kept
    where: str
    count: int
    of: int
    rows: float = 0.0


def disclosed(model: Any, *, few: int = 5) -> tuple[Disclosure, ...]:
    """Return what ``model`` keeps, the plainest first.

    Parameters
    ----------
    model
        A fitted estimator, pipeline or search of scikit-learn, a LightGBM model, or any object that holds such.
    few
        Leaves and counts of fewer training rows than this are told.
    """
    found: dict[tuple[Kept, str], tuple[int, int, float, int]] = {}
    for path, part in parts_of(model):
        for rule in _RULES:
            for kind, name, count, of, rows in rule(part, few):
                key = kind, f"{path}.{name}".lstrip(".")
                before = found.get(key, (0, 0, 0.0, 0))
                found[key] = before[0] + count, before[1] + of, before[2] + rows, before[3] + 1
    kept = [
        Disclosure(kind=kind, where=where, count=count, of=of, rows=rows / times)
        for (kind, where), (count, of, rows, times) in found.items()
        if count
    ]
    order = list(Kept)
    return tuple(sorted(kept, key=lambda one: (order.index(one.kind), -one.count, one.where)))


# ---- the rules: (what, attribute, count, of, share of rows)

_Found = tuple[Kept, str, int, int, float]


def _rows(part: Any, _: int) -> Iterator[_Found]:
    """Rows of the training data, as neighbours, kernels and their kin need them."""
    for name in ("_fit_X", "support_vectors_", "X_train_", "X_fit_", "_raw_data", "X_"):
        value = getattr(part, name, None)
        shape: tuple[int, ...] = getattr(value, "shape", ())
        if len(shape) == 2 and shape[0] > 0:
            yield Kept.ROWS, name, int(shape[0]), int(shape[0]), 0.0
    for name, value in attributes(part).items():  # estimators of one's own that keep what they were given
        if type(value).__name__ == "DataFrame" and len(value):
            yield Kept.ROWS, name, len(value), len(value), 0.0


def _leaves(part: Any, few: int) -> Iterator[_Found]:
    for name, sizes in _leaf_sizes(part):
        small = sizes < few
        yield Kept.SMALL_LEAVES, name, int(small.sum()), len(sizes), float(sizes[small].sum() / max(1, sizes.sum()))


def _leaf_sizes(part: Any) -> Iterator[tuple[str, np.ndarray]]:
    tree: Any = getattr(part, "tree_", None)
    if hasattr(tree, "n_node_samples"):
        yield "tree_", np.asarray(tree.n_node_samples)[np.asarray(tree.children_left) == -1]
    for stage in getattr(part, "_predictors", None) or ():  # histogram gradient boosting
        for predictor in stage:
            if hasattr(predictor, "nodes"):
                yield "_predictors", np.asarray(predictor.nodes["count"])[np.asarray(predictor.nodes["is_leaf"], dtype=bool)]
    if callable(getattr(part, "dump_model", None)) and type(part).__module__.startswith("lightgbm"):
        for tree in part.dump_model()["tree_info"]:
            yield "tree_info", np.array(_lightgbm_leaves(tree["tree_structure"]))


def _lightgbm_leaves(node: dict[str, Any]) -> list[int]:
    waiting, sizes = [node], []
    while waiting:
        node = waiting.pop()
        if "left_child" in node:
            waiting += [node["left_child"], node["right_child"]]
        else:
            sizes.append(int(node.get("leaf_count", 0)))
    return sizes


def _counts(part: Any, few: int) -> Iterator[_Found]:
    """Naive Bayes keeps how often each word or category was seen with each class."""
    counts = [np.asarray(value) for value in _listed(getattr(part, "category_count_", None))]
    for name, tables in (
        ("category_count_", counts),
        ("feature_count_", [np.asarray(value) for value in _one(getattr(part, "feature_count_", None))]),
    ):
        if tables:
            seen = [table[(table > 0)] for table in tables]
            yield Kept.RARE_COUNTS, name, sum(int((table < few).sum()) for table in seen), sum(len(table) for table in seen), 0.0


def _words(part: Any, _: int) -> Iterator[_Found]:
    """Words that were kept though hardly any document held them: those with the largest inverse document frequency, or all where nothing was left out."""
    vocabulary = getattr(part, "vocabulary_", None)
    if not isinstance(vocabulary, dict) or not vocabulary:
        return
    yield from _personal("vocabulary_", list(vocabulary))
    weights = getattr(getattr(part, "_tfidf", None), "idf_", None)
    if weights is not None and len(weights) == len(vocabulary) and getattr(part, "min_df", 1) == 1:
        yield Kept.RARE_WORDS, "vocabulary_", int((np.asarray(weights) >= np.max(weights) - 1e-9).sum()), len(vocabulary), 0.0


def _lists(part: Any, _: int) -> Iterator[_Found]:
    """Categories and classes are stored with their names, those of a single person too."""
    for name in ("categories_", "classes_"):
        for values in _listed(getattr(part, name, None)) if name == "categories_" else _one(getattr(part, name, None)):
            strings = [value for value in np.asarray(values, dtype=object).ravel().tolist() if isinstance(value, str)]
            yield from _personal(name, strings)
            limit, kind = (_CATEGORIES, Kept.CATEGORIES) if name == "categories_" else (_CLASSES, Kept.CLASSES)
            if len(strings) > limit:
                yield kind, name, len(strings), len(strings), 0.0


def _personal(name: str, strings: Sequence[str]) -> Iterator[_Found]:
    from aisecops.content.personal import find_personal

    looked = strings[:_STRINGS]
    personal = sum(bool(find_personal(text[:200])) for text in looked)
    if personal:
        yield Kept.PERSONAL, name, personal, len(looked), 0.0


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _one(value: Any) -> list[Any]:
    return [value] if isinstance(value, np.ndarray) else []


_RULES: tuple[Callable[[Any, int], Iterator[_Found]], ...] = (_rows, _leaves, _counts, _words, _lists)
