"""Commands that unpack archives wherever these say."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.configuration.telling import EVERY, Starting, weaknesses
from aisecops.checks.references import CODE_DOWNLOAD, PATH_TRAVERSAL
from aisecops.core.check import Context, check
from aisecops.core.finding import Weakness
from aisecops.core.taxonomy import Stage, Threat


@check(
    id="configuration/archive-extraction",
    title="Commands unpack archives into their folder",
    inputs=EVERY,
    stage=Stage.DEPLOY,
    threat=Threat.SUPPLY_CHAIN,
    categories=("archive-extraction",),
    refs=(PATH_TRAVERSAL, CODE_DOWNLOAD),
)
def archive_extraction(file: Starting, ctx: Context) -> Iterator[Weakness]:
    """Find commands that let an archive choose where its files go.

    What it finds
        ``tar`` that unpacks with ``-P`` (``--absolute-names``), in scripts, Dockerfiles, workflows, notebooks and programs.

    Why it matters
        Data sets and weights travel in archives. Without its usual care, ``tar`` writes ``/etc/cron.d/job`` or ``../../.bashrc`` if a member is called so.

    Example
        ``curl -fsSL https://example.org/corpus.tar.gz | tar -xzPf -``

    How to fix
        Leave ``-P`` out, and unpack into a folder of its own: ``tar -xzf corpus.tar.gz -C data``.

    Limits
        Other programs that unpack (``unzip``, ``7z``) are careful by themselves and are not looked at.

    References
        CWE-22; MITRE ATLAS AML.T0011.000 (Unsafe AI Artifacts).
    """
    yield from weaknesses(file, ctx, "archive-extraction")
