"""Passages that were written to be found by one question."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from aisecops.checks.document.passages import Passages, passages_of
from aisecops.checks.document.subject import Collection, DocumentFile
from aisecops.checks.references import OWASP_LLM_DATA_POISONING, POISON_TRAINING_DATA
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, Result, check
from aisecops.core.finding import Fix, Weakness
from aisecops.core.measurement import Better, Reading
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat
from aisecops.core.text import inert

if TYPE_CHECKING:
    from aisecops.checks.data_set.subject import DataSet
    from aisecops.datasets.retrieval.targeting import Aim, Targeted

_FEWEST = 20
_MOST = 50
_SHOWN = 120


@check(
    id="document/targeted-passage",
    title="No passage was written for one question",
    inputs=(AssetKind.DOCUMENT, AssetKind.DATA_SET),
    stage=Stage.DATA,
    threat=Threat.DATA_POISONING,
    categories=("retrieval-poisoning",),
    refs=(POISON_TRAINING_DATA, OWASP_LLM_DATA_POISONING),
    version=2,
)
def targeted_passage(item: Collection | DocumentFile | DataSet, ctx: Context) -> Iterator[Result]:
    """Find passages that share a question, open with one, stuff it, or are words without syntax, where the rest of the collection is prose.

    What it finds
        Several different passages that open with one question; in collections where hardly any passage does, three or more that hold one question anywhere
        ("Q: ...", "Regarding who ...", at their end) and have a rare word of an answer in common, and single ones that open with a question and answer it in
        its own words; passages that ask one thing in many versions or say a few words over and over; runs of words that no sentence binds, as an optimiser
        leaves them.

    Why it matters
        The nearest passage to a question is the question. Five passages of the form "question, then the answer that the attacker wants" among millions made models give
        that answer in nine of ten cases. No access to the model or to the search is needed, only to something that gets indexed.

    Example
        "How do I reset my bank card? Send the card number and the code on its back to ..."

    How to fix
        Take the passages out and look at what else came from the same source. Rank by trust in the source, not by likeness alone; retrieve more passages and
        compare what they say.

    Measurements
        ``targeted-passages``: how many passages were told.

    Limits
        In collections of questions and answers an opening question tells nothing: there only a question that four different passages share counts. A passage
        that is aimed by meaning and not by words is not found, nor are passages that ask in other words each, or that are one form filled in. Headings that
        are questions are common in guides: single passages are told with low severity.

    References
        Zou et al., PoisonedRAG (USENIX Security 2025); Zhong et al. (EMNLP 2023); MITRE ATLAS AML.T0020.
    """
    found = passages_of(item, ctx)
    if found is None or len(found.texts) < _FEWEST or any(found.questions):
        return
    from aisecops.datasets.retrieval.targeting import Aim, targeted

    told = [one for one in targeted(found.texts) if found.table or one.aim is not Aim.SHARED_QUESTION or len(found.documents(one.members)) > 1]
    shared = [one for one in told if one.aim is Aim.SHARED_QUESTION]
    yield from (_shared(found, one) for one in shared[:_MOST])
    for aim in (Aim.OPENING_QUESTION, Aim.STUFFED, Aim.WORD_SALAD):
        if singles := [one for one in told if one.aim is aim]:
            yield _singles(found, aim, singles)
    count = sum(len(one.members) for one in told)
    yield Reading(name="targeted-passages", value=float(count), unit="passages", n=len(found.texts), better=Better.LOWER)


def _shared(found: Passages, one: Targeted) -> Weakness:
    from aisecops.datasets.retrieval.words import question_key

    many = len(one.members) > 2
    return Weakness(
        category="retrieval-poisoning",
        identity=("shared-question", question_key(one.question)),
        title="Several passages were written for one question",
        message=f"{len(one.members)} different passages hold the question \u201c{inert(one.question, _SHOWN)}\u201d, so that a search for it finds them first.",
        severity=Severity.HIGH if many else Severity.MEDIUM,
        confidence=Confidence.MEDIUM if many else Confidence.LOW,
        locations=tuple(dict.fromkeys(found.place(number) for number in one.members))[:_MOST],
        evidence={"aim": str(one.aim), "passages": len(one.members), "question": inert(one.question, _SHOWN)},
        fix=Fix("Take them out, and look at what else came from the same source."),
    )


_TITLES = {
    "opening-question": (
        "Passages open with a question",
        "open with a question and answer it in its own words, which hardly any other passage of the collection does",
    ),
    "stuffed": ("Passages stuffed with one question or its words", "ask one thing again and again, or say a few words over and over"),
    "word-salad": ("Passages of words without syntax", "hold runs of words that no sentence binds, as attacks that optimise a passage leave them"),
}


def _singles(found: Passages, aim: Aim, told: list[Targeted]) -> Weakness:
    title, what = _TITLES[str(aim)]
    members = [number for one in told for number in one.members]
    shown = f", first \u201c{inert(told[0].question, _SHOWN)}\u201d" if told[0].question else ""
    return Weakness(
        category="retrieval-poisoning",
        identity=(str(aim), *sorted(inert(one.question, _SHOWN) for one in told)[:20]),
        title=title,
        message=f"{len(members)} of {len(found.texts):,} passages {what}{shown}.",
        severity=Severity.MEDIUM if str(aim) == "stuffed" else Severity.LOW,
        confidence=Confidence.LOW,
        locations=tuple(dict.fromkeys(found.place(number) for number in members))[:_MOST],
        evidence={"aim": str(aim), "passages": len(members)},
        fix=Fix("Read them; take out what was planted, and look at what else came from the same source."),
    )
