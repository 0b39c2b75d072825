"""Unpacking the file takes memory or disk out of proportion."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.model_file.subject import ModelFile
from aisecops.checks.model_file.telling import weakness
from aisecops.checks.references import DATA_AMPLIFICATION, MODEL_FILE_REFS
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.finding import Weakness
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat
from aisecops.formats.loading.concern import ConcernKind


@check(
    id="model-file/resource-bomb",
    title="Unpacking the file takes memory or disk out of proportion",
    inputs=(AssetKind.MODEL_FILE,),
    stage=Stage.RELEASE,
    threat=Threat.UNRELIABILITY,
    categories=("resource-exhaustion",),
    refs=(*MODEL_FILE_REFS, DATA_AMPLIFICATION),
    heeds="concerns",
)
def resource_bomb(file: ModelFile, ctx: Context) -> Iterator[Weakness]:
    """Find compressed files that unpack to far more than they should.

    What it finds
        Streams whose unpacked size is out of proportion, members that overlap so that the same bytes unpack many times, archives nested too deep.

    Why it matters
        A few kilobytes fill the memory or the disk of the server that loads them, and of scanners that unpack before they count.

    Example
        42.zip: 42 kB that unpack to 4.5 PB.

    How to fix
        Do not unpack it. If the file is honest (a huge array of zeros), raise the limit for this run and scan again.

    Limits
        Beyond the limit nothing was unpacked, so what is in there is not examined: the file's verdict is *incomplete*.

    References
        CWE-409; D. Fifield, A better zip bomb, WOOT 2019.
    """
    for group in file.groups(ConcernKind.RESOURCE_BOMB):
        yield weakness(
            file,
            group,
            category="resource-exhaustion",
            title="Unpacks out of proportion",
            message=f"Unpacking this file takes resources out of proportion: {group.first.reason}.",
            severity=Severity.HIGH,
            confidence=Confidence.MEDIUM,
            fix="Do not unpack it. If it is known to be honest, unpack it under a quota and scan the result.",
        )
