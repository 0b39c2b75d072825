"""What a model remembers of the texts of its training, read in a quarantine: loading a file can run code, and so can its own cleaning of texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.core.errors import UserError
from aisecops.defences.backdoors.lexicon import Lexicon, lexicon_of
from aisecops.isolation.limits import Limits
from aisecops.isolation.texts import decode_texts, encode_texts
from aisecops.oracles.crossing import Arrays, Values, error_values
from aisecops.oracles.opening import open_object
from aisecops.oracles.session import ModelSession
from aisecops.oracles.spec import ModelSpec

ENTRY = "aisecops.defences.backdoors.lexicon_isolated:serve"


def lexicon_isolated(spec: ModelSpec, texts: Sequence[str], *, limits: Limits | None = None, allow_weak: bool = False) -> Lexicon | None:
    """Return what the pickle that ``spec`` names remembers (``lexicon_of``), read in a process of its own that ends before this returns; None where it does not say.

    Raises
    ------
    UserError
        It is no pickle, cannot be loaded, or cannot be locked in.
    """
    with ModelSession(ENTRY, spec, limits=limits, allow_weak=allow_weak) as session:
        said, arrays = session.ask("lexicon", {}, encode_texts(list(texts)))
    return _checked(said, arrays, len(texts))


def _checked(said: Values, arrays: Mapping[str, npt.NDArray[Any]], n: int) -> Lexicon | None:
    """What the other side says, if it can be: it may be hostile."""
    share, seen = (np.asarray(arrays.get(name)) for name in ("share", "seen"))
    if not said.get("known") or share.dtype != np.float64 or seen.dtype != np.float64:
        return None
    entries = decode_texts(arrays, "entries")
    if share.shape != (len(entries),) or seen.shape != share.shape or not (np.isfinite(share).all() and np.isfinite(seen).all()):
        return None
    return Lexicon(entries=tuple(entries), share=share.clip(0.0, None), seen=seen.clip(0.0, None), n=n, letters=bool(said.get("letters")))


def serve(request: Values) -> Reader:
    """Serve what the model that the request names remembers."""
    return Reader(msgspec.convert(request["spec"], ModelSpec))


class Reader:
    """Loads the file when it is asked."""

    def __init__(self, spec: ModelSpec) -> None:
        self._spec = spec

    def answer(self, method: str, values: Values, arrays: Mapping[str, npt.NDArray[Any]]) -> tuple[Values, Arrays]:  # noqa: ARG002
        """``lexicon``: of the texts in ``arrays``."""
        try:
            found = lexicon_of(open_object(self._spec), decode_texts(arrays))
        except UserError as wrong:
            return error_values(wrong), {}
        except Exception:  # its own cleaning of texts may raise anything: then nothing is known, and the search goes on without
            return {"known": False}, {}
        if found is None:
            return {"known": False}, {}
        return {"known": True, "letters": found.letters}, {"share": found.share, "seen": found.seen, **encode_texts(found.entries, "entries")}
