"""The data sets of a project: what its manifest says of them, as checks get it, and what a path says of a set's role."""

from __future__ import annotations

import re

import msgspec

from aisecops.core.text import inert_path
from aisecops.datasets.croissant.reading import Described
from aisecops.datasets.domain.declaration import Domain
from aisecops.datasets.origin_documents import Stated
from aisecops.datasets.pandera_schema import Schema
from aisecops.datasets.roles import ColumnRoles

_WORDS = {
    "train": ("train", "training", "traindata", "trainset"),
    "validation": ("valid", "validation", "val", "dev"),
    "test": ("test", "testing", "testdata", "testset", "holdout", "eval"),
    "calibration": ("calib", "calibration"),
    "production": ("prod", "production"),
    "reference": ("reference", "baseline"),
}
TIME = "\0time"
"""Stands for the column whose role is time: no column is called so."""
_ROLES = {word: role for role, words in _WORDS.items() for word in words}
_NOT_WORD = re.compile(r"[^a-z]+")


class Governance(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a project says of where a data set comes from, and whose data may be in it, for how long.

    Parameters
    ----------
    license, provenance
        Its licence (an SPDX id, an address), and where it comes from; empty: nothing is said.
    use
        What it is used for: ``commercial``, ``modify`` (changed copies), ``redistribute``.
    population
        Column to group to the share of the population, 0 to 1, that the data are to stand for.
    retention
        The column that says when a row was recorded; empty: no retention is declared.
    since
        The day, YYYY-MM-DD, before which no row may be.
    until, today
        The column that says until when a row may be kept, and the day that this is held against; empty: there is none.
    """

    license: str = ""
    provenance: str = ""
    use: tuple[str, ...] = ()
    population: dict[str, dict[str, float]] = {}
    retention: str = ""
    since: str = ""
    until: str = ""
    today: str = ""


class DeclaredData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a project says of one data set.

    Parameters
    ----------
    role
        ``train``, ``test``, ... as in the manifest; empty: it says nothing, and the path may.
    columns
        What its columns are for, as declared: roles that are left open are guessed from names.
    domain
        What values make sense; None: nothing is declared.
    previous
        The path of the earlier version, in the record's form; empty: none is declared.
    erased, salt
        Salted hashes (SHA-256 of salt and value, hex) of the ids of rows that must be gone, and the salt; empty: there is no erasure list.
    erased_by
        What the list was made from: columns, each alone or several joined; empty: whatever names a person.
    described
        What a Croissant document beside the data says of it.
    origins
        What other documents say of its licence and origin.
    governance
        Its origin, its use and its persons, as declared.
    schema
        A pandera schema that it has to hold to.
    """

    role: str = ""
    columns: ColumnRoles = ColumnRoles()
    domain: Domain | None = None
    previous: str = ""
    erased: tuple[str, ...] = ()
    erased_by: tuple[tuple[str, ...], ...] = ()
    salt: str = ""
    described: Described | None = None
    origins: tuple[Stated, ...] = ()
    governance: Governance | None = None
    schema: Schema | None = None


class DataSetSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The data sets that the manifest names, by the id of their asset, and the taggers of names that are installed: what is found depends on them, too."""

    declared: dict[str, DeclaredData] = {}
    taggers: tuple[str, ...] = ()


def guessed_role(path: str) -> str:
    """Return the role that ``path`` speaks of: ``data/train.csv`` is for training; empty if it says nothing. The name counts before folders."""
    for part in reversed(path.lower().split("/")):
        for word in _NOT_WORD.split(part):
            if word in _ROLES:
                return _ROLES[word]
    return ""


def checked_path(path: str) -> str:
    """Return ``path`` if it is relative and stays inside its folder. Raises ``ValueError``."""
    if path.startswith("/") or "\\" in path or ".." in path.split("/"):
        raise ValueError(f"the path `{inert_path(path)}` must be relative to the manifest's folder, with `/`, and stay inside it")
    return path
