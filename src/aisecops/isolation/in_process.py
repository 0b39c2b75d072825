"""The same calls without any isolation: for models that one trusts, and for tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from aisecops.isolation.messages import Values
from aisecops.isolation.serving import Served, load

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class InProcess:
    """Serve ``entry`` right here: what it raises is raised, what it takes is taken from us, and ``seconds`` is not kept."""

    def __init__(self, entry: str, request: Values, *, name: str = "") -> None:
        self.name = name or entry
        self._served: Served | None = load(entry, request)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self._served is not None

    def close(self) -> None:
        """Forget what is served."""
        self._served = None

    def call(
        self,
        method: str,
        values: Values | None = None,
        arrays: Mapping[str, npt.NDArray[Any]] | None = None,
        *,
        seconds: float | None = None,  # noqa: ARG002 the same call as a quarantine's
    ) -> tuple[Values, dict[str, npt.NDArray[np.generic]]]:
        """Ask ``method`` and return what it answers."""
        if self._served is None:
            raise ValueError("it is closed")
        answered, given = self._served.answer(method, values or {}, arrays or {})
        return answered, dict(given)
