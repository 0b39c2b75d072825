"""Models that say nothing of themselves, so that a person declares their classes and what they answer: functions, pyfunc models, endpoints."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from aisecops.core.errors import UserError
from aisecops.core.text import inert
from aisecops.oracles.checking import name_of_label, two_columns
from aisecops.oracles.model import Model, Wanted
from aisecops.oracles.oracle import Batch, OracleError
from aisecops.oracles.spec import Output

_ROUNDING = 1e-3
"""By how much single precision and rounding may leave 0 to 1."""


def of_declared(ask: Callable[[Any], Any], encode: Callable[[Batch], Any], wanted: Wanted, *, bisect: bool = True) -> Model:
    """Return a model that answers what ``wanted.output`` says about the classes of ``wanted.classes``.

    Labels may be names of classes or, where no class is called by a number, their numbers. Of two classes, logits and probabilities may be those of the second
    alone.
    """
    if not wanted.classes:
        raise UserError("it does not say its classes", where=wanted.name, fix="give `classes`, in the order of its answers")
    if wanted.output is None:
        raise UserError("it does not say what it answers", where=wanted.name, fix="give `output`: labels, scores, logits or probabilities")
    classes = tuple(name_of_label(name) for name in wanted.classes)
    return Model(
        name=wanted.name,
        own=classes,
        classes=classes,
        encode=encode,
        labels=partial(_names, ask, classes) if wanted.output is Output.LABELS else None,
        scores=None if wanted.output is Output.LABELS else partial(_scores, ask, len(classes), wanted.output),
        most=wanted.batch,
        bisect=bisect,
    )


def _names(ask: Callable[[Any], Any], classes: tuple[str, ...], samples: Any) -> Any:
    return names_of(np.asarray(ask(samples)), classes)


def names_of(answer: Any, classes: tuple[str, ...]) -> Any:
    """``answer``, with the classes that it numbers by name; what is no number of a class stays, and is refused where names are checked."""
    if answer.dtype.kind not in "iubf" or any(name.lstrip("-").isdecimal() or name in ("True", "False") for name in classes):
        return answer
    numbers = answer.astype(np.float64)
    inside = (numbers == np.rint(numbers)) & (numbers >= 0) & (numbers < len(classes))
    names = answer.astype(object)
    names[inside] = np.array(classes, dtype=object)[numbers[inside].astype(np.int64)]
    return names


def _scores(ask: Callable[[Any], Any], k: int, output: Output, samples: Any) -> Any:
    answer = ask(samples)
    try:
        answer = np.asarray(answer)
    except ValueError:  # rows of different lengths
        return answer
    if output is Output.PROBABILITIES and answer.dtype.kind in "fiu":
        _probabilities(answer)
    lone = answer.ndim == 1 or (answer.ndim == 2 and answer.shape[1] == 1)
    if k != 2 or not lone or answer.dtype.kind not in "fiu":
        return answer
    if output not in (Output.LOGITS, Output.PROBABILITIES):
        what = "it answers one number for a sample, and there are two classes"
        raise UserError(what, fix="say what it is of the second class: `output: logits` or `output: probabilities`")
    return two_columns(answer, probability=output is Output.PROBABILITIES)


def _probabilities(answer: Any) -> None:
    """Per cent, votes or margins under the name of probabilities would be measured as what they are not; what is not finite is said elsewhere."""
    outside = answer[(answer < -_ROUNDING) | (answer > 1.0 + _ROUNDING)]
    if len(outside) and np.isfinite(outside[0]):
        what = f"it answers {float(outside[0]):g} where a probability was declared"
        raise OracleError(what, fix="say what it is: `output: scores` where the largest wins, `output: logits`, or mend the model")


def load_object(reference: str, *, where: str) -> Any:
    """Import ``package.module:name``.

    Raises
    ------
    UserError
        It is not written so, there is no such module or name, or importing it fails.
    """
    import importlib

    module, colon, name = reference.partition(":")
    if not (module and colon and name):
        raise UserError(f"`{inert(reference)}` is not written as package.module:function", where=where)
    try:
        found: Any = importlib.import_module(module)
    except Exception as wrong:
        text = inert(" ".join(f"{type(wrong).__name__}: {wrong}".split()), 160)
        raise UserError(f"`{inert(module)}` cannot be imported ({text})", where=where, fix="name its folder under `code`") from wrong
    for part in name.split("."):
        if not hasattr(found, part):
            raise UserError(f"`{inert(module)}` has no `{inert(name)}`", where=where)
        found = getattr(found, part)
    return found
