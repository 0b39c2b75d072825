"""How good a model is before anybody attacks it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from aisecops.checks.model.subject import AskedModel
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, Result, check
from aisecops.core.examination import Code, NotExamined
from aisecops.core.finding import Fix, Weakness
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat

if TYPE_CHECKING:
    from aisecops.oracles.oracle import Integers

_MOST = 5000
"""Samples that are asked about; drawn by the seed where there are more."""
_SLICED = 12
"""Columns whose values cut the samples into slices."""
_OPENING = ("accuracy", "balanced-accuracy", "calibration-error")


@check(
    id="model/quality",
    title="The model is better than a guess",
    inputs=(AssetKind.MODEL, AssetKind.ENDPOINT),
    stage=Stage.TEST,
    dynamic=True,
    threat=Threat.UNRELIABILITY,
    categories=("low-quality",),
)
def quality(model: AskedModel, ctx: Context) -> Iterator[Result]:
    """Measure how good a model is on its labelled test set, so that robustness is never read alone.

    What it finds
        A model that always gives one answer, or that is not shown to be better than always giving the most frequent one.

    Why it matters
        A constant model cannot be evaded: its robust accuracy is as high as its accuracy. Numbers about attacks mean something only beside numbers about honest inputs.

    Example
        ``accuracy 0.91 [0.88, 0.93]`` on data of which 92 % are one class: no evidence that the model knows anything.

    How to fix
        Look at the recall of each class and at the slices; train with weights or more data of what it misses.

    Measurements
        ``accuracy``, ``balanced-accuracy``, ``recall`` and ``precision`` for each class, ``confusion``, ``auc``, ``log-loss``, ``brier-score``, ``calibration-error``
        and ``slice-accuracy`` (categories and quantiles of each column, simultaneous over all slices), all with intervals.

    Limits
        As good as the test set: rows that the model has been trained on make every number too good.

    References
        Guo et al., On calibration of modern neural networks (ICML 2017); DeLong et al. (1988) for intervals of AUC.
    """
    yield from model.examined(lambda: _measured(model, ctx))


def _measured(model: AskedModel, ctx: Context) -> Iterator[Result]:
    import numpy as np

    from aisecops.core.statistics import clopper_pearson
    from aisecops.metrics.quality import judge, readings_of

    samples = model.samples
    rows = samples.drawn(_MOST, (), ctx.seed)
    y = samples.y[rows]
    judged = judge(model.oracle, samples.batch(rows), y)
    readings = readings_of(judged, columns=_columns(model, rows), seed=ctx.seed)
    yield from readings
    accuracy = next(reading for reading in readings if reading.name == "accuracy")
    most = int(np.bincount(y).max())
    if most == len(y):
        reason = f"all {len(y):,} samples of the test set are of one class"
        yield NotExamined(
            code=Code.NO_POWER, reason=reason, remedy="give a test set with samples of all classes: nothing shows whether the model tells them apart"
        )
        return
    if (accuracy.value is not None and accuracy.high is not None and accuracy.high < clopper_pearson(most, len(y)).low + 1e-12) or np.ptp(
        judged.labels
    ) == 0:
        share = most / len(y)
        yield Weakness(
            category="low-quality",
            identity=(model.declared.name,),
            title="The model is no better than a constant answer",
            message=(
                f"Its accuracy is {accuracy.value:.3g} (n = {len(y):,}); always answering the most frequent class would be right in {share:.3g}. "
                "Robustness of such a model means nothing."
            ),
            severity=Severity.MEDIUM,
            confidence=Confidence.HIGH,
            fix=Fix("Check the label column and the order of the classes first; then train again, with weights for rare classes."),
        )


def _columns(model: AskedModel, rows: Integers) -> dict[str, Any]:
    """Columns to slice by: of tables the first ones, categories by name, personal ones left out."""
    domain = model.samples.domain
    if domain is None:
        return {}
    numbers = model.samples.numbers[rows]
    columns: dict[str, Any] = {}
    for place, column in enumerate(domain.columns):
        if len(columns) < _SLICED and not column.personal:
            values = numbers[:, place].tolist()
            named = [column.categories[int(v)] if v == v else "missing" for v in values] if column.categories else values
            columns[column.name] = named
    return columns
