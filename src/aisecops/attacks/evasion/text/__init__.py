"""Evasion of models that read text: spam and phishing filters, moderation.

``edit_text`` edits messages, within a budget, until the model no longer catches them.
"""

from __future__ import annotations

from aisecops.attacks.evasion.text.attempts import TextAttempts
from aisecops.attacks.evasion.text.edits import ALL_FAMILIES, PRICES, SPACING, TYPOS, UNSEEN, Edit, EditBudget, Family, marked, rewritten
from aisecops.attacks.evasion.text.good_words import learn_good_words
from aisecops.attacks.evasion.text.places import Protected
from aisecops.attacks.evasion.text.search import edit_text

__all__ = [
    "ALL_FAMILIES",
    "PRICES",
    "SPACING",
    "TYPOS",
    "UNSEEN",
    "Edit",
    "EditBudget",
    "Family",
    "Protected",
    "TextAttempts",
    "edit_text",
    "learn_good_words",
    "marked",
    "rewritten",
]
