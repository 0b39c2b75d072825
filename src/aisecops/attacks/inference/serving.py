"""The inside of a quarantine that trains shadow models: a model file can run code, and so can what training it needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.attacks.inference.membership.networks import Recipe, networks
from aisecops.attacks.inference.membership.shadows import Shadows, clones
from aisecops.core.errors import UserError
from aisecops.oracles.crossing import Arrays, Values, error_values
from aisecops.oracles.model import Wanted
from aisecops.oracles.opening import model_of, open_module, open_object
from aisecops.oracles.oracle import Floats, Integers
from aisecops.oracles.spec import ModelSpec


def serve(request: Values) -> ShadowTrainer:
    """Serve shadows of the model that the request names."""
    recipe = None if request.get("recipe") is None else msgspec.convert(request["recipe"], Recipe)
    return ShadowTrainer(msgspec.convert(request["spec"], ModelSpec), recipe)


class ShadowTrainer:
    """Is told the records once, then trains one shadow a call, or several at once if they are networks."""

    def __init__(self, spec: ModelSpec, recipe: Recipe | None) -> None:
        self._spec, self._recipe = spec, recipe
        self._shadows: Shadows | None = None

    def answer(self, method: str, values: Values, arrays: Mapping[str, npt.NDArray[Any]]) -> tuple[Values, Arrays]:
        """``records``: arrays X, y, always_X and always_y, and a seed. ``shadows``: which are inside of each, and the confidences in the right label come back."""
        try:
            match method:
                case "records":
                    self._shadows = self._prepared(int(values["seed"]), {name: np.array(array) for name, array in arrays.items()})
                    return {"together": self._recipe.together if self._recipe else 1}, {}
                case "shadows":
                    assert self._shadows is not None
                    return {}, {"confidences": self._shadows(np.array(arrays["inside"]), int(values["number"]))}
                case _:
                    raise ValueError(f"no method {method}")
        except UserError as wrong:
            return error_values(wrong), {}

    def _prepared(self, seed: int, arrays: Mapping[str, npt.NDArray[Any]]) -> Shadows:
        spec = self._spec
        wanted = Wanted(name=spec.title, classes=spec.classes, output=spec.output, layout=spec.layout, shape=spec.shape)
        always = (arrays["always_X"], arrays["always_y"]) if len(arrays["always_y"]) else None
        if self._recipe is not None:
            return _networks(spec, wanted, self._recipe, arrays, always, seed)
        estimator = open_object(spec)
        model = model_of(estimator, wanted)
        return clones(estimator, arrays["X"], arrays["y"], encode=model.encode, own=model.own, always=always, seed=seed)


def _networks(
    spec: ModelSpec, wanted: Wanted, recipe: Recipe, arrays: Mapping[str, npt.NDArray[Any]], always: tuple[Floats, Integers] | None, seed: int
) -> Shadows:
    from aisecops.oracles.adapters.torch import of_module

    module = open_module(spec)
    encode = of_module(module, wanted).encode
    rest = None if always is None else (np.asarray(encode(always[0])), always[1])
    return networks(module, np.asarray(encode(arrays["X"])), arrays["y"], recipe, always=rest, seed=seed)
