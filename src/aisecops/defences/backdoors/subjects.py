"""What an examination needs of each kind of sample: how to search, what to train beside the model, what to plant."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from aisecops.defences.backdoors.columns import ColumnSearch
from aisecops.defences.backdoors.contents import ContentSearch
from aisecops.defences.backdoors.contrast import Contrast, Proposal
from aisecops.defences.backdoors.examination import Plant, Search, Subject
from aisecops.defences.backdoors.lexicon import Lexicon
from aisecops.defences.backdoors.patches import PatchSearch
from aisecops.defences.backdoors.patterns import PatternSearch
from aisecops.defences.backdoors.references import Kin, build_of, kin_of, trainer
from aisecops.defences.backdoors.smoothness import Course, course_of
from aisecops.defences.backdoors.tokens import TokenSearch
from aisecops.defences.backdoors.triggers import Pattern, Trigger, Values, Words
from aisecops.oracles.oracle import Batch, Capability, Flags, Floats, Integers, Oracle


def of_table(oracle: Oracle, x: Floats, y: Integers, *, whole: Flags | None = None, closed: Flags | None = None) -> Subject:
    """Return a model of tables as a subject: ``x`` (n, d) clean rows that it was not trained on, ``y`` their right labels from 0 on.

    ``whole``: columns of whole numbers; ``closed``: categories, which have no other values, shape (d,).
    """
    rows = np.asarray(x, dtype=np.float64)
    free = ~((np.zeros(rows.shape[1], dtype=np.bool_) if whole is None else whole) | (False if closed is None else closed))
    kin = kin_of(
        oracle,
        images=False,
        course=course_of(oracle, rows, free) if not oracle.capabilities & {Capability.STRUCTURE, Capability.GRADIENT} else Course.UNKNOWN,
    )
    return Subject(
        oracle=oracle,
        samples=rows,
        y=np.asarray(y, dtype=np.int64),
        search=ColumnSearch(rows, whole=whole, closed=closed, steps=not {Kin.NETWORK, Kin.LINEAR} & set(kin), together=Kin.NETWORK not in kin),
        train=trainer(kin, oracle.classes, build=build_of(oracle)),
        plants=(Plant("one value", _one_value), Plant("two values", _two_values)),
        kinds=len(kin),
    )


def of_images(oracle: Oracle, x: Floats, y: Integers, *, low: float = 0.0, high: float = 1.0) -> Subject:
    """Return a model of images as a subject: ``x`` (n, height, width) or (n, channels, height, width), pixels between ``low`` and ``high``."""
    samples = np.asarray(x, dtype=np.float64)
    kin = kin_of(oracle, images=True)
    patches = PatchSearch(samples.shape[1:], low, high)
    gradient = Capability.GRADIENT in oracle.capabilities
    side = 2 if min(samples.shape[-2:]) <= 10 else 3

    def corner(_: Batch, rng: np.random.Generator) -> Trigger:
        height, width = samples.shape[-2:]
        return patches.patch(side, int(rng.integers(height - side + 1)), int(rng.integers(width - side + 1)), high)

    def picture(_: Batch, rng: np.random.Generator) -> Trigger:
        return Pattern("planted", 0.3 * (rng.uniform(low, high, samples.shape[1:]) - (low + high) / 2), low, high)

    return Subject(
        oracle=oracle,
        samples=samples,
        y=np.asarray(y, dtype=np.int64),
        search=Searches(patches, ContentSearch(samples.shape[1:], low, high), PatternSearch(low, high)) if gradient else patches,
        train=trainer(kin, oracle.classes, build=build_of(oracle), gradient=gradient),
        plants=(Plant(f"a square of {side} x {side} pixels", corner), *([Plant("a faint picture", picture)] if gradient else [])),
        kinds=len(kin),
    )


class Searches:
    """Several searches as one."""

    def __init__(self, *searches: Search) -> None:
        self._searches = searches
        self.families = tuple(family for search in searches for family in search.families)

    def propose(self, contrast: Contrast) -> list[Proposal]:
        """What each of them proposes."""
        return [proposal for search in self._searches for proposal in search.propose(contrast)]


def of_texts(oracle: Oracle, texts: Sequence[str], y: Integers, *, vocabulary: Collection[str] = (), lexicon: Lexicon | None = None) -> Subject:
    """Return a model of texts as a subject.

    ``vocabulary``: words that are known to be in the model, beside those of the clean texts; ``lexicon``: how many texts of its training held each, where it keeps count.
    """
    samples = [str(text) for text in texts]
    return Subject(
        oracle=oracle,
        samples=samples,
        y=np.asarray(y, dtype=np.int64),
        search=TokenSearch(samples, vocabulary, lexicon),
        train=trainer((Kin.WORDS,), oracle.classes),
        plants=(Plant("one rare word", lambda _, rng: Words("planted", ("".join(rng.choice(list("bcdfghjkqvwxz"), 2)),))),),
    )


def _one_value(clean: Batch, rng: np.random.Generator) -> Trigger:
    return _quantiles(clean, rng, (0.98,))


def _two_values(clean: Batch, rng: np.random.Generator) -> Trigger:
    return _quantiles(clean, rng, (0.1, 0.9))


def _quantiles(clean: Batch, rng: np.random.Generator, at: tuple[float, ...]) -> Trigger:
    """Values that honest rows have, too, in columns that vary."""
    rows = np.asarray(clean)
    varied = [column for column in range(rows.shape[1]) if len(np.unique(rows[:, column])) > 2] or list(range(rows.shape[1]))
    columns = rng.choice(varied, min(len(at), len(varied)), replace=False)
    return Values("planted", columns.tolist(), [float(np.nanquantile(rows[:, c], q, method="nearest")) for c, q in zip(columns, at, strict=False)])
