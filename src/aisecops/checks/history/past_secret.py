"""Secrets that were deleted, and are still in the history."""

from __future__ import annotations

import os
from collections.abc import Iterator

from aisecops.checks.configuration.subject import ConfigurationFile
from aisecops.checks.references import CLEARTEXT_STORAGE, HARDCODED_CREDENTIALS, UNSECURED_CREDENTIALS
from aisecops.checks.text.past_secret import past_secrets
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.examination import NotExamined
from aisecops.core.finding import Weakness
from aisecops.core.settings import CodeSettings, SecretSettings
from aisecops.core.taxonomy import Stage, Threat

NAME = ".git"
"""The last part of the path of the asset that stands for a repository's history."""


@check(
    id="history/past-secret",
    title="No secrets in what the repository once held",
    inputs=(AssetKind.CONFIGURATION,),
    stage=Stage.CODE,
    threat=Threat.PRIVACY,
    categories=("secret",),
    refs=(HARDCODED_CREDENTIALS, CLEARTEXT_STORAGE, UNSECURED_CREDENTIALS),
)
def past_secret(file: ConfigurationFile, ctx: Context) -> Iterator[Weakness | NotExamined]:
    """Search every text that the history of a git repository holds and its work tree does not.

    What it finds
        The same as text/secret, in files that were changed or deleted since, on every branch and tag, each with the commit that brought it.

    Why it matters
        Deleting the line deletes nothing: whoever can clone can read. Tokens are harvested from histories by machines, within minutes of a push.

    Example
        ``git rm .env``, and the key still works.

    How to fix
        Revoke the secret. Only then think about rewriting the history (``git filter-repo``): forks, caches and clones keep it anyway.

    Limits
        Runs on request (``--history``) and needs git, which reads the objects with a configuration of ours: the repository's own settings and hooks run nothing.
        Objects that were never fetched, and what is larger than the limits, are listed as not examined.

    References
        CWE-798; CWE-312; MITRE ATLAS AML.T0055.
    """
    location = ctx.location(file.asset)
    if file.asset.path.rpartition("/")[2] == NAME and os.path.isdir(location):
        yield from past_secrets(location, ctx.settings(SecretSettings).salt, follow=ctx.settings(CodeSettings).suppressions)
