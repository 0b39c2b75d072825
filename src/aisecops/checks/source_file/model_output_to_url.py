"""Addresses that a language model chooses, and that are fetched."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.references import AGENT_EXFILTRATION, OUTPUT_VALIDATION, OWASP_OUTPUT_HANDLING, REQUEST_FORGERY
from aisecops.checks.source_file.subject import SourceFile
from aisecops.checks.source_file.telling import weaknesses
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.finding import Weakness
from aisecops.core.taxonomy import Stage, Threat


@check(
    id="source-file/model-output-to-url",
    title="No address chosen by a model is fetched",
    inputs=(AssetKind.SOURCE_FILE, AssetKind.NOTEBOOK),
    stage=Stage.CODE,
    threat=Threat.PROMPT_ATTACKS,
    categories=("model-output-to-url",),
    refs=(
        AGENT_EXFILTRATION,
        OUTPUT_VALIDATION,
        OWASP_OUTPUT_HANDLING,
        REQUEST_FORGERY,
    ),
    heeds="hits",
)
def model_output_to_url(file: SourceFile, ctx: Context) -> Iterator[Weakness]:
    """Find answers of language models that decide which host a request goes to.

    What it finds
        An answer that is the address, or the host in it, of a request by requests, httpx, aiohttp, urllib, a browser or a redirect. An answer behind
        a fixed scheme and host is left alone.

    Why it matters
        From inside, the cloud's metadata service, databases without passwords and admin pages are one request away; from outside, the query of an
        attacker's address carries away what the model has seen. LangChain's web research
        retriever fetched internal addresses that a search had brought up (CVE-2024-3095).

    Example
        ``requests.get(json.loads(call.function.arguments)["url"])``

    How to fix
        Compare scheme and host (``urllib.parse.urlsplit``) with a list of allowed ones before the request, and again after redirects; or let the
        model choose a key of a dictionary of addresses.

    Limits
        What a model has written is followed through functions, modules, attributes, containers and streams, not through files, databases or other
        processes. Functions that nobody in the project calls are taken to be called with nothing dangerous. Answers of models behind libraries that
        we do not know are missed; a project adds them as sources in its own knowledge file.

    References
        CWE-918; CWE-1426; OWASP LLM05:2025; MITRE ATLAS AML.T0086; CVE-2024-3095.
    """
    yield from weaknesses(file, "model-output-to-url")
