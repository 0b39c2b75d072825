"""What makes a model look more robust than it is, found before a number is shown."""

from aisecops.attacks.evasion.masking.diagnose import diagnose
from aisecops.attacks.evasion.masking.symptom import Symptom, Undermined, blocked

__all__ = ["Symptom", "Undermined", "blocked", "diagnose"]
