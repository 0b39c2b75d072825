"""Whether a new version of a model looks at other things than the old one."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.model.subject import AskedModel
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, Result, check
from aisecops.core.taxonomy import Stage, Threat


@check(
    id="model/explanation-drift",
    title="The new version looks at what the old one looked at",
    inputs=(AssetKind.MODEL,),
    stage=Stage.RELEASE,
    version=2,
    dynamic=True,
    threat=Threat.OPACITY,
    categories=("opacity",),
    only={"previous": ("declared",)},
)
def explanation_drift(model: AskedModel, ctx: Context) -> Iterator[Result]:
    """Ask both versions of a model about the same changes of the same samples, and compare which columns, patches or words move their answers.

    Rows and pictures are turned into others column by column, and patch by patch of a grid of 4 x 4; of texts the 40 words that are most frequent or go most with a label
    are taken away one by one, and all others together.

    What it finds
        New versions that rest on other columns than the old one, by more than training the same model on other rows would explain; and among these, columns that are
        declared ``personal`` or ``protected`` and have gained weight.

    Why it matters
        A new version is approved because its accuracy is that of the old one. Whether it reaches it in the same way nobody sees: a column that came to decide may be one
        that nobody checked for fairness, that an opponent controls, or that is filled in after the event.

    Example
        ``The weight of age rose from 2% to 19% of what moves the answers``: accuracy .81 before and after.

    How to fix
        Ask what has changed: the training data, a column's source, a parameter. If nobody wanted it, train again without the column, or with it as it was. If it is
        meant, say so, and check fairness and evasion of the columns that gained.

    Measurements
        ``explanation-drift``: half the sum of absolute changes of the columns' shares (0: the same, 1: other columns altogether), with an interval over pairs of rows.
        ``explanation-drift-retraining``: the largest distance of 19 pairs of models with its parameters, each trained on a random half of its training data.
        ``explanation-rank-correlation`` of the columns, ``explanation-share-change`` of each, ``answers-changed``: test rows that the versions answer otherwise.

    Limits
        Training on other rows changes what models look at, and only what is more than that is reported. Without ``training-data``, or of a file that
        may not be trained anew, nobody knows what retraining alone does; then only columns that are personal or protected are reported. Both versions need the same
        columns and classes. Steps between two rows go through rows that may not exist, and columns that carry the same share their weight. Words with digits, and
        words of less than five texts or a hundredth of them, are asked about together and never named.

    References
        Fisher, Rudin, Dominici, All models are wrong, but many are useful (JMLR 2019); Westfall, Young, Resampling-based multiple testing (1993), max-T.
    """
    yield from model.examined(lambda: _compared(model, ctx))


def _compared(model: AskedModel, ctx: Context) -> Iterator[Result]:
    from aisecops.checks.model.versions import compared

    yield from compared(model, ctx)
