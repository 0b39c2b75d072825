"""Unpacking the archive writes outside its folder."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.model_file.subject import ModelFile
from aisecops.checks.model_file.telling import weakness
from aisecops.checks.references import MODEL_FILE_REFS, PATH_TRAVERSAL
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.finding import Weakness
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat
from aisecops.formats.loading.concern import ConcernKind


@check(
    id="model-file/archive-escape",
    title="Unpacking the archive writes outside its folder",
    inputs=(AssetKind.MODEL_FILE,),
    stage=Stage.RELEASE,
    threat=Threat.SUPPLY_CHAIN,
    categories=("archive-extraction",),
    refs=(*MODEL_FILE_REFS, PATH_TRAVERSAL),
    heeds="concerns",
)
def archive_escape(file: ModelFile, ctx: Context) -> Iterator[Weakness]:
    """Find archive members that leave the folder into which they are unpacked.

    What it finds
        Members with absolute paths, drive letters or ``..``, links that point outside, devices, and names that become such on another system.

    Why it matters
        Unpacking a model archive then overwrites a start-up file, a key or a module that is imported later: code execution without any pickle ("zip slip").

    Example
        A ``model.tar.gz`` with a member ``../../.bashrc``.

    How to fix
        Do not unpack it. Where you must, use ``tarfile.extractall(filter="data")`` (Python 3.12, the default from 3.14) and check every resolved path.

    Limits
        Whether a loader unpacks at all depends on the loader; the finding speaks of the archive.

    References
        CWE-22; CVE-2007-4559 (tarfile).
    """
    for group in file.groups(ConcernKind.PATH_ESCAPE):
        yield weakness(
            file,
            group,
            category="archive-extraction",
            title="A member leaves the folder it is unpacked to",
            message=f"Unpacking this archive would write outside its folder: {group.first.reason}.",
            severity=Severity.HIGH,
            confidence=Confidence.HIGH,
            fix="Do not unpack it. Ask its source for a clean archive; unpack with a filter that refuses such members.",
        )
