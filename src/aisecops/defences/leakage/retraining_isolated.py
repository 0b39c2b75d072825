"""The inside of a quarantine that trains a model anew: opens its file, learns with other parameters, and answers for what came of it."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Mapping
from typing import Any, Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.core.errors import UserError
from aisecops.core.text import inert
from aisecops.defences.leakage.capacity import depths, leaves
from aisecops.defences.leakage.early_stopping import stopped
from aisecops.defences.leakage.estimators import known
from aisecops.defences.leakage.private_training import private_settings, trained_network
from aisecops.defences.leakage.regularisation import regularised
from aisecops.defences.leakage.settings import Family, Setting
from aisecops.oracles.answering import ModelOracle
from aisecops.oracles.crossing import Arrays, Values, batch_of, error_values
from aisecops.oracles.model import Wanted
from aisecops.oracles.opening import model_of, narrowed, open_module, open_object
from aisecops.oracles.oracle import Batch, Integers, Oracle
from aisecops.oracles.recipes import untrained
from aisecops.oracles.serve import ServedOracle
from aisecops.oracles.spec import ModelSpec
from aisecops.oracles.training import NetworkTraining

_FAMILIES = {Family.DEPTH: depths, Family.LEAF: leaves, Family.REGULARISATION: regularised, Family.EARLY_STOPPING: stopped}


def serve(request: Values) -> Retrainer:
    """Serve trainings of the model that the request names."""
    recipe = None if request.get("recipe") is None else msgspec.convert(request["recipe"], NetworkTraining)
    return Retrainer(msgspec.convert(request["spec"], ModelSpec), recipe)


class Learner(Protocol):
    """What can be trained anew."""

    def settings(self, families: Collection[Family]) -> tuple[Setting, ...]:
        """What can be tried on it."""

    def train(self, setting: Setting | None, X: Batch, y: Integers, seed: int) -> Oracle:  # noqa: N803
        """Train a copy."""


class Retrainer:
    """Is told the records once, then trains one model at a time and answers for it as an oracle."""

    def __init__(self, spec: ModelSpec, recipe: NetworkTraining | None) -> None:
        self._spec, self._recipe = spec, recipe
        self._learner: Learner | None = None
        self._records: tuple[Batch, Integers] = (np.zeros((0, 0)), np.zeros(0, dtype=np.int64))
        self._served: ServedOracle | None = None

    def answer(self, method: str, values: Values, arrays: Mapping[str, npt.NDArray[Any]]) -> tuple[Values, Arrays]:
        """``settings``, ``records``, ``train``; all else is asked of the model that was trained last."""
        try:
            match method:
                case "settings":
                    found = self._learning().settings([Family(name) for name in values["families"]])
                    return {"settings": msgspec.to_builtins(found)}, {}
                case "records":
                    batch = batch_of(arrays)
                    self._records = (np.array(batch) if isinstance(batch, np.ndarray) else batch, np.array(arrays["y"]))
                    return {}, {}
                case "train":
                    setting = None if values["setting"] is None else msgspec.convert(values["setting"], Setting)
                    rows = np.flatnonzero(np.asarray(arrays["rows"]))
                    samples, y = self._records
                    chosen = samples[rows] if isinstance(samples, np.ndarray) else [samples[row] for row in rows.tolist()]
                    oracle = self._learning().train(setting, chosen, y[rows], int(values["seed"]))
                    self._served = ServedOracle(oracle, None)
                    return {}, {}
        except UserError as wrong:
            return error_values(wrong), {}
        assert self._served is not None, "nothing was trained yet"
        return self._served.answer(method, values, arrays)

    def _learning(self) -> Learner:
        if self._learner is None:
            wanted = _wanted(self._spec)
            if self._recipe is None:
                self._learner = EstimatorLearner(open_object(self._spec), wanted)
            else:
                self._learner = NetworkLearner(open_module(self._spec), wanted, self._recipe)
        return self._learner


def _wanted(spec: ModelSpec) -> Wanted:
    return Wanted(name=inert(spec.title), classes=spec.classes, output=spec.output, layout=spec.layout, shape=spec.shape, batch=spec.batch)


class EstimatorLearner:
    """An estimator with scikit-learn's interface, fitted; all of its parts from known libraries."""

    def __init__(self, estimator: Any, wanted: Wanted) -> None:
        known(estimator, wanted.name)
        self._estimator, self._wanted = estimator, wanted
        self._model = model_of(estimator, wanted)

    def settings(self, families: Collection[Family]) -> tuple[Setting, ...]:
        """As ``IsolatedRetraining.settings``."""
        return tuple(setting for family, find in _FAMILIES.items() if family in families for setting in find(self._estimator))

    def train(self, setting: Setting | None, X: Batch, y: Integers, seed: int) -> Oracle:  # noqa: N803
        """Fit a clone; every ``random_state`` is the seed's."""
        own = np.array(self._model.own)
        if len(absent := np.setdiff1d(np.arange(len(own)), y)):
            raise UserError(f"the records have no sample of class {inert(str(own[absent[0]]), 40)}", where=self._wanted.name, fix="give more of them")
        try:
            copy = untrained(self._estimator).set_params(**(setting.parameters if setting else {}))
            random = {name: seed for name in copy.get_params() if name.rpartition("__")[2] == "random_state"}
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that a small model has not converged is what some settings are for
                copy.set_params(**random).fit(self._model.encode(X), own[y])
        except Exception as wrong:
            what = inert(" ".join(f"{type(wrong).__name__}: {wrong}".split()), 200)
            name = setting.name if setting else "its own parameters"
            raise UserError(f"it cannot be trained with {name} ({what})", where=self._wanted.name) from wrong
        return ModelOracle(narrowed(model_of(copy, self._wanted), self._wanted))


class NetworkLearner:
    """A torch module and how it was trained."""

    def __init__(self, module: Any, wanted: Wanted, recipe: NetworkTraining) -> None:
        self._module, self._wanted, self._recipe = module, wanted, recipe

    def settings(self, families: Collection[Family]) -> tuple[Setting, ...]:
        """Differential privacy alone."""
        return private_settings() if Family.DIFFERENTIAL_PRIVACY in families else ()

    def train(self, setting: Setting | None, X: Batch, y: Integers, seed: int) -> Oracle:  # noqa: N803
        """Train a copy from new weights."""
        from aisecops.oracles.adapters.torch import of_module

        epsilon = None if setting is None else setting.value
        samples = np.asarray(of_module(self._module, self._wanted).encode(X), dtype=np.float64)
        return ModelOracle(of_module(trained_network(self._module, samples, y, self._recipe, epsilon=epsilon, seed=seed), self._wanted))
