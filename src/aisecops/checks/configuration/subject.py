"""A configuration, deployment, dependency or prompt file as its checks see it: its text, and what it starts and sets."""

from __future__ import annotations

import os
from functools import cached_property

from aisecops.checks.reading import read
from aisecops.checks.suppression import Suppressions
from aisecops.codebase.configuration import Command, Facts, Setting, read_configuration
from aisecops.codebase.configuration.kubernetes import Selector
from aisecops.codebase.configuration.reading import opened_by
from aisecops.codebase.text import Place, Text, TextPart
from aisecops.core.asset import Asset, AssetFacts, AssetKind
from aisecops.core.check import Context, subject
from aisecops.core.examination import Code, NotExamined
from aisecops.core.finding import Location, Weakness
from aisecops.core.settings import CodeSettings

LARGEST = 32 << 20
"""Bytes of a file that is read: beyond that, nothing in it was written by a person."""
_ROLES = {AssetKind.PROMPT: "prose"}
_YAML = (".yaml", ".yml")
_MANIFESTS = (AssetKind.DEPLOYMENT, AssetKind.CONFIGURATION)
"""Kinds of files that manifests of a cluster are."""


class ConfigurationFile:
    """What a file that is no program says.

    Attributes
    ----------
    asset : Asset
        The file.
    text : Text
        Its content.
    texts : tuple of TextPart
        The same, as checks of text take it.
    """

    def __init__(
        self,
        asset: Asset,
        text: Text,
        gaps: tuple[NotExamined, ...],
        *,
        suppressions: bool,
        elsewhere: tuple[Selector, ...] = (),
        depends: tuple[str, ...] = (),
    ) -> None:
        self.asset = asset
        self.text = text
        ending = asset.path.rpartition(".")[2].lower() if "." in asset.path.rpartition("/")[2] else ""
        self.texts = (TextPart(text, _ROLES.get(asset.kind, "settings"), ending),)
        self._gaps = gaps
        self._elsewhere = elsewhere
        self._depends = depends
        comments = _comments(text) if suppressions and "aisecops:" in text.content else {}
        self.suppressions = Suppressions(comments, text)

    @cached_property
    def _facts(self) -> Facts:
        return read_configuration(self.asset.path, self.text, self._elsewhere)

    @property
    def commands(self) -> tuple[Command, ...]:
        """The commands that it runs."""
        return self._facts.commands

    @property
    def settings(self) -> tuple[Setting, ...]:
        """The settings that it makes."""
        return self._facts.settings

    @property
    def gaps(self) -> tuple[NotExamined, ...]:
        """What could not be read."""
        return (*self._gaps, *(NotExamined(code=Code(gap.code), reason=f"line {gap.place.line}: {gap.reason}") for gap in self._facts.gaps))

    def place(self, place: Place) -> Location:
        """``place`` as a finding names it."""
        return Location(path=self.asset.path, line=place.line, column=place.column)

    def suppression(self, weakness: Weakness, check: str) -> str:
        """The reason for which a comment at the place of ``weakness`` says to pass over it; empty if there is none."""
        return self.suppressions.reason(weakness, check)

    def facts(self) -> AssetFacts:
        """How long it is."""
        return AssetFacts(facts={"lines": len(self.text.starts)}, depends=self._depends)


def _comments(text: Text) -> dict[int, str]:
    """Line to what follows a ``#``: in every format that has comments, they look so."""
    lines = text.content.split("\n")
    return {number: line[line.index("#") :] for number, line in enumerate(lines, 1) if "#" in line and "aisecops:" in line}


def _read(asset: Asset, ctx: Context) -> ConfigurationFile:
    if os.path.isdir(ctx.location(asset)):  # a repository: its history has a check of its own, and no text
        return ConfigurationFile(asset, Text(""), (), suppressions=False)
    data = read(asset, ctx, LARGEST + 1)
    gaps: list[NotExamined] = []
    if len(data) > LARGEST:
        gaps.append(
            NotExamined(code=Code.TOO_LARGE, reason=f"only the first {LARGEST >> 20} MiB were read", remedy="leave it out with exclude, or split it")
        )
    content = _decoded(data[:LARGEST])
    elsewhere, depends = _opened_elsewhere(asset, content, ctx)
    suppressions = ctx.settings(CodeSettings).suppressions
    return ConfigurationFile(asset, Text(content), tuple(gaps), suppressions=suppressions, elsewhere=elsewhere, depends=depends)


def _opened_elsewhere(asset: Asset, content: str, ctx: Context) -> tuple[tuple[Selector, ...], tuple[str, ...]]:
    """Whom services in files beside this manifest open to the outside; and what that rests on, as ``AssetFacts.depends`` names it."""
    if not asset.path.endswith(_YAML) or "containers:" not in content or "apiVersion:" not in content:
        return (), ()
    folder = asset.path.rpartition("/")[0].rpartition("/")[0]
    opened = ctx.once("opened-pods", lambda: _opened(ctx))
    near = [selector for path, found in opened if path != asset.path and path.rpartition("/")[0].startswith(folder) for selector in found]
    return tuple(near), tuple(f"#{kind}" for kind in _MANIFESTS)


def _opened(ctx: Context) -> list[tuple[str, tuple[Selector, ...]]]:
    """The manifests of the run with services that the outside reaches, and whom they select."""
    paths = [(kind, path) for kind in _MANIFESTS for path in sorted(ctx.paths(kind)) if path.endswith(_YAML)]
    found = []
    for kind, path in paths:
        data = ctx.read(kind, path)
        if data is not None and b"Service" in data and (b"LoadBalancer" in data or b"NodePort" in data):
            found.append((path, opened_by(Text(_decoded(data[:LARGEST])))))
    return found


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    return data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")


for _kind in (AssetKind.CONFIGURATION, AssetKind.DEPENDENCY_SET, AssetKind.DEPLOYMENT, AssetKind.PROMPT):
    subject(_kind)(_read)
