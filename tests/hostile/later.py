"""Payloads that nothing calls while the file loads: an estimator, a hook or an array keeps them for whoever uses the model."""

# ruff: noqa: A001, E501, E731, RUF100 (one sample, one line; `id` is what it is)

from __future__ import annotations

import functools
import io
import operator
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import cloudpickle
import joblib
import numpy as np
from sklearn import compose, ensemble, feature_extraction, linear_model, metrics, model_selection, neighbors, pipeline, preprocessing

from tests.hostile.assembler import Call, called, listed, mapped, named, new, number, pack, stream, text
from tests.hostile.sample import REVIEW, Sample, carrier

G = "later"


def system(c: Call) -> Any:
    return getattr(__import__(c.module), c.name)


def pickled(make: Callable[[Any], Any]) -> Callable[[Call], bytes]:
    return lambda c: pickle.dumps(make(system(c)), 4)


def samples() -> Iterator[Sample]:
    yield from stored()
    yield from hooks()
    yield from by_value()


def stored() -> Iterator[Sample]:
    objects: dict[str, Callable[[Any], Any]] = {
        "function-transformer": lambda f: preprocessing.FunctionTransformer(f), "inverse": lambda f: preprocessing.FunctionTransformer(None, inverse_func=f),
        "pipeline": lambda f: pipeline.make_pipeline(preprocessing.FunctionTransformer(f), linear_model.Ridge()), "partial": lambda f: functools.partial(f, "echo hostile"),
        "neighbours-metric": lambda f: neighbors.KNeighborsClassifier(metric=f), "neighbours-weights": lambda f: neighbors.KNeighborsClassifier(weights=f),
        "scorer": lambda f: metrics.make_scorer(f), "grid-search": lambda f: model_selection.GridSearchCV(linear_model.Ridge(), {}, scoring=f),
        "tokenizer": lambda f: feature_extraction.text.CountVectorizer(tokenizer=f), "preprocessor": lambda f: feature_extraction.text.TfidfVectorizer(preprocessor=f),
        "column-selector": lambda f: compose.ColumnTransformer([("a", "passthrough", f)]), "target": lambda f: compose.TransformedTargetRegressor(func=f, inverse_func=f),
        "oob-score": lambda f: ensemble.RandomForestClassifier(oob_score=f), "object-array": lambda f: np.array([f, None], dtype=object), "dictionary": lambda f: {"weights": [1.0], "on_load": f},
        "defaultdict": lambda f: __import__("collections").defaultdict(f), "itemgetter-holder": lambda f: [operator.itemgetter(1), f], "nested-partial": lambda f: functools.partial(functools.partial, f),
    }  # fmt: skip
    for id, make in objects.items():
        yield carrier(f"later-{id}", G, f"a command runner kept as {id}", pickled(make), loader="", says="system")
    yield carrier(
        "later-joblib",
        G,
        "the same in a joblib file with arrays",
        lambda c: _joblib([np.arange(5), preprocessing.FunctionTransformer(system(c))]),
        suffix=".joblib",
        loader="",
    )
    for module, name in (
        ("builtins", "eval"),
        ("builtins", "exec"),
        ("pickle", "loads"),
        ("joblib", "load"),
        ("numpy", "load"),
        ("subprocess", "getoutput"),
        ("os", "remove"),
        ("importlib", "import_module"),
        ("builtins", "getattr"),
        ("pandas", "read_pickle"),
    ):
        content = stream(
            new("sklearn.preprocessing._function_transformer", "FunctionTransformer"), mapped(func=named(module, name), kw_args=b"N"), b"b"
        )
        yield Sample(f"later-transformer-{module}-{name}", G, f"FunctionTransformer({module}.{name})", content, says=name)


def _joblib(value: Any) -> bytes:
    buffer = io.BytesIO()
    joblib.dump(value, buffer)
    return buffer.getvalue()


def hooks() -> Iterator[Sample]:
    for hook in ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_state_dict_hooks", "_load_state_dict_pre_hooks"):
        yield carrier(
            f"later-module{hook.replace('_', '-')}",
            G,
            f"{hook} of a torch module",
            lambda c, h=hook: stream(
                new("torch.nn.modules.linear", "Linear"),
                mapped(**{h: called("collections", "OrderedDict") + number(0) + named(c.module, c.name) + b"s"}),
                b"b",
            ),
            suffix=".pt",
            loader="",
        )
    yield carrier(
        "later-forward",
        G,
        "the forward of a module as an attribute of the instance",
        lambda c: stream(new("torch.nn.modules.linear", "Identity"), mapped(forward=named(c.module, c.name)), b"b"),
        suffix=".pt",
        loader="",
    )
    yield carrier(
        "later-lambda-lr",
        G,
        "the function of a learning-rate schedule",
        lambda c: stream(new("torch.optim.lr_scheduler", "LambdaLR"), mapped(lr_lambdas=listed(named(c.module, c.name))), b"b"),
        suffix=".pt",
        loader="",
    )
    yield carrier(
        "later-methodcaller",
        G,
        "a methodcaller kept for later",
        lambda c: stream(mapped(f=called("operator", "methodcaller", text("system"), text("echo")))),
        loader="",
    )
    yield carrier(
        "later-bound-method",
        G,
        "a method of a library object that writes files",
        lambda c: stream(called("builtins", "getattr", named("numpy", "ndarray"), text("tofile"))),
        loader="",
    )
    yield carrier(
        "later-class", G, "a class that starts processes, as a factory", lambda c: stream(mapped(factory=named("subprocess", "Popen"))), loader=""
    )
    yield carrier("later-module", G, "a module itself", lambda c: stream(mapped(np=called("importlib", "import_module", text("os")))), loader="")


def by_value() -> Iterator[Sample]:
    source = "def f(x):\n    import os\n    return os.system('echo hostile')\n"

    def function() -> Any:
        space: dict[str, Any] = {"__name__": "__main__"}
        exec(source, space)
        return space["f"]

    yield Sample("value-lambda", G, "a function by value", cloudpickle.dumps(function()), REVIEW)
    yield Sample(
        "value-transformer", G, "a function by value in an estimator", cloudpickle.dumps(preprocessing.FunctionTransformer(function())), REVIEW
    )
    yield Sample("value-class", G, "a class by value", cloudpickle.dumps(_class("predict")), REVIEW)
    yield Sample(
        "value-instance-setstate", G, "an instance of a class by value whose __setstate__ runs on load", cloudpickle.dumps(_class("__setstate__")())
    )
    yield Sample(
        "value-instance-new",
        G,
        "an instance of a class by value whose __new__ runs on load",
        cloudpickle.dumps(_class("__new__", "return object.__new__(self)")()),
    )
    yield Sample("value-called", G, "a function by value, called while the file loads", cloudpickle.dumps(_Called(function())))
    yield Sample(
        "value-as-setstate",
        G,
        "a function by value as the __setstate__ of a namespace",
        cloudpickle.dumps([function()])[:-1] + new("types", "SimpleNamespace") + mapped(__setstate__=b"h\x00") + b"b" + pack() + b"b.",
        REVIEW,
    )
    yield Sample(
        "value-property",
        G,
        "a class by value with hooks of attribute access",
        cloudpickle.dumps(_class("__getattribute__", "return object.__getattribute__(self, a[0])")()),
    )


def _class(method: str, body: str = "return 0") -> Any:
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(
        f"class Model:\n    def {method}(self, *a):\n        import os\n        {body}\n    def __getstate__(self):\n        return {{'a': 1}}\n",
        space,
    )
    return space["Model"]


class _Called:
    def __init__(self, function: Any) -> None:
        self.function = function

    def __reduce__(self) -> tuple[Any, ...]:
        return self.function, (1,)
