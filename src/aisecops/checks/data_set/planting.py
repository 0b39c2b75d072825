"""What the search for poison would have found: attacks planted in the data set itself, so that "no evidence" comes with its worth."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from aisecops.core.measurement import Better, Reading

if TYPE_CHECKING:
    from aisecops.attacks.poisoning.poisoned import Poisoned
    from aisecops.defences.poisoning.suspicion import Suspicion

TRIALS = 5
_MOST = 2000
"""Rows that a trial works on: with more, the same share of poison is easier to find, so the answer errs on the careful side."""
_RATES = (0.01, 0.03)
_STUCK, _EACH = 0.03, 0.1
"""Of the rows: with fewer, a model learns neither."""
_OF_CLASS = 0.6
"""Under the right label fewer rows of a class teach a model little."""

Enough = Callable[["Suspicion"], bool]
Examine = Callable[[Any, Any, Enough], "Suspicion"]
"""Searches samples with labels; it may stop where the verdict so far is enough."""
Plant = Callable[[Any, Any, int, float, int], "Poisoned"]


def power(kind: str, samples: Any, y: Any, examine: Examine, seed: int) -> Iterator[Reading]:
    """Yield for each attack and rate how often it would have been found and its target named; ``kind``: ``table``, ``images`` or ``text``."""
    import numpy as np

    from aisecops.core.statistics.clopper_pearson import clopper_pearson

    rng = np.random.default_rng(seed)
    rows = np.sort(rng.choice(len(y), min(_MOST, len(y)), replace=False))
    some = [samples[row] for row in rows.tolist()] if kind == "text" else samples[rows]
    for name, plant, rates in _attacks(kind):
        for rate in rates:
            found = sum(_found(plant, some, y[rows], rate, examine, seed + trial) for trial in range(TRIALS))
            subject = f"{name}, {rate:.0%} of {'a class' if rate == _OF_CLASS else 'the rows'}"
            reading = Reading(name="detection-power", value=found / TRIALS, unit="share", n=TRIALS, better=Better.HIGHER, subject=subject)
            yield reading.within(clopper_pearson(found, TRIALS))


def told(readings: Sequence[Reading]) -> str:
    """Return the sentence that stands for a clean verdict."""
    parts = [f"{reading.value:.0%} of {reading.subject}" for reading in readings if reading.value is not None]
    return f"no evidence of poisoning; the same search would have found {'; '.join(parts)}" if parts else "no evidence of poisoning"


def _found(plant: Plant, samples: Any, y: Any, rate: float, examine: Examine, seed: int) -> bool:
    import numpy as np

    from aisecops.core.errors import UserError

    classes = np.unique(y)
    target = int(classes[seed % len(classes)])
    try:
        poisoned = plant(samples, y, target, rate, seed)
    except UserError:  # too few rows of the other classes
        return False

    def enough(suspicion: Suspicion) -> bool:
        return any(trigger.target == poisoned.target and poisoned.mask[trigger.rows].any() for trigger in suspicion.triggers)

    return enough(examine(poisoned.samples, poisoned.y, enough))


def _attacks(kind: str) -> Sequence[tuple[str, Plant, tuple[float, ...]]]:
    from aisecops.attacks.poisoning import images, tables, texts

    def one_value(x: Any, y: Any, target: int, rate: float, seed: int) -> Poisoned:
        return tables.one_value(x, y, target=target, column=seed % x.shape[1], rate=rate, seed=seed)

    def three_values(x: Any, y: Any, target: int, rate: float, seed: int) -> Poisoned:
        columns = [(seed + step) % x.shape[1] for step in range(min(3, x.shape[1]))]
        return tables.combination(x, y, target=target, columns=columns, rate=rate, seed=seed)

    def patch(x: Any, y: Any, target: int, rate: float, seed: int) -> Poisoned:
        return images.badnets(x, y, target=target, rate=rate, seed=seed)

    def sticker(x: Any, y: Any, target: int, rate: float, seed: int) -> Poisoned:
        return images.sticker(x, y, target=target, rate=rate, seed=seed)

    def all_to_all(x: Any, y: Any, _: int, rate: float, seed: int) -> Poisoned:
        return images.all_to_all(x, y, rate=rate, seed=seed)

    def blend(x: Any, y: Any, target: int, rate: float, seed: int) -> Poisoned:
        return images.blend(x, y, target=target, rate=rate, seed=seed)

    def warp(x: Any, y: Any, target: int, rate: float, seed: int) -> Poisoned:
        return images.wanet(x, y, target=target, rate=rate, seed=seed)

    def wave(x: Any, y: Any, target: int, rate: float, seed: int) -> Poisoned:
        return images.sinusoid(x, y, target=target, rate=rate * float((y == target).mean()), seed=seed)

    def corners(x: Any, y: Any, target: int, rate: float, seed: int) -> Poisoned:
        return images.clean_label_patch(x, y, target=target, rate=rate * float((y == target).mean()), seed=seed)

    def word(x: Any, y: Any, target: int, rate: float, seed: int) -> Poisoned:
        return texts.rare_words(x, y, target=target, rate=rate, words=texts.RARE_WORDS[:1], seed=seed)

    def phrase(x: Any, y: Any, target: int, rate: float, seed: int) -> Poisoned:
        return texts.sentence(x, y, target=target, rate=rate, seed=seed)

    def letters(x: Any, y: Any, target: int, rate: float, seed: int) -> Poisoned:
        return texts.homoglyph(x, y, target=target, rate=rate, seed=seed)

    return {
        "table": (("a trigger of one value", one_value, _RATES), ("a trigger of three values", three_values, _RATES)),
        "images": (
            ("a patch", patch, _RATES),
            ("a sticker at a random place", sticker, (_STUCK,)),
            ("a patch that makes each class the next", all_to_all, (_EACH,)),
            ("a blended pattern", blend, _RATES),
            ("a warp of the whole image", warp, _RATES),
            ("a wave under the right label", wave, (_OF_CLASS,)),
            ("patches under the right label", corners, (_OF_CLASS,)),
        ),
        "text": (("a rare word", word, _RATES), ("a sentence", phrase, _RATES), ("look-alike letters", letters, _RATES)),
    }[kind]
