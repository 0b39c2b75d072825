"""What a report is, and how one is found by name without importing the others.

Third parties add formats by an entry point of the group ``aisecops.reports`` that names a ``Report``; a built-in name cannot be taken over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

import msgspec

from aisecops.core.errors import UserError
from aisecops.core.run import Run

Lessons = Mapping[str, str]
"""The docstring of each check by its id, for formats that carry help; checks that are not at hand are missing."""

GROUP = "aisecops.reports"

_BUILT_IN = {
    "terminal": "aisecops.report.terminal",
    "json": "aisecops.report.record",
    "sarif": "aisecops.report.sarif",
    "html": "aisecops.report.html",
    "junit": "aisecops.report.junit",
    "markdown": "aisecops.report.markdown",
    "github": "aisecops.report.github",
    "gitlab": "aisecops.report.gitlab",
}


class Report(msgspec.Struct, frozen=True):
    """A format: its name, the media type of what it writes, and the function that writes it.

    The bytes are a function of the arguments alone. Everything in the record that came from an examined file is hostile: ``aisecops.report.inert``
    quotes it for each syntax. ``teaches`` asks for the lessons, which costs the import of every check; a format without it gets none.
    """

    name: str
    media_type: str
    render: Callable[[Run, Lessons], bytes]
    teaches: bool = False


def built_in() -> tuple[str, ...]:
    """The names of the formats that ship with aisecops."""
    return tuple(_BUILT_IN)


def find(name: str) -> Report:
    """Return the report called ``name``.

    Raises
    ------
    UserError
        No format has that name.
    """
    module = _BUILT_IN.get(name)
    if module is not None:
        report: Report = import_module(module).REPORT
        return report
    return _third_party(name)


def _third_party(name: str) -> Report:
    from importlib.metadata import entry_points

    offered = entry_points(group=GROUP)
    for entry in offered:
        if entry.name == name:
            loaded: Report = entry.load()
            return loaded
    known = ", ".join([*_BUILT_IN, *sorted(entry.name for entry in offered)])
    raise UserError(f"there is no report format {name!r}", where="--format", fix=f"choose one of {known}")
