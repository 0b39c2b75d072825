"""Models: what they answer when somebody wants them to be wrong. They are asked in quarantine, by ``aisecops run``."""

from aisecops.checks.model import (
    adversarial_examples,
    attribute_inference,
    backdoor,
    corruption,
    differential_privacy,
    evasion,
    explanation,
    extraction,
    fairness,
    false_security,
    inversion,
    membership_inference,
    quality,
    structural_disclosure,
    subject,
    text_evasion,
)

__all__ = [
    "adversarial_examples",
    "attribute_inference",
    "backdoor",
    "corruption",
    "differential_privacy",
    "evasion",
    "explanation",
    "extraction",
    "fairness",
    "false_security",
    "inversion",
    "membership_inference",
    "quality",
    "structural_disclosure",
    "subject",
    "text_evasion",
]
