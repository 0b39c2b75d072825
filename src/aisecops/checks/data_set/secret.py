"""Secrets in the columns and texts of a data set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from aisecops.checks.data_set.cells import columns_of
from aisecops.checks.data_set.subject import DataSet
from aisecops.checks.references import CLEARTEXT_STORAGE, HARDCODED_CREDENTIALS, SENSITIVE_DISCLOSURE, UNSECURED_CREDENTIALS
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, Result, check
from aisecops.core.examination import NotExamined
from aisecops.core.finding import Fix, Weakness
from aisecops.core.settings import SecretSettings
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat
from aisecops.core.text import inert

if TYPE_CHECKING:
    from aisecops.datasets.credentials import CellSecret
    from aisecops.datasets.distinct import DistinctTexts

_MOST = 50
"""Secrets of a column that are told one by one: each costs a slow hash."""


@check(
    id="data-set/secret",
    title="No secrets in data sets",
    inputs=(AssetKind.DATA_SET,),
    stage=Stage.DATA,
    threat=Threat.PRIVACY,
    categories=("secret",),
    refs=(HARDCODED_CREDENTIALS, CLEARTEXT_STORAGE, SENSITIVE_DISCLOSURE, UNSECURED_CREDENTIALS),
)
def secret(data: DataSet, ctx: Context) -> Iterator[Result]:
    """Find tokens, private keys, passwords and credentials in the cells of tables.

    What it finds
        Tokens of more than a hundred services by shape and built-in check digits, private keys, passwords in addresses and commands, in any cell; and columns whose
        name says that they hold passwords or keys and whose values look like it. The value is kept nowhere: a finding has the kind, the length and a salted hash.

    Why it matters
        Chats, tickets, logs and code that people collect for training hold what their authors pasted into them. Thousands of live keys have been found in public
        crawls that language models are trained on; a model that has seen a key can complete it for anybody.

    Example
        A ticket in ``support.jsonl``: "it fails with ``curl -H 'Authorization: Bearer hf_...'``".

    How to fix
        Revoke it first, then take the rows out. A password column has no business in training data.

    Limits
        Passwords that are plain words, and values that only their meaning makes secret, are not found. Whether a secret still works nobody asks: nothing is sent.

    References
        CWE-798; CWE-312; OWASP LLM02:2025; MITRE ATLAS AML.T0055.
    """
    yield from data.examined(lambda: _searched(data, ctx), kinds=("table", "text"))


def _searched(data: DataSet, ctx: Context) -> Iterator[Result]:
    from aisecops.datasets.credentials import secrets_in
    from aisecops.datasets.sources import explained

    salt = ctx.settings(SecretSettings).salt
    for item in columns_of(data, ctx, "secrets"):
        if isinstance(item, NotExamined):
            yield item
            continue
        with explained(data.location):
            found = secrets_in(*item)
        if len(found) > _MOST:
            yield _column(item[0], found)
        else:
            rows = _rows(data, item[1], [one.cell for one in found]) if found else {}
            yield from (_weakness(item[0], one, rows.get(one.cell), salt) for one in found)


def _weakness(column: str, found: CellSecret, row: int | None, salt: str) -> Weakness:
    from aisecops.content.secrets import secret_hash

    hashed, name = secret_hash(found.value, salt), inert(column, 60)
    at = f", first in row {row:,}" if row is not None else ""
    article = "an" if found.secret.title[:1].lower() in "aeiou" else "a"
    return Weakness(
        category="secret",
        identity=(found.secret.rule, hashed),
        title=f"A secret in a data set: {found.secret.title}",
        message=f"`{name}` holds {article} {found.secret.title} ({found.secret.shape}){at} (rows count from 0). Whoever gets the data or the model can use it.",
        severity=found.secret.severity,
        confidence=found.secret.confidence,
        evidence={"rule": found.secret.rule, "shape": found.secret.shape, "hash": hashed, "column": name} | ({} if row is None else {"row": row}),
        fix=Fix("Revoke it and issue a new one, then take it out of the data."),
    )


def _column(column: str, found: list[CellSecret]) -> Weakness:
    from aisecops.datasets.credentials import MOST_SECRETS

    more = "at least " if len(found) == MOST_SECRETS else ""
    name = inert(column, 60)
    rules = sorted({one.secret.rule for one in found})
    return Weakness(
        category="secret",
        identity=("column", column, *rules),
        title="A column of secrets",
        message=f"`{name}` holds {more}{len(found):,} different secrets ({', '.join(rules[:5])}).",
        severity=Severity.HIGH,
        confidence=Confidence.HIGH if any(one.secret.confidence is Confidence.HIGH for one in found) else Confidence.MEDIUM,
        evidence={"column": name, "secrets": len(found), "rules": rules},
        fix=Fix("Take the column out of the data, and revoke what it names."),
    )


def _rows(data: DataSet, texts: DistinctTexts, cells: list[str]) -> dict[str, int]:
    """Return the first row in which the column of ``texts`` is each of ``cells``; those that were cut are not among them."""
    from aisecops.datasets.extra import load_polars

    pl: Any = load_polars()
    text = pl.col("text").cast(pl.String).str.strip_chars()
    found = texts.frame.with_columns(text).filter(pl.col("text").is_in(cells)).group_by("text").agg(pl.col("row").min()).select("text", "row")
    return {str(cell): int(row) for cell, row in data.collect(found).iter_rows()}
