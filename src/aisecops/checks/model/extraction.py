"""How many queries buy a copy of a model."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.model.subject import AskedModel
from aisecops.checks.references import MODEL_EXTRACTION, OWASP_ML_THEFT
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, Result, check
from aisecops.core.taxonomy import Stage, Threat


@check(
    id="model/extraction",
    version=4,
    title="Queries do not buy a copy of the model",
    inputs=(AssetKind.MODEL, AssetKind.ENDPOINT),
    stage=Stage.TEST,
    dynamic=True,
    threat=Threat.MODEL_EXTRACTION,
    categories=("model-extraction",),
    only={"extraction": ("declared",)},
    refs=(MODEL_EXTRACTION, OWASP_ML_THEFT),
)
def extraction(model: AskedModel, ctx: Context) -> Iterator[Result]:
    """Steal a model by asking it, and measure how faithful the copy is and what it cost.

    What it finds
        Models of which a thief who may ask as often as ``privacy.extraction`` says makes a copy that answers like them: linear models exactly, by solving equations;
        others by training a student on the answers, half of the questions where the student is least sure. Of texts the student learns from words and pieces of words.

    Why it matters
        Whoever has a copy has what the model cost to make, and can search the copy at home for evasions that the original falls for. A cloud service gave away its
        customers' logistic regressions for d + 1 queries each (Tramèr et al. 2016).

    Example
        ``extraction-fidelity = 1 after 36 queries (equations)``: a credit score of 30 columns, for the price of 36 requests.

    How to fix
        Answer with labels alone or with coarse scores where users need no more, limit and price queries by person, and watch for the pattern of a theft.
        The measurements for rounded scores and for labels tell what the first buys: often little.

    Measurements
        ``extraction-fidelity``: the share of rows that the copy answers like the model, with a Clopper-Pearson interval, for scores as they are, rounded to two decimals,
        that of the first class alone, and labels alone; ``curve`` holds (queries, fidelity, low, high). ``extraction-cost`` and
        ``extraction-time``: the money and the seconds that the queries cost at the price and the rate of ``budget``.

    Limits
        The thief has half of the test set, unlabelled; the other half measures. A cleverer thief needs fewer queries: fidelity is a lower bound of what is possible.
        For an endpoint only what it gives is tried, once, and its queries count against ``budget``.

    References
        Tramèr et al., Stealing machine learning models via prediction APIs (USENIX Security 2016); Jagielski et al., High accuracy and high fidelity extraction of neural
        networks (USENIX Security 2020); Orekondy et al., Knockoff nets (CVPR 2019).
    """
    yield from model.examined(lambda: _stolen(model, ctx))


def _stolen(model: AskedModel, ctx: Context) -> Iterator[Result]:
    from aisecops.checks.model.thefts import stolen

    yield from stolen(model, ctx)
