"""Secrets that can be predicted, and noise that protects less than it says."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.references import WEAK_PRNG, WEAK_RANDOM_VALUES
from aisecops.checks.source_file.missing_authentication import is_test
from aisecops.checks.source_file.sources import sources
from aisecops.checks.source_file.subject import SourceFile
from aisecops.checks.source_file.telling import readable
from aisecops.codebase.randomness import Noise, Predictable, predictable_values, private_noise
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.finding import Fix, Weakness
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat
from aisecops.core.text import inert


@check(
    id="source-file/weak-randomness",
    title="What must not be guessed is drawn from the operating system",
    inputs=(AssetKind.SOURCE_FILE, AssetKind.NOTEBOOK),
    stage=Stage.CODE,
    threat=Threat.INSECURE_OPERATION,
    categories=("weak-randomness",),
    refs=(WEAK_PRNG, WEAK_RANDOM_VALUES),
)
def weak_randomness(file: SourceFile, ctx: Context) -> Iterator[Weakness]:
    """Find tokens, passwords, keys and session ids that come from ``random``, NumPy or PyTorch, and privacy noise that does.

    What it finds
        Values whose name says that nobody may guess them (``api_key``, ``session_id``, ``password``, ``otp``, ``salt``, ``nonce``, ...), and functions named after
        them, that are made of ``random.choice`` and its kin, also through a helper; ``uuid.uuid1``. And noise scaled by sensitivity and epsilon that is drawn with
        ``numpy.random`` or ``random``: the Laplace and Gaussian mechanisms of differential privacy.

    Why it matters
        The Mersenne Twister tells its whole state after 624 outputs, and data scientists seed it with 42: whoever sees some tokens computes the next ones. Noise from
        floating-point samplers gives exact answers away (Mironov, CCS 2012), whatever epsilon promises.

    Example
        ``api_key = "".join(random.choices(string.ascii_letters, k=32))``

    How to fix
        ``secrets.token_urlsafe(32)``, ``secrets.choice``, ``os.urandom``, ``uuid.uuid4``. For privacy take a library that samples exactly (OpenDP, Tumult), or
        DP-SGD with ``secure_mode``.

    Limits
        It goes by names. Shuffling, sampling, initial weights and augmentation are what these generators are for and are never reported; neither are tests.

    References
        CWE-338, CWE-330; I. Mironov, On Significance of the Least Significant Bits for Differential Privacy, CCS 2012.
    """
    if file.module is None or is_test(file.asset.path):
        return
    seen: set[tuple[str, str]] = set()
    for value in predictable_values(file.module, file.text.content, sources(ctx).program):
        if (value.name, value.span.scope) not in seen:
            seen.add((value.name, value.span.scope))
            yield _predictable(file, value)
    for noise in private_noise(file.module):
        yield _noise(file, noise)


def _predictable(file: SourceFile, value: Predictable) -> Weakness:
    name = inert(value.name, 60)
    source = readable(value.source)
    apart = [span for span in value.drawn if not value.span.line <= span.line <= value.span.end_line]
    return Weakness(
        category="weak-randomness",
        identity=(value.name, value.span.scope, value.source),
        title="A secret can be predicted",
        message=f"{name} is made with {source}, whose next numbers follow from those before: whoever sees some can compute others.",
        severity=Severity.MEDIUM if value.source == "uuid.uuid1" else Severity.HIGH,
        confidence=Confidence.MEDIUM,
        locations=tuple(dict.fromkeys(file.place(span) for span in (value.span, *apart))),
        root_cause=f"weak-randomness: {value.span.scope}",
        fix=Fix("Use the secrets module: secrets.token_urlsafe(32), secrets.choice(alphabet), secrets.randbelow(10**6)."),
    )


def _noise(file: SourceFile, noise: Noise) -> Weakness:
    return Weakness(
        category="weak-randomness",
        identity=("noise", noise.span.scope, noise.source),
        title="Privacy noise can be predicted",
        message=f"The noise comes from {readable(noise.source)}: its generator can be predicted, and its floating-point samples give exact answers away.",
        severity=Severity.LOW,
        confidence=Confidence.MEDIUM,
        locations=(file.place(noise.span),),
        root_cause="weak-randomness: noise",
        fix=Fix("Use a library that samples exactly from a secure generator (OpenDP, Tumult), or secure_mode of DP-SGD."),
    )
