"""Whether the differential privacy that a model is said to have is what its training gave, and what attacks on it allow."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.model.subject import AskedModel
from aisecops.checks.references import MEMBERSHIP_INFERENCE, OWASP_ML_MEMBERSHIP
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, Result, check
from aisecops.core.taxonomy import Stage, Threat


@check(
    id="model/differential-privacy",
    title="The epsilon that is claimed was kept",
    inputs=(AssetKind.MODEL, AssetKind.ENDPOINT),
    stage=Stage.TEST,
    dynamic=True,
    threat=Threat.INVERSION_AND_INFERENCE,
    categories=("membership-inference",),
    only={"differential-privacy": ("declared",)},
    refs=(MEMBERSHIP_INFERENCE, OWASP_ML_MEMBERSHIP),
)
def differential_privacy(model: AskedModel, ctx: Context) -> Iterator[Result]:
    """Recompute the epsilon of a training run and of the search around it, measure what epsilon cannot be, and compare both with the claim.

    What it finds
        Claims below what accounting gives for the noise, sampling and steps declared; claims for one run of a search that trained many; claims that an attack refutes.

    Why it matters
        Epsilon is the promise that is made to the people in the data, and it is quoted in contracts and impact assessments. It is computed from settings: a mistake in
        the program (clipping that is not done, noise that is too small, batches that are drawn otherwise) changes nothing in it. Choosing the best of forty runs looks
        at forty models: the epsilon of one of them is not that of the choice.

    Example
        ``privacy: {differential: {epsilon: 1.5, delta: 1e-5, noise-multiplier: 1.1, sample-rate: 0.01, steps: 1000, runs: 40}}``: one run spends 1.52, the search 12.

    How to fix
        Claim what accounting gives for the whole search; draw the number of runs at random beforehand, which costs far less (``search: geometric``); tune on public data.
        Where an attack refutes the claim, look for what the training program does not do: clipping per record, noise on every step, sampling by a coin.

    Measurements
        ``epsilon-accounted`` (subject: one run, search) at the delta of the claim. ``epsilon-at-least`` (subject: the method): the lower end that the attack of
        ``model/membership-inference`` proves with 95 % confidence: ``one-run`` and ``clopper-pearson+bonferroni`` without an assumption about the mechanism,
        ``gaussian`` only if it is a Gaussian one.

    Limits
        Accounting believes the settings declared. Measured bounds need the training data of a table, assume that members and others were divided by chance, and
        lie far below the truth: a small one proves nothing. Only add-or-remove neighbours.

    References
        Abadi et al. (CCS 2016); Papernot, Steinke, Hyperparameter tuning with Renyi differential privacy (ICLR 2022); Steinke, Nasr, Jagielski, Privacy auditing with one
        training run (NeurIPS 2023).
    """
    from aisecops.checks.model.privacy_claims import compared

    yield from compared(model, ctx)
