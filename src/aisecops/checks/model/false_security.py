"""What makes a model look more robust than it is."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.model.subject import AskedModel
from aisecops.checks.references import EVASION_REFS
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, Result, check
from aisecops.core.finding import Fix, Weakness
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat


@check(
    id="model/false-security",
    title="The model's answers can be measured",
    inputs=(AssetKind.MODEL, AssetKind.ENDPOINT),
    stage=Stage.TEST,
    dynamic=True,
    threat=Threat.EVASION,
    categories=("false-security",),
    refs=EVASION_REFS,
)
def false_security(model: AskedModel, ctx: Context) -> Iterator[Result]:
    """Find what hides a model's weakness from attacks without removing it.

    What it finds
        Answers that are random, constant, clipped or rounded; an input that is quantised before the model sees it; gradients that are zero or lead nowhere; queries
        that fail. Each blocks the robustness numbers that rest on it: they are shown as not usable, and a gate that needs them is incomplete.

    Why it matters
        Seven of nine defences of one conference year looked robust because their gradients were hidden; all seven fell to an attack that took another way (Athalye et
        al., 2018). An attacker does take another way.

    Example
        ``rounded-scores``: the service answers with two digits. Score attacks see a plateau and stop; decision attacks need only the label and go on.

    How to fix
        Give the assessment the model without the mask (before rounding, without noise), or a way around it; do not count a mask as a defence.

    Limits
        A few hundred queries; a mask that only shows far from the test samples is not seen.

    References
        Athalye, Carlini and Wagner, Obfuscated gradients give a false sense of security (ICML 2018); Pintor et al., Indicators of attack failure (NeurIPS 2022).
    """
    yield from model.examined(lambda: _diagnosed(model, ctx))


def _diagnosed(model: AskedModel, ctx: Context) -> Iterator[Result]:
    from aisecops.checks.model.diagnosis import symptoms_of

    for symptom in symptoms_of(model, ctx):
        if not symptom.certain:
            continue  # the number that it blocks says so; nobody is accused
        yield Weakness(
            category="false-security",
            identity=(model.declared.name, symptom.name),
            title=f"Robustness cannot be measured: {symptom.name.replace('-', ' ')}",
            message=f"{symptom.message.rstrip('.')}. Undermined: {', '.join(kind.value for kind in symptom.undermines)}.",
            severity=Severity.MEDIUM,
            confidence=Confidence.MEDIUM,
            evidence=dict(symptom.evidence),
            fix=Fix(symptom.advice),
        )
