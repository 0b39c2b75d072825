"""Model inversion: a picture or a row of each class from the model's answers, and whether it shows the class or a person."""

from aisecops.attacks.inference.inversion.attack import Inverted, invert
from aisecops.attacks.inference.inversion.control import Likeness, Verdict, contrasts, resemblance, shared_levels
from aisecops.attacks.inference.inversion.drift import drift
from aisecops.attacks.inference.inversion.looks import Pictured, compare

__all__ = ["Inverted", "Likeness", "Pictured", "Verdict", "compare", "contrasts", "drift", "invert", "resemblance", "shared_levels"]
