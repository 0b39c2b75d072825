"""The file carries functions as byte code."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.model_file.subject import ModelFile
from aisecops.checks.model_file.telling import allow_line, times, weakness
from aisecops.checks.references import HIDDEN_FUNCTIONALITY, MODEL_FILE_REFS
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.finding import Weakness
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat
from aisecops.formats.loading.concern import ConcernKind


@check(
    id="model-file/function-by-value",
    title="The file carries functions as byte code",
    inputs=(AssetKind.MODEL_FILE,),
    stage=Stage.RELEASE,
    threat=Threat.SUPPLY_CHAIN,
    categories=("function-by-value",),
    refs=(*MODEL_FILE_REFS, HIDDEN_FUNCTIONALITY),
    heeds="concerns",
)
def function_by_value(file: ModelFile, ctx: Context) -> Iterator[Weakness]:
    """Find functions and classes that travel inside the file as byte code (cloudpickle, dill).

    What it finds
        The constructors that cloudpickle and dill use to build a function or a class from byte code. The code runs when somebody calls the function: on
        ``predict``, on ``transform``, sometimes on ``repr``. If the stream itself calls it while loading, model-file/computed-callable reports that and blocks.

    Why it matters
        Byte code is as hard to judge as a compiled program. Lambdas in a pipeline are a habit of honest notebooks, and a comfortable place to hide a payload.

    Example
        ``cloudpickle.dump(FunctionTransformer(lambda x: x ** 2), file)``

    How to fix
        Move the function into a module, import it from there, and save again with the standard pickler: then the file holds its name, and code review sees
        its source.

    Limits
        The byte code is not decompiled here; the finding says that it is there and how much of it.

    References
        CWE-502; CWE-912; cloudpickle documentation ("security").
    """
    for group in file.groups(ConcernKind.FUNCTION_BY_VALUE):
        yield weakness(
            file,
            group,
            category="function-by-value",
            title=f"Carries a function by value ({group.name})",
            message=f"This file builds functions or classes from byte code through {group.name}{times(group)}: no reviewer reads what they do.",
            severity=Severity.MEDIUM,
            confidence=Confidence.HIGH,
            fix=f"Put the function into a module and save again with pickle. If this one was reviewed: {allow_line(group)}",
        )
