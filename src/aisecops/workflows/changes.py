"""``--changed-since``: of all assets those that are not as they were at the merge base with a branch, tag or commit."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from aisecops.core.asset import Asset
from aisecops.core.errors import UserError
from aisecops.core.examination import LeftOut, NotExamined
from aisecops.core.run import Results
from aisecops.core.text import inert, inert_path
from aisecops.project.commit import repository_above

if TYPE_CHECKING:
    from aisecops.codebase.changes import Base
    from aisecops.workflows.scan import ScanRequest

_WHERE = "--changed-since"
_LEFT_OUT = "not changed since "


class Scope(msgspec.Struct, frozen=True):
    """What is in scope: the ``assets`` that changed, the ``gaps`` of discovery in what changed, and an account of the rest."""

    assets: tuple[Asset, ...]
    gaps: tuple[NotExamined, ...]
    left_out: tuple[LeftOut, ...] = ()


def only_changed(assets: Sequence[Asset], gaps: Sequence[NotExamined], locations: Mapping[str, str], request: ScanRequest) -> Scope:
    """Return what changed. An asset without a location (a git history) is always in scope, and so is a gap whose file cannot be told from the record.

    Raises
    ------
    UserError
        The tree is not trusted (its repository could claim that nothing changed), is in no repository, or there is no such reference.
    """
    if request.untrusted:
        raise UserError("an untrusted repository could claim that nothing changed", where=_WHERE, fix="leave out --untrusted or --changed-since")
    from aisecops.codebase.changes import merge_base

    bases: dict[str, Base] = {}
    for path in request.paths:
        repository = _repository(os.path.realpath(path), {})
        if not repository:
            raise UserError("this is in no git repository", where=f"{_WHERE}, {inert_path(path)}", fix="scan it without --changed-since")
        if repository not in bases:
            bases[repository] = merge_base(repository, request.changed_since)
    above: dict[str, str] = {}
    changed = tuple(asset for asset in assets if _is_changed(locations.get(asset.id, ""), bases, above))
    still = tuple(gap for gap in gaps if _is_changed(_place(gap, request.paths), bases, above))
    commits = ", ".join(dict.fromkeys(base.commit[:12] for base in bases.values()))
    told = LeftOut(
        path=".",
        reason=f"{_LEFT_OUT}{inert(request.changed_since)} (merge base {commits})",
        count=len(assets) - len(changed) + len(gaps) - len(still),
    )
    return Scope(changed, still, (told,) if told.count else ())


def _place(gap: NotExamined, roots: Sequence[str]) -> str:
    """Where the file of a gap lies; empty where that cannot be told: several roots, a folder, a name that the record had to escape."""
    root = os.path.realpath(roots[0])
    path = os.path.join(root, *gap.path.split("/")) if len(roots) == 1 and os.path.isdir(root) else ""
    return path if os.path.isfile(path) and not os.path.islink(path) else ""


def without_the_rest(results: Results, wanted: Sequence[Asset]) -> Results:
    """Return ``results`` with the ``wanted`` assets alone: the others were read, not examined, and the record must not seem to say that they are fine."""
    names = {asset.id for asset in wanted}
    return msgspec.structs.replace(results, assets=tuple(asset for asset in results.assets if asset.id in names))


def is_partial(results: Results) -> bool:
    """Whether ``results`` are only of what changed: what is missing in them still stands, for all they know."""
    return any(left.reason.startswith(_LEFT_OUT) for left in results.left_out)


def _is_changed(location: str, bases: Mapping[str, Base], above: dict[str, str]) -> bool:
    """What lies in another repository inside (a submodule) has a history of its own: it counts as changed."""
    base = bases.get(_repository(location, above)) if location else None
    return base is None or base.changed(location)


def _repository(location: str, above: dict[str, str]) -> str:
    """The repository that holds ``location``; ``above`` remembers those of its folders."""
    folder = location if os.path.isdir(location) else os.path.dirname(location)
    if folder not in above:
        above[folder] = repository_above(folder)
    return above[folder]
