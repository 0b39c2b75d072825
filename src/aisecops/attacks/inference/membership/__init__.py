"""Membership inference: telling records that a model was trained on from others."""

from aisecops.attacks.inference.membership.audit import Leakage, audit
from aisecops.attacks.inference.membership.blind import BlindBaseline, blind_baseline
from aisecops.attacks.inference.membership.halves import complementary_halves
from aisecops.attacks.inference.membership.rates import Area, Rate, area, rate_at
from aisecops.attacks.inference.membership.risks import exposed
from aisecops.attacks.inference.membership.shadows import clones

__all__ = ["Area", "BlindBaseline", "Leakage", "Rate", "area", "audit", "blind_baseline", "clones", "complementary_halves", "exposed", "rate_at"]
