"""Code that works against whoever runs, imports or installs it."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.references import EMBEDDED_MALICIOUS_CODE, EXFILTRATION, REVERSE_SHELL, SOFTWARE_SUPPLY_CHAIN
from aisecops.checks.source_file.subject import SourceFile
from aisecops.codebase.payloads import Payload, payloads
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.finding import Fix, Weakness
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat
from aisecops.core.text import inert


@check(
    id="source-file/malicious-code",
    title="The code does nothing against its user",
    inputs=(AssetKind.SOURCE_FILE, AssetKind.NOTEBOOK),
    stage=Stage.CODE,
    threat=Threat.SUPPLY_CHAIN,
    categories=("malicious-code",),
    refs=(EMBEDDED_MALICIOUS_CODE, SOFTWARE_SUPPLY_CHAIN, EXFILTRATION, REVERSE_SHELL),
)
def malicious_code(file: SourceFile, ctx: Context) -> Iterator[Weakness]:
    """Find install hooks, import-time theft, hidden code and other payloads.

    What it finds
        Code that is decoded or fetched and run at once; commands, downloads and reports that an install hook of ``setup.py`` or the import of a package makes;
        credentials, the environment or the machine's identity sent away, also in DNS names; reverse shells; objects whose ``__reduce__`` runs a command;
        names put together so that nobody finds them; destruction on a day; statements pushed out of sight by blank space.

    Why it matters
        Installing a package, importing it, or loading a model with ``trust_remote_code`` runs its code with your rights. In December 2022 a package named
        ``torchtriton`` took the place of a dependency of PyTorch's nightly builds and sent SSH keys and the environment away in DNS queries; in 2024 the build of
        ``ultralytics`` on PyPI mined coins.

    Example
        ``exec(base64.b64decode("aW1wb3J0IG9z..."))`` in ``__init__.py``.

    How to fix
        Do not run, import or install it. If it ran, treat the machine's keys as stolen and rotate them; then look where the file came from.

    Limits
        Commands that build a package (compilers, ``make``, ``git describe``, ``exec(open("version.py").read())``) are left alone, and so is what a program fetches to
        use as data. A payload that is written in plain sight for a function to run only when called is for the reader.

    References
        CWE-506; MITRE ATLAS AML.T0010.001, AML.T0025, AML.T0072; PyTorch, "Compromised PyTorch-nightly dependency chain", 2022.
    """
    if file.module is None:
        return
    for payload in payloads(file.module, file.text.content):
        yield _weakness(file, payload)


def _weakness(file: SourceFile, payload: Payload) -> Weakness:
    return Weakness(
        category="malicious-code",
        identity=(payload.rule, payload.span.scope, payload.what),
        title="The code works against its user",
        message=f"{inert(payload.what, 200)}.",
        severity=Severity.CRITICAL if payload.sure else Severity.HIGH,
        confidence=Confidence.HIGH if payload.sure else Confidence.MEDIUM,
        locations=(file.place(payload.span),),
        root_cause=f"malicious-code: {payload.rule}",
        evidence={"rule": payload.rule},
        fix=Fix("Do not run, import or install it; if it ran, rotate every key that the machine held."),
    )
