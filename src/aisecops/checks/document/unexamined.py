"""What of a document was not read."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.document.subject import Collection, DocumentFile
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.examination import NotExamined
from aisecops.core.taxonomy import Stage, Threat

_MOST = 20


@check(
    id="document/unexamined",
    title="Every part of the document was read",
    inputs=(AssetKind.DOCUMENT,),
    stage=Stage.DATA,
    threat=Threat.DATA_POISONING,
    categories=(),
)
def unexamined(file: DocumentFile | Collection, ctx: Context) -> Iterator[NotExamined]:
    """Report what of a document could not be read.

    What it finds
        Broken or encrypted files, parts that unpack to hundreds of times their size, entities, documents that are too large, PDF without the extra that reads it.

    Why it matters
        The program that fills the index may be less strict: what our reader gives up on, nobody has looked at, and the model reads it nevertheless.

    Example
        A ``.docx`` whose main part begins with ``<!DOCTYPE`` and ten entities that each repeat the one before.

    How to fix
        Save the document anew, or take it out of the collection.

    Limits
        A collection as a whole is read for what its documents have in common; each document is examined as an asset of its own.

    References
        CWE-409; CWE-776.
    """
    if isinstance(file, DocumentFile):
        yield from file.gaps[:_MOST]
