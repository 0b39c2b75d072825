"""From paths to assets."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import TYPE_CHECKING

import msgspec

from aisecops.codebase.repository import read_small
from aisecops.core.errors import UserError
from aisecops.core.examination import Code
from aisecops.core.progress import Progress, Silent
from aisecops.core.run import Root
from aisecops.core.text import inert_path
from aisecops.project.commit import commit_of, repository_above
from aisecops.project.found import Discovery, Found
from aisecops.project.ignore import Patterns, read_lines
from aisecops.project.state import MANIFEST_NAME
from aisecops.project.tree import Folder, Tree, rules_of

if TYPE_CHECKING:
    from aisecops.project.manifest import DeclaredAsset, Manifest

__all__ = ["Discovery", "Found", "discover"]

_SILENT = Silent()


def discover(
    paths: Sequence[str],
    *,
    manifest: Manifest | None,
    exclude: Sequence[str] = (),
    untrusted: bool = False,
    progress: Progress = _SILENT,
    base: str = "",
    stop: Callable[[], bool] = lambda: False,
) -> Discovery:
    """Find the assets under ``paths``.

    Parameters
    ----------
    paths
        Files and folders. A file named here is always an asset; one that nothing recognises is a model file, and its parser says what it makes of it.
    manifest
        Its ``exclude`` and ``assets`` are obeyed, relative to ``base`` (the folder of the manifest; the first folder of ``paths`` if it is not given).
    exclude
        More ``.gitignore`` patterns, relative to each root: what they match is left out whatever it is.
    untrusted
        The tree is somebody else's: its ``.gitignore`` files are data, and folders of machinery are searched for model files too.
    stop
        Asked again and again: whether to end the search here. What it has not come to is then not examined.

    Raises
    ------
    UserError
        A path does not exist.
    """
    progress.phase("discovering", 0)
    roots = [_Given(path) for path in paths]
    base = os.path.realpath(base or next((root.real for root in roots if root.folder), "."))
    declared = {os.path.join(base, *item.path.split("/")): item for item in manifest.assets} if manifest else {}
    folders = [root.real for root in roots if root.folder]
    tree = Tree(folders, {root.name for root in roots if root.regular}, declared, untrusted=untrusted, progress=progress, stop=stop)
    for root in roots:
        _search(tree, root, base, manifest, exclude, untrusted=untrusted)
    tree.finish()
    _missing(tree, declared, folders)
    return Discovery(
        roots=_roots(roots, follow=not untrusted),
        found=_in_order(tree.ledger.found, roots),
        not_examined=tuple(sorted(tree.ledger.not_examined, key=lambda item: (item.path, item.code))),
        left_out=tree.ledger.left_out(),
    )


class _Given:
    """A path that the user gave. ``name`` is its real folder and its own last part: where a walk would come by it."""

    __slots__ = ("folder", "name", "path", "real", "regular")

    def __init__(self, path: str) -> None:
        try:
            mode = os.stat(path).st_mode
        except (OSError, ValueError) as wrong:
            why = getattr(wrong, "strerror", None) or "not a path"
            raise UserError(f"it cannot be examined ({why})", where=inert_path(path), fix="check the path and its permissions") from None
        above, last = os.path.split(os.path.abspath(path))
        self.path = path
        self.real = os.path.realpath(path)
        self.name = os.path.join(os.path.realpath(above), last)
        self.folder = stat.S_ISDIR(mode)
        self.regular = stat.S_ISREG(mode)


def _search(tree: Tree, root: _Given, base: str, manifest: Manifest | None, exclude: Sequence[str], *, untrusted: bool) -> None:
    if root.folder:
        tree.search(_top(root.real, base, manifest, exclude, obey=not untrusted))
    elif root.regular:
        above, last = os.path.split(root.name)
        tree.file(Folder(above, "", "", None, None), last, root.name, root.real)
    else:
        tree.special(os.path.basename(root.path))


def _top(root: str, base: str, manifest: Manifest | None, exclude: Sequence[str], *, obey: bool) -> Folder:
    """The folder ``root`` with the rules that reach it from above: of its repository, and of the manifest's folder."""
    repository = repository_above(root) if obey else ""
    base = base if _holds(base, root) else root
    top = min((folder for folder in (repository, base, root) if folder), key=len)
    asked = _below(top, root)
    excluded = Patterns(list(manifest.exclude), MANIFEST_NAME, len(_below(top, base))) if manifest and manifest.exclude else None
    if exclude:
        excluded = Patterns(list(exclude), "--exclude", len(asked), excluded)
    return Folder(root, "", asked, _rules_from_above(repository, top, root) if repository else None, excluded)


def _rules_from_above(repository: str, top: str, root: str) -> Patterns | None:
    """The ignore rules of the repository down to, not including, ``root``'s own."""
    text = read_small(os.path.join(repository, ".git", "info", "exclude"), 1 << 18)
    rules = Patterns(read_lines(text), ".git/info/exclude", len(_below(top, repository))) if text else None
    folder = repository
    for name in _below(repository, root).split("/"):
        if folder != root:
            rules = rules_of(folder, _below(repository, folder) + ".gitignore", len(_below(top, folder)), rules)
        folder = os.path.join(folder, name)
    return rules


def _holds(folder: str, path: str) -> bool:
    return os.path.join(path, "").startswith(os.path.join(folder, ""))


def _below(folder: str, path: str) -> str:
    """``path`` relative to ``folder``, which holds it: with ``/``, ending with one; empty if they are the same."""
    inner = os.path.join(path, "")[len(os.path.join(folder, "")) :]
    return inner.replace(os.sep, "/")


def _missing(tree: Tree, declared: dict[str, DeclaredAsset], roots: list[str]) -> None:
    """Account for declared assets that the search did not come by: folders, files that it never entered, and what is not there."""
    known = {found.location for found in tree.ledger.found}
    for path, item in declared.items():
        real = os.path.realpath(path)
        if real in known or not any(_holds(root, path) for root in roots):
            continue
        if os.path.isdir(real):
            tree.ledger.found.append(Found(path=_name(path, roots), location=real, kind=item.kind, size=0, declared=True, role=item.role or ""))
        elif os.path.isfile(real):
            above, last = os.path.split(path)
            tree.file(Folder(above, _below(_holder(path, roots), above), "", None, None), last, path, real)
        else:
            tree.ledger.skip(_name(path, roots), Code.UNREADABLE, f"declared in {MANIFEST_NAME}, and not there", "fetch it, or correct the manifest")


def _holder(path: str, roots: list[str]) -> str:
    return next(root for root in roots if _holds(root, path))


def _name(path: str, roots: list[str]) -> str:
    return inert_path(_below(_holder(path, roots), path).rstrip("/")) or "."


def _in_order(found: list[Found], roots: list[_Given]) -> tuple[Found, ...]:
    """Sort by path, and give files of several roots that share a path different names: an id must mean one thing."""
    taken: set[tuple[str, str]] = set()
    files = {root.real: root.path for root in roots if root.regular}
    folders = [root for root in roots if root.folder]
    unique = []
    for item in found:
        path = next(name for name in _names(item, files, folders) if (name, item.kind) not in taken)
        taken.add((path, item.kind))
        unique.append(item if path == item.path else msgspec.structs.replace(item, path=path))
    return tuple(sorted(unique, key=lambda item: (item.path, item.kind)))


def _names(item: Found, files: dict[str, str], folders: list[_Given]) -> Iterator[str]:
    """What ``item`` can be called: its path, its path with the root in front as the user wrote it, and that with a number."""
    yield item.path
    root = next((root for root in folders if _holds(root.real, item.location)), None)
    given = os.path.join(root.path, item.path) if root else files.get(item.location, item.path)
    long = inert_path(os.path.normpath(given).replace(os.sep, "/"))
    yield long
    yield from (f"{long}~{number}" for number in count(2))


def _roots(roots: list[_Given], *, follow: bool) -> tuple[Root, ...]:
    """The record of the roots, each with its commit. Many files of one folder cost one look at its repository."""
    commits: dict[str, str] = {}
    record = []
    for root in roots:
        folder = root.real if root.folder else os.path.dirname(root.real)
        if folder not in commits:
            repository = repository_above(folder)
            commits[folder] = commit_of(repository, follow=follow) if repository else ""
        unsaid = os.path.basename(os.path.normpath(root.path)) in (".", "..")
        record.append(Root(path=inert_path(root.path), name=inert_path(os.path.basename(root.real)) if unsaid else "", commit=commits[folder]))
    return tuple(record)
