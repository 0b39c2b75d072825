"""What a person says about a model so that it can be asked: the ``models`` of the manifest are these."""

from __future__ import annotations

import os
from enum import StrEnum
from typing import Any

import msgspec

from aisecops.oracles.layout import Layout


class Framework(StrEnum):
    """Who reads the model. ``pickle`` is whatever object the file holds: an estimator, a pipeline, a booster, a module."""

    PICKLE = "pickle"
    XGBOOST = "xgboost"
    LIGHTGBM = "lightgbm"
    CATBOOST = "catboost"
    ONNX = "onnx"
    TORCH = "torch"
    PYFUNC = "mlflow"
    CALLABLE = "callable"
    HTTP = "http"


class Output(StrEnum):
    """What the model's answers are. ``scores``: numbers whose largest is the label, and no more is known of them."""

    LABELS = "labels"
    SCORES = "scores"
    LOGITS = "logits"
    PROBABILITIES = "probabilities"


class HttpProtocol(StrEnum):
    """``open-inference``: KServe v2, ``POST /v2/models/{name}/infer``. ``json``: a request by a template, the answer at a path."""

    OPEN_INFERENCE = "open-inference"
    JSON = "json"


class Endpoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """A model behind an address.

    Parameters
    ----------
    url
        ``open-inference``: the server's root (``https://models.example``); ``json``: the address to post to.
    authorised_by
        Who allowed this endpoint to be attacked: a name or a ticket. Without it nothing is sent.
    model
        Its name on the server (``open-inference``); empty: the server's only one.
    request
        The body (``json``): any JSON in which ``"{instances}"`` stands for all samples, and ``"{instance}"`` for one (then each call asks about one sample).
    answer
        Where the answer is (``json``): keys and positions with dots, ``*`` for each element: ``predictions``, ``outputs.0.data``, ``results.*.label``.
    inputs
        The input tensor's name, where the server has several (``open-inference``) and the layout does not name them.
    output
        The output tensor's name, where the server has several (``open-inference``).
    headers
        Sent with each request; ``${NAME}`` is replaced by the environment variable, so that no secret stands in the manifest.
    timeout
        Seconds for one answer.
    retries
        How often a request is sent again after 429, 503, a refused connection or a time-out.
    longest_wait
        The most seconds that a ``Retry-After`` is obeyed; more is a refusal.
    """

    url: str
    authorised_by: str = ""
    protocol: HttpProtocol = HttpProtocol.OPEN_INFERENCE
    model: str = ""
    request: Any = None
    answer: str = ""
    inputs: str = ""
    output: str = ""
    headers: dict[str, str] = {}
    timeout: float = 30.0
    retries: int = 4
    longest_wait: float = 60.0


class ModelSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """One model: exactly one of ``path``, ``endpoint`` and ``callable``, and what cannot be seen from it.

    Parameters
    ----------
    name
        What reports call it; empty: the file's name.
    path
        A file or, for MLflow, a folder.
    callable
        ``package.module:function``, from a batch to an answer.
    code
        Folders whose Python code may be imported: by a callable, and by pickles of classes of one's own.
    framework
        Omitted: recognised from the file.
    classes
        Names for its classes, in the model's own order; needed where the model does not say how many there are.
    output
        Omitted: what the framework says. Needed for one-column answers (a logit? a probability? a regression?) and for callables and endpoints.
    layout
        The columns of a table. Omitted: the matrix as it is, or the real columns that the model itself names.
    shape
        The shape of one sample where the model eats another than the samples have: (1, 28, 28).
    texts
        It eats texts.
    batch
        The most samples in one call; omitted: the adapter's choice, or found by probing an endpoint.
    """

    name: str = ""
    path: str = ""
    callable: str = ""
    code: tuple[str, ...] = ()
    endpoint: Endpoint | None = None
    framework: Framework | None = None
    classes: tuple[str, ...] = ()
    output: Output | None = None
    layout: Layout | None = None
    shape: tuple[int, ...] = ()
    texts: bool = False
    batch: int | None = None

    def __post_init__(self) -> None:
        if self.batch is not None and self.batch < 1:
            raise ValueError("`batch` must be at least 1")
        if any(side < 1 for side in self.shape):
            raise ValueError("`shape` must be the sides of one sample, each at least 1")
        if len(set(self.classes)) < len(self.classes) or len(self.classes) == 1:
            raise ValueError("`classes` must be two names or more, all different")
        if bool(self.endpoint) + bool(self.callable) + bool(self.path) != 1:
            raise ValueError("say where the model is: one of `path`, `endpoint` and `callable`")

    @property
    def title(self) -> str:
        """What messages call it."""
        if self.name:
            return self.name
        return self.callable or (self.endpoint.url if self.endpoint else self.path.rstrip("/").rpartition("/")[2])

    @property
    def files(self) -> tuple[str, ...]:
        """What has to be readable for it to be opened: its own path, and the folders of its code."""
        return tuple(path for path in (self.path, *self.code) if path)

    def absolute(self) -> ModelSpec:
        """Return it as a process in another folder finds it: with absolute paths, and a name."""
        path = os.path.abspath(self.path) if self.path else ""
        return msgspec.structs.replace(self, path=path, code=tuple(map(os.path.abspath, self.code)), name=self.name or self.title)
