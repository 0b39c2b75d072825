"""Models of every framework load and predict inside, and say the same as outside."""

from __future__ import annotations

import os

import numpy as np
import pytest

from aisecops.isolation.limits import Limits
from aisecops.isolation.quarantine import Quarantine

HERE = os.path.dirname(__file__)
rng = np.random.default_rng(0)
X = rng.normal(size=(80, 5))
Y = (X[:, 0] + X[:, 1] > 0).astype(int)


def sklearn_model(path):
    joblib = pytest.importorskip("joblib")
    from sklearn.ensemble import RandomForestClassifier

    model = RandomForestClassifier(5, random_state=0, n_jobs=2).fit(X, Y)
    joblib.dump(model, path)
    return model.predict_proba(X)


def xgboost_model(path):
    xgboost = pytest.importorskip("xgboost")
    model = xgboost.XGBClassifier(n_estimators=3, max_depth=2).fit(X, Y)
    model.save_model(path)
    return model.predict_proba(X)


def lightgbm_model(path):
    lightgbm = pytest.importorskip("lightgbm")
    model = lightgbm.LGBMClassifier(n_estimators=3, verbose=-1).fit(X, Y)
    model.booster_.save_model(path)
    return model.booster_.predict(X)


def catboost_model(path):
    catboost = pytest.importorskip("catboost")
    model = catboost.CatBoostClassifier(iterations=3, depth=2, verbose=False, allow_writing_files=False).fit(X, Y)
    model.save_model(path)
    return model.predict_proba(X)


def onnxruntime_model(path):
    pytest.importorskip("onnxruntime")
    skl2onnx = pytest.importorskip("skl2onnx")
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression().fit(X, Y)
    onnx = skl2onnx.to_onnx(model, X[:1].astype(np.float32), options={"zipmap": False})
    with open(path, "wb") as file:
        file.write(onnx.SerializeToString())
    return model.predict_proba(X)


def torch_model(path):
    torch = pytest.importorskip("torch")
    net = torch.nn.Sequential(torch.nn.Linear(5, 8), torch.nn.ReLU(), torch.nn.Linear(8, 2)).eval()
    torch.jit.trace(net, torch.zeros(1, 5)).save(path)
    return net(torch.from_numpy(X.astype(np.float32))).detach().numpy()


MODELS = {
    "sklearn": (sklearn_model, "model.joblib"),
    "xgboost": (xgboost_model, "model.ubj"),
    "lightgbm": (lightgbm_model, "model.txt"),
    "catboost": (catboost_model, "model.cbm"),
    "onnxruntime": (onnxruntime_model, "model.onnx"),
    "torch": (torch_model, "model.pt"),
}


@pytest.mark.slow
@pytest.mark.parametrize("framework", MODELS)
def test_a_model_says_the_same_inside(tmp_path, framework):
    make, name = MODELS[framework]
    path = str(tmp_path / name)
    expected = make(path)
    with Quarantine(
        "served:serve_framework",
        {"framework": framework, "path": path},
        readable=[HERE, path],
        limits=Limits(memory_bytes=512 << 20, start_seconds=300, call_seconds=60),
        allow_weak=True,
    ) as quarantine:
        _, answer = quarantine.call("scores", {}, {"x": X})
        np.testing.assert_allclose(answer["scores"].reshape(expected.shape), expected, rtol=1e-5, atol=1e-6)
