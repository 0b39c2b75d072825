"""Tool servers that are started with more than a task needs."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.configuration.telling import EVERY, Starting, weaknesses
from aisecops.checks.references import AGENT_TOOL_INVOCATION, OWASP_EXCESSIVE_AGENCY, UNNECESSARY_PRIVILEGES
from aisecops.core.check import Context, check
from aisecops.core.finding import Weakness
from aisecops.core.taxonomy import Stage, Threat


@check(
    id="configuration/agent-tool-scope",
    title="Tool servers get one folder",
    inputs=EVERY,
    stage=Stage.DEPLOY,
    threat=Threat.PROMPT_ATTACKS,
    categories=("agent-tool-scope",),
    refs=(UNNECESSARY_PRIVILEGES, OWASP_EXCESSIVE_AGENCY, AGENT_TOOL_INVOCATION),
    heeds="starts",
)
def agent_tool_scope(file: Starting, ctx: Context) -> Iterator[Weakness]:
    """Find file servers for agents that are given the whole disk, or somebody's home.

    What it finds
        ``server-filesystem`` with ``/``, ``~``, ``/etc``, ``/home/ann`` or a drive as its folder, in ``.mcp.json`` and the settings of other clients, in
        scripts and in what programs start.

    Why it matters
        Whoever writes what the agent reads (a page, an issue, a mail) uses its tools: a file server of a home folder hands over keys, tokens and shell
        profiles, and lets them be changed.

    Example
        ``"args": ["-y", "@modelcontextprotocol/server-filesystem", "/"]``

    How to fix
        Name the one folder that the agent works in.

    Limits
        What other tool servers can do is not known; programs' own tools are examined by ``source-file/agent-tool-scope``.

    References
        CWE-250; OWASP LLM06:2025; MITRE ATLAS AML.T0053.
    """
    yield from weaknesses(file, ctx, "agent-tool-scope")
