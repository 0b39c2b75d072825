"""What instructions hidden in a text want, and what speaks for it that they are instructions."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

import msgspec

from aisecops.core.taxonomy import Confidence

Place = Literal["tool-description", "prose", "data"]
"""Where a text stands: in what a model reads as the description of a tool; in documents that people, and sometimes agents, read; in data that a model works on."""


class Evidence(StrEnum):
    """What speaks for an instruction to a model that nobody who reads the text would expect there."""

    OVERRIDE = "override"
    CONCEALMENT = "concealment"
    IMPERSONATION = "impersonation"
    SENSITIVE_RESOURCE = "sensitive-resource"
    EXFILTRATION_CHANNEL = "exfiltration-channel"
    OTHER_TOOLS = "other-tools"
    FORCED_STEP = "forced-step"
    FORGED_CALL = "forged-call"
    COMMAND = "command"
    NO_CONFIRMATION = "no-confirmation"
    JAILBREAK = "jailbreak"
    PROMPT_DISCLOSURE = "prompt-disclosure"
    MODEL_ADDRESSED = "model-addressed"
    STEERED_OUTPUT = "steered-output"
    ORDER = "order"
    PRESSURE = "pressure"
    HIDDEN = "hidden"
    ENCODED = "encoded"


class InstructionKind(StrEnum):
    """What an instruction is after.

    ``exfiltration``: to carry secrets or conversations out. ``override``: to replace the instructions that the model has. ``concealment``: to keep what happens from
    the user. ``tool-shadowing``: to change how other tools are used. ``impersonation``: to pass for the system, the developer or the user. ``forged-call``: to pass for a
    tool's call or result. ``command``: to run or destroy something. ``disclosure``: to give the prompt away. ``steering``: to bend the answer.
    """

    EXFILTRATION = "exfiltration"
    OVERRIDE = "override"
    CONCEALMENT = "concealment"
    TOOL_SHADOWING = "tool-shadowing"
    IMPERSONATION = "impersonation"
    FORGED_CALL = "forged-call"
    COMMAND = "command"
    DISCLOSURE = "disclosure"
    STEERING = "steering"


class Instruction(msgspec.Struct, frozen=True):
    """An instruction in ``text[start:end]``.

    ``score`` is the weight of all ``evidence`` together; three (two and a half in the description of a tool) is where somebody should look (medium), one and a
    half more where there is hardly an innocent reading (high). ``summary`` is written by us and quotes nothing.
    """

    kind: InstructionKind
    start: int
    end: int
    confidence: Confidence
    summary: str
    evidence: tuple[Evidence, ...]
    score: float
