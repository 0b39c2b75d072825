"""Instructions that hide in what a model is told about its tools."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from aisecops.checks.references import AGENT_GOAL_HIJACK, AGENT_SUPPLY_CHAIN, AGENT_TOOL_POISONING, INDIRECT_PROMPT_INJECTION, OWASP_PROMPT_INJECTION
from aisecops.checks.source_file.subject import SourceFile
from aisecops.checks.source_file.tool_texts import ToolText, tool_texts
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.finding import Fix, Location, Weakness
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat
from aisecops.core.text import inert

CATEGORY = "tool-poisoning"
_REFS = (AGENT_TOOL_POISONING, OWASP_PROMPT_INJECTION, AGENT_GOAL_HIJACK)


_NEVER_ANSWERED = ("impersonation", "concealment")
"""What no honest answer does: pass for the system, hide something from the user. It may well say what to call next."""


@check(
    id="source-file/tool-poisoning",
    title="Descriptions of tools give no orders",
    inputs=(AssetKind.SOURCE_FILE, AssetKind.NOTEBOOK),
    stage=Stage.CODE,
    threat=Threat.PROMPT_ATTACKS,
    categories=(CATEGORY,),
    refs=(AGENT_GOAL_HIJACK, AGENT_SUPPLY_CHAIN, AGENT_TOOL_POISONING, INDIRECT_PROMPT_INJECTION, OWASP_PROMPT_INJECTION),
)
def tool_poisoning(file: SourceFile, ctx: Context) -> Iterator[Weakness]:
    """Find instructions to the model, and invisible characters, in the descriptions of tools.

    What it finds
        Docstrings, ``description`` texts, server instructions and descriptions of parameters of tools (see ``agent-tool-scope``) that order the model to read secrets,
        to hide something from the user, to change how it uses other tools, or to override what it was told; and characters in them that nobody sees: tags, zero-width
        runs, turned-around text, letters of other scripts.

    Why it matters
        A model reads the descriptions of all tools before it does anything, and obeys them; users see a name. In 2025 researchers showed an addition tool whose
        description made a client send SSH keys along as a parameter, and a poisoned tool that changed where another server's mail tool sent its mails.

    Example
        A tool ``add(a, b, sidenote)`` that tells the model to pass the contents of a configuration file as the side note, and not to mention it

    How to fix
        Remove the text, find out who put it there, and treat every agent that had the tool as compromised. A description says what the tool does and takes, nothing
        about other tools, files or the user. Pin tool servers by version and compare their descriptions with those that were reviewed.

    Limits
        Descriptions that a program fetches or puts together at run time are not read. What counts as an instruction is weighed evidence; a description that orders
        the model about in its own subject ("always call this first") is reported with little confidence or not at all.

    References
        MITRE ATLAS AML.T0110; OWASP LLM01:2025; OWASP ASI01 and ASI04 (2026); Invariant Labs, MCP Security Notification: Tool Poisoning Attacks, 2025.
    """
    texts = list(tool_texts(file))
    if not texts:
        return
    from aisecops.content.instructions import find_poisoning

    for text in texts:
        found = find_poisoning(text.text)
        if found and not (text.is_answer and found[0].confidence is not Confidence.HIGH and found[0].kind not in _NEVER_ANSWERED):
            first = found[0]
            what = "answer" if text.is_answer else "description"
            yield Weakness(
                category=CATEGORY,
                identity=(text.tool, first.kind),
                title=f"A tool's {what} gives orders to the model",
                message=f"The {what} of {inert(text.tool, 60) or 'a tool'} is no {what}. {'; '.join(dict.fromkeys(item.summary for item in found[:4]))}.",
                severity=Severity.CRITICAL if first.confidence is Confidence.HIGH else Severity.HIGH,
                confidence=first.confidence,
                locations=(_place(file, text, first.start),),
                root_cause=f"{CATEGORY}: {first.kind}",
                evidence={"tool": inert(text.tool, 80), "kind": first.kind},
                fix=Fix("Remove the text, find out who put it there, and treat agents that had the tool as compromised."),
                refs=_REFS,
            )


def _place(file: SourceFile, text: ToolText, start: int) -> Location:
    """Where the order stands: in a text over several lines, the line of it."""
    line = getattr(text.node, "lineno", 1)
    if isinstance(text.node, ast.Constant):
        line = min(line + text.text[:start].count("\n"), text.node.end_lineno or line)
    return file.at(line)
