"""Prompts, personal data and secrets that are written down."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.references import PRIVATE_DATA_EXPOSED, SECRETS_IN_LOGS, SENSITIVE_DISCLOSURE, UNSECURED_CREDENTIALS
from aisecops.checks.source_file.missing_authentication import is_test
from aisecops.checks.source_file.sources import sources
from aisecops.checks.source_file.subject import SourceFile
from aisecops.checks.source_file.telling import readable, weaknesses
from aisecops.codebase.disclosure import Disclosure, disclosures
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.finding import Fix, Weakness
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat
from aisecops.core.text import inert

_TITLES = {"secret": "A secret is written down", "personal": "Personal data is written down", "prompt": "What people ask is written down"}
_WHY = {
    "secret": "whoever reads the logs can use it",
    "personal": "it stays there for whoever reads the logs, longer than anybody agreed to",
    "prompt": "people tell models things about themselves and others; it stays there for whoever reads the logs",
}
_PLACES = {"log": "the log", "console": "the console of a service", "telemetry": "a monitoring service", "experiment": "the record of an experiment"}
_FIXES = {
    "secret": "Leave it out; say whether it is set, or its last four characters.",
    "personal": "Write an id or a keyed hash, or redact it in one place (a logging.Filter).",
    "prompt": "Write its length, a keyed hash, model and latency; keep texts, if at all, in a store with access control and an end date.",
}
_SEVERITIES = {"secret": Severity.HIGH, "personal": Severity.MEDIUM, "prompt": Severity.MEDIUM}


@check(
    id="source-file/personal-data-logged",
    title="Logs hold neither secrets nor personal data",
    inputs=(AssetKind.SOURCE_FILE, AssetKind.NOTEBOOK),
    stage=Stage.OPERATE,
    threat=Threat.PRIVACY,
    categories=("personal-data-logged",),
    refs=(SECRETS_IN_LOGS, PRIVATE_DATA_EXPOSED, SENSITIVE_DISCLOSURE, UNSECURED_CREDENTIALS),
)
def personal_data_logged(file: SourceFile, ctx: Context) -> Iterator[Weakness]:
    """Find prompts, personal data and secrets in logs, in a service's console output, and in what monitoring services are sent.

    What it finds
        Calls of ``logging``, loguru, structlog, ``print`` in request handlers, and of Sentry, OpenTelemetry, Weights & Biases, MLflow and others that are given a
        password, key or token (by name, or because it comes from the environment or a vault), an e-mail address, phone or card number and the like, a user's
        prompt or messages, or a whole request body or its headers; directly, through f-strings, dictionaries, variables and the module's own logging functions.

    Why it matters
        Logs are copied to many places, read by many people and kept for long. In January 2025 a database with the logs of a chat service (DeepSeek) stood open on the
        internet: more than a million lines, with chat histories and API keys in plain text.

    Example
        ``logger.info(f"prompt from {user.email}: {prompt}")``

    How to fix
        Log ids, lengths, model and latency. Where texts are needed, redact them in one place, with access control and an end date.

    Limits
        It goes by names where the origin is not known. What a function covers by its name (``redact``, ``mask``, ``hash``) counts as covered, and so do the first or
        last eight characters. ``print`` of a script that serves nobody is left alone, unless it shows a secret; tests are left alone.

    References
        CWE-532, CWE-359; OWASP LLM02:2025 Sensitive Information Disclosure; MITRE ATLAS AML.T0055 (Unsecured Credentials).
    """
    if file.module is None or is_test(file.asset.path):
        return
    yield from weaknesses(file, "personal-data-logged")
    groups: dict[tuple[str, str], list[Disclosure]] = {}
    for disclosure in disclosures(file.module, sources(ctx).program):
        groups.setdefault((disclosure.kind, disclosure.span.scope), []).append(disclosure)
    for (kind, scope), found in groups.items():
        yield _weakness(file, kind, scope, found)


def _weakness(file: SourceFile, kind: str, scope: str, found: list[Disclosure]) -> Weakness:
    names = tuple(dict.fromkeys(disclosure.name for disclosure in found))
    first = found[0]
    return Weakness(
        category="personal-data-logged",
        identity=(kind, scope, *sorted(names)),
        title=_TITLES[kind],
        message=f"{readable(first.path)} writes {', '.join(inert(name, 60) for name in names[:5])} to {_PLACES[first.place]}: {_WHY[kind]}.",
        severity=_SEVERITIES[kind] if kind != "prompt" or any(disclosure.served for disclosure in found) else Severity.LOW,
        confidence=Confidence.MEDIUM,
        locations=tuple(dict.fromkeys(file.place(disclosure.span) for disclosure in found)),
        root_cause=f"personal-data-logged: {kind}",
        evidence={"names": [inert(name, 60) for name in names[:20]]},
        fix=Fix(_FIXES[kind]),
    )
