"""From what the knowledge of services says of commands and settings to findings: one for each cause and part of the file, with all its places."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from aisecops.checks.configuration.subject import ConfigurationFile
from aisecops.codebase.configuration.facts import Command, Setting
from aisecops.codebase.configuration.judge import ServiceHit, judge
from aisecops.codebase.text import Place
from aisecops.core.asset import Asset, AssetKind
from aisecops.core.check import Context
from aisecops.core.finding import Edit, Fix, Location, Weakness
from aisecops.core.text import inert

STARTING = (AssetKind.CONFIGURATION, AssetKind.DEPLOYMENT, AssetKind.DEPENDENCY_SET, AssetKind.PROMPT)
"""The kinds of which commands and settings are the content."""
EVERY = (*STARTING, AssetKind.SOURCE_FILE, AssetKind.NOTEBOOK)
"""These, and programs that start commands: shell scripts, ``subprocess``, a notebook's ``!``."""
_SWITCHES = ("tls-disabled", "remote-code-trust", "unsafe-deserialization")
"""The categories whose settings are switches that are on or off: the other way round is what is safe."""
_OTHER = {"true": "false", "false": "true", "True": "False", "False": "True"}
_MOST_PLACES = 100
_LONGEST = 100


class Starting(Protocol):
    """The subjects that these checks read; ``settings`` may be missing."""

    asset: Asset

    @property
    def commands(self) -> Sequence[Command]:
        """The commands that it starts."""


def weaknesses(file: Starting, ctx: Context, category: str, counts: Callable[[ServiceHit], bool] | None = None) -> Iterator[Weakness]:
    """Yield what is weak of ``category`` in ``file``. ``counts`` leaves hits out that another check of the same file tells of."""
    for hit in hits(file, ctx):
        if hit.entry.category == category and (counts is None or counts(hit)):
            yield _weakness(file, hit)


def hits(file: Starting, ctx: Context) -> list[ServiceHit]:
    """Return all that is weak in ``file``: found once for all checks."""
    settings: Sequence[Setting] = getattr(file, "settings", ())
    return ctx.memo("configuration/hits", lambda: judge(file.commands, settings, file.asset.path))


def _weakness(file: Starting, hit: ServiceHit) -> Weakness:
    entry = hit.entry
    evidence = {"service": hit.service.name, "knowledge": entry.id, "set": [inert(part, _LONGEST) for part in hit.written], "started": hit.reach}
    if hit.scope:
        evidence["in"] = inert(hit.scope, _LONGEST)
    return Weakness(
        category=entry.category,
        identity=(entry.id, hit.scope, hit.subject),
        title=entry.title,
        message=_message(hit),
        severity=entry.severity,
        confidence=hit.confidence,
        locations=tuple(Location(path=file.asset.path, line=p.line, column=p.column, cell=p.cell) for p in _lines(hit)[:_MOST_PLACES]),
        root_cause=f"{entry.category}: {entry.id}",
        evidence=evidence,
        fix=Fix(entry.fix, edits=_edits(file, hit)),
        refs=entry.refs,
    )


def _edits(file: Starting, hit: ServiceHit) -> tuple[Edit, ...]:
    """Return the edits that turn the switches round which a settings file sets; none where something else than ``true`` or ``false`` stands at one of the places."""
    if hit.entry.category not in _SWITCHES or not isinstance(file, ConfigurationFile):
        return ()
    edits = []
    for place in hit.places:
        word = re.match(r"[ \t]*(true|false|True|False)(?![\w.-])", file.text.line(place.line)[place.column - 1 :])
        if word is None:
            return ()
        start, end = (place.column + at for at in word.span(1))
        edits.append(Edit(file.asset.path, place.line, start, place.line, end, _OTHER[word[1]]))
    return tuple(edits)


def _lines(hit: ServiceHit) -> list[Place]:
    """Return the first place in each line: several options of one command are one place to people."""
    first: dict[tuple[int | None, int], Place] = {}
    for place in hit.places:
        first.setdefault((place.cell, place.line), place)
    return list(first.values())


def _message(hit: ServiceHit) -> str:
    """Say of what, where and why: ``MLflow in `tracking` (--host=0.0.0.0): it listens ...``."""
    scope = f" in `{inert(hit.scope, _LONGEST)}`" if hit.scope else ""
    written = [inert(part, _LONGEST) for part in hit.written[:3]]
    said = f" ({', '.join(written)})" if written else ""
    return f"{hit.service.name}{scope}{said}: {hit.entry.message}."
