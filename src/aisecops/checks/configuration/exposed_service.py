"""Services that a command or a file opens to everyone."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.configuration.telling import EVERY, Starting, weaknesses
from aisecops.checks.references import ACTIVE_DEBUG_CODE, EXPOSED_RESOURCE, MISSING_AUTHENTICATION, PUBLIC_FACING_APPLICATION
from aisecops.core.check import Context, check
from aisecops.core.finding import Weakness
from aisecops.core.taxonomy import Stage, Threat


@check(
    id="configuration/exposed-service",
    title="What is started is not open to everyone",
    inputs=EVERY,
    stage=Stage.DEPLOY,
    threat=Threat.INSECURE_OPERATION,
    categories=("exposed-service",),
    refs=(MISSING_AUTHENTICATION, EXPOSED_RESOURCE, ACTIVE_DEBUG_CODE, PUBLIC_FACING_APPLICATION),
    heeds="starts",
)
def exposed_service(file: Starting, ctx: Context) -> Iterator[Weakness]:
    """Find notebooks, model servers, dashboards and debuggers that are started so that everybody who finds them can use them.

    What it finds
        Services that listen on every interface (``0.0.0.0``, ``::``, ``*``) and ask nobody who he is, by their nature or because it is switched off: Jupyter, Ray,
        MLflow, TorchServe, Triton, vLLM, SGLang, Text Generation Inference, Ollama, llama.cpp, LiteLLM, Langflow, TensorBoard, Dask, debuggers and others; share
        links and tunnels. In shell scripts, Makefiles, Dockerfiles, compose files, manifests, Ray cluster files, units of systemd, their settings files, and in
        commands that programs and notebooks start.

    Why it matters
        Whoever scans the internet finds such ports within hours. "ShadowRay" (CVE-2023-48022, 2024) took over clusters through Ray dashboards that were started with
        ``--dashboard-host=0.0.0.0``; "ShellTorch" (CVE-2023-43654) ran code through TorchServe's management interface on ``0.0.0.0:8081``; open Ollama servers are
        counted by the tens of thousands.

    Example
        ``ray start --head --dashboard-host=0.0.0.0``; ``ports: ["11434:11434"]`` for ``image: ollama/ollama``, which every interface of the host passes on.

    How to fix
        Bind to 127.0.0.1 and reach the service through ssh, or a proxy that signs users in. In compose files publish to one address:
        ``"127.0.0.1:8888:8888"``. Turn on what the service has: tokens, API keys, ``--app-name basic-auth``, ``RAY_AUTH_MODE=token``.

    Limits
        Inside a container ``0.0.0.0`` is needed; what counts there is whether a port is passed on to more than the host itself, and whether the service asks for
        anything. In a Dockerfile nobody knows who will reach it: reported are services that ask nobody. Web servers for applications (uvicorn, gunicorn) are not
        reported, nor what only a cluster's own network reaches, nor jobs of build servers. A key that an environment file or a secret sets counts as set.

    References
        CWE-306; CWE-668; MITRE ATLAS AML.T0049 (Exploit Public-Facing Application).
    """
    yield from weaknesses(file, ctx, "exposed-service")
