"""The closed lists that everything is classified by: threat, stage, severity, confidence."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Threat(StrEnum):
    """What an attacker, or neglect, does to a machine-learning system: the first axis of the posture matrix."""

    ADVERSARIAL_EXAMPLES = "adversarial-examples"
    EVASION = "evasion"
    DATA_POISONING = "data-poisoning"
    INVERSION_AND_INFERENCE = "inversion-and-inference"
    MODEL_EXTRACTION = "model-extraction"
    PRIVACY = "privacy"
    PROMPT_ATTACKS = "prompt-attacks"
    SUPPLY_CHAIN = "supply-chain"
    INSECURE_OPERATION = "insecure-operation"
    UNFAIRNESS = "unfairness"
    OPACITY = "opacity"
    UNRELIABILITY = "unreliability"


class Stage(StrEnum):
    """A stage of the life cycle, in order: the second axis of the posture matrix."""

    DESIGN = "design"
    CODE = "code"
    DATA = "data"
    TRAIN = "train"
    TEST = "test"
    RELEASE = "release"
    DEPLOY = "deploy"
    OPERATE = "operate"


class _Ranked(StrEnum):
    """A scale whose members are declared from the greatest to the least."""

    @property
    def rank(self) -> int:
        """0 for the least member of the scale, growing with weight."""
        members = list(type(self))
        return len(members) - 1 - members.index(self)

    def at_least(self, other: _Ranked) -> bool:
        """Whether this member weighs at least as much as ``other`` of the same scale."""
        return self.rank >= other.rank


class Severity(_Ranked):
    """How bad it is if the weakness is used."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"


class Confidence(_Ranked):
    """How sure we are that the weakness is there."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Reference(msgspec.Struct, frozen=True, order=True):
    """An entry of a public taxonomy, in a named release of it.

    Known frameworks and releases are data under ``aisecops.knowledge``; a check that names an unknown entry fails the tests.
    """

    framework: str
    version: str
    id: str
