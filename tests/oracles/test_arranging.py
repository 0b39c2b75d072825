"""Columns in another order than the model's, and columns that it does not take: the answers, and the structure, are those for the right columns."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from aisecops.core.errors import UserError
from aisecops.oracles.layout import ColumnType, Layout, LayoutColumn
from aisecops.oracles.opening import oracle_of

X, Y = load_wine(return_X_y=True, as_frame=True)
X = X.iloc[:, :6]


def layout(columns):
    return Layout(columns=tuple(LayoutColumn(name=name) for name in columns), frame=False)


def boosters():
    xgboost, lightgbm, catboost = (pytest.importorskip(name) for name in ("xgboost", "lightgbm", "catboost"))
    quiet = {"num_threads": 1, "verbose": -1}
    return {
        "xgboost": xgboost.train({"objective": "multi:softprob", "num_class": 3, "nthread": 1}, xgboost.DMatrix(X, Y), 5),
        "xgboost-estimator": xgboost.XGBClassifier(n_estimators=5, n_jobs=1).fit(X, Y),
        "lightgbm": lightgbm.train({"objective": "multiclass", "num_class": 3} | quiet, lightgbm.Dataset(X, Y), 5),
        "catboost": catboost.CatBoostClassifier(iterations=5, verbose=0, thread_count=1, allow_writing_files=False).fit(X, Y),
    }


@pytest.fixture(scope="module")
def models():
    return boosters() | {"linear": make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y)}


@pytest.mark.parametrize("name", ["linear", "xgboost", "xgboost-estimator", "lightgbm", "catboost"])
def test_columns_are_taken_by_name(models, name):
    straight = oracle_of(models[name], layout(X.columns)).labels(X.to_numpy())
    assert np.mean(straight == Y) > 0.8
    turned = X.iloc[:, ::-1].assign(customer=np.arange(len(X)))
    oracle = oracle_of(models[name], layout(turned.columns))
    assert (oracle.labels(turned.to_numpy()) == straight).all()
    assert (oracle.structure().decide(turned.to_numpy()) == straight).all()


@pytest.mark.parametrize("name", ["linear", "xgboost", "lightgbm"])
def test_a_column_under_another_name_is_refused(models, name):
    with pytest.raises(UserError, match="was fitted with the column `ash`"):
        oracle_of(models[name], layout([name.replace("ash", "ashes") if name == "ash" else name for name in X.columns]))


def test_names_of_a_matrix_say_nothing(models):
    lightgbm = pytest.importorskip("lightgbm")
    nameless = lightgbm.LGBMClassifier(n_estimators=3, n_jobs=1, verbose=-1).fit(X.to_numpy(), Y)
    assert (oracle_of(nameless, layout(X.columns)).labels(X.to_numpy()) == nameless.predict(X.to_numpy())).all()


@pytest.mark.parametrize("shape", [(3, 6, 5), (6, 5, 3)])
def test_the_channels_of_images_are_moved_not_reshaped(shape):
    from aisecops.oracles.model import shaped

    planes = np.random.default_rng(0).random((4, 3, 6, 5))
    last = np.moveaxis(planes, 1, 3)
    wanted = planes if shape[0] == 3 else last
    for given in (planes, last, wanted.reshape(4, -1)):
        np.testing.assert_array_equal(shaped(given, shape), wanted)


def test_gradients_come_back_in_the_shape_of_the_images():
    torch = pytest.importorskip("torch")
    from aisecops.oracles.oracle import Loss

    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Conv2d(3, 2, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(24, 2)).eval()
    planes = np.random.default_rng(0).random((2, 3, 6, 5))
    oracle, y = oracle_of(net, shape=(3, 6, 5)), np.array([0, 1])
    _, slopes = oracle.gradient(planes, y, Loss.MARGIN)
    _, turned = oracle.gradient(np.moveaxis(planes, 1, 3), y, Loss.MARGIN)
    np.testing.assert_allclose(np.moveaxis(turned, 3, 1), slopes, atol=1e-7)
    assert np.abs(slopes).max() > 0


@pytest.mark.parametrize("written", [bool, str, int])
def test_truth_values_are_written_as_catboost_learnt_them(written):
    catboost = pytest.importorskip("catboost")
    import pandas

    rng = np.random.default_rng(0)
    flag, x = rng.integers(0, 2, 200).astype(bool), rng.normal(size=200)
    frame, y = pandas.DataFrame({"x": x, "flag": flag}), (flag ^ (x > 1)).astype(int)
    quiet = {"iterations": 10, "verbose": 0, "thread_count": 1, "allow_writing_files": False}
    model = catboost.CatBoostClassifier(cat_features=["flag"], **quiet).fit(frame.astype({"flag": written}), y)
    columns = (LayoutColumn(name="x"), LayoutColumn(name="flag", type=ColumnType.BOOLEAN))
    oracle = oracle_of(model, Layout(columns=columns))
    assert np.mean(oracle.labels(np.column_stack([x, flag])) == y) > 0.9


def test_linear_boosters_are_asked():
    xgboost = pytest.importorskip("xgboost")
    matrix = xgboost.DMatrix(X, Y == 1)
    booster = xgboost.train({"objective": "binary:logistic", "booster": "gblinear", "nthread": 1}, matrix, 5)
    assert (oracle_of(booster, layout(X.columns)).labels(X.to_numpy()) == (booster.predict(matrix) > 0.5)).all()


def test_a_step_that_chooses_by_name_gets_a_frame_and_no_numbers_for_texts():
    from sklearn.compose import make_column_transformer
    from sklearn.preprocessing import OneHotEncoder

    rng = np.random.default_rng(0)
    code = rng.choice([10, 20, 35], 200)
    frame, y = X.sample(200, replace=True, random_state=0)[["ash"]].assign(code=code).reset_index(drop=True), (code == 35).astype(int)
    chosen = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["code"]), remainder="passthrough")
    columns = Layout(columns=(LayoutColumn(name="ash"), LayoutColumn(name="code", type=ColumnType.INTEGER)), frame=False)
    numbers = make_pipeline(chosen, LogisticRegression()).fit(frame, y)
    assert (oracle_of(numbers, columns).labels(frame.to_numpy()) == y).all()
    texts = make_pipeline(chosen, LogisticRegression()).fit(frame.astype({"code": str}), y)
    with pytest.raises(UserError, match="`code` held texts in training"):
        oracle_of(texts, columns)
