"""Backdoors in finished models: signs that are put on clean samples, make the model answer one class, and do nothing of the kind to honest models."""

from aisecops.defences.backdoors.examination import Effort, Examination, Sign, examine
from aisecops.defences.backdoors.subjects import of_images, of_table, of_texts

__all__ = ["Effort", "Examination", "Sign", "examine", "of_images", "of_table", "of_texts"]
