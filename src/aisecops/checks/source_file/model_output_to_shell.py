"""Commands that a language model has written, and that are run."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.references import AGENT_CODE_EXECUTION, COMMAND_INJECTION, OUTPUT_VALIDATION, OWASP_OUTPUT_HANDLING
from aisecops.checks.source_file.subject import SourceFile
from aisecops.checks.source_file.telling import weaknesses
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.finding import Weakness
from aisecops.core.taxonomy import Stage, Threat


@check(
    id="source-file/model-output-to-shell",
    title="No command written by a model is run",
    inputs=(AssetKind.SOURCE_FILE, AssetKind.NOTEBOOK),
    stage=Stage.CODE,
    threat=Threat.PROMPT_ATTACKS,
    categories=("model-output-to-shell",),
    refs=(
        AGENT_CODE_EXECUTION,
        COMMAND_INJECTION,
        OUTPUT_VALIDATION,
        OWASP_OUTPUT_HANDLING,
    ),
    heeds="hits",
)
def model_output_to_shell(file: SourceFile, ctx: Context) -> Iterator[Weakness]:
    """Find answers of language models that become commands, programs or packages to install.

    What it finds
        An answer that reaches a shell (``os.system``, ``subprocess`` with ``shell=True``, ``bash -c``), that names the program to start, or that
        names a package which is installed. An answer that is one argument of a known program, passed as a list, is left alone.

    Why it matters
        Text that the model has read steers what it writes: a line in a web page or an issue is enough for ``curl ... | sh``. A model also invents
        package names, which attackers then register ("slopsquatting": about one in five names that models proposed in a 2024 study did not exist).

    Example
        ``subprocess.run(json.loads(call.function.arguments)["command"], shell=True)``

    How to fix
        Compare the program with a list of those that may run, pass the model's words as single arguments of a list without a shell (after ``--``),
        quote with ``shlex.quote`` where a shell is needed, and let a person confirm. Install from a lock file, never from an answer.

    Limits
        What a model has written is followed through functions, modules, attributes, containers and streams, not through files, databases or other
        processes. Functions that nobody in the project calls are taken to be called with nothing dangerous. Answers of models behind libraries that
        we do not know are missed; a project adds them as sources in its own knowledge file.

    References
        CWE-78; CWE-1426; OWASP LLM05:2025; OWASP ASI05 (2026); Spracklen et al., We Have a Package for You!, arXiv:2406.10279.
    """
    yield from weaknesses(file, "model-output-to-shell")
