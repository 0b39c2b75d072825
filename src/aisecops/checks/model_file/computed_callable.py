"""What the file runs is decided while it loads."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.model_file.subject import ModelFile
from aisecops.checks.model_file.telling import times, weakness, what_runs
from aisecops.checks.references import MODEL_FILE_REFS, UNTRUSTED_FUNCTIONALITY
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.finding import Weakness
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat
from aisecops.formats.loading.concern import ConcernKind


@check(
    id="model-file/computed-callable",
    title="What the file runs is decided while it loads",
    inputs=(AssetKind.MODEL_FILE,),
    stage=Stage.RELEASE,
    threat=Threat.SUPPLY_CHAIN,
    categories=("computed-callable",),
    refs=(*MODEL_FILE_REFS, UNTRUSTED_FUNCTIONALITY),
    heeds="concerns",
)
def computed_callable(file: ModelFile, ctx: Context) -> Iterator[Weakness]:
    """Find streams that hide what they run: names put together while loading, or calls of what an earlier call returned.

    What it finds
        ``STACK_GLOBAL`` whose module or name is the result of a call; a call of the result of ``getattr``, ``operator.attrgetter`` or any other callable; a state
        set on an object whose class the stream computes.

    Why it matters
        Nobody can tell from such a file what will run, so no list of names, allowed or denied, says anything about it. Picklers never write this: a callable
        is pickled by its name. It is how tools that look for names are passed by.

    Example
        A stream that calls ``operator.methodcaller("eval", code)`` and then calls what it returned with a module as argument.

    How to fix
        Do not load the file; get the model from its source in a format that holds data alone.

    Limits
        None known: no pickler of CPython, joblib, torch, dill or cloudpickle writes such a stream for a model. dill and cloudpickle call functions that they
        carry by value only on use, not on load.

    References
        CWE-502; CWE-829; Hide-and-Seek, arXiv:2508.19774 (gadget chains).
    """
    for group in file.groups(ConcernKind.COMPUTED_CALLABLE):
        yield weakness(
            file,
            group,
            category="computed-callable",
            title=f"Runs what it computes ({group.name})",
            message=f"Loading this file would run {what_runs(group)}{times(group)}: {group.first.reason}.",
            severity=Severity.CRITICAL,
            confidence=Confidence.HIGH,
            fix="Do not load it. Ask its source for safetensors, skops or ONNX, or retrain the model.",
        )
