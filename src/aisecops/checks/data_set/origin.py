"""Licence and origin of a data set, as declared and as its metadata says."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.data_set.subject import DataSet
from aisecops.core.check import Result
from aisecops.core.examination import Code, NotExamined
from aisecops.core.finding import Fix, Weakness
from aisecops.core.taxonomy import Confidence, Severity
from aisecops.core.text import inert
from aisecops.knowledge.licences import licence
from aisecops.project.data_sets import Governance

_WORDS = {"commercial": "commercial use", "modify": "changed copies", "redistribute": "passing it on"}


def origin(data: DataSet) -> Iterator[Result]:
    """Yield what is wrong with licence and provenance, of data sets that anybody has said something of: a manifest, or a Croissant document."""
    said, described = data.declared.governance or Governance(), data.declared.described
    if not (said.license or said.provenance or said.use or (described and not described.problem)):
        return
    written = (said.license, described.license if described else "")
    yield from _licences(said, [text for text in written if text])
    if not said.provenance and not (described and described.provenance):
        yield _weakness(
            "no-provenance", "Nobody says where the data come from", "Neither the manifest nor a Croissant document names an origin.", Severity.LOW
        )


def _licences(said: Governance, written: list[str]) -> Iterator[Result]:
    if not written:
        yield _weakness(
            "no-licence",
            "A data set without a licence",
            "Neither the manifest nor a Croissant document names a licence: nobody may rely on one.",
            Severity.LOW,
        )
        return
    known = [licence(text) for text in written]
    if len(known) == 2 and known[0] != known[1] and None not in known:
        message = f"The manifest says {inert(written[0], 80)}, the Croissant document {inert(written[1], 80)}."
        yield _weakness("licences-differ", "Two licences are named", message, Severity.MEDIUM, *sorted(written))
    for text, found in dict(zip(written, known, strict=True)).items():
        if found is None and said.use:
            reason = f"what the licence {inert(text, 80)} allows is not known here: nobody has compared it with the declared use"
            yield NotExamined(code=Code.NO_PARSER, reason=reason, remedy="name it by its SPDX id, or read it and leave `use` out")
        elif found is not None and (against := [use for use in said.use if use in found.forbids]):
            message = f"{inert(text, 80)} does not allow {' and '.join(_WORDS[use] for use in against)}, which aisecops.yaml declares as its use."
            yield _weakness("licence-use", "The licence does not allow the declared use", message, Severity.MEDIUM, found.id, *against)


def _weakness(kind: str, title: str, message: str, severity: Severity, *identity: str) -> Weakness:
    return Weakness(
        category="data-governance",
        identity=(kind, *identity),
        title=title,
        message=message,
        severity=severity,
        confidence=Confidence.HIGH,
        evidence={"kind": kind},
        fix=Fix(
            "Find out under which licence and from whom the data were had, and write it down: `license` and `provenance` in aisecops.yaml, or a Croissant document."
        ),
    )
