"""Code that a language model has written, and that is run."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.references import AGENT_CODE_EXECUTION, EVAL_INJECTION, OUTPUT_VALIDATION, OWASP_OUTPUT_HANDLING
from aisecops.checks.source_file.subject import SourceFile
from aisecops.checks.source_file.telling import weaknesses
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.finding import Weakness
from aisecops.core.taxonomy import Stage, Threat


@check(
    id="source-file/model-output-to-code",
    title="No code written by a model is run",
    inputs=(AssetKind.SOURCE_FILE, AssetKind.NOTEBOOK),
    stage=Stage.CODE,
    threat=Threat.PROMPT_ATTACKS,
    categories=("model-output-to-code",),
    refs=(
        AGENT_CODE_EXECUTION,
        EVAL_INJECTION,
        OUTPUT_VALIDATION,
        OWASP_OUTPUT_HANDLING,
    ),
    heeds="hits",
)
def model_output_to_code(file: SourceFile, ctx: Context) -> Iterator[Weakness]:
    """Find answers of language models that reach ``exec``, ``eval`` or another interpreter.

    What it finds
        An answer (a message, a tool call's arguments, a structured field, a stream's pieces) of any of some forty libraries that reaches ``exec``,
        ``eval``, ``compile``, ``DataFrame.query`` and ``eval``, ``sympify``, ``import_module`` or a tool that runs code, unmodified or as part of a
        longer text.

    Why it matters
        Whoever can put text in front of the model, directly or in a page or document that it reads, can make it answer with code of theirs, and this
        process runs it with all its rights. LangChain's PALChain and LLMMathChain passed answers to ``exec`` (CVE-2023-36258, CVE-2023-29374),
        PandasAI did (CVE-2024-12366), and so did many after them.

    Example
        ``exec(client.responses.create(model="gpt-4o", input=question).output_text)``

    How to fix
        Let the model choose among functions of yours (a dictionary from name to function) and pass it checked values. Parse data with ``json.loads``
        or ``ast.literal_eval``. If code has to run, run it in a sandbox without network and files (a container, E2B, WebAssembly), not in this
        process: removing ``__builtins__`` is no sandbox. A person's yes to the very code counts as a guard here.

    Limits
        What a model has written is followed through functions, modules, attributes, containers and streams, not through files, databases or other
        processes. Functions that nobody in the project calls are taken to be called with nothing dangerous. Answers of models behind libraries that
        we do not know are missed; a project adds them as sources in its own knowledge file.

    References
        CWE-95; CWE-1426; OWASP LLM05:2025; OWASP ASI05 (2026); CVE-2023-36258; CVE-2024-12366.
    """
    yield from weaknesses(file, "model-output-to-code")
