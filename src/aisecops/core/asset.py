"""Assets: the things that can be examined."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec


class AssetKind(StrEnum):
    """What a machine-learning system is made of (a closed list)."""

    SOURCE_FILE = "source-file"
    NOTEBOOK = "notebook"
    DEPENDENCY_SET = "dependency-set"
    CONFIGURATION = "configuration"
    DATA_SET = "data-set"
    DOCUMENT = "document"
    MODEL_FILE = "model-file"
    MODEL = "model"
    HUB_FOLDER = "hub-folder"
    PROMPT = "prompt"
    ENDPOINT = "endpoint"
    DEPLOYMENT = "deployment"


class FileVerdict(StrEnum):
    """What loading a model file would mean, from the least to the worst.

    ``clean``: everything was read and everything that a load would run is allowed. ``review``: it runs or refers to what nobody can judge from the file.
    ``incomplete``: a part could not be examined. ``block``: it runs code, touches files, processes or the network, or can.
    """

    CLEAN = "clean"
    REVIEW = "review"
    INCOMPLETE = "incomplete"
    BLOCK = "block"

    @property
    def rank(self) -> int:
        """0 for clean up to 3 for block."""
        return _RANKS[self]

    @staticmethod
    def worst(*verdicts: FileVerdict) -> FileVerdict:
        """The worst of ``verdicts``; clean if there is none."""
        return max(verdicts, key=_RANKS.__getitem__, default=FileVerdict.CLEAN)


_RANKS = {verdict: rank for rank, verdict in enumerate(FileVerdict)}


class LoaderVerdict(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one loader (``pickle.load``, ``torch.load(weights_only=True)``, ...) would do with a file; ``note`` says what it refuses to do."""

    name: str
    verdict: FileVerdict
    note: str = ""


class Asset(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A thing that can be examined, named by its place and its content.

    ``path`` is relative to the scanned root, with ``/``, and inert to print; ``location`` is where this process opens it and never enters the record.
    ``facts`` holds what the examination established (format, evidence for a clean verdict, counts).
    """

    id: str
    kind: AssetKind
    path: str
    digest: str = ""
    size: int = 0
    parent: str = ""
    verdict: FileVerdict | None = None
    loaders: tuple[LoaderVerdict, ...] = ()
    facts: dict[str, Any] = {}

    @staticmethod
    def id_of(kind: AssetKind, path: str) -> str:
        """The id of the asset of ``kind`` at ``path``."""
        return f"{kind.value}:{path}"


class AssetFacts(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What the parsed form of an asset says about the asset itself.

    ``depends`` names what else the parsed form rests on (``aisecops.core.check.Context.read``): the results of its checks hold as long as that is the same.
    ``shape`` stands for what assets that rest on this one can see of it, lines that have only moved aside; empty: for all of it. ``outline`` spares their parsers in
    later runs work on an asset that is the same (``aisecops.core.check.Context.outline``).
    """

    verdict: FileVerdict | None = None
    loaders: tuple[LoaderVerdict, ...] = ()
    facts: dict[str, Any] = {}
    depends: tuple[str, ...] = ()
    shape: bytes = b""
    outline: bytes = b""
