"""Model extraction: how many queries buy how faithful a copy."""

from aisecops.attacks.extraction.linear import StolenLinear, solve_linear
from aisecops.attacks.extraction.seen import Flat, LabelsOnly, Rounded, Top
from aisecops.attacks.extraction.theft import Copied, Theft, steal

__all__ = ["Copied", "Flat", "LabelsOnly", "Rounded", "StolenLinear", "Theft", "Top", "solve_linear", "steal"]
