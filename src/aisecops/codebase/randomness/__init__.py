"""Randomness that can be predicted: where it comes from, and where that matters."""

from aisecops.codebase.randomness.noise import Noise, private_noise
from aisecops.codebase.randomness.values import Predictable, predictable_values

__all__ = ["Noise", "Predictable", "predictable_values", "private_noise"]
