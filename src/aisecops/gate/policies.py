"""Policies by name, and from files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import msgspec

from aisecops.core.errors import PolicyError
from aisecops.core.policy import Policy, Rule, WrittenPolicy
from aisecops.core.text import inert, inert_path
from aisecops.gate import baseline, judge, waivers
from aisecops.knowledge import policies as shipped

SCHEMA = "aisecops/policy-1"
RESERVED = (waivers.RULE, baseline.RULE, judge.INTERRUPTED)
"""The verdict's own rules: a policy that could use their ids could speak for them."""

_KEBAB = r"[a-z0-9]+(?:-[a-z0-9]+)*"


def load_policy(name_or_path: str) -> Policy:
    """Return the policy that ships under this name, or that the YAML file at this path says.

    A name always means the policy that ships: no file in the folder at hand can take its place. A path is what holds a slash, or ends in ``.yaml``, ``.yml`` or
    ``.json`` (every JSON is YAML).

    Raises
    ------
    PolicyError
        If there is no such policy, or its file does not say what it should.
    """
    return _load(name_or_path, ())


def _load(name_or_path: str, below: tuple[str, ...]) -> Policy:
    """Load a policy that those at ``below``, each extending the next, extend."""
    if name_or_path in shipped.NAMES:
        return _shipped(name_or_path)
    if not shipped.is_path(name_or_path):
        raise PolicyError(f"there is no policy `{inert(name_or_path)}`", fix=shipped.way_out(name_or_path))
    try:
        with open(name_or_path, "rb") as file:
            text = file.read()
    except OSError as error:
        where = f"{inert_path(name_or_path)} (extended by {inert_path(below[-1])})" if below else inert_path(name_or_path)
        raise PolicyError(
            f"the policy cannot be read: {error.strerror}", where=where, fix=f"check the path; these ship: {', '.join(shipped.NAMES)}"
        ) from None
    return parse_policy(text, source=name_or_path, below=below)


def parse_policy(text: str | bytes, *, source: str, below: tuple[str, ...] = ()) -> Policy:
    """Return the policy that the YAML ``text`` says, with all that it extends; ``source`` is what messages call it, and where relative paths start.

    ``below`` are the files that extend it, the outermost first.

    Raises
    ------
    PolicyError
        With line and column where the text is not a policy; with the rule's id where the rule makes no sense.
    """
    from aisecops.core.yaml_text import parse_yaml

    written = parse_yaml(text, WrittenPolicy, source=source, error=PolicyError)
    if written.schema != SCHEMA:
        raise PolicyError(f"the schema is `{inert(written.schema)}`", where=inert_path(source), fix=f"this version reads `schema: {SCHEMA}`")
    policy = _resolved(written, source, (*below, source))
    for rule, what, fix in _mistakes(policy):
        raise PolicyError(what, where=f"{inert_path(source)}: {rule}" if rule else inert_path(source), fix=fix)
    return policy


def _resolved(written: WrittenPolicy, source: str, chain: tuple[str, ...]) -> Policy:
    from aisecops.gate.inheritance import DEEPEST, resolved

    def load(name: str) -> Policy:
        path = os.path.join(os.path.dirname(source), name) if shipped.is_path(name) else name
        if len(chain) > DEEPEST or os.path.realpath(path) in {os.path.realpath(file) for file in chain}:
            told = " extends ".join(map(inert_path, (*chain, path)))
            raise PolicyError("policies extend each other in a circle, or too deep", where=told, fix=f"at most {DEEPEST}, each above another one")
        return _load(path, chain)

    return resolved(written, source, load)


def _shipped(name: str) -> Policy:
    with open(shipped.compiled(name), "rb") as file:
        return msgspec.json.decode(file.read(), type=Policy)


def _mistakes(policy: Policy) -> Iterator[tuple[str, str, str]]:
    """Yield what types cannot say against ``policy``: the rule, what is wrong with it, what to do."""
    if not policy.rules:
        yield "", "a policy without rules would pass everything", "copy one that ships, and change it"
    if policy.name in shipped.NAMES and policy != _shipped(policy.name):
        yield (
            "",
            f"`{policy.name}` is the name of a policy that ships, and this one differs from it",
            "give yours a name of its own: a verdict is quoted by it",
        )
    seen: set[str] = set()
    for rule in policy.rules:
        yield from ((f"rule `{inert(rule.id)}`", what, fix) for what, fix in _rule_mistakes(rule, seen))
        seen.add(rule.id)


def _rule_mistakes(rule: Rule, seen: set[str]) -> Iterator[tuple[str, str]]:
    if not re.fullmatch(_KEBAB, rule.id):
        yield "an id is written in small letters, digits and hyphens", "write it like `no-critical`"
    if rule.id in seen:
        yield "two rules have this id", "give each an id of its own: the verdict names them by it"
    if rule.id in RESERVED:
        yield "this id is the verdict's own", "choose another one"
    part = rule.findings or rule.examined
    if part and part.allow < 0:
        yield f"`allow: {part.allow}` can never be kept", "write 0 or more"
    if rule.age and not 0 < rule.age.at_most_days < float("inf"):
        yield f"`at-most-days: {rule.age.at_most_days:g}` is no age", "write a number of days above 0"
    limits = rule.measurements
    if limits and limits.at_least is not None and limits.at_most is not None and limits.at_least > limits.at_most:
        yield f"nothing is at least {limits.at_least:g} and at most {limits.at_most:g}", "swap the two, or keep one of them"
