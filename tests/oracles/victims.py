"""Small real models of every framework, with what each itself answers: what their oracles have to say."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas
from msgspec.structs import replace
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC

from aisecops.oracles.layout import ColumnType, Layout, LayoutColumn
from aisecops.oracles.opening import open_model, oracle_of
from aisecops.oracles.spec import Endpoint, HttpProtocol, ModelSpec, Output
from tests.oracles.server import serving

NAMES = np.array(["ham", "maybe", "spam"])


class Victim(NamedTuple):
    """``open(output)`` gives its oracle; ``labels`` and ``scores`` are the model's own answers for ``samples``, labels as numbers."""

    open: Callable[[Output | None], Any]
    samples: Any
    labels: np.ndarray
    scores: np.ndarray | None


@cache
def points(classes: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Overlapping blobs in five dimensions, 120 points."""
    random = np.random.default_rng(7)
    y = np.arange(120) % classes
    return random.normal(size=(120, 5)) + 1.2 * y[:, None] * np.array([1, -1, 0.5, 0, 0]), y


def _numbers(answer: Any, own: Any) -> np.ndarray:
    return np.array([list(own).index(label) for label in np.asarray(answer).reshape(len(answer))])


def _estimator(model: Any, scores: str = "predict_proba", own: Any = NAMES) -> Victim:
    x, y = points()
    model.fit(x, np.asarray(own)[y])
    return Victim(lambda output: oracle_of(model, output=output), x, _numbers(model.predict(x), model.classes_), getattr(model, scores)(x))


def logistic_regression() -> Victim:
    return _estimator(LogisticRegression())


def random_forest() -> Victim:
    return _estimator(RandomForestClassifier(10, random_state=0), own=[-7, 0, 40])


def hist_gradient_boosting() -> Victim:
    return _estimator(HistGradientBoostingClassifier(max_iter=5))


def support_vectors() -> Victim:
    return _estimator(SVC(random_state=0), scores="decision_function")


def network() -> Victim:
    return _estimator(MLPClassifier((8,), max_iter=60, tol=1e-2, n_iter_no_change=3, learning_rate_init=0.02, random_state=0))


def naive_bayes() -> Victim:
    return _estimator(GaussianNB())


TABLE = Layout(
    columns=(
        LayoutColumn(name="amount"),
        LayoutColumn(name="count", type=ColumnType.INTEGER),
        LayoutColumn(name="known", type=ColumnType.BOOLEAN),
        LayoutColumn(name="colour", type=ColumnType.CATEGORY, categories=("blue", "green", "red")),
    )
)


@cache
def table() -> tuple[np.ndarray, np.ndarray]:
    """A matrix for ``TABLE`` and its labels."""
    random = np.random.default_rng(3)
    columns = [random.normal(size=150), random.integers(0, 9, 150), random.integers(0, 2, 150), random.integers(0, 3, 150)]
    x = np.stack(columns, axis=1).astype(np.float64)
    return x, (x[:, 0] + x[:, 1] / 4 + (x[:, 3] == 2) + random.normal(size=150) > 1.7).astype(np.int64)


def table_frame() -> pandas.DataFrame:
    """The same as whoever trained the model had it."""
    x, _ = table()
    colours = [TABLE.columns[3].categories[int(number)] for number in x[:, 3]]
    return pandas.DataFrame({"amount": x[:, 0], "count": x[:, 1].astype(int), "known": x[:, 2].astype(bool), "colour": colours})


def frame_pipeline() -> Victim:
    x, y = table()
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    columns = ColumnTransformer([("n", numbers, ["amount", "count"]), ("c", OneHotEncoder(), ["colour"])], remainder="passthrough")
    model = make_pipeline(columns, LogisticRegression()).fit(table_frame(), y == 1)
    frame = table_frame()
    return Victim(lambda output: oracle_of(model, TABLE, output=output), x, model.predict(frame).astype(int), model.predict_proba(frame))


TEXTS = ("win cash now", "free prize, call now", "see you at noon", "are you at home?", "lunch at noon?", "claim your free cash prize") * 4


def text_pipeline() -> Victim:
    y = np.array(["spam", "spam", "ham", "ham", "ham", "spam"] * 4)
    model = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(TEXTS, y)
    texts = list(TEXTS[:6])
    return Victim(lambda output: oracle_of(model, output=output), texts, _numbers(model.predict(texts), model.classes_), model.predict_proba(texts))


def xgboost_estimator() -> Victim:
    import xgboost

    return _estimator(xgboost.XGBClassifier(n_estimators=5, max_depth=3, n_jobs=1), own=[0, 1, 2])


def xgboost_booster() -> Victim:
    import xgboost

    x, y = points(2)
    booster = xgboost.train({"objective": "binary:logistic", "max_depth": 3, "nthread": 1}, xgboost.DMatrix(x, y), 5)
    second = booster.predict(xgboost.DMatrix(x))
    return Victim(lambda output: oracle_of(booster, output=output), x, (second > 0.5).astype(int), np.stack([1.0 - second, second], axis=1))


def lightgbm_estimator() -> Victim:
    import lightgbm

    return _estimator(lightgbm.LGBMClassifier(n_estimators=5, num_leaves=7, verbose=-1, n_jobs=1), own=[-1, 1, 5])


def lightgbm_booster() -> Victim:
    import lightgbm

    x, y = points(3)
    booster = lightgbm.train({"objective": "multiclass", "num_class": 3, "num_leaves": 7, "verbose": -1, "num_threads": 1}, lightgbm.Dataset(x, y), 5)
    scores = booster.predict(x)
    return Victim(lambda output: oracle_of(booster, output=output), x, scores.argmax(axis=1), scores)


def torch_network() -> Any:
    """A small convolutional network with what evaluation mode has to switch."""
    import torch

    torch.manual_seed(0)
    convolution = torch.nn.Conv2d(1, 4, 3, padding=1)
    return torch.nn.Sequential(convolution, torch.nn.BatchNorm2d(4), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Dropout(), torch.nn.Linear(256, 3))


def images(n: int = 12) -> np.ndarray:
    """Images of 8 x 8, one channel."""
    return np.random.default_rng(5).uniform(size=(n, 1, 8, 8))


def torch_module() -> Victim:
    import torch

    net, x = torch_network(), images()
    with torch.no_grad():
        scores = net.eval()(torch.tensor(x, dtype=torch.float32)).numpy().astype(np.float64)
    net.train()
    return Victim(lambda output: oracle_of(net, shape=(1, 8, 8), output=output), x, scores.argmax(axis=1), scores)


def catboost_estimator() -> Victim:
    import catboost

    x, y = table()
    frame = table_frame()
    model = catboost.CatBoostClassifier(iterations=5, depth=3, verbose=0, thread_count=1, allow_writing_files=False)
    model.fit(frame.assign(colour=frame["colour"].astype(object)), NAMES[y], cat_features=["colour"])
    labels, scores = model.predict(frame.astype({"colour": object})), model.predict_proba(frame.astype({"colour": object}))
    return Victim(lambda output: oracle_of(model, TABLE, output=output), x, _numbers(labels, model.classes_), scores)


@cache
def onnx_folder() -> str:
    """ONNX files: ``matrix.onnx`` (one tensor), ``zipmap.onnx`` (scores as dictionaries), ``columns.onnx`` (a tensor for each column)."""
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType, Int64TensorType, StringTensorType

    folder = tempfile.mkdtemp()
    x, y = points()
    model = LogisticRegression().fit(x, NAMES[y])
    plain, mapped = {id(model): {"zipmap": False}}, {id(model): {"zipmap": True}}
    for name, options in (("matrix", plain), ("zipmap", mapped)):
        with open(f"{folder}/{name}.onnx", "wb") as file:
            file.write(to_onnx(model, x[:1].astype(np.float32), options=options, target_opset=18).SerializeToString())
    pipeline = frame_model()
    types = [("amount", FloatTensorType([None, 1])), ("count", Int64TensorType([None, 1])), ("colour", StringTensorType([None, 1]))]
    with open(f"{folder}/columns.onnx", "wb") as file:
        file.write(to_onnx(pipeline, initial_types=types, options={"zipmap": False}, target_opset=18).SerializeToString())
    return folder


@cache
def frame_model() -> Any:
    """A pipeline on names and categories without truth values (which skl2onnx does not take)."""
    _, y = table()
    columns = ColumnTransformer([("n", StandardScaler(), ["amount", "count"]), ("c", OneHotEncoder(), ["colour"])])
    return make_pipeline(columns, LogisticRegression()).fit(table_frame().drop(columns="known"), y)


def _onnx(name: str) -> Victim:
    x, y = points()
    model = LogisticRegression().fit(x, NAMES[y])
    spec = ModelSpec(path=f"{onnx_folder()}/{name}.onnx")
    single = x.astype(np.float32).astype(np.float64)
    labels, scores = _numbers(model.predict(single), model.classes_), model.predict_proba(single)
    return Victim(lambda output: open_model(replace(spec, output=output)), single, labels, scores)


def onnx_matrix() -> Victim:
    return _onnx("matrix")


def onnx_zipmap() -> Victim:
    return _onnx("zipmap")


THREE = Layout(columns=tuple(column for column in TABLE.columns if column.name != "known"))


def onnx_columns() -> Victim:
    x, model, frame = np.delete(table()[0], 2, axis=1), frame_model(), table_frame()
    spec = ModelSpec(path=f"{onnx_folder()}/columns.onnx", layout=THREE)
    return Victim(lambda output: open_model(replace(spec, output=output)), x, model.predict(frame), model.predict_proba(frame))


@cache
def pyfunc_folder() -> str:
    """An MLflow folder of a pipeline on a frame, with its signature."""
    import mlflow.sklearn
    from mlflow.models import infer_signature

    folder = tempfile.mkdtemp() + "/model"
    frame = table_frame().drop(columns="known")
    model = frame_model()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kept = {"serialization_format": "cloudpickle", "pip_requirements": []}
        mlflow.sklearn.save_model(model, folder, signature=infer_signature(frame, model.predict(frame)), **kept)
    return folder


def mlflow_pyfunc() -> Victim:
    x, model, frame = np.delete(table()[0], 2, axis=1), frame_model(), table_frame()
    spec = ModelSpec(path=pyfunc_folder(), layout=THREE)
    return Victim(lambda output: open_model(replace(spec, output=output)), x, model.predict(frame), None)


def rule(samples: np.ndarray) -> np.ndarray:
    """Scores of three classes, as a function."""
    return np.stack([np.sin(samples).sum(axis=1), samples[:, 0], samples[:, 1] - 0.5], axis=1)


def function() -> Victim:
    x, _ = points()
    scores = rule(x)

    def ask(output: Output | None) -> Any:
        if output is Output.LABELS:
            return oracle_of(lambda samples: NAMES[rule(samples).argmax(axis=1)], classes=NAMES, output=output)
        return open_model(ModelSpec(callable="tests.oracles.victims:rule", classes=tuple(NAMES), output=Output.SCORES))

    return Victim(ask, x, scores.argmax(axis=1), scores)


def open_inference_endpoint() -> Victim:
    return _endpoint(lambda url: Endpoint(url=url, model="blobs", authorised_by="the tests"))


def json_endpoint() -> Victim:
    def endpoint(url: str) -> Endpoint:
        return Endpoint(
            url=url + "/predict", protocol=HttpProtocol.JSON, request={"rows": "{instances}"}, answer="found.*.scores", authorised_by="the tests"
        )

    return _endpoint(endpoint)


def _endpoint(declare: Callable[[str], Endpoint]) -> Victim:
    x, y = points()
    model = LogisticRegression().fit(x, NAMES[y])
    server = serving(model)

    def ask(output: Output | None) -> Any:
        endpoint = declare(server.url)
        if output is Output.LABELS and endpoint.protocol is HttpProtocol.JSON:
            endpoint = replace(endpoint, answer="found.*.label")
        return open_model(ModelSpec(endpoint=endpoint, classes=tuple(NAMES), output=output or Output.PROBABILITIES))

    return Victim(ask, x, _numbers(model.predict(x), model.classes_), model.predict_proba(x))


VICTIMS: dict[str, Callable[[], Victim]] = {
    build.__name__: build
    for build in (
        logistic_regression,
        random_forest,
        hist_gradient_boosting,
        support_vectors,
        network,
        naive_bayes,
        frame_pipeline,
        text_pipeline,
        xgboost_estimator,
        xgboost_booster,
        lightgbm_estimator,
        lightgbm_booster,
        torch_module,
        catboost_estimator,
        onnx_matrix,
        onnx_zipmap,
        onnx_columns,
        mlflow_pyfunc,
        function,
        open_inference_endpoint,
        json_endpoint,
    )
}
