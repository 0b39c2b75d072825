"""Invisible and misleading characters: what a person does not see, or sees as something else, and a machine reads."""

from __future__ import annotations

from aisecops.content.unicode.detection import hidden
from aisecops.content.unicode.kinds import Hidden, HiddenKind
from aisecops.content.unicode.normalisation import Normalised, normalised

__all__ = ["Hidden", "HiddenKind", "Normalised", "hidden", "normalised"]
