"""One claim many times in what a model answers from or learns from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from aisecops.checks.document.passages import Passages, passages_of
from aisecops.checks.document.subject import Collection, DocumentFile
from aisecops.checks.references import OWASP_LLM_DATA_POISONING, POISON_TRAINING_DATA
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, Result, check
from aisecops.core.examination import Code, NotExamined
from aisecops.core.finding import Fix, Weakness
from aisecops.core.measurement import Better, Reading
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat
from aisecops.core.text import inert

if TYPE_CHECKING:
    from aisecops.checks.data_set.subject import DataSet
    from aisecops.datasets.retrieval.flood import Flood

_FEWEST = 20
"""Passages below which nobody can say what the collection's own repetition is."""
_MOST = 20
_SHOWN = 120


@check(
    id="document/near-duplicate-flood",
    title="No claim floods the collection",
    inputs=(AssetKind.DOCUMENT, AssetKind.DATA_SET),
    stage=Stage.DATA,
    threat=Threat.DATA_POISONING,
    categories=("retrieval-poisoning",),
    refs=(POISON_TRAINING_DATA, OWASP_LLM_DATA_POISONING),
)
def near_duplicate_flood(item: Collection | DocumentFile | DataSet, ctx: Context) -> Iterator[Result]:
    """Find claims that stand in a collection many times, nearly word by word.

    What it finds
        Clusters of five or more passages, or of questions with their answers, that overlap in half of their three-word shingles without naming things of their
        own each, where the collection's own habit of repeating itself explains less than one cluster of that size in a thousand collections. Each pair is
        compared in full. Collections are folders of documents (ten or more, or declared as ``document``) and tables of passages or of instructions.

    Why it matters
        A search returns the five or ten nearest passages. Who puts ten versions of one claim into the index fills all of them, and the model hears one voice.
        In training data a repeated example is learned by heart and obeyed: a few hundred of them are enough for a model of any size.

    Example
        Twelve forum posts, each with another opening, say that the wallet's recovery phrase should be entered on one address.

    How to fix
        Keep one of them, or none, and look at who added them and when. Remove near-duplicates before indexing, and let no source fill more than one place of an answer.

    Measurements
        ``flooded-share``: the share of passages in floods.

    Limits
        Parts of long documents are not compared: pages of a reference have their frames in common. Versions in other words, or in other languages, are not
        alike in shingles: passages that open with one question are told by document/targeted-passage. Copies of one licence or notice are a flood, too, if the
        collection hardly repeats anything else; they are told with low severity.

    References
        Zou et al., PoisonedRAG (USENIX Security 2025); Souly et al., Poisoning attacks on LLMs require a near-constant number of poison samples (2025); Broder (1997).
    """
    found = passages_of(item, ctx)
    if found is None:
        return
    yield from found.gaps
    if len(found.texts) < _FEWEST:
        return
    try:
        yield from _judged(found, ctx)
    except ModuleNotFoundError as error:
        yield NotExamined(code=Code.MISSING_EXTRA, reason=f"{error.name} is not installed here", remedy="pip install 'aisecops[data]'")


def _judged(found: Passages, ctx: Context) -> Iterator[Result]:
    from aisecops.core.errors import UserError
    from aisecops.datasets.retrieval.flood import floods

    columns = zip(found.questions, found.texts, found.parts, strict=True)
    joined = ["" if part else f"{question}\n{text}" if question else text for question, text, part in columns]
    try:
        clusters = floods(joined, seed=ctx.seed)
    except UserError as error:  # Polars is missing
        yield NotExamined(code=Code.MISSING_EXTRA, reason=error.what, remedy=error.fix)
        return
    kept = [flood for flood in clusters if found.table or len(found.documents(flood.members)) >= _least_documents(flood)]
    yield from (_weakness(found, flood) for flood in kept[:_MOST])
    flooded = sum(len(flood.members) for flood in kept)
    yield Reading(name="flooded-share", value=flooded / len(found.texts), unit="share", n=len(found.texts), better=Better.LOWER)


def _least_documents(flood: Flood) -> int:
    return 3 if len(flood.members) < 10 else 5


def _weakness(found: Passages, flood: Flood) -> Weakness:
    from aisecops.core.digest import fingerprint
    from aisecops.datasets.retrieval.words import words_of

    first = found.texts[flood.members[0]]
    names = found.documents(flood.members)
    how = "word by word" if flood.identical else f"nearly word by word (similarity {flood.similarity:.2f})"
    chance = "none" if flood.expected < 1e-9 else f"{flood.expected:.1g}"
    return Weakness(
        category="retrieval-poisoning",
        identity=("flood", fingerprint("flood", " ".join(words_of(first)[:60]))[:16]),
        title="A copied text fills the collection" if flood.identical else "A claim floods the collection",
        message=f"{len(flood.members)} of {len(found.texts):,} passages say the same {how}: \u201c{inert(' '.join(first.split()), _SHOWN)}\u201d"
        f" By the collection's own repetition {chance} such cluster is expected.",
        severity=Severity.LOW if flood.identical else Severity.MEDIUM,
        confidence=Confidence.MEDIUM if flood.expected < 1e-6 else Confidence.LOW,
        locations=tuple(dict.fromkeys(found.place(number) for number in flood.members))[:_MOST],
        evidence={"passages": len(flood.members), "documents": len(names), "similarity": round(flood.similarity, 3), "expected": flood.expected},
        fix=Fix("Keep one of them, or none; look at who added them, and remove near-duplicates before indexing."),
    )
