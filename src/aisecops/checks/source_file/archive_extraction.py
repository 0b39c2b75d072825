"""Archives that may write outside the folder into which they are unpacked."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.references import CODE_DOWNLOAD, PATH_TRAVERSAL
from aisecops.checks.source_file.member_checks import MemberChecks
from aisecops.checks.source_file.subject import SourceFile
from aisecops.checks.source_file.telling import weaknesses
from aisecops.checks.source_file.verified import Verification
from aisecops.codebase.dataflow.program import Hit
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.finding import Weakness
from aisecops.core.taxonomy import Severity, Stage, Threat


@check(
    id="source-file/archive-extraction",
    title="Unpacking stays inside its folder",
    inputs=(AssetKind.SOURCE_FILE, AssetKind.NOTEBOOK),
    stage=Stage.CODE,
    threat=Threat.SUPPLY_CHAIN,
    categories=("archive-extraction",),
    refs=(PATH_TRAVERSAL, CODE_DOWNLOAD),
    heeds="hits",
)
def archive_extraction(file: SourceFile, ctx: Context) -> Iterator[Weakness]:
    """Find places where an archive decides which files are written.

    What it finds
        ``tarfile`` extraction without a filter on Python below 3.14, also through ``shutil.unpack_archive``; programs that write members of an archive under the
        names that stand in it (``open(os.path.join(folder, name), "wb")``); py7zr below 0.20.1; archives from outside handed to tools that promise nothing.

    Why it matters
        A member called ``../../.ssh/authorized_keys``, or a link that points outside, overwrites any file of the user who unpacks. CVE-2007-4559 stood for fifteen
        years; in 2022 researchers estimated 350,000 open-source projects with that line. Models and data sets travel as tar files all the time.

    Example
        ``tarfile.open("model.tar.gz").extractall("models")``

    How to fix
        ``extractall(folder, filter="data")`` (Python 3.12, and security releases of 3.8 to 3.11). Where you write members yourself: resolve the target and check
        ``is_relative_to`` the folder, or take the last part of the name alone.

    Limits
        Not reported: ``zipfile``'s own extraction, which removes such parts; a loop that refuses names leading outside; archives whose digest was compared before.
        Whether such a loop also thinks of links is not examined.

    References
        CWE-22; CVE-2007-4559; PEP 706.
    """
    if file.module is None:
        return
    members, verification = MemberChecks(file.module), Verification(file.module)

    def graded(hit: Hit) -> Severity | None:
        if hit.label == "archive-name" and hit.span.path != file.asset.path:
            return None  # told where the archive is read; what its callers do with a name that came back says little
        if (hit.path.startswith("tarfile.") and members.filter_is_set()) or members.guard(hit) or verification.before(hit):
            return None
        severity: Severity = hit.entry.severity
        return Severity.LOW if hit.span.path == file.asset.path and members.is_fallback(hit) else severity

    yield from weaknesses(file, "archive-extraction", graded)
