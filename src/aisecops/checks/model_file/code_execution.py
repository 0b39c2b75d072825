"""Code that runs when a model file is loaded."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.model_file.subject import ModelFile
from aisecops.checks.model_file.telling import times, unless_allowed, weakness, what_runs
from aisecops.checks.references import CODE_DOWNLOAD, MODEL_FILE_REFS
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.finding import Weakness
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat
from aisecops.formats.loading.concern import ConcernKind


@check(
    id="model-file/code-execution",
    title="Loading the file runs code",
    inputs=(AssetKind.MODEL_FILE,),
    stage=Stage.RELEASE,
    threat=Threat.SUPPLY_CHAIN,
    categories=("unsafe-deserialization",),
    refs=(*MODEL_FILE_REFS, CODE_DOWNLOAD),
    heeds="concerns",
)
def code_execution(file: ModelFile, ctx: Context) -> Iterator[Weakness]:
    r"""Find callables that run while a model file is loaded and that no honest model needs.

    What it finds
        Pickle is a programming language: a stream can name any callable and call it. This check walks the stream without running it and reports every call,
        instantiation and state change of a callable that is not allowed *for that operation*: anything in the standard library, or in a package that our table
        knows, that is not a known reconstructor or a class defined in the module that names it.

    Why it matters
        The file runs with the rights of whoever loads it, before a single prediction is made. In 2025 models on a public hub carried a reverse shell in front
        of a deliberately broken stream ("nullifAI"): scanners gave up on the broken part, the payload had already run. Deny-lists of bad names do not
        converge: two scanners collected 76 advisories in 18 months for callables they had missed.

    Example
        ``pickle.loads(b"cposix\nsystem\n(S'id'\ntR.")`` runs ``posix.system('id')``.

    How to fix
        Do not load the file. Get the model from its source in a format that holds data alone (safetensors for tensors, skops or ONNX for scikit-learn), or
        retrain it. If the callable is one of yours and known to be harmless, allow exactly that operation in ``aisecops.yaml``, with owner, reason and expiry.

    Limits
        The table speaks of released packages; code of yours is for review (model-file/unknown-callable). What happens *after* loading is not examined here.

    References
        CWE-502; MITRE ATLAS AML.T0011.000 (Unsafe AI Artifacts); PickleBall, arXiv:2508.15987; Hide-and-Seek, arXiv:2508.19774.
    """
    for group in file.groups(ConcernKind.CODE_EXECUTION):
        yield weakness(
            file,
            group,
            category="unsafe-deserialization",
            title=f"Loading runs {group.name or 'a computed callable'}",
            message=f"Loading this file would run {what_runs(group)}{times(group)}: {group.first.reason}.",
            severity=Severity.CRITICAL,
            confidence=Confidence.HIGH,
            fix="Do not load it. Ask its source for safetensors, skops or ONNX, or retrain the model."
            + unless_allowed(group, "If this callable is known to be harmless here"),
        )
