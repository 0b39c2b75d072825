"""Coding agents that are told never to ask."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.configuration.telling import EVERY, Starting, weaknesses
from aisecops.checks.references import AGENT_TOOL_INVOCATION, MISSING_AUTHORIZATION, OWASP_EXCESSIVE_AGENCY
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.finding import Weakness
from aisecops.core.taxonomy import Stage, Threat


@check(
    id="configuration/agent-no-confirmation",
    title="Coding agents ask before they act",
    inputs=EVERY,
    stage=Stage.DEPLOY,
    threat=Threat.PROMPT_ATTACKS,
    categories=("agent-no-confirmation",),
    refs=(MISSING_AUTHORIZATION, OWASP_EXCESSIVE_AGENCY, AGENT_TOOL_INVOCATION),
    heeds="starts",
)
def agent_no_confirmation(file: Starting, ctx: Context) -> Iterator[Weakness]:
    """Find switches and settings by which a coding agent, or a client of tool servers, acts without anybody's yes.

    What it finds
        ``--dangerously-skip-permissions``, ``--dangerously-bypass-approvals-and-sandbox``, ``--yolo`` in scripts, Dockerfiles and workflows;
        ``defaultMode: bypassPermissions``, ``Bash(*)`` among what is allowed, ``approval_policy = "never"`` without a sandbox, ``autoApprove: ["*"]`` in settings.

    Why it matters
        An agent does what the text that it reads says: an issue, a dependency's read-me, a web page. In 2025 a poisoned package ran installed coding agents with
        these very switches to search machines for keys.

    Example
        ``claude -p "$ISSUE_BODY" --dangerously-skip-permissions``

    How to fix
        Let it ask, allow by name the commands and tools that only read, or run it in a container without network and secrets.

    Limits
        A container around the command is not seen. Programs that call models themselves are examined by ``source-file/agent-no-confirmation``.

    References
        CWE-862; OWASP LLM06:2025; MITRE ATLAS AML.T0053.
    """
    if file.asset.kind not in (AssetKind.SOURCE_FILE, AssetKind.NOTEBOOK) or not file.asset.path.endswith(
        (".py", ".ipynb")
    ):  # those have a check of their own
        yield from weaknesses(file, ctx, "agent-no-confirmation")
