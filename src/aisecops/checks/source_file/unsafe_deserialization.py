"""Files and messages that run code while they are loaded."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aisecops.checks.references import DESERIALIZATION, OWASP_LLM_SUPPLY_CHAIN, OWASP_ML_SUPPLY_CHAIN, UNSAFE_ARTIFACT
from aisecops.checks.source_file.own_files import OwnFiles, is_restricted
from aisecops.checks.source_file.subject import SourceFile
from aisecops.checks.source_file.telling import weaknesses
from aisecops.checks.source_file.verified import Verification
from aisecops.codebase.dataflow.program import Hit
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.finding import Weakness
from aisecops.core.taxonomy import Severity, Stage, Threat

_TESTS = r"(^|/)(tests?|testing)/|(^|/)(test_[^/]*|[^/]*_test|conftest)\.py$"
"""Files that run where they are developed, on files that lie beside them."""


@check(
    id="source-file/unsafe-deserialization",
    version=2,
    title="What is loaded cannot run code",
    inputs=(AssetKind.SOURCE_FILE, AssetKind.NOTEBOOK),
    stage=Stage.CODE,
    threat=Threat.SUPPLY_CHAIN,
    categories=("unsafe-deserialization",),
    refs=(DESERIALIZATION, UNSAFE_ARTIFACT, OWASP_ML_SUPPLY_CHAIN, OWASP_LLM_SUPPLY_CHAIN),
    heeds="hits",
)
def unsafe_deserialization(file: SourceFile, ctx: Context) -> Iterator[Weakness]:
    """Find calls that run code which the loaded file, or the received message, has chosen.

    What it finds
        ``torch.load`` without weights_only, pickle and what is built on it (joblib, dill, cloudpickle, shelve, pandas, NumPy objects, checkpoints of many libraries),
        YAML with a loader that makes objects, Keras with safe_mode off, and loaders whose own safety switch is turned off. Wrappers, partial calls, dictionaries
        of options, defaults of parameters, command-line options and fields are followed, also into other modules. What the project declares decides where versions
        differ: torch.load of torch >= 2.6 is safe by default, below 2.6 not even ``weights_only=True`` is.

    Why it matters
        A pickle is a program. In 2025 models on a public hub carried reverse shells that ran before anything of the model was read; CVE-2025-32434 let crafted
        files past ``weights_only=True``; CVE-2025-30165 (vLLM) was one ``recv_pyobj`` on an open port, copied into several inference servers.

    Example
        ``state = torch.load("model.pt", weights_only=False)``

    How to fix
        Weights: safetensors. scikit-learn: skops or ONNX. Data: Parquet, Arrow, JSON. Where a pickle has to stay, compare its SHA-256 with one that you trust
        before loading, or allow exactly the classes it needs in ``find_class``.

    Limits
        Not reported: what the same function has written itself, what was compared with a digest or signature before, an unpickler whose ``find_class`` refuses.
        A path that is a constant inside the project counts as medium, what comes from a request, a download or a socket as critical, a test's own file as low.

    References
        CWE-502; MITRE ATLAS AML.T0011.000 (Unsafe AI Artifacts); GHSA-53q9-r3pm-6pq6; https://docs.python.org/3/library/pickle.html#restricting-globals.
    """
    if file.module is None:
        return
    own, verification = OwnFiles(file.module), Verification(file.module)
    is_test = re.search(_TESTS, file.asset.path) is not None

    def graded(hit: Hit) -> Severity | None:
        if is_restricted(hit) or verification.before(hit):
            return None
        severity: Severity = hit.entry.severity
        if hit.label:
            return severity
        if own.written_here(hit):
            return Severity.LOW if own.is_kept(hit) else None
        most = Severity.LOW if is_test else Severity.MEDIUM if own.of_project(hit) else severity
        return min(severity, most, key=lambda s: s.rank)

    yield from weaknesses(file, "unsafe-deserialization", graded)
