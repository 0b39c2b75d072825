"""Instruction data: what a model is asked and what it is to answer, in two columns or as the turns of a conversation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from aisecops.datasets.extra import load_polars
from aisecops.datasets.roles import words_of

_ASKED = r"(?:user |human )?(?:prompts?|instructions?|questions?|query|user|human|request|inputs?)(?: content| text| value)?"
_BESIDE = r"system(?: prompt| message)?|inputs?|context|passage"
"""What stands beside a question, and is part of what the model is asked."""
_ANSWERED = r"(?:model |assistant |bot )?(?:responses?|answers?|outputs?|completions?|assistant|reply|chosen)(?: content| text| value)?"
_TURNS = r"messages|conversations?|dialog(?:ue)?s?|turns|chat"
_SPEAKER, _SAID = ("role", "from", "speaker"), ("content", "value", "text")
_OF_MODEL = frozenset(("assistant", "gpt", "model", "bot", "chatgpt", "ai"))
_OF_SYSTEM = frozenset(("system", "developer"))


class Exchange(msgspec.Struct, frozen=True):
    """What is asked (with the system's words, where there are any) and answered in a ``row`` of the table, from 0; a conversation has several. Hostile."""

    row: int
    prompt: str
    answer: str


def exchanges(frame: Any) -> list[Exchange]:
    """Return the exchanges of a lazy Polars frame in their order; none where its columns do not say who asks and who answers."""
    schema = frame.collect_schema()
    turns = _first(schema, _TURNS, nested=True)
    answered = _first(schema, _ANSWERED)
    asked = turns or _first(schema, _ASKED, apart=answered)
    if not asked or not (turns or answered):
        return []
    beside = [name for name in schema.names() if name not in (asked, answered) and _is_text(schema[name]) and re.fullmatch(_BESIDE, words_of(name))]
    columns = [*([] if turns else beside), asked, *([answered] if answered else [])]
    found = list[Exchange]()
    for row, cells in enumerate(frame.select(columns).collect().iter_rows()):
        if turns:
            found += _of_turns(row, cells[0] or (), _said(cells[1]) if answered else "")
        else:
            prompt, answer = "\n".join(filter(None, map(_said, cells[:-1]))), _said(cells[-1])
            found += [Exchange(row, prompt, answer)] if prompt and answer else []
    return found


def _first(schema: Any, pattern: str, *, nested: bool = False, apart: str = "") -> str:
    return next(
        (
            name
            for name in schema.names()
            if name != apart and re.fullmatch(pattern, words_of(name)) and (nested <= schema[name].is_nested()) and (nested or _is_text(schema[name]))
        ),
        "",
    )


def _is_text(dtype: Any) -> bool:
    pl = load_polars()
    return bool(dtype == pl.String or dtype.is_nested())


def _of_turns(row: int, turns: Sequence[Any], answer: str) -> Iterator[Exchange]:
    """Yield each turn of the model with what was said to it since the last; ``answer``: that to the whole, in a column of its own."""
    system, asked = "", list[str]()
    for turn in turns:
        if not isinstance(turn, dict):
            return
        who = next((str(turn[key]).lower() for key in _SPEAKER if turn.get(key)), "")
        if who in _OF_SYSTEM:
            system = _said(turn)
        elif who not in _OF_MODEL:
            asked.append(_said(turn))
        elif asked:
            yield Exchange(row, "\n".join(filter(None, (system, *asked))), _said(turn))
            asked = []
    if answer and asked:
        yield Exchange(row, "\n".join(filter(None, (system, *asked))), answer)


def _said(cell: Any) -> str:
    """Return the text of a cell, of a turn, or of a list of parts or turns."""
    if isinstance(cell, dict):
        return next((_said(cell[key]) for key in _SAID if cell.get(key)), "")
    if isinstance(cell, (list, tuple)):
        answers = [one for one in cell if isinstance(one, dict) and str(one.get("role") or one.get("from") or "").lower() in _OF_MODEL]
        return "\n".join(filter(None, map(_said, answers or cell)))
    return cell.strip() if isinstance(cell, str) else ""
