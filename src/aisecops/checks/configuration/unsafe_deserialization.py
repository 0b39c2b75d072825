"""Settings that let files run code while they are loaded."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.configuration.telling import EVERY, Starting, weaknesses
from aisecops.checks.references import DESERIALIZATION, OWASP_ML_SUPPLY_CHAIN, UNSAFE_ARTIFACT
from aisecops.core.check import Context, check
from aisecops.core.finding import Weakness
from aisecops.core.taxonomy import Stage, Threat


@check(
    id="configuration/unsafe-deserialization",
    version=2,
    title="No configuration lets files run code while they are loaded",
    inputs=EVERY,
    stage=Stage.DEPLOY,
    threat=Threat.SUPPLY_CHAIN,
    categories=("unsafe-deserialization",),
    refs=(DESERIALIZATION, UNSAFE_ARTIFACT, OWASP_ML_SUPPLY_CHAIN),
    heeds="starts",
)
def unsafe_deserialization(file: Starting, ctx: Context) -> Iterator[Weakness]:
    """Find variables and settings that let loaders unpickle.

    What it finds
        ``TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD=1``, ``VLLM_ALLOW_INSECURE_SERIALIZATION=1``, ``MLFLOW_ALLOW_PICKLE_DESERIALIZATION=true``,
        ``allow_dangerous_deserialization: true``, ``weights_only: false``, ``allow_pickle: true``, pickles between tasks of Celery and Airflow.

    Why it matters
        A pickle is a program. These switches undo what the libraries learned from it: torch 2.6 made ``weights_only`` the default after years of models that
        carried code; vLLM closed CVE-2024-11041 and CVE-2025-32444, where pickles came over the network.

    Example
        ``export TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD=1``

    How to fix
        Remove the switch, and keep models in formats that hold data alone (safetensors, ONNX, skops). Load one old checkpoint in isolation, and convert it.

    Limits
        ``weights_only`` and ``allow_pickle`` in a file are taken for what they are called; what the program does with them is not seen.

    References
        CWE-502; MITRE ATLAS AML.T0011.000 (Unsafe AI Artifacts).
    """
    yield from weaknesses(file, ctx, "unsafe-deserialization")
