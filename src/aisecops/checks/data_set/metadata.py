"""Data that are not what their metadata says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aisecops.checks.data_set.rows import polars
from aisecops.checks.data_set.subject import DataSet
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, Result, check
from aisecops.core.examination import Code, NotExamined
from aisecops.core.finding import Fix, Weakness
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat
from aisecops.core.text import count_of, inert
from aisecops.datasets.croissant.reading import Described, Field

_MOST_NAMED = 12
_DATE = r"^\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ].*)?\s*$"
_TRUTH = ("true", "false", "yes", "no", "t", "f", "y", "n", "0", "1", "0.0", "1.0")


@check(
    id="data-set/metadata",
    title="The data are what their metadata says",
    inputs=(AssetKind.DATA_SET,),
    stage=Stage.DATA,
    threat=Threat.SUPPLY_CHAIN,
    categories=("metadata-mismatch",),
)
def metadata(data: DataSet, ctx: Context) -> Iterator[Result]:
    """Find data sets that are not what the Croissant document beside them says.

    What it finds
        Where a Croissant document (``croissant.json``, ``*.jsonld``) beside the data or above them speaks of the file: another SHA-256 than it gives; columns that it
        describes and the data lack, or the other way round; cells that are not of the type that it gives to their column.

    Why it matters
        The document is what a reviewer, a hub and a loader have seen. A file that was exchanged after the review has another digest, and nothing else shows it; a
        column that nobody described is one whose content nobody has agreed to.

    Example
        ``train.parquet`` was written anew with the rows of an annotator that had been dropped; the document still has the digest of March.

    How to fix
        Get the file again from where the document was published; if the change is meant, write the document anew: ``aisecops croissant``.

    Limits
        The document itself may be forged: sign it with the data. The digests of files that the document does not name, and nested columns, are not compared.

    References
        Akhtar et al., Croissant: A Metadata Format for ML-Ready Datasets (NeurIPS 2024); https://docs.mlcommons.org/croissant/docs/croissant-spec-1.0.html
    """
    said = data.declared.described
    if said is None:
        return
    if said.problem:
        reason = f"the Croissant document {said.document} cannot be read: {said.problem}"
        yield NotExamined(code=Code.BAD_INPUT, reason=reason, remedy="mend it, or write it anew: aisecops croissant")
        return
    yield from _digest(data, said)
    if said.fields:
        yield from data.examined(lambda: _columns(data, said))


def _digest(data: DataSet, said: Described) -> Iterator[Weakness]:
    found = data.asset.digest.removeprefix("sha256:")
    if not said.sha256 or len(found) != 64 or found == said.sha256:
        return
    yield _told(
        "digest",
        (said.sha256, found),
        "The file is not the one that its metadata describes",
        f"Its SHA-256 begins with {found[:12]}; {said.document} says {said.sha256[:12]}: it was changed after it was described.",
        Severity.HIGH,
        Confidence.HIGH,
    )


def _columns(data: DataSet, said: Described) -> Iterator[Weakness]:
    described = {field.column: field for field in said.fields}
    there, inside = (*data.names, *data.records.values()), {*described, *(name for name, column in data.records.items() if column in described)}
    if lacking := [name for name in described if name not in there]:
        text = f"{said.document} describes columns that are not there: {_listed(lacking)}."
        yield _told("lacking", tuple(lacking), "Columns that are described and not there", text, Severity.MEDIUM, Confidence.HIGH)
    if unknown := [name for name in data.names if name not in inside]:
        text = f"Columns that {said.document} does not describe: {_listed(unknown)}."
        yield _told("unknown", tuple(unknown), "Columns that nobody has described", text, Severity.LOW, Confidence.HIGH)
    for field in described.values():
        if field.column in data.names and field.kind and not field.array:
            yield from _typed(data, field, said)


def _typed(data: DataSet, field: Field, said: Described) -> Iterator[Weakness]:
    rule = _violates(data, field)
    if rule is None:
        return
    pl = polars()
    told = data.collect(data.frame.select(rule.sum().alias("n"), pl.arg_where(rule).first().alias("first")))
    wrong, first = (int(value or 0) for value in told.row(0))
    if wrong:
        name = inert(field.column, 60)
        text = f"{said.document} says that `{name}` is {_WORDS[field.kind]}; {count_of(wrong, data.rows, 'cell', 'is/are')} not, the first in row {first:,} (from 0)."
        yield _told(f"type:{field.kind}", (field.column,), "Cells of another type than described", text, Severity.MEDIUM, Confidence.HIGH)


_WORDS = {"integer": "a whole number", "number": "a number", "boolean": "true or false", "time": "a date", "text": "text"}


def _violates(data: DataSet, field: Field) -> Any:
    """An expression that is true for cells which are not of the described type; None where any value is."""
    pl = polars()
    dtype = data.frame.collect_schema()[field.column]
    cell = pl.col(field.column)
    if dtype.is_nested() or dtype.base_type() in (pl.Object, pl.Binary):
        return None
    number = cell.cast(pl.Float64, strict=False)
    match field.kind:
        case "integer":
            return cell.is_not_null() & (number.is_null() | (number != number.round()).fill_null(True))
        case "number":
            return cell.is_not_null() & number.is_null()
        case "boolean":
            return (
                cell.is_not_null() & ~cell.cast(pl.String).str.strip_chars().str.to_lowercase().is_in(list(_TRUTH)) if dtype != pl.Boolean else None
            )
        case "time":
            return None if dtype.is_temporal() else cell.is_not_null() & ~cell.cast(pl.String).str.contains(_DATE)
        case "text":
            return cell.is_not_null() if dtype.is_numeric() or dtype == pl.Boolean else None
    return None


def _listed(names: list[str]) -> str:
    shown = ", ".join(f"`{inert(name, 40)}`" for name in names[:_MOST_NAMED])
    return shown + (f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else "")


def _told(kind: str, identity: tuple[str, ...], title: str, message: str, severity: Severity, confidence: Confidence) -> Weakness:
    return Weakness(
        category="metadata-mismatch",
        identity=(kind, *identity),
        title=title,
        message=message,
        severity=severity,
        confidence=confidence,
        evidence={"kind": kind.partition(":")[0]},
        fix=Fix("Get the file that was described; or, if the change is meant, describe it anew: `aisecops croissant`."),
    )
