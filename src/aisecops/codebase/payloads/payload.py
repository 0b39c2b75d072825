"""What is found: code against its user, and why it is taken for that."""

from __future__ import annotations

import msgspec

from aisecops.codebase.dataflow.program import Span


class Payload(msgspec.Struct, frozen=True):
    """Code against its user. ``rule`` names what gives it away, ``what`` says it in words; ``sure``: nobody writes this for another purpose."""

    rule: str
    what: str
    span: Span
    sure: bool = True
