"""The file stores a dangerous callable for later use."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.model_file.subject import ModelFile
from aisecops.checks.model_file.telling import times, unless_allowed, weakness
from aisecops.checks.references import MODEL_FILE_REFS, UNTRUSTED_FUNCTIONALITY
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.finding import Weakness
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat
from aisecops.formats.loading.concern import ConcernKind


@check(
    id="model-file/stored-callable",
    title="The file stores a dangerous callable for later use",
    inputs=(AssetKind.MODEL_FILE,),
    stage=Stage.RELEASE,
    threat=Threat.SUPPLY_CHAIN,
    categories=("stored-callable",),
    refs=(*MODEL_FILE_REFS, UNTRUSTED_FUNCTIONALITY),
    heeds="concerns",
)
def stored_callable(file: ModelFile, ctx: Context) -> Iterator[Weakness]:
    """Find callables that a model file does not call itself but leaves for its user to call.

    What it finds
        References to functions that run code, or touch files, processes or the network, and that no honest model stores: ``os.system`` as the ``func`` of a
        ``FunctionTransformer``, a loader as a hook of a module, an evaluator inside ``functools.partial``. A reference alone imports its module, and needs no
        call in the stream: ``predict`` makes the call.

    Why it matters
        A scanner that looks for calls sees none, and a restricted loader that checks calls lets the object through. The payload runs at the first prediction,
        on the serving machine, with the input as its argument.

    Example
        ``joblib.dump(make_pipeline(FunctionTransformer(os.system), LogisticRegression()), "model.joblib")``

    How to fix
        Do not use the model. Find out who made it; build it again from its training code. Pure functions (``numpy.log1p``) are allowed; put your own into a
        module, review it there, and allow its name.

    Limits
        A class of an unknown package that stores a command as text is for review (model-file/unknown-callable), since its code is not in the file.

    References
        CWE-502, CWE-829; MITRE ATLAS AML.T0011.000.
    """
    for group in file.groups(ConcernKind.STORED_CALLABLE):
        yield weakness(
            file,
            group,
            category="stored-callable",
            title=f"Stores {group.name} for later",
            message=f"This file refers to {group.name}{times(group)} and leaves it to whoever uses the object to call it: {group.first.reason}.",
            severity=Severity.HIGH,
            confidence=Confidence.HIGH,
            fix="Do not use this model; build it again from its training code."
            + unless_allowed(group, "If the reference is known to be harmless here"),
        )
