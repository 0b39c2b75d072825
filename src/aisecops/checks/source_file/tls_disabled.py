"""Connections that accept any certificate."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from aisecops.checks.references import CERTIFICATE_VALIDATION, CLEARTEXT_TRANSMISSION, HOST_MISMATCH, SOFTWARE_SUPPLY_CHAIN
from aisecops.checks.source_file.subject import SourceFile
from aisecops.checks.source_file.telling import weaknesses
from aisecops.codebase.dataflow.program import Hit, Module
from aisecops.codebase.syntax.walking import walk
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.finding import Weakness
from aisecops.core.taxonomy import Stage, Threat

_CONTEXTS = frozenset(("tls-disabled:ssl-context", "tls-disabled:ssl-mode"))


@check(
    id="source-file/tls-disabled",
    version=2,
    title="Connections verify who answers",
    inputs=(AssetKind.SOURCE_FILE, AssetKind.NOTEBOOK),
    stage=Stage.CODE,
    threat=Threat.SUPPLY_CHAIN,
    categories=("tls-disabled",),
    refs=(CERTIFICATE_VALIDATION, HOST_MISMATCH, CLEARTEXT_TRANSMISSION, SOFTWARE_SUPPLY_CHAIN),
    heeds="hits",
)
def tls_disabled(file: SourceFile, ctx: Context) -> Iterator[Weakness]:
    """Find clients that do not verify the certificate, or the host key, of the server that answers.

    What it finds
        ``verify=False`` and its relatives in HTTP clients, cloud and database clients; sessions and TLS contexts that are told so afterwards; environment variables
        and module attributes that switch verification off for the whole process; SSH clients that accept unknown host keys. Also through wrappers, options,
        partial calls and defaults of the project's own functions.

    Why it matters
        Weights, data sets and packages that come over such a connection come from whoever stands on the way, and a pickle runs code when it is loaded. The
        idiom ``ssl._create_default_https_context = ssl._create_unverified_context`` was copied into thousands of notebooks to make one download work; it then
        holds for every later download of the process. API keys sent over such a connection are read as well.

    Example
        ``requests.get("https://models.example.com/model.pkl", verify=False)``

    How to fix
        Leave verification on. If an internal authority signed the certificate, name its file: ``verify="/etc/ssl/internal-ca.pem"``, ``SSL_CERT_FILE``, or
        ``REQUESTS_CA_BUNDLE``. If the interpreter has no certificates at all, install ``certifi``.

    Limits
        A switch that is read from configuration at run time is not judged; its default is. Plain ``http://`` is for source-file/unpinned-artifact.

    References
        CWE-295; MITRE ATLAS AML.T0010.001 (AI Software).
    """
    module = file.module
    if module is not None:
        yield from weaknesses(file, "tls-disabled", lambda hit: None if _is_for_a_server(module, hit) else hit.entry.severity)


def _is_for_a_server(module: Module, hit: Hit) -> bool:
    """Whether the context is for a server, which need not ask its callers for certificates."""
    node = hit.node
    if hit.entry.id not in _CONTEXTS or not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
        return False
    for statement in walk(module.tree):
        if isinstance(statement, ast.Assign) and any(isinstance(t, ast.Name) and t.id == node.value.id for t in statement.targets):
            made = ast.unparse(statement.value)[:300]
            if "CLIENT_AUTH" in made or "PROTOCOL_TLS_SERVER" in made:
                return True
    return False
