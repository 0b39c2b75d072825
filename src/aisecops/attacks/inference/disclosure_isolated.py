"""What a model file keeps, read in a quarantine: loading the file can run code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy.typing as npt

from aisecops.attacks.inference.disclosure import Disclosure, disclosed
from aisecops.core.errors import UserError
from aisecops.core.text import inert
from aisecops.isolation.limits import Limits
from aisecops.oracles.crossing import Arrays, Values, error_values
from aisecops.oracles.opening import open_object
from aisecops.oracles.oracle import OracleError
from aisecops.oracles.session import ModelSession
from aisecops.oracles.spec import ModelSpec

ENTRY = "aisecops.attacks.inference.disclosure_isolated:serve"
_MOST = 200


def disclosed_isolated(spec: ModelSpec, *, few: int = 5, limits: Limits | None = None, allow_weak: bool = False) -> tuple[Disclosure, ...]:
    """Return what the pickle that ``spec`` names keeps (``disclosure.disclosed``), read in a process of its own that ends before this returns.

    Raises
    ------
    UserError
        It is no pickle, cannot be loaded, or cannot be locked in.
    """
    with ModelSession(ENTRY, spec, limits=limits, allow_weak=allow_weak) as session:
        said, _ = session.ask("disclosed", {"few": few})
    try:
        found = msgspec.convert(said["found"], tuple[Disclosure, ...])[:_MOST]
    except (KeyError, msgspec.ValidationError):
        raise OracleError("the quarantined model says something else than what it keeps", where=inert(spec.title)) from None
    return tuple(msgspec.structs.replace(one, where=inert(one.where, 120)) for one in found)


def serve(request: Values) -> Reader:
    """Serve what the model that the request names keeps."""
    return Reader(msgspec.convert(request["spec"], ModelSpec))


class Reader:
    """Loads the file when it is asked."""

    def __init__(self, spec: ModelSpec) -> None:
        self._spec = spec

    def answer(self, method: str, values: Values, arrays: Mapping[str, npt.NDArray[Any]]) -> tuple[Values, Arrays]:  # noqa: ARG002
        """``disclosed``: what is kept, as values."""
        try:
            return {"found": msgspec.to_builtins(disclosed(open_object(self._spec), few=int(values["few"])))}, {}
        except UserError as wrong:
            return error_values(wrong), {}
