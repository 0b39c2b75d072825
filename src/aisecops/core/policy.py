"""Policies: what a run must show to pass. Rules are typed; there is no expression language to get wrong."""

from __future__ import annotations

import msgspec

from aisecops.core.asset import AssetKind
from aisecops.core.examination import Code
from aisecops.core.taxonomy import Confidence, Severity, Threat

RULE_KINDS = ("findings", "measurements", "examined", "age")


class FindingsRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """No more than ``allow`` open findings that match all that is given. ``check``, ``category`` and ``asset`` (a path) take shell patterns.

    ``new_only``: true asks only for what the baseline does not hold, and cannot pass what it would count where there is no baseline; false counts what the baseline
    holds, too: accepting it does not help. Left out, what the baseline holds does not count, and there need not be one.
    """

    severity: Severity = Severity.INFO
    confidence: Confidence = Confidence.LOW
    threat: tuple[Threat, ...] = ()
    category: tuple[str, ...] = ()
    check: tuple[str, ...] = ()
    asset: tuple[str, ...] = ()
    allow: int = 0
    new_only: bool | None = None


class MeasurementRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """Every measurement of this name keeps the limit with the *unfavourable* end of its interval. ``required``: none at all makes the run incomplete.

    ``subject`` takes shell patterns for what was measured more closely: ``linf <= 0.05``, ``edits that readers do not see``.
    """

    name: str
    subject: tuple[str, ...] = ()
    at_least: float | None = None
    at_most: float | None = None
    check: tuple[str, ...] = ()
    asset: tuple[str, ...] = ()
    required: bool = False


class ExaminedRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """Nothing that matches was left unexamined; otherwise the run is incomplete. Empty tuples match everything.

    ``declared``: asks only for what the manifest names and the run says nothing about: no check could look at it, or some failed and none found or measured anything.
    """

    kind: tuple[AssetKind, ...] = ()
    code: tuple[Code, ...] = ()
    check: tuple[str, ...] = ()
    asset: tuple[str, ...] = ()
    declared: bool = False
    allow: int = 0


class AgeRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """The run is at most so many days old when it is judged; otherwise it is incomplete: evidence of another time."""

    at_most_days: float


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """One rule: an id, why it is there, and exactly one of ``findings``, ``measurements``, ``examined``, ``age``."""

    id: str
    why: str = ""
    findings: FindingsRule | None = None
    measurements: MeasurementRule | None = None
    examined: ExaminedRule | None = None
    age: AgeRule | None = None

    def __post_init__(self) -> None:
        if sum(getattr(self, kind) is not None for kind in RULE_KINDS) != 1:
            raise ValueError(f"rule {self.id!r} needs exactly one of {', '.join(f'`{kind}`' for kind in RULE_KINDS)}")
        limits = self.measurements and (self.measurements.at_least, self.measurements.at_most)
        if limits == (None, None):
            raise ValueError(f"rule {self.id!r} needs `at-least` or `at-most`")


class PolicyPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """Another policy for the assets that match ``asset``: its rules join with ``id-`` before their ids, and look only there."""

    id: str
    asset: tuple[str, ...]
    extends: str


class WrittenPolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """A policy as its file says it, before what it ``extends`` is read.

    ``extends``: a policy that ships, or a file relative to this one. ``rules`` replace inherited ones of the same id, and join the others;
    ``without`` leaves inherited ones out.
    """

    schema: str
    name: str
    title: str
    extends: str = ""
    without: tuple[str, ...] = ()
    parts: tuple[PolicyPart, ...] = ()
    rules: tuple[Rule, ...] = ()


class Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """A named list of rules: what a policy means once all that it extends is read."""

    schema: str
    name: str
    title: str
    rules: tuple[Rule, ...]


class Waiver(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """An accepted finding: by ``fingerprint``, or by a selector (``check``, ``category``, ``asset`` patterns), with somebody who answers for it until a date.

    ``asset`` names the paths that it was made for; the same weakness in another place stays open.
    """

    id: str
    owner: str
    reason: str
    expires: str
    fingerprint: str = ""
    check: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    asset: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not (self.fingerprint or self.check or self.category or self.asset):
            raise ValueError(f"waiver {self.id!r} needs a `fingerprint` or a selector (`check`, `category`, `asset`)")
        for name in ("owner", "reason"):
            if not getattr(self, name).strip():
                raise ValueError(f"waiver {self.id!r} needs {'an' if name == 'owner' else 'a'} {name}")
