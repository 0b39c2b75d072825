"""From a declared endpoint to a ``Model``. Nothing is sent before somebody is named who allowed it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from aisecops.core.errors import UserError
from aisecops.oracles.adapters.declared import of_declared
from aisecops.oracles.http.batches import Batches
from aisecops.oracles.http.client import Client, checked_address
from aisecops.oracles.http.open_inference import OpenInference
from aisecops.oracles.http.plain_json import filled, found, in_class_order, rows_of, takes_one
from aisecops.oracles.model import Model, Wanted, shaped
from aisecops.oracles.oracle import Batch, OracleError
from aisecops.oracles.spec import Endpoint, HttpProtocol, Output


def of_endpoint(endpoint: Endpoint, wanted: Wanted, *, sleep: Callable[[float], None] = time.sleep) -> Model:
    """Return the model behind ``endpoint``.

    Requests are split to what the server takes and sent again where it is busy. A ``Budget`` counts samples, not requests: those that were refused or sent again
    come on top, at most ``retries`` times each.

    Raises
    ------
    UserError
        Nobody allowed it, or something is not declared that the server does not say.
    """
    address = checked_address(endpoint, wanted.name)
    client = Client(endpoint, where=wanted.name, sleep=sleep)
    if endpoint.protocol is HttpProtocol.OPEN_INFERENCE:
        return _open_inference(client, endpoint, address.path.rstrip("/"), wanted)
    path = (address.path or "/") + (f"?{address.query}" if address.query else "")
    return _plain_json(client, endpoint, path, wanted)


def _open_inference(client: Client, endpoint: Endpoint, root: str, wanted: Wanted) -> Model:
    server = OpenInference(client, endpoint, root, where=wanted.name)
    output = server.output(wanted.output)
    wanted = _as_described(output, wanted)
    ask = Batches(lambda samples: server.ask(samples, wanted.layout, output), wanted.batch)
    fixed = server.inputs[0]["shape"][0]
    model = of_declared(lambda samples: _array(ask(samples), wanted.output), _shaped(wanted.shape), replace(wanted, batch=None), bisect=False)
    return replace(model, most=fixed, exactly=True) if isinstance(fixed, int) and fixed > 1 else model


def _as_described(output: dict[str, Any], wanted: Wanted) -> Wanted:
    """What the metadata says of the answers: texts and integers are labels, floats scores; as many classes as the tensor has columns."""
    width = output["shape"][-1] if len(output["shape"]) == 2 else 1
    if wanted.output is None:
        many = output["datatype"].startswith("FP") and isinstance(width, int) and width > 1
        kind = Output.SCORES if many else None if output["datatype"].startswith("FP") else Output.LABELS
        wanted = replace(wanted, output=kind)
    if not wanted.classes and wanted.output is not Output.LABELS and isinstance(width, int) and width > 1:
        wanted = replace(wanted, classes=tuple(map(str, range(width))))
    return wanted


def _plain_json(client: Client, endpoint: Endpoint, path: str, wanted: Wanted) -> Model:
    template = endpoint.request if endpoint.request is not None else {"instances": "{instances}"}
    place = endpoint.answer or ("predictions" if endpoint.request is None else "")
    try:
        one = takes_one(template)
    except UserError as wrong:
        raise UserError(wrong.what, where=wanted.name, fix=wrong.fix) from None

    def ask(samples: Any) -> list[Any]:
        rows = rows_of(samples, wanted.layout)
        answer = found(client.post(path, filled(template, rows)), place, wanted.name, classes=wanted.classes, one=one)
        answers = [answer] if one else answer
        if not isinstance(answers, list) or len(answers) != len(rows):
            count = len(answers) if isinstance(answers, list) else "no list of"
            raise OracleError(f"the endpoint gives {count} answers for {len(rows)} samples", where=wanted.name)
        return in_class_order(answers, wanted.classes)

    batches = Batches(ask, 1 if one else wanted.batch)
    return of_declared(lambda samples: _array(batches(samples), wanted.output), _shaped(wanted.shape), replace(wanted, batch=None), bisect=False)


def _shaped(shape: tuple[int, ...]) -> Callable[[Batch], Any]:
    def encode(batch: Batch) -> Any:
        if not isinstance(batch, np.ndarray):
            return list(batch)
        return shaped(batch, shape) if shape and batch[:1].size == np.prod(shape) else batch

    return encode


def _array(answers: list[Any], output: Output | None) -> Any:
    """Answers as an array: labels as they are, of whatever type; scores as numbers, where they are."""
    if output is Output.LABELS:
        labels = np.empty(len(answers), dtype=object)
        labels[:] = [answer[0] if isinstance(answer, list) and len(answer) == 1 else answer for answer in answers]
        return labels if not all(type(answer) in (int, bool) for answer in labels) else labels.astype(np.int64)
    try:
        return np.array(answers, dtype=np.float64)
    except (TypeError, ValueError):
        return np.array([str(answer) for answer in answers])  # no numbers: refused where scores are checked
