"""What msgspec raises for bytes that are not what they should be."""

from __future__ import annotations

import msgspec

UNDECODABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""All of it: text that is no UTF-8 and nesting without end have errors of their own, which are no ``MsgspecError``."""
