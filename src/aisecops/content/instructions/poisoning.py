"""Whether the description of a tool is poisoned: by instructions to the model, or by characters that nobody sees."""

from __future__ import annotations

import msgspec

from aisecops.content.instructions.kinds import Instruction
from aisecops.content.instructions.misdirection import misdirections
from aisecops.content.instructions.weighing import find_instructions
from aisecops.content.unicode import Hidden, HiddenKind, hidden
from aisecops.core.taxonomy import Confidence

_OUT_OF_SIGHT = {
    HiddenKind.TAGS: "invisible tag characters",
    HiddenKind.VARIATION_SELECTORS: "bytes in variation selectors",
    HiddenKind.ZERO_WIDTH: "runs of characters without width",
    HiddenKind.SPLIT_WORD: "words split by invisible characters",
    HiddenKind.BIDI: "text that is shown in another order than it is read",
    HiddenKind.HOMOGLYPH: "words with letters of another script",
    HiddenKind.PRIVATE_USE: "characters without a meaning",
    HiddenKind.TERMINAL_ESCAPE: "escape codes of terminals",
    HiddenKind.CONTROL: "control characters",
}


class Poisoning(msgspec.Struct, frozen=True):
    """What is wrong with ``text[start:end]`` of a description; ``summary`` quotes nothing."""

    kind: str
    start: int
    end: int
    confidence: Confidence
    summary: str


def find_poisoning(description: str) -> list[Poisoning]:
    """Return what poisons the description of a tool, the surest first.

    Instructions count from medium confidence on; hidden characters, too: no description needs any. What is hidden and decodes to an instruction is told once.
    """
    instructions = [item for item in find_instructions(description, place="tool-description") if item.confidence.at_least(Confidence.MEDIUM)]
    unseen = [item for item in hidden(description) if item.confidence.at_least(Confidence.MEDIUM) and not _told(item, instructions)]
    found = [Poisoning(item.kind.value, item.start, item.end, item.confidence, f"It {item.summary}") for item in instructions]
    found += [Poisoning(f"hidden-{item.kind.value}", item.start, item.end, item.confidence, f"It has {_OUT_OF_SIGHT[item.kind]}") for item in unseen]
    told = found or [Poisoning("misdirection", item.start, item.end, Confidence.MEDIUM, f"It {item.summary}") for item in misdirections(description)]
    return sorted(told, key=lambda item: (-item.confidence.rank, item.start))


def _told(item: Hidden, instructions: list[Instruction]) -> bool:
    return any(other.start < item.end and item.start < other.end for other in instructions)
