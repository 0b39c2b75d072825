"""Services that any web site may call."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.configuration.telling import EVERY, Starting, weaknesses
from aisecops.checks.references import PERMISSIVE_CROSS_DOMAIN
from aisecops.core.check import Context, check
from aisecops.core.finding import Weakness
from aisecops.core.taxonomy import Stage, Threat


@check(
    id="configuration/open-cors",
    title="Only known web sites may call a service",
    inputs=EVERY,
    stage=Stage.DEPLOY,
    threat=Threat.INSECURE_OPERATION,
    categories=("open-cors",),
    refs=(PERMISSIVE_CROSS_DOMAIN,),
    heeds="starts",
)
def open_cors(file: Starting, ctx: Context) -> Iterator[Weakness]:
    """Find services that are told to answer every web site.

    What it finds
        ``allow_origin='*'`` of Jupyter, ``OLLAMA_ORIGINS=*``, ``cors_allowed_origin=*`` of TorchServe, ``--allowed-origins '["*"]'``, Streamlit with ``enableCORS`` or
        its protection against forged requests off, websocket origins of Bokeh and Panel, and settings and variables for CORS of any service.

    Why it matters
        A service on your own machine, or inside a network, is out of reach for a web site, but not for the browser of whoever visits it. With an open origin any page
        uses the model, reads notebooks or deletes models in the background. That it is enough to visit a page was shown for Ollama in 2024 (CVE-2024-28224).

    Example
        ``OLLAMA_ORIGINS='*' ollama serve``

    How to fix
        Name the origins that need it: ``OLLAMA_ORIGINS=https://app.example.org``.

    Limits
        Whether the service asks for more than cookies is not seen; where it wants a key with every request, an open origin matters less.

    References
        CWE-942; CWE-352.
    """
    yield from weaknesses(file, ctx, "open-cors")
