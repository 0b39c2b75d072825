"""The Open Inference Protocol (KServe v2): what the model takes and answers is asked from the server itself.

https://github.com/kserve/open-inference-protocol
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import numpy as np

from aisecops.core.errors import UserError
from aisecops.core.text import inert
from aisecops.oracles.http.client import Client
from aisecops.oracles.layout import Layout
from aisecops.oracles.oracle import OracleError
from aisecops.oracles.spec import Endpoint, Output
from aisecops.oracles.tables import columns_of

_KINDS = {f"INT{bits}": f"int{bits}" for bits in (8, 16, 32, 64)} | {f"UINT{bits}": f"uint{bits}" for bits in (8, 16, 32, 64)}
_KINDS |= {"FP16": "float16", "FP32": "float32", "FP64": "float64", "BOOL": "bool"}
_UNSAID = {"inputs": [{"name": "input-0", "datatype": "", "shape": [-1, -1]}], "outputs": [{"name": "", "datatype": "", "shape": [-1, -1]}]}
"""What is taken for a model whose description is empty, as that of MLServer and TorchServe is unless somebody wrote one: one tensor of either kind."""


class OpenInference:
    """A model of a server: its metadata, and requests by it."""

    def __init__(self, client: Client, endpoint: Endpoint, root: str, *, where: str) -> None:
        self._client, self._where = client, where
        self._path = f"{root}/v2/models/{quote(endpoint.model or self._only_model(root), safe='')}"
        metadata = client.get(self._path)
        self.inputs = self._tensors(metadata, "inputs", endpoint.inputs)
        self._outputs = self._tensors(metadata, "outputs", endpoint.output)

    def output(self, wanted: Output | None) -> dict[str, Any]:
        """The output tensor that answers what is wanted: floats for scores, integers and texts for labels."""
        if not self._outputs[0]["datatype"]:
            return self._unsaid(wanted)
        fitting = [tensor for tensor in self._outputs if wanted is None or tensor["datatype"].startswith("FP") is (wanted is not Output.LABELS)]
        fitting = fitting or self._outputs
        if len(fitting) != 1:
            names = inert(", ".join(str(tensor["name"]) for tensor in fitting), 120)
            raise UserError(f"the model answers several tensors ({names})", where=self._where, fix="say which under the endpoint's `output`")
        return fitting[0]

    def _unsaid(self, wanted: Output | None) -> dict[str, Any]:
        if wanted is None:
            raise UserError("the server does not say what the model answers", where=self._where, fix="give `output` and `classes`")
        return {**self._outputs[0], "datatype": "BYTES" if wanted is Output.LABELS else "FP64"}

    def ask(self, samples: Any, layout: Layout | None, output: dict[str, Any]) -> list[Any]:
        """Return the answer to each of ``samples``: a matrix or texts."""
        tensors = [_written(tensor, values) for tensor, values in self._values(samples, layout)]
        named = {"outputs": [{"name": output["name"]}]} if output["name"] else {}
        answer = self._client.post(f"{self._path}/infer", {"inputs": tensors, **named})
        return self._read(answer, str(output["name"]), len(samples))

    def _values(self, samples: Any, layout: Layout | None) -> list[tuple[dict[str, Any], Any]]:
        if len(self.inputs) == 1:
            if not isinstance(samples, np.ndarray) or layout is None or not layout.frame:
                return [(self.inputs[0], samples)]
            return [(self.inputs[0], np.stack(list(columns_of(samples, layout).values()), axis=1))]
        if layout is None:
            raise UserError(f"the model takes {len(self.inputs)} tensors", where=self._where, fix="declare a `layout` whose columns have their names")
        columns = columns_of(samples, layout)
        absent = next((tensor["name"] for tensor in self.inputs if tensor["name"] not in columns), None)
        if absent is not None:
            raise UserError(f"the model takes the tensor `{inert(str(absent))}`, and the layout has no such column", where=self._where)
        return [(tensor, _column(columns[tensor["name"]], tensor)) for tensor in self.inputs]

    def _only_model(self, root: str) -> str:
        """Triton and others list their models at an address of their own making; the protocol has none, so the name has to be said."""
        raise UserError(f"which model of {inert(root) or 'the server'}?", where=self._where, fix="say its name under the endpoint's `model`")

    def _tensors(self, metadata: Any, key: str, chosen: str) -> list[dict[str, Any]]:
        tensors = metadata.get(key) if isinstance(metadata, dict) else None
        if not isinstance(tensors, list) or not tensors or not all(map(_is_tensor, tensors)):
            if tensors == [] and metadata.get("name"):
                return [{**tensor, "name": chosen or tensor["name"]} for tensor in _UNSAID[key]]
            raise OracleError(f"the server's description of the model has no {key}", where=self._where, fix="is it a KServe v2 server?")
        if chosen:
            tensors = [tensor for tensor in tensors if tensor["name"] == chosen]
            if not tensors:
                raise UserError(f"the model has no tensor `{inert(chosen)}` among its {key}", where=self._where)
        return tensors

    def _read(self, answer: Any, name: str, n: int) -> list[Any]:
        outputs = answer.get("outputs") if isinstance(answer, dict) else None
        named = [tensor for tensor in outputs if isinstance(tensor, dict)] if isinstance(outputs, list) else []
        if not name and len(named) > 1:
            names = inert(", ".join(str(tensor.get("name")) for tensor in named), 120)
            raise UserError(f"the model answers several tensors ({names})", where=self._where, fix="say which under the endpoint's `output`")
        found = next((tensor for tensor in named if name in ("", tensor.get("name"))), None)
        if found is None:
            raise OracleError(f"the endpoint's answer has no output `{inert(name)}`", where=self._where)
        shape, data = found.get("shape"), _flat(found.get("data"))
        sides_known = isinstance(shape, list) and all(isinstance(side, int) and side >= 0 for side in shape)
        if not sides_known or not shape or shape[0] != n or int(np.prod(shape)) != len(data):
            raise OracleError(f"the endpoint answers a tensor of shape {inert(str(shape), 60)} for {n} samples", where=self._where)
        width = len(data) // n
        return data if len(shape) == 1 or width == 1 else [data[row * width : (row + 1) * width] for row in range(n)]


def _is_tensor(tensor: Any) -> bool:
    return (
        isinstance(tensor, dict)
        and isinstance(tensor.get("name"), str)
        and isinstance(tensor.get("datatype"), str)
        and isinstance(tensor.get("shape"), list)
    )


def _column(values: Any, tensor: dict[str, Any]) -> Any:
    return values[:, None] if len(tensor["shape"]) == 2 else values


def _written(tensor: dict[str, Any], values: Any) -> dict[str, Any]:
    """``values`` as the protocol's JSON; refused where the tensor's type cannot hold them, or JSON cannot."""
    where = f"tensor `{inert(tensor['name'])}`"
    if not tensor["datatype"]:
        texts = not isinstance(values, np.ndarray) or values.dtype.kind not in "biuf"
        tensor = {**tensor, "datatype": "BYTES" if texts else "FP64", "shape": [-1]}
    if tensor["datatype"] == "BYTES":
        array = np.array(list(values) if not isinstance(values, np.ndarray) else values, dtype=object)
        if any(not isinstance(cell, str) for cell in array.ravel()):
            raise UserError("a cell is missing, or no text", where=where, fix="declare the column as a category")
        shape = [*array.shape, *[1] * (len(tensor["shape"]) - array.ndim)]
        return {"name": tensor["name"], "shape": shape, "datatype": "BYTES", "data": array.ravel().tolist()}
    kind = _KINDS.get(tensor["datatype"])
    if kind is None:
        raise UserError(f"inputs of type {inert(tensor['datatype'], 40)} cannot be given", where=where)
    if not isinstance(values, np.ndarray) or any(isinstance(cell, str) for cell in values[:1].ravel()):
        raise UserError("texts go into a tensor of numbers", where=where)
    numbers = np.asarray(values, dtype=np.float64)
    if not np.isfinite(numbers).all():
        raise UserError("a value is missing or infinite, and the protocol has no such numbers", where=where, fix="fill it in")
    cast = numbers.astype(kind)
    if not kind.startswith("float") and not np.array_equal(cast.astype(np.float64), numbers):
        raise UserError(f"the model takes {tensor['datatype']} here, and a value is none", where=where, fix="keep to whole numbers of its range")
    return {"name": tensor["name"], "shape": list(cast.shape), "datatype": tensor["datatype"], "data": cast.ravel().tolist()}


def _flat(data: Any) -> list[Any]:
    """The elements of a tensor, which may be nested."""
    flat: list[Any] = data if isinstance(data, list) else []
    while flat and all(isinstance(element, list) for element in flat):
        flat = [element for row in flat for element in row]
    return flat
