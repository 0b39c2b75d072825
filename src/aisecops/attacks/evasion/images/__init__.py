"""Images that a model gets wrong and a person does not: by chance (corruptions), by moving them, by a sticker on them. All in numpy, all images at once."""

from __future__ import annotations

from aisecops.attacks.evasion.images.attempts import ImageAttempts
from aisecops.attacks.evasion.images.corruptions import SEVERITIES, Corruption, corrupt
from aisecops.attacks.evasion.images.patch import paste, place_patch
from aisecops.attacks.evasion.images.spatial import rotate_and_move, transform
from aisecops.attacks.evasion.images.weathering import Weathered, weather

__all__ = ["SEVERITIES", "Corruption", "ImageAttempts", "Weathered", "corrupt", "paste", "place_patch", "rotate_and_move", "transform", "weather"]
