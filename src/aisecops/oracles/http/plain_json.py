"""Endpoints of any JSON: a template makes the request, a path finds the answer."""

from __future__ import annotations

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


def found(answer: Any, path: str, where: str) -> Any:
    """What stands at ``path`` in ``answer``: keys, positions, ``*`` for each element; an empty path is the whole.

    Raises
    ------
    OracleError
        There is no such place.
    """
    return _walk(answer, [step for step in path.split(".") if step], path, where)


def _walk(value: Any, steps: list[str], path: str, where: str) -> Any:
    for place, step in enumerate(steps):
        if step == "*" and isinstance(value, list):
            return [_walk(element, steps[place + 1 :], path, where) for element in value]
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.lstrip("-").isdecimal() and -len(value) <= int(step) < len(value):
            value = value[int(step)]
        else:
            raise OracleError(
                f"the endpoint's answer has nothing at `{inert(path, 80)}`: no `{inert(step, 40)}` there", where=where, fix="mend the path `answer`"
            )
    return value


def in_class_order(answers: list[Any], classes: tuple[str, ...]) -> list[Any]:
    """Scores that come as a mapping from class to score, in the order of the classes; others as they are."""
    if classes and all(isinstance(answer, dict) and set(classes) <= set(answer) for answer in answers):
        return [[answer[name] for name in classes] for answer in answers]
    return answers
