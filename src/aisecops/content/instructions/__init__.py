"""Instructions to a model or an agent that stand where nobody expects them: in descriptions of tools, in documents, in data."""

from __future__ import annotations

from aisecops.content.instructions.kinds import Evidence, Instruction, InstructionKind, Place
from aisecops.content.instructions.poisoning import Poisoning, find_poisoning
from aisecops.content.instructions.tools import ToolText, tool_texts
from aisecops.content.instructions.weighing import compile_rules, find_instructions

__all__ = [
    "Evidence",
    "Instruction",
    "InstructionKind",
    "Place",
    "Poisoning",
    "ToolText",
    "compile_rules",
    "find_instructions",
    "find_poisoning",
    "tool_texts",
]
