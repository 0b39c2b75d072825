"""Endpoints of any JSON: a template makes the request, a path finds the answer."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from aisecops.core.errors import UserError
from aisecops.core.text import inert
from aisecops.oracles.layout import Layout
from aisecops.oracles.oracle import OracleError
from aisecops.oracles.tables import columns_of

ALL, ONE = "{instances}", "{instance}"


def rows_of(samples: Any, layout: Layout | None) -> list[Any]:
    """Each sample as JSON: a text, a nested list, or a mapping by the layout's names; what is missing is null."""
    if not isinstance(samples, np.ndarray):
        return list(samples)
    if layout is None or not layout.frame:
        return [_json(row) for row in samples.tolist()]
    columns = {name: _json(cells.tolist()) for name, cells in columns_of(samples, layout).items()}
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]


def _json(value: Any) -> Any:
    """JSON has neither NaN nor infinity: a missing number is null, an infinite one cannot be said."""
    if isinstance(value, list):
        return [_json(element) for element in value]
    if isinstance(value, float) and not np.isfinite(value):
        if np.isnan(value):
            return None
        raise UserError("a value is infinite, and JSON has no such number")
    return value


def takes_one(template: Any) -> bool:
    """Whether a request holds one sample.

    Raises
    ------
    UserError
        The template has no place for samples, or for one and for all.
    """
    one, several = _holds(template, ONE), _holds(template, ALL)
    if one is several:
        raise UserError(f'the request must hold either "{ALL}" or "{ONE}"', fix=f'as in {{"inputs": "{ALL}"}}')
    return one


def _holds(template: Any, word: str) -> bool:
    if isinstance(template, dict):
        return any(_holds(value, word) for value in template.values())
    if isinstance(template, list):
        return any(_holds(value, word) for value in template)
    return bool(template == word)


def filled(template: Any, rows: Sequence[Any]) -> Any:
    """The request: the template with ``rows`` (or the only one of them) at its place."""
    if isinstance(template, dict):
        return {key: filled(value, rows) for key, value in template.items()}
    if isinstance(template, list):
        return [filled(value, rows) for value in template]
    return list(rows) if template == ALL else rows[0] if template == ONE else template


def found(answer: Any, path: str, where: str, *, classes: tuple[str, ...] = (), one: bool = False) -> Any:
    """What stands at ``path`` in ``answer``: keys, positions, ``*`` for each element; an empty path is the whole.

    Many servers sort scores, the largest first, and put the names of the classes beside them. Such scores are put in the order of ``classes``. ``one``: the answer
    is about one sample, so that the first ``*`` goes over classes, not over samples.

    Raises
    ------
    OracleError
        There is no such place, or the names beside scores are not those of the classes.
    """
    if path and isinstance(answer, str):  # JSON within JSON, as Azure ML's scoring scripts answer
        with contextlib.suppress(ValueError, RecursionError):
            answer = json.loads(answer)
    return _Walk(path, where, classes)(answer, [step for step in path.split(".") if step], 1 if one else 0)


class _Walk:
    """Along a path through an answer."""

    def __init__(self, path: str, where: str, classes: tuple[str, ...]) -> None:
        self._path, self._where, self._classes = path, where, classes

    def __call__(self, value: Any, steps: list[str], depth: int) -> Any:
        """Return what stands at ``steps`` in ``value``, which is part of the answer about one sample from ``depth`` 1 on."""
        for place, step in enumerate(steps):
            if step == "*" and isinstance(value, list):
                order = self._order(value, steps[place + 1 :]) if depth else None
                walked = [self(element, steps[place + 1 :], depth + 1) for element in value]
                return walked if order is None else [walked[number] for number in order]
            if isinstance(value, dict) and step in value:
                value = self._beside(value, step) if depth and place == len(steps) - 1 else value[step]
            elif isinstance(value, list) and step.lstrip("-").isdecimal() and -len(value) <= int(step) < len(value):
                value = value[int(step)]
            else:
                what = f"the endpoint's answer has nothing at `{inert(self._path, 80)}`: no `{inert(step, 40)}` there"
                raise OracleError(what, where=self._where, fix="mend the path `answer`")
        return value

    def _order(self, elements: list[Any], steps: list[str]) -> list[int] | None:
        """The order of elements such as ``{"label": "spam", "score": 0.9}``, of which the path takes the score; None: nothing names them."""
        if len(steps) != 1 or not elements or not all(isinstance(element, dict) and _numeric(element.get(steps[0])) for element in elements):
            return None
        for key in elements[0]:
            if (names := [element.get(key) for element in elements]) and all(isinstance(name, str) for name in names) and len(set(names)) > 1:
                return self._placed(names)
        return None

    def _beside(self, mapping: dict[str, Any], step: str) -> Any:
        """Scores with a list of names beside them, such as ``{"classes": ["b", "a"], "scores": [0.9, 0.1]}``, in the order of the classes."""
        scores = mapping[step]
        if not isinstance(scores, list) or len(scores) < 2 or not all(map(_numeric, scores)):
            return scores
        for key, names in mapping.items():
            if key != step and isinstance(names, list) and len(names) == len(scores) and all(isinstance(name, str) for name in names):
                return [scores[number] for number in self._placed(names)]
        return scores

    def _placed(self, names: list[Any]) -> list[int]:
        if sorted(names) == sorted(self._classes):
            return [names.index(name) for name in self._classes]
        what = f"the endpoint names its scores {inert(', '.join(map(str, names[:10])), 80)}, and the classes are {inert(', '.join(self._classes[:10]), 80)}"
        raise OracleError(what, where=self._where, fix="name the `classes` as the endpoint does")


def _numeric(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def in_class_order(answers: list[Any], classes: tuple[str, ...]) -> list[Any]:
    """Scores that come as a mapping from class to score, in the order of the classes; others as they are."""
    if classes and all(isinstance(answer, dict) and set(classes) <= set(answer) for answer in answers):
        return [[answer[name] for name in classes] for answer in answers]
    return answers
