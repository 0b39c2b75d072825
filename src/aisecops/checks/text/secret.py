"""Secrets in code, settings, prompts, notebooks and their outputs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from aisecops.checks.references import CLEARTEXT_STORAGE, HARDCODED_CREDENTIALS, SENSITIVE_DISCLOSURE, UNSECURED_CREDENTIALS
from aisecops.checks.text.telling_of_secrets import Spotted, spotted, weaknesses
from aisecops.codebase.text import TextPart
from aisecops.core.asset import Asset, AssetKind
from aisecops.core.check import Context, check
from aisecops.core.examination import Code, NotExamined
from aisecops.core.finding import Weakness
from aisecops.core.settings import SecretSettings
from aisecops.core.taxonomy import Stage, Threat

_LONGEST = 64 << 20
"""Characters of a file that are searched, at 20 MB/s."""


class _Texts(Protocol):
    """The subjects that this check reads."""

    asset: Asset
    texts: tuple[TextPart, ...]


@check(
    id="text/secret",
    title="No secrets in files",
    inputs=(
        AssetKind.SOURCE_FILE,
        AssetKind.NOTEBOOK,
        AssetKind.CONFIGURATION,
        AssetKind.DEPLOYMENT,
        AssetKind.DEPENDENCY_SET,
        AssetKind.PROMPT,
        AssetKind.DOCUMENT,
    ),
    stage=Stage.CODE,
    threat=Threat.PRIVACY,
    version=4,
    categories=("secret",),
    refs=(HARDCODED_CREDENTIALS, CLEARTEXT_STORAGE, SENSITIVE_DISCLOSURE, UNSECURED_CREDENTIALS),
)
def secret(file: _Texts, ctx: Context) -> Iterator[Weakness | NotExamined]:
    """Find tokens, passwords, private keys and credentials in addresses, wherever they stand in a file.

    What it finds
        Tokens of more than a hundred services by their shape (model hubs and providers, experiment trackers, vector stores, clouds, code hosts, registries, chat and
        payment), with their built-in check digits where they have some; private keys; passwords in addresses, connection strings, commands, ``.netrc`` and Kubernetes
        manifests; and values whose name says what they are (``api_key=``, ``DB_PASSWORD:``, ``--token``) and that look as a machine or a person makes secrets.
        Cells, their outputs and their markdown are searched alike. A finding names the kind, the place, the length and a salted hash; the value is kept nowhere.

    Why it matters
        Whoever can read the file can act in your name: pull and replace models, read data sets, spend the budget for GPUs. In 2023 a token that a cloud vendor's
        researchers had published together with open-source training data opened 38 TB of internal files; the same year more than 1,600 valid hub tokens were found in
        public repositories, many of them able to write to the models of well-known organisations.

    Example
        ``login(token="hf_...")`` in the first cell of a notebook.

    How to fix
        Revoke the secret first: deleting the line leaves it in the history, in forks and in caches. Then issue a new one with the fewest rights that do, and read
        it when the program runs: ``os.environ["HF_TOKEN"]``, the platform's secret store, a mounted file. Keep ``.env`` out of the repository.

    Limits
        Nothing is sent anywhere, so a finding does not say whether the secret still works. Values that are put together from pieces, or encoded in ways of
        one's own, are not found; neither are passwords that are plain words. Placeholders, references (``${TOKEN}``), hashes, ids, and values that documentation
        prints for everybody are passed over; in tests and templates only what has a shape of its own counts in full, in documents nothing else at all. The history is
        searched on request.

    References
        CWE-798; CWE-312; OWASP LLM02:2025; MITRE ATLAS AML.T0055 (Unsecured Credentials).
    """
    found: list[Spotted] = []
    left = _LONGEST
    for part in file.texts:
        found += spotted(part, file.asset.path, left)
        left = max(0, left - len(part.text.content))
    if not left:
        yield NotExamined(
            code=Code.TRUNCATED,
            reason=f"secrets were searched in the first {_LONGEST >> 20} million characters",
            remedy="leave the file out, or split it",
        )
    yield from weaknesses(found, ctx.settings(SecretSettings).salt)
