"""Tools that let a model do more than it needs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aisecops.checks.references import AGENT_CODE_EXECUTION, AGENT_TOOL_INVOCATION, AGENT_TOOL_MISUSE, OWASP_EXCESSIVE_AGENCY, UNNECESSARY_PRIVILEGES
from aisecops.checks.source_file.subject import SourceFile
from aisecops.checks.source_file.telling import readable, weaknesses
from aisecops.checks.source_file.tools import CALLED_BY_MODEL, Tool, handed_over, place
from aisecops.codebase.dataflow.program import Hit
from aisecops.codebase.dataflow.values import inner
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.finding import Fix, Weakness
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat

CATEGORY = "agent-tool-scope"
_ADDRESS = "model-output-to-url"
_SENDING = (".request", ".post", ".put", ".patch", ".delete")
"""Requests that change or carry something; to fetch a page is another matter."""
_REACHED = {
    "model-output-to-code": (
        "runs Python that the model writes",
        Severity.HIGH,
        "Let it do the few operations that are needed, or run the code in a sandbox without network and files.",
    ),
    "model-output-to-shell": (
        "runs commands that the model writes",
        Severity.HIGH,
        "Allow a list of programs, pass words as single arguments without a shell, and ask a person first.",
    ),
    "model-output-to-sql": (
        "runs SQL that the model writes",
        Severity.MEDIUM,
        "Give it parameters of statements of yours, and a database user who may only read what is needed.",
    ),
    _ADDRESS: (
        "sends anything to any address that the model names",
        Severity.MEDIUM,
        "Keep the host and the method in the program, and let the model choose among requests that it needs.",
    ),
    "model-output-to-path": (
        "reaches any file that the model names",
        Severity.MEDIUM,
        "Resolve the path and insist that it is_relative_to the folder that the tool is for.",
    ),
}
_POWERFUL = (
    r"(os\.(system|popen|remove|unlink|exec\w*)|subprocess\.\w+|builtins\.(exec|eval|open|compile)|shutil\.(rmtree|move)|runpy\.run_\w+"
    r"|strands_tools\.(shell|python_repl)(\.\w+)?"
    r"|(langchain\w*|langchain_experimental)\..*(PythonREPL|BashProcess)\(\)\.run|commands\.getoutput)"
)
"""Functions of libraries that, handed over as they are, do anything."""


@check(
    id="source-file/agent-tool-scope",
    title="Agents have only the tools that they need",
    inputs=(AssetKind.SOURCE_FILE, AssetKind.NOTEBOOK),
    stage=Stage.CODE,
    threat=Threat.PROMPT_ATTACKS,
    categories=(CATEGORY,),
    refs=(AGENT_CODE_EXECUTION, AGENT_TOOL_INVOCATION, AGENT_TOOL_MISUSE, OWASP_EXCESSIVE_AGENCY, UNNECESSARY_PRIVILEGES),
)
def agent_tool_scope(file: SourceFile, ctx: Context) -> Iterator[Weakness]:
    """Find tools that let a model run any code or command, or reach any file or table.

    What it finds
        Ready-made tools that do everything (a shell, a Python interpreter, files without a root folder, requests to any address, local code executors of AutoGen,
        CrewAI and smolagents, a file server of the whole disk), and tools of the project whose arguments, which the model fills, reach an interpreter, a shell, a
        database or the file system without a guard. Tools are functions decorated as such (LangChain, MCP, OpenAI Agents, CrewAI, Pydantic AI, smolagents, AutoGen,
        Semantic Kernel, ...), handed to an agent, described to a model in a dictionary, or called with what a model has asked for.

    Why it matters
        What an agent may do is what whoever talks to it may do: a line in a mail, a ticket or a web page is enough to use every tool that it has. In 2025 a public
        issue made a coding agent read private repositories through its GitHub tools, and a support ticket made another one copy a table of
        tokens into the ticket with its SQL tool.

    Example
        ``@tool`` above ``def run(command: str): return subprocess.run(command, shell=True)``

    How to fix
        One tool for one thing that is needed, with arguments that can be checked: an enumeration, a number, an id that is looked up, a path that is resolved and
        compared with its folder, a program out of a list. Run code in a container or an offered sandbox without network and secrets. Give the database user the
        rights of the task.

    Limits
        What a server of tools somewhere else offers is not known here. A tool whose guard lies in another process is reported.

    References
        CWE-250; OWASP LLM06:2025; OWASP ASI02 and ASI05 (2026); MITRE ATLAS AML.T0053.
    """
    if file.module is None:
        return
    yield from weaknesses(file, CATEGORY)
    yield from _of_the_project(file)
    yield from _handed_over(file)


def _of_the_project(file: SourceFile) -> Iterator[Weakness]:
    """Tools whose own arguments reach something dangerous, one finding for each tool and kind of danger."""
    assert file.module is not None
    known = {tool.function.qualname: tool for tool in file.tools}
    found: dict[tuple[str, str], tuple[Tool | None, list[Hit]]] = {}
    for hit in file.module.hits:
        if hit.entry.sink not in _REACHED or (hit.entry.sink == _ADDRESS and not hit.path.endswith(_SENDING)):
            continue
        tool = _tool_of(hit, known)
        if tool is not None or (hit.span.path == file.asset.path and _is_asked_for(hit)):
            name = tool.name if tool is not None else hit.span.scope
            found.setdefault((name, hit.entry.sink), (tool, []))[1].append(hit)
    for (name, category), (tool, hits) in found.items():
        yield _weakness(file, name, category, tool, hits)


def _tool_of(hit: Hit, known: dict[str, Tool]) -> Tool | None:
    """The tool in which ``hit`` is, or from which it is reached; ``known`` by qualified name."""
    for span in (hit.span, *hit.sites):
        scope = span.scope
        while scope:  # a function inside a tool is the tool's
            if scope in known:
                return known[scope]
            scope = scope.rpartition(".")[0]
    return None


def _is_asked_for(hit: Hit) -> bool:
    return any(part.label(CALLED_BY_MODEL) for value in hit.arguments.values() for part in inner(value, 2))


def _weakness(file: SourceFile, name: str, category: str, tool: Tool | None, hits: list[Hit]) -> Weakness:
    what, severity, fix = _REACHED[category]
    hit = hits[0]
    declared = () if tool is None else (place(file, tool.function),)
    own = [span for hit in hits for span in (hit.span, *hit.sites) if span.path == file.asset.path]
    return Weakness(
        category=CATEGORY,
        identity=(name, category),
        title=f"The tool {what}",
        message=f"The tool {name or 'of this module'} {what} ({readable(hit.path)}): whoever can influence what the model reads can use it.",
        severity=severity,
        confidence=Confidence.MEDIUM if all(h.confidence_lowered for h in hits) else Confidence.HIGH,
        locations=tuple(dict.fromkeys((*declared, *(file.place(span) for span in own)))),
        root_cause=f"{CATEGORY}: {category}",
        flow=file.flow(hit.trail),
        evidence={"tool": name, "call": readable(hit.path)},
        fix=Fix(fix),
        refs=hit.entry.refs,
    )


def _handed_over(file: SourceFile) -> Iterator[Weakness]:
    """Functions of libraries that are handed over as tools: ``Tool(func=os.system)``."""
    assert file.module is not None
    for call, value in handed_over(file.module):
        if re.fullmatch(_POWERFUL, value.path):
            yield Weakness(
                category=CATEGORY,
                identity=("handed over", value.path, call.span.scope),
                title="A tool lets the model run anything",
                message=f"{readable(value.path)} is handed to the agent as it is: whoever can influence what the model reads can use it.",
                severity=Severity.HIGH,
                confidence=Confidence.HIGH,
                locations=(file.place(call.span),),
                root_cause=f"{CATEGORY}: handed over",
                evidence={"call": readable(call.path), "tool": readable(value.path)},
                fix=Fix("Hand over functions of your own that do one thing and check their arguments."),
                refs=(UNNECESSARY_PRIVILEGES, OWASP_EXCESSIVE_AGENCY, AGENT_TOOL_MISUSE),
            )
