"""Text of strangers in the instructions of a language model."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.references import AGENT_GOAL_HIJACK, INDIRECT_PROMPT_INJECTION, OWASP_PROMPT_INJECTION, PROMPT_INJECTION, PROMPT_NEUTRALIZATION
from aisecops.checks.source_file.subject import SourceFile
from aisecops.checks.source_file.telling import weaknesses
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.finding import Weakness
from aisecops.core.taxonomy import Stage, Threat


@check(
    id="source-file/prompt-injection",
    title="No outside text is among a model's instructions",
    inputs=(AssetKind.SOURCE_FILE, AssetKind.NOTEBOOK),
    stage=Stage.CODE,
    threat=Threat.PROMPT_ATTACKS,
    categories=("prompt-injection",),
    refs=(
        AGENT_GOAL_HIJACK,
        INDIRECT_PROMPT_INJECTION,
        OWASP_PROMPT_INJECTION,
        PROMPT_INJECTION,
        PROMPT_NEUTRALIZATION,
    ),
    heeds="hits",
)
def prompt_injection(file: SourceFile, ctx: Context) -> Iterator[Weakness]:
    """Find text from outside that becomes part of a system prompt or of an agent's instructions.

    What it finds
        What a request, a chat, an upload, a mail or a fetched page holds, in a message of the role ``system`` or ``developer``, in ``system=``,
        ``instructions=``, ``system_instruction=`` and their kin, in system messages and prompts of LangChain, LlamaIndex, Semantic Kernel and others,
        in an agent's role or a tool's description: by f-string, format, concatenation or template, through functions and modules.

    Why it matters
        Models are trained to obey the system prompt over everything else. Text that stands there is an instruction with the owner's authority,
        whatever quotes or tags are put around it; in the user's message it is at least a user's. Bing Chat (2023), Slack AI (2024) and EchoLeak in
        Microsoft 365 Copilot (CVE-2025-32711) obeyed text from pages, messages and mails.

    Example
        ``messages=[{"role": "system", "content": f"You help {request.json['name']}."}]``

    How to fix
        Keep the system prompt constant and put outside text into a message of the role ``user`` (or a tool's result), marked as data. Where a value
        has to stand in the instructions, let it be a number, an enumeration or one of a list of allowed texts.

    Limits
        Text in the user's message is left alone: that is where it belongs, although it can mislead a model there, too. Delimiters, filters of words
        and shortening do not silence the finding. What a parameter of a function holds that nobody in the project calls is not known, and what a
        database holds is taken to be the owner's.

    References
        CWE-1427; OWASP LLM01:2025; OWASP ASI01 (2026); MITRE ATLAS AML.T0051; Greshake et al., arXiv:2302.12173; CVE-2025-32711.
    """
    yield from weaknesses(file, "prompt-injection")
