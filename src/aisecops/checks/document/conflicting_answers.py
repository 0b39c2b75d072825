"""A source that contradicts what all others agree on."""

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
    from aisecops.datasets.retrieval.conflict import Contradiction, Dissent

_MOST = 20
_FEWEST = 20
_SHOWN = 110


@check(
    id="document/conflicting-answers",
    title="No source contradicts all others",
    inputs=(AssetKind.DOCUMENT, AssetKind.DATA_SET),
    stage=Stage.DATA,
    threat=Threat.DATA_POISONING,
    categories=("retrieval-poisoning",),
    refs=(POISON_TRAINING_DATA, OWASP_LLM_DATA_POISONING),
)
def conflicting_answers(item: Collection | DocumentFile | DataSet, ctx: Context) -> Iterator[Result]:
    """Find sources whose answers to the same question, or whose fillings of the same sentence, differ from what the others agree on.

    What it finds
        Sentences that agree in all but one name or number, and questions with short answers. Where four sources or more speak and three quarters agree, one
        that says otherwise dissents; a source that dissents in two statements at least, and more often than the others do (binomial, 1 %), is told with the
        passages that show it. Documents of a folder are sources each; in a table the column ``source`` (or url, author, annotator ...) says where a row comes
        from.

    Why it matters
        A poisoned source is right almost everywhere: that is how it gets in. What gives it away is that it is alone in a few answers, always the same one.

    Example
        Of six manuals five say that the valve opens at 4 bar, and that the oil is changed each 500 hours; the sixth says 9 bar and 5,000 hours.

    How to fix
        Ask who is right before anything is removed: five copies of one error agree, too. Then take the source out, or mark it as of lower trust.

    Measurements
        ``dissenting-sources``: how many sources were told.

    Limits
        A table without a column that says where a row comes from has no sources to compare: declare ``source`` in aisecops.yaml. Answers in other words are not
        compared, nor are long ones. Where fewer than four sources speak of something there is no majority. A majority can be
        wrong, or bought.

    References
        MITRE ATLAS AML.T0020; OWASP LLM04:2025; Xiang et al., Certifiably robust RAG against retrieval corruption (2024), which votes over passages.
    """
    found = passages_of(item, ctx)
    if found is None or len(found.texts) < 4 or (not found.table and len(found.texts) < _FEWEST and len(set(found.names)) < 4):
        return
    if not found.sources:
        return
    from aisecops.datasets.retrieval.conflict import conflicts

    told = conflicts(found.texts, found.sources, found.questions if any(found.questions) else ())
    yield from (_weakness(found, one) for one in told[:_MOST])
    yield Reading(name="dissenting-sources", value=float(len(told)), unit="sources", n=max(1, len(set(found.sources))), better=Better.LOWER)


def _weakness(found: Passages, one: Dissent) -> Weakness:
    name = inert(one.source, 80)
    shown = "; ".join(_shown(example) for example in one.examples[:2])
    sure = one.dissents >= 3 and one.chance < 1e-3
    return Weakness(
        category="retrieval-poisoning",
        identity=("dissent", one.source),
        title="A source contradicts all others",
        message=f"`{name}` contradicts what the other sources agree on in {one.dissents} of the {one.shared} statements that it shares with them"
        f" (chance {one.chance:.1g}): {shown}.",
        severity=Severity.MEDIUM,
        confidence=Confidence.MEDIUM if sure else Confidence.LOW,
        locations=tuple(dict.fromkeys(found.place(passage) for passage in dict.fromkeys(example.passage for example in one.examples))),
        evidence={"source": name, "dissents": one.dissents, "shared": one.shared, "chance": one.chance},
        fix=Fix("Ask who is right; then take the source out, or mark it as of lower trust."),
    )


def _shown(example: Contradiction) -> str:
    return f"\u201c{inert(example.statement, _SHOWN)}\u201d is `{inert(example.value, 40)}` there and `{inert(example.agreed, 40)}` elsewhere"
