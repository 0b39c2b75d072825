"""Files that a language model chooses, and that are touched."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.references import OUTPUT_VALIDATION, OWASP_OUTPUT_HANDLING, PATH_TRAVERSAL
from aisecops.checks.source_file.subject import SourceFile
from aisecops.checks.source_file.telling import weaknesses
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.finding import Weakness
from aisecops.core.taxonomy import Stage, Threat


@check(
    id="source-file/model-output-to-path",
    title="No file chosen by a model is touched",
    inputs=(AssetKind.SOURCE_FILE, AssetKind.NOTEBOOK),
    stage=Stage.CODE,
    threat=Threat.PROMPT_ATTACKS,
    categories=("model-output-to-path",),
    refs=(
        OUTPUT_VALIDATION,
        OWASP_OUTPUT_HANDLING,
        PATH_TRAVERSAL,
    ),
    heeds="hits",
)
def model_output_to_path(file: SourceFile, ctx: Context) -> Iterator[Weakness]:
    """Find answers of language models that decide which file is read, written or deleted.

    What it finds
        An answer that is a path, or part of one, which is opened, written, moved, deleted or sent.

    Why it matters
        ``../../.ssh/authorized_keys`` or ``/etc/passwd`` is a file name, too.  A model that has read a
        stranger's page asks for the stranger's file, and an agent that saves "the file that the model named" overwrites its own code.

    Example
        ``open(os.path.join("notes", answer["file"]), "w")``

    How to fix
        Keep the last part alone (``pathlib.Path(name).name``), or resolve the path and insist that it ``is_relative_to`` the folder that it may be
        in; then open it.

    Limits
        What a model has written is followed through functions, modules, attributes, containers and streams, not through files, databases or other
        processes. Functions that nobody in the project calls are taken to be called with nothing dangerous. Answers of models behind libraries that
        we do not know are missed; a project adds them as sources in its own knowledge file.

    References
        CWE-22; CWE-1426; OWASP LLM05:2025.
    """
    yield from weaknesses(file, "model-output-to-path")
