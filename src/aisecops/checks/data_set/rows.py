"""Polars where a check needs it, and what checks say of single rows, as a Parquet file that belongs to the run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aisecops.core.check import Context

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_MEDIA_TYPE = "application/vnd.apache.parquet"


def polars() -> Any:
    """Return the module Polars. Raises ``MissingExtraError``."""
    from aisecops.datasets.extra import load_polars

    return load_polars()


def drawn(rows: int, most: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Return the places of all ``rows`` rows of a table, or of ``most`` of them drawn by ``rng``, in order."""
    import numpy as np

    return np.arange(rows) if rows <= most else np.sort(rng.choice(rows, most, replace=False))


def attach_rows(ctx: Context, role: str, scores: Mapping[int, float] | npt.NDArray[np.float32], rows: int, *, level: float = 0.5) -> tuple[str, ...]:
    """Keep a table ``row`` (from 0), ``score``, ``flagged`` over all rows of a data set, and return its id for ``Reading.attachments``.

    Parameters
    ----------
    scores
        The probability of what the check looks for: of all rows, shape (n,), or by row; rows that are not named have 0.
    rows
        How many rows the data set has.
    level
        The score from which on a row is flagged.
    """
    import io

    import numpy as np

    told = scores if isinstance(scores, np.ndarray) else _of_all(scores, rows)
    data = io.BytesIO()
    polars().DataFrame({"row": np.arange(rows, dtype=np.int64), "score": told, "flagged": told >= level}).write_parquet(data, compression="zstd")
    name = ctx.attach(role, _MEDIA_TYPE, data.getvalue())
    return (name,) if name else ()


def _of_all(scores: Mapping[int, float], rows: int) -> npt.NDArray[np.float32]:
    import numpy as np

    told = np.zeros(rows, dtype=np.float32)
    told[list(scores.keys())] = list(scores.values())
    return told
