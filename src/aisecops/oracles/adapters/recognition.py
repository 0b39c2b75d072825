"""What kind of model a loaded object or a file is: by what it can do, its library, its first bytes; never by its name where there is something better."""

from __future__ import annotations

import json
import os
import zipfile
from enum import Enum, auto

from aisecops.core.errors import UserError
from aisecops.oracles.adapters.sklearn import speaks_sklearn
from aisecops.oracles.spec import Framework


class Kind(Enum):
    """The adapters of loaded objects."""

    TORCH = auto()
    XGBOOST_BOOSTER = auto()
    XGBOOST_ESTIMATOR = auto()
    LIGHTGBM_BOOSTER = auto()
    LIGHTGBM_ESTIMATOR = auto()
    CATBOOST = auto()
    ONNX = auto()
    PYFUNC = auto()
    ESTIMATOR = auto()
    FUNCTION = auto()


def kind_of(model: object) -> Kind | None:
    """Return the kind of ``model``, importing nothing: a model's library is imported already, or there would be no model."""
    if isinstance(model, type):  # a class is no model yet
        return None
    libraries = {base.__module__.partition(".")[0] for base in type(model).__mro__}
    speaks = speaks_sklearn(model)
    if "torch" in libraries and callable(model):
        return Kind.TORCH
    if "xgboost" in libraries:
        return Kind.XGBOOST_ESTIMATOR if speaks else Kind.XGBOOST_BOOSTER
    if "lightgbm" in libraries:
        return Kind.LIGHTGBM_ESTIMATOR if speaks else Kind.LIGHTGBM_BOOSTER
    for library, kind in (("catboost", Kind.CATBOOST), ("onnxruntime", Kind.ONNX), ("mlflow", Kind.PYFUNC)):
        if library in libraries:
            return kind
    if speaks:
        return Kind.ESTIMATOR
    return Kind.FUNCTION if callable(model) else None


_ENDINGS = {
    ".onnx": Framework.ONNX,
    ".cbm": Framework.CATBOOST,
    ".ubj": Framework.XGBOOST,
    ".pt": Framework.TORCH,
    ".pth": Framework.TORCH,
    ".pt2": Framework.TORCH,
    ".pkl": Framework.PICKLE,
    ".pickle": Framework.PICKLE,
    ".joblib": Framework.PICKLE,
}


def framework_of(path: str, where: str) -> Framework:
    """Return whose the model file or folder at ``path`` is.

    Raises
    ------
    UserError
        There is none, or it is not recognised.
    """
    if os.path.isfile(os.path.join(path, "MLmodel")):
        return Framework.PYFUNC
    try:
        with open(path, "rb") as file:
            head = file.read(4096)
    except OSError as wrong:
        raise UserError(
            f"the model cannot be read ({wrong.strerror})", where=where, fix="give a model file, or the folder of an MLflow model"
        ) from None
    found = _by_content(path, head) or _ENDINGS.get(os.path.splitext(path)[1].lower())
    if found is None:
        raise UserError("it is not recognised as a model", where=where, fix=f"say its `framework`: {', '.join(Framework)}")
    return found


def _by_content(path: str, head: bytes) -> Framework | None:
    if head.startswith(b"CBM1"):
        return Framework.CATBOOST
    if head.startswith(b"tree\n") and b"version=" in head[:64]:
        return Framework.LIGHTGBM
    if head.lstrip().startswith(b"{"):
        return _by_json(path)
    if head.startswith(b"PK\x03\x04") and zipfile.is_zipfile(path):
        names = zipfile.ZipFile(path).namelist()
        return (
            Framework.TORCH
            if any(name.endswith(("/data.pkl", "/archive_format", "archive_format", "/version", ".data/version")) for name in names)
            else None
        )
    return Framework.PICKLE if head[:1] == b"\x80" and head[1:2] in b"\x02\x03\x04\x05" else None


def _by_json(path: str) -> Framework | None:
    """XGBoost's and CatBoost's JSON; XGBoost's binary JSON starts with the same brace and is no text."""
    try:
        with open(path, encoding="utf-8") as file:
            keys = set(json.load(file))
    except (ValueError, RecursionError):
        with open(path, "rb") as file:
            return Framework.XGBOOST if b"learner" in file.read(64) else None
    if "learner" in keys:
        return Framework.XGBOOST
    return Framework.CATBOOST if {"oblivious_trees", "trees"} & keys else None
