"""The run record itself, as JSON: what other programs read (``docs/run-record.md``)."""

from __future__ import annotations

from typing import Any

import msgspec

from aisecops.core.run import Run
from aisecops.report.inert import json_text
from aisecops.report.interface import Lessons, Report

_encoder = msgspec.json.Encoder(order="deterministic")


def render(run: Run, lessons: Lessons | None = None, *, indent: int = 2) -> bytes:  # noqa: ARG001 a report takes lessons; the record has none
    """Encode ``run``: the fields in their declared order, keys of free mappings sorted, UTF-8, one line feed at the end.

    ``indent=0`` gives one line. Two runs over the same input differ only in ``run`` and ``verdict.evaluated``.
    """
    return json_text(msgspec.json.format(_encode(run), indent=indent or -1)) + b"\n"


def _encode(run: Run) -> bytes:
    try:
        return _encoder.encode(run)
    except UnicodeEncodeError:  # a plug-in let a lone surrogate into the record: better an escape than no record
        return _encoder.encode(_valid(msgspec.to_builtins(run)))


def _valid(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_valid(key): _valid(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_valid(item) for item in value]
    return value


REPORT = Report(name="json", media_type="application/json", render=render)
