"""What of a configuration or deployment file was not examined."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.configuration.subject import ConfigurationFile
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.examination import NotExamined
from aisecops.core.taxonomy import Stage, Threat

_MOST = 20


@check(
    id="configuration/unexamined",
    title="Every part of the configuration was understood",
    inputs=(AssetKind.CONFIGURATION, AssetKind.DEPLOYMENT),
    stage=Stage.DEPLOY,
    threat=Threat.INSECURE_OPERATION,
    categories=(),
)
def unexamined(file: ConfigurationFile, ctx: Context) -> Iterator[NotExamined]:
    """Report what of a configuration or deployment file could not be read.

    What it finds
        Broken YAML, JSON or TOML, files that are too large, documents nested beyond every use.

    Why it matters
        A service is configured by what its own parser makes of the file. Where ours gives up, nobody has looked at what is switched on.

    Example
        A Helm template: it becomes YAML only when it is rendered. Render it (``helm template``) and scan the result.

    How to fix
        Repair the file at the line that is named, render templates before the scan, or leave it out with ``exclude``.

    Limits
        Of a file that breaks off, everything before the break may be unread, too.

    References
        CWE-1127.
    """
    yield from file.gaps[:_MOST]
    if len(file.gaps) > _MOST:
        yield NotExamined(code=file.gaps[_MOST].code, reason=f"{len(file.gaps) - _MOST} more parts were not read", remedy="repair the file's syntax")
