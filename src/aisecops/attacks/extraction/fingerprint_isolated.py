"""A fingerprint of a model file, made in a quarantine: its references are trained by code that the file brings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.attacks.extraction.fingerprint import Fingerprint, make_fingerprint
from aisecops.attacks.extraction.references import references_of
from aisecops.core.errors import UserError
from aisecops.core.text import inert
from aisecops.isolation.limits import Limits
from aisecops.oracles.answering import ModelOracle
from aisecops.oracles.crossing import Arrays, Values, error_values
from aisecops.oracles.model import Wanted
from aisecops.oracles.opening import model_of, open_object
from aisecops.oracles.oracle import Floats, Integers, OracleError
from aisecops.oracles.session import ModelSession
from aisecops.oracles.spec import ModelSpec

ENTRY = "aisecops.attacks.extraction.fingerprint_isolated:serve"


def fingerprint_isolated(
    spec: ModelSpec,
    X: Floats,  # noqa: N803
    y: Integers,
    *,
    references: int = 60,
    questions: int = 200,
    fresh: tuple[Floats, Integers] | None = None,
    seed: int = 0,
    limits: Limits | None = None,
    allow_weak: bool = False,
) -> tuple[Fingerprint, tuple[str, ...]]:
    """Return the fingerprint of the pickle that ``spec`` names, and the families left out.

    References are trained on ``X``, shape (n, d), and ``y``, (n,), and on ``fresh`` rows and labels that the owner did not train on, if there are any.

    Raises
    ------
    UserError
        As ``make_fingerprint`` and ``references_of``; and where it is no pickle, cannot be loaded, or cannot be locked in.
    """
    more = {} if fresh is None else {"fresh_X": fresh[0], "fresh_y": fresh[1]}
    with ModelSession(ENTRY, spec, limits=limits, allow_weak=allow_weak) as session:
        said, _ = session.ask("fingerprint", {"references": references, "questions": questions, "seed": seed}, {"X": X, "y": y} | more)
    try:
        made, left_out = msgspec.convert(said["made"], Fingerprint), msgspec.convert(said["left_out"], tuple[str, ...])
    except (KeyError, msgspec.ValidationError):
        raise OracleError("the quarantined model gave no fingerprint", where=inert(spec.title)) from None
    return msgspec.structs.replace(made, layout=spec.layout).sealed(), tuple(inert(name) for name in left_out)


def serve(request: Values) -> Maker:
    """Serve the fingerprint of the model that the request names."""
    return Maker(msgspec.convert(request["spec"], ModelSpec))


class Maker:
    """Loads the file when it is asked."""

    def __init__(self, spec: ModelSpec) -> None:
        self._spec = spec

    def answer(self, method: str, values: Values, arrays: Mapping[str, npt.NDArray[Any]]) -> tuple[Values, Arrays]:  # noqa: ARG002
        """``fingerprint``: arrays X and y, fresh_X and fresh_y if there are any; how many references of each family, how many questions, and the seed."""
        try:
            spec, estimator = self._spec, open_object(self._spec)
            model = model_of(estimator, Wanted(name=spec.title, classes=spec.classes, output=spec.output, layout=spec.layout, shape=spec.shape))
            X, y, seed = np.array(arrays["X"]), np.array(arrays["y"]), int(values["seed"])  # noqa: N806
            fresh = (np.array(arrays["fresh_X"]), np.array(arrays["fresh_y"])) if "fresh_X" in arrays else None
            count = int(values["references"])
            families, left_out = references_of(
                estimator, X, y, model.classes, count=count, encode=model.encode, own=model.own, fresh=fresh, seed=seed
            )
            made = make_fingerprint(ModelOracle(replace(model, name=spec.title)), X, families, questions=int(values["questions"]), seed=seed)
        except UserError as wrong:
            return error_values(wrong), {}
        return {"made": msgspec.to_builtins(made), "left_out": list(left_out)}, {}
