"""Commands and settings that accept any certificate."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.configuration.telling import EVERY, Starting, weaknesses
from aisecops.checks.references import CERTIFICATE_VALIDATION, CLEARTEXT_TRANSMISSION, SOFTWARE_SUPPLY_CHAIN
from aisecops.core.check import Context, check
from aisecops.core.finding import Weakness
from aisecops.core.taxonomy import Stage, Threat


@check(
    id="configuration/tls-disabled",
    version=2,
    title="Commands and settings verify who answers",
    inputs=EVERY,
    stage=Stage.DEPLOY,
    threat=Threat.SUPPLY_CHAIN,
    categories=("tls-disabled",),
    refs=(CERTIFICATE_VALIDATION, CLEARTEXT_TRANSMISSION, SOFTWARE_SUPPLY_CHAIN),
    heeds="starts",
)
def tls_disabled(file: Starting, ctx: Context) -> Iterator[Weakness]:
    """Find commands, variables and settings that stop verifying the certificate of the server that answers.

    What it finds
        ``curl -k``, ``wget --no-check-certificate``, ``pip --trusted-host`` and indexes over plain http, ``npm strict-ssl=false``, ``git http.sslVerify=false``,
        ``kubectl`` and ``helm --insecure-skip-tls-verify``, insecure registries, ``NODE_TLS_REJECT_UNAUTHORIZED=0``, ``PYTHONHTTPSVERIFY=0``, ``CURL_CA_BUNDLE=``, and
        settings such as ``verify_ssl: false`` or ``insecureSkipVerify: true`` of any program.

    Why it matters
        Packages, images, weights and data that come over such a connection come from whoever stands on the way, and packages and pickles run code. ``CURL_CA_BUNDLE=""``
        is the advice that forums give for a certificate error of a model hub; it then holds for every program that the shell starts.

    Example
        ``RUN pip install --trusted-host pypi.org -r requirements.txt``

    How to fix
        Leave verification on. If an internal authority signed the certificate, name its file: ``--cacert``, ``PIP_CERT``, ``REQUESTS_CA_BUNDLE``, ``SSL_CERT_FILE``.

    Limits
        Requests to the same machine (``curl -k https://localhost/health``) are not reported. What a program does with a setting of its own name is taken from the name.

    References
        CWE-295; CWE-319; MITRE ATLAS AML.T0010.001 (AI Software).
    """
    yield from weaknesses(file, ctx, "tls-disabled")
