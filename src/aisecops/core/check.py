"""Checks, the parsed forms that they read, and the registry that holds both.

A check is a function in its own file, registered by a decorator that carries its identity; its docstring is the lesson that users read::

    @check(id="model-file/code-execution", title=..., inputs=(AssetKind.MODEL_FILE,), stage=Stage.RELEASE, threat=Threat.SUPPLY_CHAIN, ...)
    def code_execution(file: ModelFile, ctx: Context) -> Iterator[Weakness | Reading | NotExamined]:
        ...

What a check receives is the *subject*: the parsed form of the asset, made once a run by the function that ``@subject`` registers for the kind.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any, Protocol, TypeVar

import msgspec

from aisecops.core.asset import Asset, AssetFacts, AssetKind
from aisecops.core.examination import NotExamined
from aisecops.core.finding import Weakness
from aisecops.core.measurement import Reading
from aisecops.core.taxonomy import Reference, Stage, Threat

T = TypeVar("T")


class Quarantined(Protocol):
    """Something that runs in another process."""

    @property
    def processes(self) -> Collection[int]:
        """The ids of the processes that this one has started for it and that are alive."""

    def close(self) -> None:
        """End it. A second time is nothing."""


class RefusedError(Exception):
    """A parser says that nobody can examine this asset, and why: told once, for all its checks."""

    def __init__(self, why: NotExamined) -> None:
        super().__init__(why.reason)
        self.why = why


Q = TypeVar("Q", bound=Quarantined)
Result = Weakness | Reading | NotExamined


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """What one task may use."""

    seconds: float = 120.0
    memory_bytes: int = 1 << 30


class Context(Protocol):
    """What the pipeline offers to a check or a parser."""

    @property
    def seed(self) -> int:
        """The seed of the run: all randomness of a check derives from it."""

    @property
    def budget(self) -> Budget:
        """What this task may use. The pipeline enforces it; a check that can stop early by itself says so with ``NotExamined``."""

    def location(self, asset: Asset) -> str:
        """Where this process can open the asset's file, for reading only."""

    def settings(self, kind: type[T]) -> T:
        """The project's settings of type ``kind`` (``aisecops.core.settings``), its defaults where the manifest is silent."""

    def memo(self, key: str, compute: Callable[[], T]) -> T:
        """``compute()`` once for this asset, shared between its checks."""

    def once(self, key: str, compute: Callable[[], T]) -> T:
        """``compute()`` once for all assets that this process examines. It must give the same whichever asset asks first."""

    def paths(self, kind: AssetKind) -> Collection[str]:
        """The paths of the run's assets of ``kind``."""

    def read(self, kind: AssetKind, path: str) -> bytes | None:
        """The content of another asset of the run; None if there is none of this kind at ``path``, or it cannot be read.

        A parser says in ``AssetFacts.depends`` what it has used: ``=kind:path`` for the content of an asset, ``~kind:path`` for what others can see of it
        (``AssetFacts.shape``), ``#kind`` for all assets of a kind, and one word each for which source files have certain names, and for the bodies of functions that
        matter of such files (``aisecops.core.depends``).
        """

    def outline(self, kind: AssetKind, path: str) -> bytes:
        """What the parser of another asset, which is as it was, has left in an earlier run for those who read it (``AssetFacts.outline``); empty if nothing has."""

    def attach(self, role: str, media_type: str, data: bytes, *, sensitive: bool = False) -> str:
        """Keep ``data`` as a file that belongs to the run and return its id, for ``Reading.attachments``; empty where the run has no place to keep files."""

    def isolate(self, start: Callable[[], Q]) -> Q:
        """Return what ``start`` opens: a process of its own that loads what must not be trusted. It lives as long as this task; the pipeline closes it."""


class Subject(Protocol):
    """The parsed form of an asset.

    It may also have ``suppression(weakness, check id) -> str``: the reason for which the asset itself says to pass over it; and ``besides() -> words``: what the
    last check has made it read of other assets, as in ``AssetFacts.depends``, or nothing if that is not more than before.
    """

    def facts(self) -> AssetFacts:
        """What it says about the asset itself: verdict, loaders, evidence."""


CheckFunction = Callable[[Any, Context], Iterable[Result]]
ParseFunction = Callable[[Asset, Context], Subject]


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """A registered check: identity, place in the posture matrix, and the function.

    ``dynamic``: it loads a model, trains one, or needs what only the manifest can say: ``run`` does it, ``scan`` does not. ``only``: facts that an asset must
    have from the start, and the values of each that will do: a check of texts is not planned for a model of tables. ``heeds``: the one attribute of the subject
    that it looks at, where that is so; while it is empty, as in most assets, there is nothing to say, and the check is not called.
    """

    id: str
    title: str
    version: int
    threat: Threat
    stage: Stage
    inputs: tuple[AssetKind, ...]
    categories: tuple[str, ...]
    refs: tuple[Reference, ...]
    lesson: str
    function: CheckFunction
    aliases: tuple[str, ...] = ()
    parameters: dict[str, Any] = {}
    only: dict[str, tuple[str, ...]] = {}
    dynamic: bool = False
    heeds: str = ""

    def concerns(self, asset: Asset) -> bool:
        """Whether it is for ``asset``."""
        return asset.kind in self.inputs and (not self.only or all(asset.facts.get(name) in values for name, values in self.only.items()))


class Parser(msgspec.Struct, frozen=True, kw_only=True):
    """A registered way from an asset to its subject. ``version`` is part of every cache key of the kind.

    ``prepare`` loads what nearly every large set of such assets needs: it is called once, before several processes are forked that would each load it again.
    """

    kind: AssetKind
    version: int
    function: ParseFunction
    prepare: Callable[[], None] | None = None


class Registry:
    """Checks by id and parsers by kind. A second registration of the same id is a programming error."""

    def __init__(self) -> None:
        self.checks: dict[str, Check] = {}
        self.parsers: dict[AssetKind, Parser] = {}

    def add(self, check: Check) -> None:
        """Register ``check``; its id and aliases must be new."""
        for name in (check.id, *check.aliases):
            if self.find(name) is not None:
                raise ValueError(f"a check named {name!r} is registered already")
        self.checks[check.id] = check

    def without(self, folder: str) -> Registry:
        """Return the registry without the checks of ``folder``."""
        if not any(name.startswith(f"{folder}/") for name in self.checks):
            return self
        rest = Registry()
        rest.parsers = self.parsers
        rest.checks = {name: check for name, check in self.checks.items() if not name.startswith(f"{folder}/")}
        return rest

    def find(self, name: str) -> Check | None:
        """The check with this id or alias."""
        return self.checks.get(name) or next((c for c in self.checks.values() if name in c.aliases), None)


registry = Registry()


def check(
    *,
    id: str,
    title: str,
    inputs: tuple[AssetKind, ...],
    stage: Stage,
    threat: Threat,
    categories: tuple[str, ...],
    refs: tuple[Reference, ...] = (),
    version: int = 1,
    aliases: tuple[str, ...] = (),
    parameters: dict[str, Any] | None = None,
    only: dict[str, tuple[str, ...]] | None = None,
    dynamic: bool = False,
    heeds: str = "",
) -> Callable[[CheckFunction], CheckFunction]:
    """Register the decorated function as a check. ``version`` grows with every change of what the check may say (it is part of the cache key)."""

    def register(function: CheckFunction) -> CheckFunction:
        lesson = (function.__doc__ or "").strip()
        registry.add(
            Check(
                id=id, title=title, version=version, threat=threat, stage=stage, inputs=inputs, categories=categories, refs=refs,
                lesson=lesson, function=function, aliases=aliases, parameters=parameters or {}, only=only or {}, dynamic=dynamic,
                heeds=heeds,
            )
        )  # fmt: skip
        return function

    return register


def subject(kind: AssetKind, *, version: int = 1, prepare: Callable[[], None] | None = None) -> Callable[[ParseFunction], ParseFunction]:
    """Register the decorated function as the parser of assets of ``kind``; ``prepare`` loads what many of them need (``Parser``)."""

    def register(function: ParseFunction) -> ParseFunction:
        if kind in registry.parsers:
            raise ValueError(f"a parser for {kind} is registered already")
        registry.parsers[kind] = Parser(kind=kind, version=version, function=function, prepare=prepare)
        return function

    return register
