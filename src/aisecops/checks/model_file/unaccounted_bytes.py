"""Bytes that belong to nothing."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.model_file.subject import ModelFile
from aisecops.checks.model_file.telling import weakness
from aisecops.checks.references import EMBEDDED_MALWARE, HIDDEN_FUNCTIONALITY, MODEL_FILE_REFS
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.finding import Weakness
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat
from aisecops.formats.loading.concern import ConcernKind


@check(
    id="model-file/unaccounted-bytes",
    title="Bytes that belong to nothing",
    inputs=(AssetKind.MODEL_FILE,),
    stage=Stage.RELEASE,
    threat=Threat.SUPPLY_CHAIN,
    categories=("unaccounted-bytes",),
    refs=(*MODEL_FILE_REFS, HIDDEN_FUNCTIONALITY, EMBEDDED_MALWARE),
    heeds="concerns",
)
def unaccounted_bytes(file: ModelFile, ctx: Context) -> Iterator[Weakness]:
    """Find bytes that no part of the format accounts for.

    What it finds
        Every byte of a model file is parsed, opaque tensor data, or unaccounted. Unaccounted bytes stand after the end of a stream, before the start of an
        archive, or between its members.

    Why it matters
        A place that no reader looks at is where a second stream, a payload for another loader, or stolen data waits. Legitimate writers leave no such gaps.

    Example
        ``cat model.pkl payload.bin > model2.pkl``: ``pickle.load`` never reads the second part; another program may.

    How to fix
        Load and save the model again with its own library, after it has been found clean, or get it again from its source.

    Limits
        Data hidden inside tensors is opaque to this check.

    References
        CWE-912; MITRE ATLAS AML.T0018.002 (Embed Malware).
    """
    for group in file.groups(ConcernKind.UNACCOUNTED_BYTES):
        yield weakness(
            file,
            group,
            category="unaccounted-bytes",
            title="Bytes that belong to nothing",
            message=f"This file holds bytes that no part of its format accounts for: {group.first.reason}.",
            severity=Severity.LOW,
            confidence=Confidence.HIGH,
            fix="Get the file again from its source, or save the model again with its own library.",
        )
