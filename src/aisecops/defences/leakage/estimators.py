"""What an estimator is made of, as far as retraining it needs to know: its parts, and whether all of them come from libraries that are known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aisecops.core.errors import UserError
from aisecops.core.text import inert

LIBRARIES = frozenset({"sklearn", "xgboost", "lightgbm", "catboost", "imblearn"})
_VALUES = LIBRARIES | {"numpy", "scipy", "builtins", "pandas"}


def parts(estimator: Any) -> Iterator[tuple[str, Any]]:
    """Yield the estimator and all within it that can be trained, each with the prefix of its parameters."""
    yield "", estimator
    for name, value in estimator.get_params(deep=True).items():
        if hasattr(value, "get_params") and not isinstance(value, type):
            yield f"{name}__", value


def known(estimator: Any, where: str) -> None:
    """Refuse an estimator that is not wholly of known libraries: its ``fit`` would be code that nobody has examined.

    Raises
    ------
    UserError
        Which part, and of what.
    """
    if not hasattr(estimator, "get_params"):
        raise UserError("it does not say the parameters that it was trained with", where=where, fix=_FIX)
    for value in (estimator, *estimator.get_params(deep=True).values()):
        home = value if isinstance(value, type) or not hasattr(value, "get_params") else type(value)
        module = getattr(home, "__module__", None)
        trained = home is not value
        if (trained or callable(value)) and str(module).partition(".")[0] not in (LIBRARIES if trained else _VALUES):
            name = inert(f"{module}.{getattr(home, '__qualname__', home)}", 80)
            raise UserError(f"{name} is of no library that is known here", where=where, fix=_FIX)


_FIX = f"defences that retrain are tried on estimators of {', '.join(sorted(LIBRARIES))} alone; those of outputs on any"
