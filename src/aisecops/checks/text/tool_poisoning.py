"""Descriptions of tools, and instructions of agents, with orders that nobody who reads the interface sees."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from aisecops.checks.references import (
    AGENT_GOAL_HIJACK,
    AGENT_SUPPLY_CHAIN,
    AGENT_TOOL_POISONING,
    INDIRECT_PROMPT_INJECTION,
    OWASP_PROMPT_INJECTION,
    PROMPT_NEUTRALIZATION,
)
from aisecops.codebase.text import Text
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.finding import Fix, Location, Weakness
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat
from aisecops.core.text import inert

if TYPE_CHECKING:
    from aisecops.checks.configuration.subject import ConfigurationFile
    from aisecops.content.instructions import Poisoning

_FIXTURES = frozenset(("test", "tests", "testing", "fixtures", "testdata", "test_data", "__tests__", "benchmarks"))
_LONGEST = 4 << 20
"""Characters of a file of settings in which tools are looked for."""
_REACHING = frozenset(("sensitive-resource", "exfiltration-channel", "command", "other-tools"))
_TELLING = _REACHING | {"concealment", "override", "prompt-disclosure"}
"""Evidence of which a prompt has to show two kinds together, one of them reaching out: each alone is what honest prompts are full of."""
_BENEATH = frozenset(("hidden", "encoded"))


class _Spot(msgspec.Struct, frozen=True):
    """A poisoned text: whose it is, what is wrong with it, how surely, and where."""

    tool: str
    kind: str
    confidence: Confidence
    summary: str
    place: Location


@check(
    id="text/tool-poisoning",
    title="Tools are described without hidden orders",
    inputs=(AssetKind.CONFIGURATION, AssetKind.PROMPT),
    stage=Stage.CODE,
    threat=Threat.PROMPT_ATTACKS,
    categories=("tool-poisoning",),
    refs=(AGENT_TOOL_POISONING, INDIRECT_PROMPT_INJECTION, OWASP_PROMPT_INJECTION, AGENT_GOAL_HIJACK, AGENT_SUPPLY_CHAIN, PROMPT_NEUTRALIZATION),
)
def tool_poisoning(file: ConfigurationFile, ctx: Context) -> Iterator[Weakness]:
    """Find orders to the model that hide in descriptions of tools, in files of instructions for agents, and in characters that nobody sees.

    What it finds
        In JSON and YAML: all texts of tool definitions (MCP, OpenAI, Anthropic, plain lists), down to nested parameters. In instructions and skills of
        agents: orders that reach for keys, for other tools or for the outside and are kept from the user, and characters that nobody sees. Several kinds of
        evidence are weighed together: orders that cancel others, that are kept from the user, that reach for keys and carry them elsewhere, that change how
        other tools are used, that pass for the system; in several languages, through look-alike letters, invisible characters and common encodings. For
        Python see source-file/tool-poisoning.

    Why it matters
        A model reads the full description of every tool as part of its instructions; people see a name and a first line. In 2025 a server that adds numbers had an
        editor's agent read the SSH keys and pass them as a parameter called sidenote, and another one had a messenger's history sent to a stranger. The tool does
        not even have to be called: its description is enough.

    Example
        A description that asks, in a block marked as important, to read a file of settings first, to pass its contents as a parameter, and not to mention it.

    How to fix
        Remove the text, and ask how it came in. Do not connect to a server whose descriptions you have not read in full; pin their digests, so that a later change is
        seen. Let agents ask before they read files or send anything.

    Limits
        What a description says about itself in an honest tone and does not do is not found here. Orders for a person (Use this tool to ..., Call get_schema
        first) are fine. Descriptions that a program puts together when it runs, and those of servers that are only named, are not seen. Tests are left out.

    References
        MITRE ATLAS AML.T0110 (AI Agent Tool Poisoning), AML.T0051.001; OWASP LLM01:2025, ASI01 and ASI04:2026; CWE-1427; CVE-2021-42574 (Trojan Source).
    """
    if not _is_fixture(file.asset.path):
        spots = list(_spots(file))
        for tool in dict.fromkeys(spot.tool for spot in spots):
            yield _weakness(tool, [spot for spot in spots if spot.tool == tool])


def _is_fixture(path: str) -> bool:
    return not _FIXTURES.isdisjoint(path.lower().split("/"))


def _spots(file: ConfigurationFile) -> Iterator[_Spot]:
    if os.path.splitext(file.asset.path)[1].lower() in (".json", ".json5", ".yaml", ".yml"):
        yield from _in_documents(file.asset.path, file.text)
    elif file.asset.kind is AssetKind.PROMPT:
        yield from _in_prose(file.asset.path, file.text)


def _poisoning(description: str) -> list[Poisoning]:
    from aisecops.content.instructions import find_poisoning  # 30 ms that files without tools need not wait for

    return find_poisoning(description)


def _in_documents(path: str, text: Text) -> Iterator[_Spot]:
    if len(text.content) > _LONGEST or "description" not in text.content:
        return
    from aisecops.checks.text.documents import read_documents
    from aisecops.content.instructions import tool_texts

    for document in read_documents(path, text):
        for item in tool_texts(document.value):
            for poisoning in _poisoning(item.text):
                at = document.place(item.path)
                yield _spot(item.tool, poisoning, Location(path=path, line=at.line, column=at.column))


def _in_prose(path: str, text: Text) -> Iterator[_Spot]:
    """Instructions for agents: what is hidden in them, and orders of which two kinds of evidence speak."""
    from aisecops.content.instructions import find_instructions
    from aisecops.content.unicode import hidden

    for item in find_instructions(text.content, place="prose"):
        telling = len(_TELLING.intersection(item.evidence)) > 1 and not _REACHING.isdisjoint(item.evidence)
        if item.confidence.at_least(Confidence.MEDIUM) and (telling or not _BENEATH.isdisjoint(item.evidence)):
            yield _Spot("", item.kind.value, item.confidence, f"It {item.summary}", _at(path, text, item.start))
    for unseen in hidden(text.content):
        if unseen.confidence is Confidence.HIGH:
            summary = "It has characters that nobody sees or that mislead"
            yield _Spot("", f"hidden-{unseen.kind.value}", unseen.confidence, summary, _at(path, text, unseen.start))


def _at(path: str, text: Text, offset: int) -> Location:
    at = text.at(offset)
    return Location(path=path, line=at.line, column=at.column)


def _spot(tool: str, poisoning: Poisoning, place: Location) -> _Spot:
    return _Spot(tool, poisoning.kind, poisoning.confidence, poisoning.summary, place)


def _weakness(tool: str, spots: list[_Spot]) -> Weakness:
    worst = max(spots, key=lambda spot: spot.confidence.rank)
    kinds = tuple(dict.fromkeys(spot.kind for spot in spots))
    name = inert(tool, 60)
    whose = f"The description of the tool {name}" if tool else "A text that a model reads as instruction"
    sure = worst.confidence
    return Weakness(
        category="tool-poisoning",
        identity=(tool, *sorted(kinds)),
        title=f"The tool {name} is described with hidden orders" if tool else "Hidden orders to the model",
        message=f"{whose} holds orders to the model that nobody needs who uses it. {worst.summary}.",
        severity=Severity.CRITICAL if sure is Confidence.HIGH else Severity.HIGH,
        confidence=sure,
        locations=tuple(dict.fromkeys(spot.place for spot in spots))[:20],
        evidence={"kinds": list(kinds)},
        fix=Fix("Remove the text, and do not connect to a server whose descriptions you have not read in full."),
    )
