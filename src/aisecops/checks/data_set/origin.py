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

_MANIFEST = "aisecops.yaml"
_WORDS = {"commercial": "commercial use", "modify": "changed copies", "redistribute": "passing it on"}


def origin(data: DataSet) -> Iterator[Result]:
    """Yield what is wrong with licence and provenance, of data sets that anybody has said something of: a manifest, or a Croissant document."""
    said, described = data.declared.governance or Governance(), data.declared.described
    if not (said.license or said.provenance or said.use or (described and not described.problem)):
        return
    written = [(said.license, _MANIFEST)] if said.license else []
    if described and described.license:
        written.append((described.license, described.document))
    # What a README says in words is heard where nobody says it shorter, or where it names a licence.
    written += [(one.license, one.document) for one in data.declared.origins if one.license and (not written or licence(one.license))]
    yield from _licences(said, written)
    if not (said.provenance or (described and described.provenance) or any(one.provenance for one in data.declared.origins)):
        yield _weakness(
            "no-provenance",
            "Nobody says where the data come from",
            "Neither the manifest nor a document beside the data names an origin.",
            Severity.LOW,
        )


def _licences(said: Governance, written: list[tuple[str, str]]) -> Iterator[Result]:
    """``written``: licences, and which document says each."""
    if not written:
        message = "Neither the manifest nor a document beside the data names a licence: nobody may rely on one."
        yield _weakness("no-licence", "A data set without a licence", message, Severity.LOW)
        return
    known = [(text, document, found) for text, document in written if (found := licence(text)) is not None]
    if other := next(((text, document) for text, document, found in known[1:] if not found.agrees(known[0][2])), None):
        (first, where), (second, there) = known[0][:2], other
        message = f"{where} says {inert(first, 80)}, {there} {inert(second, 80)}."
        yield _weakness("licences-differ", "Two licences are named", message, Severity.MEDIUM, *sorted((first, second)))
    if not known and said.use:
        reason = f"what the licence {inert(written[0][0], 80)} allows is not known here: nobody has compared it with the declared use"
        yield NotExamined(code=Code.NO_PARSER, reason=reason, remedy="name it by its SPDX id, or read it and leave `use` out")
    told = set()
    for text, document, found in known:
        against = [use for use in said.use if use in found.forbids]
        if against and found.id not in told:
            told.add(found.id)
            message = f"{inert(text, 120)} ({document}) does not allow {' and '.join(_WORDS[use] for use in against)}, which aisecops.yaml declares as its use."
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
