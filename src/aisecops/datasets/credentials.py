"""Secrets in the cells of a column: by their own shape in any cell, by the name of the column where its values look as machines and people make secrets."""

from __future__ import annotations

from typing import Any

import msgspec

from aisecops.content.secrets import Secret, find_secrets
from aisecops.content.secrets.names import kind_of
from aisecops.core.taxonomy import Confidence
from aisecops.datasets.distinct import DistinctTexts
from aisecops.knowledge.secrets import knowledge

_SHORTEST = 12
_NAMED_BY = r"(?i)pass|pwd|secret|token|key|auth|bearer|credential|://[^/\s]*:[^/\s]*@|-----BEGIN| -u |--user"
_NO_PLAIN_WORDS = r"[^a-z\s]"
"""What a cell must hold for the searches that go by words, and what must be in it besides words in small letters, which are no secret to any of them."""
_MOST = 5_000
"""Cells of a column that are searched one by one for what its name says."""
_MOSTLY = 0.5
MOST_SECRETS = 20_000
"""Secrets of one column from which on nobody needs to know more of it: each takes a fraction of a millisecond to tell."""


class CellSecret(msgspec.Struct, frozen=True, kw_only=True):
    """A secret, its value (for its hash alone), and the cell that holds it."""

    secret: Secret
    value: str
    cell: str


def secrets_in(column: str, values: Any) -> list[CellSecret]:
    """Return the distinct secrets among the distinct texts of ``column``, of medium confidence at least: ``MOST_SECRETS`` of them, if there are more.

    Parameters
    ----------
    values
        A Polars series of text (``distinct_texts``), or ``DistinctTexts``.
    """
    texts = values if isinstance(values, DistinctTexts) else DistinctTexts.of(values)
    found: dict[str, CellSecret] = {}
    for part in texts.picked(_candidates, limited=True):
        for cell in part.sort().to_list():
            for secret in find_secrets(cell):
                value = cell[secret.start : secret.end]
                if secret.confidence.at_least(Confidence.MEDIUM) and value not in found:
                    found[value] = CellSecret(secret=secret, value=value, cell=cell)
            if len(found) >= MOST_SECRETS:
                return list(found.values())[:MOST_SECRETS]
    return list(found.values()) or _by_name(column, texts)


def _candidates(values: Any) -> Any:
    long = values.filter(values.str.len_bytes() >= _SHORTEST)
    some = long.filter(long.str.contains(knowledge().prefilter) | long.str.contains(_NAMED_BY))
    return some.filter(some.str.contains(_NO_PLAIN_WORDS) | some.str.contains(knowledge().prefilter))


def _by_name(column: str, texts: DistinctTexts) -> list[CellSecret]:
    """What the column's name promises, if most of its values look like it: hashes, ids, references and plain words do not."""
    if kind_of(column) is None or not texts.count:
        return []
    cells = texts.sample.head(_MOST).to_list()
    found = [one for cell in cells if (one := _assigned(column, cell))]
    return found if len(found) >= _MOSTLY * len(cells) else []


def _assigned(column: str, cell: str) -> CellSecret | None:
    if len(cell) > 500 or '"' in cell or "\n" in cell or "\\" in cell:
        return None
    line = f'{column} = "{cell}"'
    for secret in find_secrets(line):
        if secret.confidence.at_least(Confidence.MEDIUM):
            return CellSecret(secret=secret, value=line[secret.start : secret.end], cell=cell)
    return None
