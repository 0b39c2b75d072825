"""What a model's answers rest on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from aisecops.checks.model.subject import AskedModel
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, Result, check
from aisecops.core.errors import UserError
from aisecops.core.finding import Fix, Weakness
from aisecops.core.measurement import Better, Bound, Reading
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat
from aisecops.core.text import inert
from aisecops.project.models import ModelTask

if TYPE_CHECKING:
    from aisecops.datasets.domain import Domain
    from aisecops.explain import Importance
    from aisecops.oracles.oracle import Floats, Integers

_MOST, _REPEATS, _SHOWN = 1000, 3, 20
_TOP, _SEEDS, _STABLE_ROWS = 3, 3, 500
_REST = "all other columns"
_UNMOVED = 0.01
"""Answers that may change when all other columns are shuffled, for one column to be called the only one that counts."""
_SKILFUL = 0.9


@check(
    id="model/explanation",
    version=2,
    title="The answers rest on more than one column",
    inputs=(AssetKind.MODEL,),
    stage=Stage.TEST,
    dynamic=True,
    threat=Threat.OPACITY,
    categories=("opacity",),
    only={"task": (ModelTask.TABLE,)},
)
def explanation(model: AskedModel, ctx: Context) -> Iterator[Result]:
    """Measure what each column is worth to a model of tables, and whether one of them alone decides.

    What it finds
        A model with high accuracy whose answers stay the same when all columns but one are shuffled: it has learned one column.

    Why it matters
        A column that alone predicts the truth is often the truth in disguise: an identifier given after the event, a code that only fraud cases have, a timestamp of the
        export. The accuracy is then a leak that will not be there in production. And nobody can say why a model decides as it does who does not know what it looks at.

    Example
        ``case_closed_by`` of a fraud model: accuracy .99, and shuffling the other 40 columns changes no answer.

    How to fix
        Ask when and how the column gets its value; leave out what is known only after the decision, and train again.

    Measurements
        ``permutation-importance`` of each column (a one-hot group is one): the accuracy that shuffling it costs, with intervals for all columns together.
        ``explanation-stability``: the share of the three largest columns that two seeds of the shuffling have in common; below 1 the order says little.

    Limits
        Columns that carry the same share their importance, and shuffling makes rows that do not exist: a low number does not say that a column is not used.
        Explanations of single decisions and of flips and counterfactuals are in the library (``aisecops.explain``); versions are compared by ``model/explanation-drift``.

    References
        Fisher, Rudin, Dominici, All models are wrong, but many are useful (JMLR 2019); Kaufman et al., Leakage in data mining (TKDD 2012).
    """
    yield from model.examined(lambda: _measured(model, ctx))


def _measured(model: AskedModel, ctx: Context) -> Iterator[Result]:
    from aisecops.explain import permutation_importance

    domain = model.samples.domain
    if domain is None:
        raise UserError("its columns are not known", fix="declare a domain for this model in aisecops.yaml")
    rows = model.samples.drawn(_MOST, (), ctx.seed)
    x, y, blocks = model.samples.numbers[rows], model.samples.y[rows], columns_of(domain)
    found = permutation_importance(model.oracle, x, y, blocks, repeats=_REPEATS, seed=ctx.seed)
    for one in found[:_SHOWN]:
        yield Reading(
            name="permutation-importance",
            value=one.drop,
            unit="1",
            n=one.n,
            low=one.low,
            high=one.high,
            level=0.95,
            method=f"hajek-normal-bonferroni-{len(blocks)}",
            bound=Bound.ESTIMATE,
            subject=one.column,
        )
    if len(blocks) > _TOP and model.too_dear(_SEEDS * (len(blocks) + 1) * _STABLE_ROWS, "") is None:
        yield _stability(model, x[:_STABLE_ROWS], y[:_STABLE_ROWS], blocks, ctx.seed)
    first = found[0]
    if len(blocks) >= 3 and first.changed_low > 0:
        others = {_REST: [place for name, places in blocks.items() if name != first.column for place in places]}
        (rest,) = permutation_importance(model.oracle, x, y, others, repeats=_REPEATS, seed=ctx.seed)
        right = int((model.oracle.labels(x) == y).sum())
        yield from _finding(model, first, rest, right, len(y))


def _stability(model: AskedModel, x: Floats, y: Integers, blocks: Mapping[str, Sequence[int]], seed: int) -> Reading:
    """Whether the largest columns are the same when other rows lend the values."""
    import numpy as np

    from aisecops.explain import permutation_importance, stability

    def drops(number: int) -> Floats:
        own = {one.column: one.drop for one in permutation_importance(model.oracle, x, y, blocks, repeats=1, seed=number)}
        return np.array([[own[name] for name in blocks]])

    found = stability(drops, range(seed + 1, seed + 1 + _SEEDS), k=_TOP)
    return Reading(
        name="explanation-stability", subject=f"the {found.k} largest columns", value=found.top, unit="1", n=found.seeds, better=Better.HIGHER, bound=Bound.ESTIMATE
    )  # fmt: skip


def columns_of(domain: Domain) -> Mapping[str, Sequence[int]]:
    """Return the places of each column, a one-hot group under its own name."""
    blocks: dict[str, list[int]] = {}
    for place, column in enumerate(domain.columns):
        blocks.setdefault(inert(column.group or column.name, 60), []).append(place)
    return blocks


def _finding(model: AskedModel, first: Importance, rest: Importance, right: int, n: int) -> Iterator[Weakness]:
    from aisecops.core.statistics import clopper_pearson

    if rest.changed_high > _UNMOVED or clopper_pearson(right, n).low < _SKILFUL:
        return
    yield Weakness(
        category="opacity",
        identity=(model.declared.name, first.column),
        title="One column decides every answer",
        message=(
            f"Shuffling all columns but {first.column} changes at most {rest.changed_high:.2%} of the answers (95 % confidence, n = {n:,}), and the accuracy is "
            f"{right / n:.3f}: the model has learned this column alone. Such a column is often the answer in disguise, known only after the decision."
        ),
        severity=Severity.MEDIUM,
        confidence=Confidence.MEDIUM,
        evidence={"column": first.column, "changed-by-the-others": rest.changed_high, "changed-by-it": first.changed, "n": n},
        fix=Fix("Ask when and how this column gets its value; if that is after the decision, leave it out and train again."),
    )
