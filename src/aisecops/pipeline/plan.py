"""Which checks examine which assets, and why some do not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

import msgspec

from aisecops.core.asset import Asset, AssetKind
from aisecops.core.check import Check, Registry
from aisecops.core.errors import UserError
from aisecops.core.run import PlannedCheck


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What an engine hands to a worker: one asset, and the ids of the checks that look at it. Its parser runs even where ``checks`` is empty."""

    asset: Asset
    checks: tuple[str, ...] = ()


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The tasks, by asset id; and every registered check with the number of assets it is for, or the reason why it is left out, by check id."""

    tasks: tuple[Task, ...]
    checks: tuple[PlannedCheck, ...]


def make_plan(
    assets: Sequence[Asset], registry: Registry, *, select: Sequence[str] = (), ignore: Sequence[str] = (), dynamic: bool | None = None
) -> Plan:
    """Plan the checks of ``registry`` over ``assets``.

    Parameters
    ----------
    select, ignore
        Check ids or aliases, folders (``model-file``) or shell patterns (``*/code-*``). An empty ``select`` selects everything; ``ignore`` takes away from that.
    dynamic
        Only the checks that ``run`` does after a scan, or only those of a scan; None: both.

    Raises
    ------
    UserError
        A name matches no check of the registry: a typing error must not quietly examine less, or more.
    """
    skipped = _skipped(registry, select, ignore)
    if dynamic is not None:
        reason = "part of a scan" if dynamic else "part of `aisecops run`"
        skipped = {check.id: reason for check in registry.checks.values() if check.dynamic is not dynamic} | skipped
    used = sorted((check for check in registry.checks.values() if check.id not in skipped), key=lambda check: check.id)
    tasks = tuple(_tasks(assets, used, registry))
    counts = _counts(tasks)
    checks = sorted(registry.checks.values(), key=lambda check: check.id)
    return Plan(tasks=tasks, checks=tuple(_planned(check, counts[check.id], skipped.get(check.id, "")) for check in checks))


def _skipped(registry: Registry, select: Sequence[str], ignore: Sequence[str]) -> dict[str, str]:
    """Check id to the reason why the request leaves the check out."""
    chosen = _named(registry, select) if select else set(registry.checks)
    reasons = dict.fromkeys(set(registry.checks) - chosen, "not selected")
    return reasons | dict.fromkeys(_named(registry, ignore) & chosen, "ignored")


def _named(registry: Registry, words: Sequence[str]) -> set[str]:
    """Return the ids of all checks that ``words`` name."""
    named: set[str] = set()
    for word in words:
        hits = {check.id for check in registry.checks.values() if _names(word, check)}
        if not hits:
            raise _unknown(word, registry)
        named |= hits
    return named


def _names(word: str, check: Check) -> bool:
    folder = word.rstrip("/") + "/"
    return any(name == word or name.startswith(folder) or fnmatchcase(name, word) for name in (check.id, *check.aliases))


def _unknown(word: str, registry: Registry) -> UserError:
    from difflib import get_close_matches  # a millisecond that only a mistake has to pay

    known = {name for check in registry.checks.values() for name in (check.id, check.id.partition("/")[0], *check.aliases)}
    near = get_close_matches(word, sorted(known), n=1, cutoff=0.5)
    fix = f"did you mean {near[0]!r}?" if near else "`aisecops checks` lists them; a pattern takes `*`: 'model-file/*'"
    return UserError(f"no check is named {word!r}", fix=fix)


def _tasks(assets: Sequence[Asset], checks: Sequence[Check], registry: Registry) -> Iterable[Task]:
    of_kind: dict[AssetKind, list[Check]] = {}
    alike: dict[tuple[str, ...], tuple[str, ...]] = {}
    for asset in sorted(assets, key=lambda asset: asset.id):
        if asset.kind not in of_kind:
            of_kind[asset.kind] = [check for check in checks if asset.kind in check.inputs]
        ids = tuple([check.id for check in of_kind[asset.kind] if not check.only or check.concerns(asset)])
        ids = alike.setdefault(ids, ids)  # thousands of assets, a few dozen lists
        if ids or asset.kind in registry.parsers:
            yield Task(asset=asset, checks=ids)


def _counts(tasks: Iterable[Task]) -> Counter[str]:
    """How many of ``tasks`` each check has."""
    counts: Counter[str] = Counter()
    for checks, number in Counter(task.checks for task in tasks).items():
        counts.update(dict.fromkeys(checks, number))
    return counts


def _planned(check: Check, count: int, skipped: str) -> PlannedCheck:
    if not count and not skipped:
        skipped = "nothing to examine: no asset of kind " + " or ".join(check.inputs)
    return PlannedCheck(
        id=check.id, version=check.version, title=check.title, threat=check.threat, stage=check.stage, categories=check.categories, refs=check.refs,
        planned=count, parameters=check.parameters, skipped=skipped,
    )  # fmt: skip
