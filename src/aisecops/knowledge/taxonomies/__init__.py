"""The public taxonomies that checks refer to: named releases, complete, with the id and title of every entry.

One JSON file for each release beside this module, read when it is asked for and never at the start of a scan. How each file was made, what it holds
and under which terms: ``docs/taxonomies.md``. Titles of OWASP entries are in our own words.
"""

from __future__ import annotations

import os
from functools import cache

import msgspec

from aisecops.core.errors import UserError
from aisecops.core.taxonomy import Reference

_FOLDER = os.path.dirname(__file__)
_SUFFIX = ".json"


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """A named release of a framework.

    ``date`` is that of the release (ISO, as exact as it is known). ``complete``: all entries of its kinds are here. ``own_words``: the titles are ours, not the
    framework's. ``source`` is where ids and titles come from, ``license`` and ``notice`` their terms, ``count`` the number of entries.
    """

    framework: str
    version: str
    title: str
    date: str
    complete: bool
    own_words: bool
    source: str
    license: str
    notice: str
    count: int


class Entry(msgspec.Struct, frozen=True):
    """One entry of a release: a technique, a weakness, a risk. ``url`` is a page that explains it, or the release where entries have no page of their own."""

    framework: str
    version: str
    id: str
    title: str
    url: str


class _Document(Release, frozen=True, kw_only=True):
    """A data file. ``urls`` maps a prefix of ids to an address; ``{id}`` stands for the id, ``{rest}`` for what follows the prefix."""

    urls: dict[str, str]
    entries: dict[str, str]


@cache
def frameworks() -> tuple[Release, ...]:
    """All releases, by framework and version."""
    return tuple(msgspec.json.decode(_read(name), type=Release) for name in _files())


def known(ref: Reference) -> bool:
    """Whether ``ref`` names an entry of a release that ships."""
    document = _document(ref.framework, ref.version)
    return document is not None and ref.id in document.entries


def entry(ref: Reference) -> Entry:
    """Return the entry that ``ref`` names.

    Raises
    ------
    UserError
        If the framework, the release or the entry is not known; the message names what is.
    """
    document = _document(ref.framework, ref.version)
    if document is None:
        raise UserError(f"no release {ref.version!r} of {ref.framework!r} is known", where=_where(ref), fix=f"known are {', '.join(_names())}")
    if ref.id not in document.entries:
        raise UserError(f"{document.title} has no entry {ref.id!r}", where=_where(ref), fix=f"its ids look like {next(iter(document.entries))}")
    return Entry(ref.framework, ref.version, ref.id, document.entries[ref.id], _url(document, ref.id))


def entries(framework: str, version: str) -> tuple[Entry, ...]:
    """All entries of a release, in its own order; empty if it is not known."""
    document = _document(framework, version)
    if document is None:
        return ()
    return tuple(Entry(framework, version, key, title, _url(document, key)) for key, title in document.entries.items())


@cache
def _files() -> tuple[str, ...]:
    return tuple(sorted(name for name in os.listdir(_FOLDER) if name.endswith(_SUFFIX)))


def _read(name: str) -> bytes:
    with open(os.path.join(_FOLDER, name), "rb") as file:
        return file.read()


@cache
def _document(framework: str, version: str) -> _Document | None:
    name = f"{framework}-{version}{_SUFFIX}"
    if name not in _files():  # only names that are there: a reference from outside never becomes a path
        return None
    return msgspec.json.decode(_read(name), type=_Document)


def _url(document: _Document, id: str) -> str:
    prefix = max((prefix for prefix in document.urls if id.startswith(prefix)), key=len)
    return document.urls[prefix].format(id=id, rest=id.removeprefix(prefix))


def _where(ref: Reference) -> str:
    return f"{ref.framework} {ref.version} {ref.id}"


def _names() -> list[str]:
    return [name.removesuffix(_SUFFIX) for name in _files()]
