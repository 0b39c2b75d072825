"""Policies that build on others: what a file extends, leaves out and replaces, and policies for parts of a project, put together into one list of rules.

What comes out is an ordinary policy, and its digest is that of the rules: how they were put together does not matter, and a change of what is extended changes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from aisecops.core.errors import PolicyError
from aisecops.core.policy import RULE_KINDS, Policy, PolicyPart, Rule, WrittenPolicy
from aisecops.core.text import inert, inert_path

DEEPEST = 8
"""Policies one above another: more than anybody can follow. It also ends a circle."""


def resolved(written: WrittenPolicy, source: str, load: Callable[[str], Policy]) -> Policy:
    """Return what ``written`` means.

    Parameters
    ----------
    source
        What messages call its file.
    load
        Returns the policy of a name that it extends.

    Raises
    ------
    PolicyError
        What it leaves out, or narrows, is not there or cannot be.
    """
    where = inert_path(source)
    inherited = load(written.extends).rules if written.extends else ()
    rules = {rule.id: rule for rule in inherited}
    for name in written.without:
        if rules.pop(name, None) is None:
            known = ", ".join(rule.id for rule in inherited) or "nothing is inherited without `extends`"
            raise PolicyError(f"`without` names no inherited rule: `{inert(name)}`", where=where, fix=f"inherited: {known}")
    own = _once(written.rules, where)
    for part in written.parts:
        for rule in _narrowed(part, load(part.extends), where):
            if rule.id in rules:
                raise PolicyError(
                    f"two rules have the id `{inert(rule.id)}`", where=f"{where}: part `{inert(part.id)}`", fix="give the part another id"
                )
            rules[rule.id] = rule
    # A rule that replaces an inherited one keeps its place: verdicts tell the rules in the order that people know.
    return Policy(schema=written.schema, name=written.name, title=written.title, rules=tuple((rules | own).values()))


def _once(rules: tuple[Rule, ...], where: str) -> dict[str, Rule]:
    own: dict[str, Rule] = {}
    for rule in rules:
        if rule.id in own:
            raise PolicyError(
                "two rules have this id", where=f"{where}: rule `{inert(rule.id)}`", fix="give each an id of its own: the verdict names them by it"
            )
        own[rule.id] = rule
    return own


def _narrowed(part: PolicyPart, policy: Policy, where: str) -> Iterator[Rule]:
    """Yield the rules of ``policy``, for the assets of ``part`` only."""
    at = f"{where}: part `{inert(part.id)}`"
    if not part.asset:
        raise PolicyError("a part without `asset` is everything", where=at, fix="name the paths that it is for, or use `extends`")
    for rule in policy.rules:
        kind = next(name for name in RULE_KINDS if getattr(rule, name) is not None)
        asked = getattr(rule, kind)
        if rule.age:  # the run is as old in every part
            yield msgspec.structs.replace(rule, id=f"{part.id}-{rule.id}")
            continue
        if asked.asset:
            fix = "write the rule out under `rules`, with the paths that it is for"
            raise PolicyError(f"rule `{inert(rule.id)}` of {inert(part.extends)} names its own `asset`", where=at, fix=fix)
        yield msgspec.structs.replace(rule, id=f"{part.id}-{rule.id}", **{kind: msgspec.structs.replace(asked, asset=part.asset)})
