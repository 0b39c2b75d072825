"""Tools that change the world without anybody having agreed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import msgspec

from aisecops.checks.references import AGENT_DATA_DESTRUCTION, AGENT_TOOL_INVOCATION, AGENT_TOOL_MISUSE, MISSING_AUTHORIZATION, OWASP_EXCESSIVE_AGENCY
from aisecops.checks.source_file.subject import SourceFile
from aisecops.checks.source_file.telling import readable, weaknesses
from aisecops.checks.source_file.tools import Tool, arguments_of_model, has_gate, place
from aisecops.codebase.dataflow.program import Call, Effect
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.finding import Fix, Location, Weakness
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat

CATEGORY = "agent-no-confirmation"
_REFS = (MISSING_AUTHORIZATION, OWASP_EXCESSIVE_AGENCY, AGENT_TOOL_MISUSE)
_EFFECTS = {
    "effect-mail": ("sends mail", Severity.HIGH),
    "effect-message": ("sends messages", Severity.MEDIUM),
    "effect-payment": ("moves money", Severity.HIGH),
    "effect-delete": ("deletes", Severity.HIGH),
    "effect-database": ("changes a database", Severity.MEDIUM),
    "effect-deploy": ("changes systems that others use", Severity.HIGH),
    "effect-request": ("sends changes to another service", Severity.MEDIUM),
    "effect-named": ("acts on another system", Severity.MEDIUM),
}
_ACTS = (
    r"(?i)(^|_)(send|post|publish|tweet|pay|transfer|refund|charge|buy|purchase|order|book|cancel|delete|remove|drop|wipe|deploy|restart|shut_?down|terminate|reboot|create|update|insert|write"
    r"|trade|grant|revoke|submit|withdraw|sell|e?mail|notify|merge|push|unsubscribe|close|reset|disable|block|wire|rollback|scale|approve|invite|reply|comment"
    r"|unlock|lock|start|stop|enable|activate|deactivate|set|add|assign|move|rename|upload|schedule|register|trigger|launch|change|edit|modify|kill|turn_o(n|ff))(_|$)"
)
"""Names of tools that say that they change something: what they send to another service is no question to it."""
_DEEDS = (
    r"(?i)(^|_)(send|publish|tweet|pay|transfer|refund|charge|purchase|cancel|delete|drop|wipe|deploy|terminate|revoke|withdraw|wire|unsubscribe|transact"
    r"|submit_order|place_order|destroy|ban|escalate|fire)(?=_|$)"
)
"""Verbs by which a tool, and what it calls, say that something happens that cannot be taken back."""
_ALWAYS_MATTERS = frozenset(("effect-mail", "effect-message", "effect-payment", "effect-deploy"))


class Act(msgspec.Struct, frozen=True):
    """Something that a tool does: which ``fact``, what it calls, and where, if that is in the same file."""

    fact: str
    call: str
    place: Location | None


@check(
    id="source-file/agent-no-confirmation",
    title="A person agrees before an agent changes something",
    inputs=(AssetKind.SOURCE_FILE, AssetKind.NOTEBOOK),
    stage=Stage.CODE,
    threat=Threat.PROMPT_ATTACKS,
    categories=(CATEGORY,),
    refs=(AGENT_DATA_DESTRUCTION, AGENT_TOOL_INVOCATION, AGENT_TOOL_MISUSE, MISSING_AUTHORIZATION, OWASP_EXCESSIVE_AGENCY),
)
def agent_no_confirmation(file: SourceFile, ctx: Context) -> Iterator[Weakness]:
    """Find tools with side effects that a model can call without anybody having said yes.

    What it finds
        Tools (see ``agent-tool-scope``) that send mail or messages, move money, delete, change a database, push or deploy, or send changes to another service, where
        nothing asks a person: neither the tool (``input``, ``click.confirm``, ``interrupt``, elicitation) nor its decorator (``needs_approval=True``) nor the agent
        (``interrupt_before``, a human-in-the-loop middleware, ``human_input_mode="ALWAYS"``). Also switches that turn such questions off (``require_approval:
        never``, ``bypassPermissions``, ``auto_run``), and ready-made toolkits that send.

    Why it matters
        A model that has read a stranger's text may do what that text says, and a mail that is sent or a table that is dropped does not come back. In July 2025 a coding
        agent deleted a company's production database during a code freeze, against explicit instructions.

    Example
        ``@tool`` above ``def refund(charge: str): stripe.Refund.create(charge=charge)``

    How to fix
        Show a person what would be done, with its arguments, and go on only after a yes: ``interrupt()`` in LangGraph, ``needs_approval=True`` in the Agents SDK,
        ``requires_approval=True`` in Pydantic AI, ``require_approval: always`` for remote MCP tools, elicitation in an MCP server, or simply ``input()``. Or let the tool
        only prepare: a draft, a pull request, a row in a queue that somebody releases.

    Limits
        A question that another process asks (an MCP client, a web page) is not seen: of an MCP server's tools the finding has low confidence, and none where
        ``destructiveHint=True`` tells clients to ask. Neither is what a tool does through libraries that we do not know. Reading
        and writing files of its own is not reported here.

    References
        CWE-862; OWASP LLM06:2025; OWASP ASI02 (2026); MITRE ATLAS AML.T0053, AML.T0101 and mitigation AML.M0029.
    """
    if file.module is None:
        return
    yield from weaknesses(file, CATEGORY)
    known = file.tools
    for tool in known:
        if not tool.approved and (acts := list(_acts(file, tool))):
            yield _of_tool(file, tool, acts)
    yield from _asked_for(file, known)


def _acts(file: SourceFile, tool: Tool) -> Iterator[Act]:
    """What ``tool`` does without having asked, itself or through other functions."""
    summary = tool.function.summary
    names: tuple[str, str] = (tool.function.name, tool.function.cls.name if tool.function.cls is not None else "")
    named = any(re.search(_ACTS, _snake(name)) for name in names if not name.startswith("Merge"))  # BookTool: book_tool
    for effect in summary.effects if summary is not None else ():
        if not tool.is_handed_over and effect.span.path != file.asset.path:
            continue  # called with what a model has asked for, as much else is: what it leads to elsewhere is no deed of a tool
        if effect.fact in _EFFECTS and not effect.confirmed and _matters(effect, named=named, here=effect.span.path == file.asset.path):
            there = file.place(effect.span) if effect.span.path == file.asset.path else None
            yield Act(effect.fact, readable(effect.path), there)
    if summary is not None and not summary.effects and not tool.is_served:
        yield from _deeds(file, tool, _snake(names[0]))


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)


def _deeds(file: SourceFile, tool: Tool, name: str) -> Iterator[Act]:
    """What a tool that is called by a deed has others do that are called by the same: ``transfer_money`` and ``ledger.transfer``, wherever that leads."""
    deeds = {found[2].lower() for found in re.finditer(_DEEDS, name)}
    for call in file.module.calls if deeds and file.module is not None else ():
        if call.function is tool.function and call.target is None and not call.confirmed and isinstance(call.node, ast.Call):
            made = call.node.func
            method = made.attr if isinstance(made, ast.Attribute) else ""
            if (found := re.match(_DEEDS, _snake(method))) is not None and found[2].lower() in deeds and not call.path.startswith("builtins."):
                yield Act("effect-named", readable(call.path), file.place(call.span))


def _matters(effect: Effect, *, named: bool, here: bool) -> bool:
    if effect.fact in _ALWAYS_MATTERS:
        return True
    if effect.fact == "effect-request":
        return named or (
            here and effect.path.endswith((".put", ".patch", ".delete"))
        )  # what a library sends on the way is its own affair: traces, usage
    return effect.reached or named  # a temporary file of its own may go


def _of_tool(file: SourceFile, tool: Tool, acts: list[Act]) -> Weakness:
    act = min(acts, key=lambda act: list(_EFFECTS).index(act.fact))
    what, severity = _EFFECTS[act.fact]
    return Weakness(
        category=CATEGORY,
        identity=(tool.name, act.fact),
        title=f"A tool {what} without asking",
        message=f"The tool {tool.name} {what} ({act.call}) whenever the model says so; nobody has to agree.",
        severity=severity,
        confidence=Confidence.LOW if tool.is_served else Confidence.MEDIUM,
        locations=tuple(dict.fromkeys((place(file, tool.function), *(a.place for a in acts if a.place is not None)))),
        root_cause=f"{CATEGORY}: {act.fact}",
        evidence={"tool": tool.name, "call": act.call},
        fix=Fix("Show a person what would be done and go on only after a yes; or let the tool only prepare it."),
        refs=_REFS,
    )


def _asked_for(file: SourceFile, known: list[Tool]) -> Iterator[Weakness]:
    """What is done outside of any tool's function with what a model has asked for; and toolkits that act."""
    assert file.module is not None
    if not any(entry.fact.startswith("effect-") for call in file.module.calls for entry in call.entries) or has_gate(file.module):
        return
    inside = {tool.function for tool in known}
    seen: set[tuple[str, str]] = set()
    for call in file.module.calls:
        fact = next((entry.fact for entry in call.entries if entry.fact.startswith("effect-")), "")
        if not fact or call.confirmed or call.function in inside or (call.span.scope, call.path) in seen:
            continue
        # A request with what the model asked for may as well be the conversation, on its way to the model.
        acts = fact in _EFFECTS and fact != "effect-request" and arguments_of_model(call) and _is_act(call, fact)
        if fact == "effect-toolkit" or acts:
            seen.add((call.span.scope, call.path))
            yield _of_call(file, call, fact)


def _is_act(call: Call, fact: str) -> bool:
    """Whether the call changes something: of statements, those that its summary has counted."""
    if call.function is None or call.function.summary is None:
        return fact != "effect-database"
    return any(
        effect.fact == fact and (effect.span.path, effect.span.line) == (call.span.path, call.span.line) for effect in call.function.summary.effects
    )


def _of_call(file: SourceFile, call: Call, fact: str) -> Weakness:
    what, severity = _EFFECTS.get(fact, ("acts for a user", Severity.MEDIUM))
    return Weakness(
        category=CATEGORY,
        identity=("call", call.span.scope, call.path),
        title=f"An agent {what} without asking",
        message=f"{readable(call.path)} {what} whenever the model says so; nobody has to agree.",
        severity=severity,
        confidence=Confidence.MEDIUM,
        locations=(file.place(call.span),),
        root_cause=f"{CATEGORY}: {fact}",
        evidence={"call": readable(call.path)},
        fix=Fix("Show a person what would be done and go on only after a yes; or let the tool only prepare it."),
        refs=_REFS,
    )
