"""What is known of a value: which data it is, which part of a split, and what was learned on the way (type-state).

Data carries the *lessons* that went into it: something fitted on rows, whose result is now part of every row. A lesson that saw the rows of the test part before
they were split away makes every score on that part too good (Kapoor and Narayanan, "Leakage and the reproducibility crisis", Patterns 4(9), 2023).
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

import msgspec


class Part(StrEnum):
    """Which part of a split some data is. ``ALL``: it was not split yet."""

    ALL = "all"
    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


class Kind(StrEnum):
    """The ways in which an evaluation can be too good."""

    SCALE = "scale"
    IMPUTE = "impute"
    SELECT = "select"
    REDUCE = "reduce"
    ENCODE = "encode"
    AGGREGATE = "aggregate"
    VECTORISE = "vectorise"
    RESAMPLE = "resample"
    DUPLICATE = "duplicate"
    TARGET = "target"
    TRAINED_ON_TEST = "trained-on-test"
    STOPPED_ON_TEST = "stopped-on-test"
    TUNED_ON_TEST = "tuned-on-test"
    TIME = "time"
    GROUPS = "groups"


class Lesson(msgspec.Struct, frozen=True):
    """Something learned from rows: what, where, and from which data (``origins``)."""

    kind: Kind
    line: int
    column: int
    end_line: int
    what: str
    origins: frozenset[int]
    uses_labels: bool = False
    scope: str = ""


class Leak(msgspec.Struct, frozen=True):
    """A lesson that saw what it is then scored on. ``split`` and ``score`` are lines; 0 where there is none (cross-validation splits by itself)."""

    lesson: Lesson
    split: int
    score: int


class Data(msgspec.Struct, frozen=True):
    """Rows.

    ``origins`` name where the rows come from; ``lessons`` what went into them; ``split`` is the line that split them (0: none). ``columns``: ``None`` for all that the
    table was loaded with, else what is left out; ``column`` is set for one column taken out by name. ``whole`` is false for some of the rows. ``version`` tells the
    states of one table apart.
    """

    origins: frozenset[int]
    part: Part = Part.ALL
    lessons: frozenset[Lesson] = frozenset()
    split: int = 0
    table: int = 0
    dropped: frozenset[str] | None = frozenset()
    column: str = ""
    whole: bool = True
    from_file: bool = False
    made: frozenset[tuple[str, str]] = frozenset()
    """Columns of the table that were computed, row by row, from others: each with what it was made of."""
    ordered: bool = False
    """Whether rows hold what stood in rows before them: ``df["lag"] = df["x"].shift(1)``."""


class Statistic(msgspec.Struct, frozen=True):
    """Something computed from rows: a mean, a correlation, the columns that a selector likes. ``names``: merely what the columns are called."""

    data: Data
    lessons: frozenset[Lesson] = frozenset()
    names: bool = False
    column: str = ""
    """The column that is summed up by group."""


class Rows(msgspec.Struct, frozen=True):
    """Numbers of rows that a splitter gives."""

    part: Part
    split: int


class Score(msgspec.Struct, frozen=True):
    """What comes of scoring or predicting data."""

    data: Data


class Learner:
    """An object that is fitted: a transformer, a resampler, a model, a pipeline, a search. Shared by all names that it has."""

    __slots__ = ("early", "fitted", "kind", "lessons", "name", "role", "uses_labels")

    def __init__(self, name: str, role: str, kind: Kind | None = None, *, uses_labels: bool = False, early: bool = False) -> None:
        self.name = name
        self.role = role
        """``transformer``, ``resampler``, ``model``, ``search``, ``folds`` or ``harmless``."""
        self.kind = kind
        self.uses_labels = uses_labels
        self.early = early
        """Whether it is made to stop early."""
        self.fitted: tuple[tuple[Data, Lesson], ...] = ()
        self.lessons: frozenset[Lesson] = frozenset()


class Many(msgspec.Struct, frozen=True):
    """A tuple, list or dictionary with known items, by place or name."""

    items: Mapping[Any, Any]


class Text(msgspec.Struct, frozen=True):
    """A known text, or several."""

    texts: tuple[str, ...]


class Called(msgspec.Struct, frozen=True):
    """A function of the project, with the object that it is a method of."""

    node: ast.FunctionDef | ast.AsyncFunctionDef
    module: Any
    owner: str = ""


class Named(msgspec.Struct, frozen=True):
    """Something of a library, by its access path."""

    path: str


State = Data | Statistic | Rows | Score | Learner | Many | Text | Called | Named | None


def united(states: Iterable[Data]) -> Data | None:
    """Return the data that several together are; None if there is none."""
    found = list(states)
    if not found:
        return None
    first = found[0]
    if all(other is first or other == first for other in found):
        return first
    parts = {data.part for data in found}
    part = parts.pop() if len(parts) == 1 else Part.TEST if Part.TEST in parts else Part.TRAIN
    return Data(
        origins=frozenset().union(*(data.origins for data in found)),
        part=part,
        lessons=frozenset().union(*(data.lessons for data in found)),
        split=max(data.split for data in found),
        dropped=None,
        from_file=any(data.from_file for data in found),
        ordered=any(data.ordered for data in found),
    )


def data_in(state: State, depth: int = 3) -> list[Data]:
    """Return the data that ``state`` is or holds."""
    if isinstance(state, Data):
        return [state]
    if isinstance(state, (Score, Statistic)):
        return [state.data]
    if isinstance(state, Many) and depth:
        return [data for item in state.items.values() for data in data_in(item, depth - 1)]
    return []
