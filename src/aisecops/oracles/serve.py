"""The inside of an isolated oracle: opens the model that the request names, and answers for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.core.errors import UserError
from aisecops.oracles.crossing import Arrays, Values, batch_of, error_values, structure_parts
from aisecops.oracles.opening import open_model
from aisecops.oracles.oracle import Loss, Oracle
from aisecops.oracles.spec import ModelSpec


def serve(request: Values) -> ServedOracle:
    """Open the model of ``request``; a model that cannot be opened says so when it is first asked: by type, place and way out, which an exception would lose."""
    try:
        return ServedOracle(open_model(msgspec.convert(request["spec"], ModelSpec)), None)
    except UserError as wrong:
        return ServedOracle(None, wrong)


class ServedOracle:
    """Answers the methods of an oracle."""

    def __init__(self, oracle: Oracle | None, wrong: UserError | None) -> None:
        self._oracle, self._wrong = oracle, wrong

    def answer(self, method: str, values: Values, arrays: Mapping[str, npt.NDArray[Any]]) -> tuple[Values, Arrays]:
        """Return what the oracle answers, or its error."""
        try:
            if self._wrong is not None:
                raise self._wrong
            assert self._oracle is not None
            return _answer(self._oracle, method, values, arrays)
        except UserError as wrong:
            return error_values(wrong), {}


def _answer(oracle: Oracle, method: str, values: Values, arrays: Mapping[str, npt.NDArray[Any]]) -> tuple[Values, Arrays]:
    match method:
        case "describe":
            return {"name": oracle.name, "classes": list(oracle.classes), "capabilities": sorted(oracle.capabilities)}, {}
        case "labels":
            return {}, {"labels": oracle.labels(batch_of(arrays))}
        case "scores":
            return {}, {"scores": oracle.scores(batch_of(arrays))}
        case "gradient":
            batch, target = np.asarray(arrays["batch"]), arrays.get("target")
            loss, gradient = oracle.gradient(batch, arrays["y"], Loss(values["loss"]), target)
            return {}, {"loss": loss, "gradient": gradient}
        case "structure":
            return structure_parts(oracle.structure())
        case _:
            raise ValueError(f"no method {method}")
