"""What a sweep tries: families of defences, and one setting of one of them."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Family(StrEnum):
    """A kind of defence."""

    ROUNDING = "rounding"
    TOP_K = "top-k"
    LABELS = "labels"
    TEMPERATURE = "temperature"
    DEPTH = "depth"
    LEAF = "leaf"
    REGULARISATION = "regularisation"
    EARLY_STOPPING = "early-stopping"
    DIFFERENTIAL_PRIVACY = "differential-privacy"

    @property
    def of_outputs(self) -> bool:
        """Whether it changes what is answered, not what is learned: no training is needed."""
        return self in (Family.ROUNDING, Family.TOP_K, Family.LABELS, Family.TEMPERATURE)


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """One defence, set.

    Parameters
    ----------
    value
        The digits, classes or temperature of a defence of outputs; the epsilon of private training.
    parameters
        What an estimator is trained with instead (``set_params``): empty for defences of outputs.
    told
        The setting in words.
    """

    family: Family
    told: str
    value: float = 0.0
    parameters: dict[str, float | int | bool | None] = {}

    @property
    def name(self) -> str:
        """``depth=4``: the subject of its measurements."""
        return f"{self.family}={self.told}" if self.told else str(self.family)
