"""Explain a check, a category of weakness, or a finding of a run."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from aisecops.core.check import Check, Registry
from aisecops.core.errors import UserError
from aisecops.core.finding import Finding
from aisecops.core.run import Run
from aisecops.core.text import inert

_SHORTEST_PREFIX = 4


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to teach: the ``checks`` that speak of it, and the ``findings`` that it names, if it names some."""

    name: str
    checks: tuple[Check, ...]
    findings: tuple[Finding, ...] = ()


def explain(name: str, registry: Registry, run: Run | None = None) -> Explanation:
    """Return what ``name`` means.

    Parameters
    ----------
    name
        A check's id or alias, a category, or a finding's id or fingerprint (or the start of one, four characters at least).
    run
        The run whose findings may be meant.

    Raises
    ------
    UserError
        Nothing has that name; the nearest names are given.
    """
    check = registry.find(name)
    if check is not None:
        return Explanation(name=check.id, checks=(check,))
    in_category = tuple(c for c in registry.checks.values() if name in c.categories)
    if in_category:
        return Explanation(name=name, checks=in_category)
    findings = _named(name, run.findings if run else ())
    if not findings:
        raise _unknown(name, registry, run)
    ids = dict.fromkeys(finding.check for finding in findings)
    return Explanation(name=name, checks=tuple(found for found in map(registry.find, ids) if found), findings=findings)


def _named(name: str, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    exact = tuple(f for f in findings if name in (f.id, f.fingerprint))
    if exact or len(name) < _SHORTEST_PREFIX:
        return exact
    return tuple(f for f in findings if f.id.startswith(name) or f.fingerprint.startswith(name))


def _unknown(name: str, registry: Registry, run: Run | None) -> UserError:
    from difflib import get_close_matches

    known = sorted({name for check in registry.checks.values() for name in (check.id, *check.aliases, *check.categories)})
    ends = {full.rpartition("/")[2]: full for full in known}
    near = (
        get_close_matches(name, known, 1, 0.85)
        or [ends[end] for end in get_close_matches(name, ends, 3, 0.6)]
        or get_close_matches(name, known, 3, 0.5)
    )
    fix = f"did you mean {' or '.join(near)}?" if near else "`aisecops checks` lists them"
    unseen = "" if run or "/" in name else " (and no run is stored here to look for findings in)"
    return UserError(f"no check, category or finding is called {inert(name)!r}{unseen}", where="explain", fix=fix)
