"""Which attacks there are, and what each can be used for."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from importlib import import_module

import msgspec

from aisecops.attacks.evasion.attempts import Attempts, Norm
from aisecops.oracles.oracle import Capability


class Kind(StrEnum):
    """What the samples are."""

    TABLE = "table"
    IMAGE = "image"


class Attack(msgspec.Struct, frozen=True, kw_only=True):
    """An attack: what the oracle has to answer, the norms and kinds of sample that it knows, and where its function is.

    ``fixed``: it needs ``epsilon`` and looks for any evasion within; else it looks for the nearest.
    """

    capability: Capability
    norms: tuple[Norm, ...]
    kinds: tuple[Kind, ...] = (Kind.TABLE, Kind.IMAGE)
    fixed: bool = False
    place: str

    def load(self) -> Callable[..., Attempts]:
        """Import and return the function, see the signature in ``aisecops.attacks.evasion``."""
        module, _, name = self.place.partition(":")
        function: Callable[..., Attempts] = getattr(import_module(f"aisecops.attacks.evasion.{module}"), name)
        return function


BALLS = (Norm.LINF, Norm.L2)

ATTACKS = {
    "cgba": Attack(capability=Capability.LABELS, norms=(Norm.L2,), place="cgba:cgba"),
    "hop-skip-jump": Attack(capability=Capability.LABELS, norms=(Norm.L2, Norm.LINF), place="hop_skip_jump:hop_skip_jump"),
    "exact": Attack(capability=Capability.STRUCTURE, norms=(Norm.LINF, Norm.L2, Norm.L1), place="exact:exact"),
    "square": Attack(capability=Capability.SCORES, norms=BALLS, fixed=True, place="square:square"),
    "simba": Attack(capability=Capability.SCORES, norms=BALLS, fixed=True, place="simba:simba"),
    "nes": Attack(capability=Capability.SCORES, norms=BALLS, fixed=True, place="nes:nes"),
    "pgd": Attack(capability=Capability.GRADIENT, norms=BALLS, fixed=True, place="pgd:pgd"),
    "apgd-ce": Attack(capability=Capability.GRADIENT, norms=BALLS, fixed=True, place="apgd:apgd_ce"),
    "apgd-t": Attack(capability=Capability.GRADIENT, norms=BALLS, fixed=True, place="apgd:apgd_t"),
}
