"""Honest models made by real libraries: a generator of (label, kind, bytes), where kind is ``pickle``, ``joblib`` or ``torch``.

It runs alone, in whatever environment it is started with (``python library_models.py FOLDER``): libraries that are not installed are left out, estimators that
cannot be made there are skipped. Data is tiny and synthetic; labels are stable names.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import pickle
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Model = tuple[str, str, bytes]
COMPRESSIONS: tuple[Any, ...] = (0, ("zlib", 3), ("gzip", 3), ("bz2", 3), ("xz", 3), ("lzma", 3), ("lz4", 3))


def models() -> Iterator[Model]:
    """Every model of every family that this environment can make."""
    for family in (standard_library, numpy_values, pandas_values, sklearn_estimators, sklearn_compositions, scipy_values, boosters, torch_models):
        try:
            yield from family()
        except ImportError:
            continue


def _pickled(label: str, value: Any, protocol: int) -> Iterator[Model]:
    try:
        yield f"{label}-p{protocol}", "pickle", pickle.dumps(value, protocol)
    except (TypeError, AttributeError, pickle.PicklingError, ValueError):
        return


def _joblib(label: str, value: Any, compress: Any = 0) -> Iterator[Model]:
    import joblib

    buffer = io.BytesIO()
    try:
        joblib.dump(value, buffer, compress=compress)
    except (TypeError, AttributeError, pickle.PicklingError, ValueError):
        return
    yield f"{label}-joblib-{compress[0] if compress else 'plain'}", "joblib", buffer.getvalue()


def _every_protocol(values: dict[str, Any]) -> Iterator[Model]:
    for label, value in values.items():
        for protocol in range(6):
            yield from _pickled(label, value, protocol)


def standard_library() -> Iterator[Model]:
    """Values of the standard library that models and checkpoints carry."""
    import argparse
    import collections
    import datetime
    import decimal
    import fractions
    import functools
    import operator
    import pathlib
    import random
    import re
    import types
    import uuid
    import zoneinfo
    from array import array

    yield from _every_protocol(
        {
            "datetime": [
                datetime.datetime(2024, 1, 2, 3, 4),
                datetime.date(2024, 1, 2),
                datetime.timedelta(3),
                datetime.time(1, 2),
                datetime.UTC,
            ],
            "zoneinfo": datetime.datetime(2024, 1, 2, tzinfo=zoneinfo.ZoneInfo("UTC")),
            "decimal": [decimal.Decimal("1.5"), fractions.Fraction(1, 3), 1 + 2j],
            "path": [pathlib.PurePosixPath("models/a"), pathlib.Path("models/b")],
            "collections": [
                collections.OrderedDict(a=1),
                collections.defaultdict(list, {"a": [1]}),
                collections.Counter("aab"),
                collections.deque([1, 2], 5),
            ],
            "defaultdicts": [collections.defaultdict(factory) for factory in (int, float, dict, set, str)],
            "sets": [{1, 2}, frozenset({3}), bytearray(b"ab"), b"bytes", range(3), slice(1, 2), ..., NotImplemented],
            "namespace": [argparse.Namespace(lr=0.1), types.SimpleNamespace(lr=0.1)],
            "uuid": uuid.UUID(int=5),
            "regex": re.compile("a+"),
            "itemgetter": [operator.itemgetter("text"), operator.itemgetter(1, 2)],
            "partial": functools.partial(int, base=2),
            "random": random.Random(1),
            "array": array("d", [1.0, 2.0]),
            "types": [int, float, str, bool, bytes, dict, list, tuple, set, object],
            "methods": str.split,
        }
    )


def numpy_values() -> Iterator[Model]:
    """Arrays of many dtypes, scalars, random states, masked arrays, matrices, ufuncs."""
    import numpy as np

    structured = np.array([(1, 2.0, "a")], dtype=[("i", "i4"), ("f", "f8"), ("s", "U3")])
    values: dict[str, Any] = {
        "np-dtypes": [
            np.arange(3).astype(t) for t in ("b1", "i1", "i2", "i4", "i8", "u1", "f2", "f4", "f8", "c8", "c16", "S3", "U3", "M8[ns]", "m8[s]", ">f8")
        ],
        "np-object": np.array([1, "a", None], dtype=object),
        "np-structured": structured,
        "np-record": structured.view(np.recarray),
        "np-record-scalar": structured.view(np.recarray)[0],
        "np-scalars": [np.float32(1), np.float64(2), np.int64(3), np.bool_(True), np.str_("a"), np.datetime64("2024-01-01"), np.complex64(1)],
        "np-types": [np.float32, np.int64, np.dtype("f8"), np.ndarray, np.bool_, np.uint8],
        "np-random-state": np.random.RandomState(1),
        "np-generators": [
            np.random.Generator(b(1)) for b in (np.random.PCG64, np.random.MT19937, np.random.Philox, np.random.SFC64, np.random.PCG64DXSM)
        ],
        "np-seed-sequence": np.random.SeedSequence(5),
        "np-masked": np.ma.array([1, 2, 3], mask=[0, 1, 0]),
        "np-masked-constant": np.ma.masked,
        "np-masked-records": np.ma.array(structured),
        "np-matrix": np.asmatrix([[1, 2]]),
        "np-fortran": np.asfortranarray([[1.0, 2.0], [3.0, 4.0]]),
        "np-chararray": np.char.array(["a", "b"]),
        "np-polynomials": [np.polynomial.Polynomial([1, 2]), np.polynomial.Chebyshev([1, 2]), np.poly1d([1, 2])],
        "np-ufuncs": [np.log1p, np.expm1, np.exp, np.sqrt, np.abs, np.add, np.tanh, np.log, np.isnan],
        "np-functions": [np.mean, np.median, np.std, np.sum, np.nanmean, np.max, np.clip, np.linalg.norm],
    }
    if hasattr(np, "dtypes") and hasattr(np.dtypes, "StringDType"):
        values["np-string-dtype"] = np.array(["a", "bc"], dtype=np.dtypes.StringDType())
    yield from _every_protocol(values)
    for compress in COMPRESSIONS:
        yield from _joblib("np-arrays", {"a": np.ones((3, 4)), "o": np.array([{}], dtype=object)}, compress)


def pandas_values() -> Iterator[Model]:
    """Frames, series, every index, extension arrays, scalars, offsets."""
    import numpy as np
    import pandas as pd

    times = pd.date_range("2024-01-01", periods=3, freq="D")
    frame = pd.DataFrame({"i": [1, 2, 3], "f": [0.1, 0.2, 0.3], "s": ["a", "b", None], "t": times, "b": [True, False, True]})
    frame["c"] = frame["s"].astype("category")
    yield from _every_protocol(
        {
            "pd-frame": frame,
            "pd-frame-indexed": frame.set_index(["s", "t"]),
            "pd-series": [frame["i"], frame["s"], frame["c"], frame["t"]],
            "pd-indexes": [
                pd.RangeIndex(3), pd.Index([1, 2]), pd.Index(["a"]), pd.Index([0.5]), times, pd.CategoricalIndex(["a"]), pd.interval_range(0, 3),
                pd.period_range("2024-01", periods=2, freq="M"), pd.timedelta_range("1D", periods=2), pd.MultiIndex.from_tuples([(1, "a")]),
            ],
            "pd-zones": [times.tz_localize("UTC"), times.tz_localize("Europe/Berlin"), pd.Timestamp("2024-01-01", tz="Europe/Berlin")],
            "pd-scalars": [pd.Timestamp("2024-01-01"), pd.Timedelta("1D"), pd.Period("2024-01"), pd.Interval(0, 1), pd.NaT, pd.NA],
            "pd-extension": [
                pd.array([1, None], dtype="Int64"), pd.array([0.5, None], dtype="Float64"), pd.array(["a", None], dtype="string"),
                pd.array([True, None], dtype="boolean"), pd.arrays.SparseArray([0, 1]), pd.Categorical(["a", "b"], ordered=True), times.array,
                pd.arrays.IntervalArray.from_breaks([0, 1]), pd.period_range("2024-01", periods=2, freq="M").array, pd.timedelta_range("1D", periods=2).array,
            ],
            "pd-dtypes": [
                pd.CategoricalDtype(["a"]), pd.DatetimeTZDtype(tz="UTC"), pd.PeriodDtype("M"), pd.IntervalDtype("f8"), pd.SparseDtype("f8"), pd.StringDtype(),
                pd.Int64Dtype(), pd.Float32Dtype(), pd.BooleanDtype(),
            ],
            "pd-offsets": [
                pd.offsets.Day(), pd.offsets.Hour(2), pd.offsets.MonthEnd(), pd.offsets.BusinessDay(), pd.offsets.QuarterEnd(), pd.offsets.Week(), pd.offsets.YearEnd(),
                pd.offsets.Minute(), pd.offsets.Second(), pd.offsets.Milli(), pd.offsets.Micro(), pd.offsets.Nano(), pd.offsets.MonthBegin(), pd.offsets.YearBegin(),
                pd.offsets.CustomBusinessDay(), pd.DateOffset(days=2), pd.offsets.BusinessHour(), pd.offsets.Easter(), pd.offsets.SemiMonthEnd(),
            ],
            "pd-wide": pd.DataFrame(np.ones((2, 3)), columns=pd.MultiIndex.from_product([["a"], [1, 2, 3]])),
        }
    )  # fmt: skip
    yield from _joblib("pd-frame", frame)


def _classification() -> tuple[Any, Any]:
    import numpy as np

    rng = np.random.RandomState(0)
    features = np.abs(rng.normal(size=(30, 4)))
    return features, (features[:, 0] + features[:, 1] > 1.4).astype(int)


def _made(cls: Any) -> Any:
    """An instance of an estimator class with the least it asks for; None if we do not know how."""
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.tree import DecisionTreeClassifier

    base = Ridge() if getattr(cls, "_estimator_type", "") == "regressor" or cls.__name__.endswith("Regressor") else LogisticRegression(max_iter=50)
    pairs = [("a", base), ("b", type(base)())]
    special: dict[str, Callable[[], Any]] = {
        "ColumnTransformer": lambda: cls(
            [("scale", importlib.import_module("sklearn.preprocessing").StandardScaler(), [0, 1])], remainder="passthrough"
        ),
        "FeatureUnion": lambda: cls([("pca", importlib.import_module("sklearn.decomposition").PCA(1))]),
        "Pipeline": lambda: cls([("model", LogisticRegression())]),
        "SparseCoder": lambda: cls(dictionary=importlib.import_module("numpy").eye(4)),
        "GridSearchCV": lambda: cls(Ridge(), {"alpha": [0.1, 1]}, cv=2),
        "HalvingGridSearchCV": lambda: cls(Ridge(), {"alpha": [0.1, 1]}, cv=2),
        "RandomizedSearchCV": lambda: cls(Ridge(), {"alpha": [0.1, 1]}, cv=2, n_iter=2),
        "HalvingRandomSearchCV": lambda: cls(Ridge(), {"alpha": [0.1, 1]}, cv=2),
        "SelectFromModel": lambda: cls(DecisionTreeClassifier()),
        "OutputCodeClassifier": lambda: cls(base),
    }
    required = special.get(cls.__name__)
    for make in (required, cls, lambda: cls(base), lambda: cls(pairs), lambda: cls([base])):
        if make:
            try:
                return make()
            except TypeError:
                continue
    return None


def _fitted(model: Any) -> Any:
    features, target = _classification()
    texts = ["a b c", "b c d", "c d e"]
    columns = {"max_iter": 20, "n_estimators": 3, "n_components": 2}
    known = model.get_params(deep=False)
    with contextlib.suppress(ValueError):
        model.set_params(**{k: v for k, v in columns.items() if k in known and isinstance(known[k], int)})
    for arguments in (
        (features, target),
        (features,),
        (features, features[:, :2]),
        (target[:, None] + features[:, :1], target),
        (texts,),
        ([{"a": 1}, {"b": 2}],),
        (target,),
    ):
        try:
            return model.fit(*arguments)
        except Exception:  # any failure means: not this kind of data
            continue
    return model


def sklearn_estimators() -> Iterator[Model]:
    """Every estimator of scikit-learn, fitted where we can, with the protocols and compressions in turn."""
    from sklearn.experimental import enable_halving_search_cv, enable_iterative_imputer  # noqa: F401
    from sklearn.utils import all_estimators

    for number, (name, cls) in enumerate(all_estimators()):
        model = _made(cls)
        if model is None:
            continue
        model = _fitted(model)
        yield from _pickled(f"sk-{name}", model, number % 6)
        yield from _pickled(f"sk-{name}", model, (number + 4) % 6)
        yield from _joblib(f"sk-{name}", model, COMPRESSIONS[number % len(COMPRESSIONS)])


def sklearn_compositions() -> Iterator[Model]:
    """Pipelines, kernels, scorers, functions stored in estimators, splitters, losses: what single estimators do not show."""
    import numpy as np
    from sklearn import ensemble, feature_selection, gaussian_process, linear_model, metrics, model_selection, neighbors, pipeline, preprocessing, svm
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.gaussian_process import kernels as k

    features, target = _classification()
    kernel = k.ConstantKernel() * k.RBF() + k.WhiteKernel() + k.Matern() * k.DotProduct() + k.RationalQuadratic() + k.ExpSineSquared() ** 2
    scorers = [
        metrics.get_scorer(n) for n in getattr(metrics, "get_scorer_names", lambda: ["accuracy", "f1", "roc_auc", "neg_mean_squared_error", "r2"])()
    ]
    values = {
        "text-pipeline": pipeline.make_pipeline(TfidfVectorizer(tokenizer=str.split, token_pattern=None), linear_model.LogisticRegression()).fit(
            ["a b", "b c"], [0, 1]
        ),
        "log-pipeline": pipeline.make_pipeline(preprocessing.FunctionTransformer(np.log1p, np.expm1), svm.SVC(probability=True)).fit(
            features, target
        ),
        "functions": [preprocessing.FunctionTransformer(f) for f in (np.log, np.sqrt, np.abs, np.exp, np.square, np.ravel, np.nan_to_num, None)],
        "gaussian-process": gaussian_process.GaussianProcessRegressor(kernel).fit(features[:6], target[:6]),
        "scorers": scorers,
        "made-scorer": metrics.make_scorer(metrics.fbeta_score, beta=2),
        "search": model_selection.GridSearchCV(svm.SVC(), {"C": [1, 2]}, cv=model_selection.StratifiedKFold(2), scoring="f1").fit(features, target),
        "splitters": [
            model_selection.KFold(),
            model_selection.GroupKFold(),
            model_selection.TimeSeriesSplit(),
            model_selection.ShuffleSplit(),
            model_selection.LeaveOneOut(),
        ],
        "select": [
            feature_selection.SelectKBest(f, k=1)
            for f in (feature_selection.f_classif, feature_selection.chi2, feature_selection.mutual_info_classif)
        ],
        "stack": ensemble.StackingClassifier([("svm", svm.SVC()), ("tree", ensemble.RandomForestClassifier(2))], cv=2).fit(features, target),
        "calibrated": importlib.import_module("sklearn.calibration").CalibratedClassifierCV(svm.LinearSVC(), cv=2).fit(features, target),
        "neighbours": [
            neighbors.KNeighborsClassifier(algorithm=a, metric=m).fit(features, target)
            for a in ("kd_tree", "ball_tree")
            for m in ("euclidean", "manhattan")
        ],
        "boosting": [
            ensemble.GradientBoostingRegressor(loss=x, n_estimators=2).fit(features, target) for x in ("squared_error", "huber", "quantile")
        ],
        "sgd": [
            linear_model.SGDClassifier(loss=x).fit(features, target)
            for x in ("hinge", "log_loss", "modified_huber", "squared_hinge", "perceptron", "huber")
        ],
        "sgd-regression": [linear_model.SGDRegressor(loss=x).fit(features, target) for x in ("squared_error", "huber", "epsilon_insensitive")],
        "hist-boosting": [
            ensemble.HistGradientBoostingRegressor(loss=x, max_iter=2).fit(features, target + 1)
            for x in ("squared_error", "absolute_error", "poisson", "gamma")
        ],
        "glm": [linear_model.TweedieRegressor(power=p).fit(features, target + 1) for p in (0, 1, 1.5, 2, 3)],
        "multiclass-hist": ensemble.HistGradientBoostingClassifier(max_iter=2).fit(features, np.arange(30) % 3),
        "categorical-hist": ensemble.HistGradientBoostingClassifier(max_iter=2, categorical_features=[0]).fit(
            np.arange(30)[:, None] % 3, np.arange(30) % 2
        ),
        "bunch": importlib.import_module("sklearn.datasets").load_iris(),
        "frame-pipeline": _frame_pipeline(),
        "frozen": _optional("sklearn.frozen", "FrozenEstimator", linear_model.Ridge().fit(features, target)),
        "callable-metric": neighbors.KNeighborsClassifier(metric=metrics.pairwise.cosine_distances),
    }
    for number, (label, value) in enumerate(values.items()):
        for protocol in {number % 6, 2, 4, 5}:
            yield from _pickled(f"sk-{label}", value, protocol)
        yield from _joblib(f"sk-{label}", value, COMPRESSIONS[number % len(COMPRESSIONS)])


def _optional(module: str, name: str, argument: Any) -> Any:
    try:
        return getattr(importlib.import_module(module), name)(argument)
    except ImportError:
        return None


def _frame_pipeline() -> Any:
    """A pipeline fitted on a data frame, with encoders and selectors of columns."""
    try:
        import pandas as pd
    except ImportError:
        return None
    from sklearn import compose, impute, linear_model, pipeline, preprocessing

    frame = pd.DataFrame({"age": [1.0, 2.0, None, 4.0], "city": ["a", "b", "a", "c"], "t": [0, 1, 0, 1]})
    columns = compose.make_column_transformer(
        (pipeline.make_pipeline(impute.SimpleImputer(), preprocessing.StandardScaler()), compose.make_column_selector(dtype_include="number")),
        (preprocessing.OneHotEncoder(handle_unknown="ignore"), ["city"]),
    )
    return pipeline.make_pipeline(columns, linear_model.LogisticRegression()).fit(frame[["age", "city"]], frame["t"])


def scipy_values() -> Iterator[Model]:
    """Sparse matrices, splines, trees, rotations."""
    import numpy as np
    from scipy import interpolate, sparse, spatial, special

    grid = np.linspace(0, 1, 8)
    values = {
        "sp-matrices": [getattr(sparse, f"{name}_matrix")(np.eye(3)) for name in ("csr", "csc", "coo", "lil", "dok", "dia", "bsr")],
        "sp-arrays": [getattr(sparse, f"{name}_array")(np.eye(3)) for name in ("csr", "csc", "coo", "lil", "dok", "dia", "bsr")],
        "sp-splines": [
            interpolate.interp1d(grid, grid), interpolate.CubicSpline(grid, grid), interpolate.BSpline(grid, grid[:4], 3), interpolate.PchipInterpolator(grid, grid),
            interpolate.UnivariateSpline(grid, grid**2), interpolate.RegularGridInterpolator((grid,), grid), interpolate.Akima1DInterpolator(grid, grid),
        ],
        "sp-trees": [spatial.cKDTree(np.eye(3)), spatial.KDTree(np.eye(3))],
        "sp-rotation": spatial.transform.Rotation.from_quat([0, 0, 0, 1]),
        "sp-ufuncs": [special.expit, special.logit, special.gamma],
    }  # fmt: skip
    yield from _every_protocol(values)


def boosters() -> Iterator[Model]:
    """XGBoost, LightGBM and CatBoost: estimators and their boosters."""
    for make in (_xgboost, _lightgbm, _catboost):
        try:
            for label, value in make().items():
                for protocol in range(6):
                    yield from _pickled(label, value, protocol)
                yield from _joblib(label, value)
        except ImportError:
            continue


def _xgboost() -> dict[str, Any]:
    import xgboost as xgb

    features, target = _classification()
    booster = xgb.train({"max_depth": 2}, xgb.DMatrix(features, target), 2)
    models = {
        f"xgb-{c.__name__}": c(n_estimators=2).fit(features, target)
        for c in (xgb.XGBClassifier, xgb.XGBRegressor, xgb.XGBRFClassifier, xgb.XGBRFRegressor)
    }
    ranker = xgb.XGBRanker(n_estimators=2).fit(features, target, group=[15, 15])
    stopped = xgb.XGBClassifier(n_estimators=2, early_stopping_rounds=1, callbacks=[xgb.callback.EarlyStopping(1)]).fit(
        features, target, eval_set=[(features, target)]
    )
    return {"xgb-booster": booster, **models, "xgb-ranker": ranker, "xgb-stopped": stopped}


def _lightgbm() -> dict[str, Any]:
    import lightgbm as lgb

    features, target = _classification()
    quiet = {"verbose": -1, "n_estimators": 2}
    booster = lgb.train({"objective": "binary", "verbose": -1}, lgb.Dataset(features, target), 2)
    models = {f"lgb-{c.__name__}": c(**quiet).fit(features, target) for c in (lgb.LGBMClassifier, lgb.LGBMRegressor)}
    ranker = lgb.LGBMRanker(**quiet).fit(features, target, group=[15, 15])
    stopped = lgb.LGBMClassifier(**quiet).fit(features, target, eval_set=[(features, target)], callbacks=[lgb.early_stopping(1, verbose=False)])
    return {"lgb-booster": booster, **models, "lgb-ranker": ranker, "lgb-stopped": stopped}


def _catboost() -> dict[str, Any]:
    import catboost as cb

    features, target = _classification()
    quiet = {"iterations": 2, "verbose": False, "allow_writing_files": False}
    models = {f"cat-{c.__name__}": c(**quiet).fit(features, target) for c in (cb.CatBoostClassifier, cb.CatBoostRegressor)}
    models["cat-CatBoost"] = cb.CatBoost(quiet).fit(features, target)
    return {**models, "cat-unfitted": cb.CatBoostClassifier(**quiet)}


def torch_models() -> Iterator[Model]:
    """State dicts, whole modules of torch's own layers, optimisers and schedulers; zip and legacy."""
    import torch
    from torch import nn

    layers: dict[str, Any] = {}
    for name, arguments in _LAYERS.items():
        if hasattr(nn, name):
            layers[name] = getattr(nn, name)(*arguments)
    net = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
    net(torch.ones(1, 4)).sum().backward()
    values: dict[str, Any] = {f"layer-{name}": layer for name, layer in layers.items()}
    values |= {
        "state-dict": net.state_dict(),
        "sequential": net,
        "tensors": [
            torch.ones(2).to(t)
            for t in (torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.int8, torch.int64, torch.uint8, torch.bool)
        ],
        "parameter": [nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(2), requires_grad=False)],
        "sparse": [torch.eye(3).to_sparse(), torch.eye(3).to_sparse_csr()],
        "quantized": torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.quint8),
        "sizes": {
            "size": torch.ones(2, 3).shape,
            "device": torch.device("cpu"),
            "dtype": torch.float32,
            "layout": torch.strided,
            "generator": torch.ones(1).to("meta"),
        },
        "checkpoint": {"model": net.state_dict(), "epoch": 3, "best": 0.5, "rng": torch.get_rng_state()},
        "activations": [torch.relu, torch.tanh, nn.functional.relu, nn.functional.gelu, nn.functional.cross_entropy],
        "complex": torch.ones(2, dtype=torch.complex64),
        "transformer": nn.Transformer(8, 2, 1, 1, 16),
    }
    for name in ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Adamax", "NAdam", "RAdam", "ASGD", "Rprop"):
        optimiser = getattr(torch.optim, name)(net.parameters(), lr=0.1)
        optimiser.step()
        values[f"optim-state-{name}"] = optimiser.state_dict()
        values[f"optim-{name}"] = optimiser
    schedule = torch.optim.lr_scheduler
    optimiser = torch.optim.SGD(net.parameters(), lr=0.1)
    values["schedulers"] = [
        schedule.StepLR(optimiser, 1).state_dict(),
        schedule.CosineAnnealingLR(optimiser, 3),
        schedule.ReduceLROnPlateau(optimiser),
    ]
    for label, value in values.items():
        for zipped in (True, False):
            buffer = io.BytesIO()
            try:
                torch.save(value, buffer, _use_new_zipfile_serialization=zipped)
            except (RuntimeError, AttributeError, pickle.PicklingError, TypeError):
                continue
            yield f"torch-{label}-{'zip' if zipped else 'legacy'}", "torch", buffer.getvalue()


_LAYERS: dict[str, tuple[Any, ...]] = {
    "Linear": (2, 2), "Bilinear": (2, 2, 2), "Identity": (), "Flatten": (), "Unflatten": (1, (1, 2)), "Conv1d": (1, 1, 1), "Conv2d": (1, 1, 1), "Conv3d": (1, 1, 1),
    "ConvTranspose1d": (1, 1, 1), "ConvTranspose2d": (1, 1, 1), "ConvTranspose3d": (1, 1, 1), "BatchNorm1d": (2,), "BatchNorm2d": (2,), "BatchNorm3d": (2,),
    "SyncBatchNorm": (2,), "InstanceNorm1d": (2,), "InstanceNorm2d": (2,), "InstanceNorm3d": (2,), "LayerNorm": (2,), "GroupNorm": (1, 2), "RMSNorm": (2,),
    "LocalResponseNorm": (2,), "MaxPool1d": (2,), "MaxPool2d": (2,), "MaxPool3d": (2,), "AvgPool1d": (2,), "AvgPool2d": (2,), "AvgPool3d": (2,),
    "AdaptiveAvgPool1d": (1,), "AdaptiveAvgPool2d": (1,), "AdaptiveAvgPool3d": (1,), "AdaptiveMaxPool1d": (1,), "AdaptiveMaxPool2d": (1,), "LPPool1d": (2, 2),
    "LPPool2d": (2, 2), "MaxUnpool2d": (2,), "FractionalMaxPool2d": (2, 1), "Dropout": (), "Dropout1d": (), "Dropout2d": (), "Dropout3d": (), "AlphaDropout": (),
    "FeatureAlphaDropout": (), "Embedding": (3, 2), "EmbeddingBag": (3, 2), "RNN": (2, 2), "LSTM": (2, 2), "GRU": (2, 2), "RNNCell": (2, 2), "LSTMCell": (2, 2),
    "GRUCell": (2, 2), "MultiheadAttention": (4, 2), "TransformerEncoderLayer": (4, 2), "TransformerDecoderLayer": (4, 2), "ReLU": (), "ReLU6": (), "LeakyReLU": (),
    "PReLU": (), "RReLU": (), "ELU": (), "SELU": (), "CELU": (), "GELU": (), "SiLU": (), "Mish": (), "Softplus": (), "Softshrink": (), "Softsign": (), "Tanh": (),
    "Tanhshrink": (), "Threshold": (0.1, 0), "GLU": (), "Sigmoid": (), "LogSigmoid": (), "Softmax": (1,), "LogSoftmax": (1,), "Softmax2d": (), "Softmin": (1,),
    "Hardshrink": (), "Hardsigmoid": (), "Hardswish": (), "Hardtanh": (), "L1Loss": (), "MSELoss": (), "CrossEntropyLoss": (), "NLLLoss": (), "BCELoss": (),
    "BCEWithLogitsLoss": (), "KLDivLoss": (), "SmoothL1Loss": (), "HuberLoss": (), "CTCLoss": (), "CosineEmbeddingLoss": (), "HingeEmbeddingLoss": (),
    "MarginRankingLoss": (), "MultiLabelMarginLoss": (), "MultiMarginLoss": (), "PoissonNLLLoss": (), "GaussianNLLLoss": (), "SoftMarginLoss": (),
    "TripletMarginLoss": (), "TripletMarginWithDistanceLoss": (), "AdaptiveLogSoftmaxWithLoss": (4, 10, [2, 5]), "Upsample": (None, 2),
    "UpsamplingBilinear2d": (None, 2),
    "UpsamplingNearest2d": (None, 2), "PixelShuffle": (2,), "PixelUnshuffle": (2,), "ChannelShuffle": (1,), "CosineSimilarity": (), "PairwiseDistance": (),
    "Fold": (2, 1),
    "Unfold": (2,), "ZeroPad2d": (1,), "ConstantPad1d": (1, 0), "ConstantPad2d": (1, 0), "ReflectionPad1d": (1,), "ReflectionPad2d": (1,), "ReplicationPad2d": (1,),
    "CircularPad2d": (1,), "ParameterList": (), "ModuleList": (), "ModuleDict": (), "ParameterDict": (), "Container": (),
}  # fmt: skip


def write(folder: Path) -> None:
    """Write every model to ``folder`` as ``label.kind``."""
    folder.mkdir(parents=True, exist_ok=True)
    for label, kind, data in models():
        (folder / f"{label}.{kind}").write_bytes(data)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    write(Path(sys.argv[1]))
