"""What a diagnosis says: which number would be meaningless, and why."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from aisecops.oracles.oracle import Capability


class Undermined(StrEnum):
    """What a symptom makes meaningless."""

    GRADIENT_ATTACKS = "gradient attacks"
    SCORE_ATTACKS = "score attacks"
    SINGLE_EVALUATION = "a single evaluation"
    ALL = "all attacks"

    def covers(self, capability: Capability) -> bool:
        """Whether an attack that relies on ``capability`` says nothing any more."""
        match self:
            case Undermined.GRADIENT_ATTACKS:
                return capability is Capability.GRADIENT
            case Undermined.SCORE_ATTACKS:
                return capability is Capability.SCORES
            case Undermined.SINGLE_EVALUATION | Undermined.ALL:
                return True


class Symptom(msgspec.Struct, frozen=True, kw_only=True):
    """One way in which a model looks more robust than it is.

    Parameters
    ----------
    name
        ``randomness``, ``constant-answers``, ``constant-scores``, ``clipped-scores``, ``rounded-scores``, ``quantised-input``, ``inconsistent-scores``,
        ``zero-gradients``, ``useless-gradients``, ``failing-queries`` or ``coarse-scores``.
    message
        What was seen, in a sentence.
    evidence
        The numbers behind it, by name.
    undermines
        What it makes meaningless.
    advice
        What to do instead.
    certain
        Whether only a mask answers like this. If not, an honest small model may, too: nobody is accused, but attacks that rely on it say as little.
    """

    name: str
    message: str
    evidence: tuple[tuple[str, float], ...]
    undermines: tuple[Undermined, ...]
    advice: str
    certain: bool = True


def blocked(symptoms: Iterable[Symptom], relied_on: Iterable[Capability]) -> str:
    """Return why a number found by attacks that rely on these capabilities must not be used; empty if at least one of the attacks still means something."""
    reasons: dict[str, None] = {}
    for capability in sorted(set(relied_on)):
        against = [symptom for symptom in symptoms if any(kind.covers(capability) for kind in symptom.undermines)]
        if not against:
            return ""
        reasons |= dict.fromkeys(f"{symptom.name}: {symptom.message}" for symptom in against)
    return "; ".join(reasons)
