"""The inside of a quarantine that trains shadow models: a model file can run code, and so can what training it needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.attacks.inference.membership.shadows import Shadows, clones
from aisecops.core.errors import UserError
from aisecops.oracles.crossing import Arrays, Values, error_values
from aisecops.oracles.model import Wanted
from aisecops.oracles.opening import model_of, open_object
from aisecops.oracles.spec import ModelSpec


def serve(request: Values) -> ShadowTrainer:
    """Serve shadows of the model that the request names."""
    return ShadowTrainer(msgspec.convert(request["spec"], ModelSpec))


class ShadowTrainer:
    """Is told the records once, then trains one shadow a call."""

    def __init__(self, spec: ModelSpec) -> None:
        self._spec = spec
        self._shadows: Shadows | None = None

    def answer(self, method: str, values: Values, arrays: Mapping[str, npt.NDArray[Any]]) -> tuple[Values, Arrays]:
        """``records``: arrays X, y, always_X and always_y, and a seed. ``shadow``: which of them are inside, and the confidence in each label comes back."""
        try:
            match method:
                case "records":
                    self._shadows = self._prepared(int(values["seed"]), {name: np.array(array) for name, array in arrays.items()})
                    return {}, {}
                case "shadow":
                    assert self._shadows is not None
                    return {}, {"confidences": self._shadows(arrays["inside"][None], int(values["number"]))[0]}
                case _:
                    raise ValueError(f"no method {method}")
        except UserError as wrong:
            return error_values(wrong), {}

    def _prepared(self, seed: int, arrays: Mapping[str, npt.NDArray[Any]]) -> Shadows:
        spec, estimator = self._spec, open_object(self._spec)
        model = model_of(estimator, Wanted(name=spec.title, classes=spec.classes, output=spec.output, layout=spec.layout, shape=spec.shape))
        always = (arrays["always_X"], arrays["always_y"]) if len(arrays["always_y"]) else None
        return clones(estimator, arrays["X"], arrays["y"], encode=model.encode, own=model.own, always=always, seed=seed)
