"""Services of which the sign-in is switched off."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.configuration.telling import EVERY, Starting, weaknesses
from aisecops.checks.references import INFERENCE_API_ACCESS, MISSING_AUTHENTICATION, PUBLIC_FACING_APPLICATION, UNBOUNDED_CONSUMPTION
from aisecops.core.check import Context, check
from aisecops.core.finding import Weakness
from aisecops.core.taxonomy import Stage, Threat


@check(
    id="configuration/missing-authentication",
    title="Sign-in is not switched off",
    inputs=EVERY,
    stage=Stage.DEPLOY,
    threat=Threat.INSECURE_OPERATION,
    categories=("missing-authentication",),
    refs=(MISSING_AUTHENTICATION, INFERENCE_API_ACCESS, PUBLIC_FACING_APPLICATION, UNBOUNDED_CONSUMPTION),
    heeds="starts",
)
def missing_authentication(file: Starting, ctx: Context) -> Iterator[Weakness]:
    """Find options, variables and settings that switch off the question who is calling.

    What it finds
        Empty tokens and passwords of notebooks, ``--auth none``, ``--no-token``, ``disable_token_authorization=true``, ``WEBUI_AUTH=False``, automatic sign-in as
        administrator, dummy authenticators, anonymous access to vector stores, search engines without security, databases that trust everybody, and settings such as
        ``auth.enabled: false`` whatever service they are for.

    Why it matters
        A notebook without a token is a shell for whoever reaches the port. Jupyter servers that were started with an empty token "for convenience" have been found and
        used for mining and ransom for years; open instances of Langflow, whose flows hold Python, were taken over in 2025 (CVE-2025-3248).

    Example
        ``jupyter lab --ip=0.0.0.0 --ServerApp.token=''``

    How to fix
        Remove the switch: nearly every service makes a token or asks for a password by default. Take fixed ones from a secret, never from the file.

    Limits
        What is bound to 127.0.0.1, published to the host alone, reached only by the other containers of a compose file, or part of a build server's job is not
        reported. A sign-in that a proxy in front does is not seen: suppress the finding with that reason.

    References
        CWE-306; CWE-1188; MITRE ATLAS AML.T0049 (Exploit Public-Facing Application).
    """
    if not file.asset.path.endswith("ai-plugin.json"):  # how others sign in to somebody's service
        yield from weaknesses(file, ctx, "missing-authentication")
