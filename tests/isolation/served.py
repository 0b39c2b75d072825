"""What the tests serve from inside a quarantine. The folder of this file has to be readable there."""

from __future__ import annotations

import os
import time

import numpy as np


class Misbehaving:
    """Does what it is asked to."""

    def answer(self, method, values, arrays):
        return getattr(self, method)(values, arrays)

    def double(self, values, arrays):
        return values, {name: array * 2 for name, array in arrays.items()}

    def raises(self, values, arrays):
        raise ValueError(values["text"])

    def hang(self, values, arrays):
        time.sleep(1000)

    def spin(self, values, arrays):
        while True:
            pass

    def abort(self, values, arrays):
        os.abort()

    def leave(self, values, arrays):
        os._exit(values["status"])

    def crash(self, values, arrays):
        import ctypes

        ctypes.string_at(0)

    def take(self, values, arrays):
        return {"sum": int(np.ones(values["bytes"], dtype=np.uint8).sum())}, {}

    def zeros(self, values, arrays):
        return {}, {"zeros": np.zeros(values["shape"])}

    def objects(self, values, arrays):
        return {}, {"objects": np.array([object()])}

    def write(self, values, arrays):
        with open(os.path.join(os.getcwd(), "own"), "w+") as file:
            file.write("written")
            file.seek(0)
            own = file.read()
        with open(values["path"]) as file:
            beside = file.read()
        try:
            with open(values["path"], "w"):
                refused = False
        except OSError:
            refused = True
        return {"own": own, "beside": beside, "refused": refused}, {}

    def environment(self, values, arrays):
        return {"environment": dict(os.environ), "descriptors": sorted(map(int, os.listdir("/proc/self/fd")))}, {}


def serve(request):
    if "raise" in request:
        raise RuntimeError(request["raise"])
    if request.get("hang"):
        time.sleep(1000)
    return Misbehaving()


class Model:
    def __init__(self, predict):
        self.predict = predict

    def answer(self, method, values, arrays):
        return {}, {"scores": np.asarray(self.predict(arrays["x"]))}


def serve_framework(request):
    """A model of ``framework`` from ``path``."""
    path = request["path"]
    match request["framework"]:
        case "sklearn":
            import joblib

            return Model(joblib.load(path).predict_proba)
        case "xgboost":
            import xgboost

            model = xgboost.XGBClassifier()
            model.load_model(path)
            return Model(model.predict_proba)
        case "lightgbm":
            import lightgbm

            return Model(lightgbm.Booster(model_file=path).predict)
        case "catboost":
            import catboost

            model = catboost.CatBoostClassifier()
            model.load_model(path)
            return Model(model.predict_proba)
        case "onnxruntime":
            import onnxruntime

            session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
            (name,) = (i.name for i in session.get_inputs())
            return Model(lambda x: session.run(None, {name: x.astype(np.float32)})[1])
        case "torch":
            import torch

            net = torch.jit.load(path)
            return Model(lambda x: net(torch.from_numpy(x.astype(np.float32))).detach().numpy())
