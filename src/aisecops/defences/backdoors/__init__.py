"""Backdoors in finished models: signs that are put on clean samples, make the model answer one class, and do nothing of the kind to honest models."""

from aisecops.defences.backdoors.examination import Examiner, examine
from aisecops.defences.backdoors.subjects import of_images, of_table, of_texts
from aisecops.defences.backdoors.verdict import Effort, Examination, Sign

__all__ = ["Effort", "Examination", "Examiner", "Sign", "examine", "of_images", "of_table", "of_texts"]
