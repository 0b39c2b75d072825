"""Secrets in code, settings, prompts, notebooks and their outputs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Protocol

import msgspec

from aisecops.checks.references import CLEARTEXT_STORAGE, HARDCODED_CREDENTIALS, SENSITIVE_DISCLOSURE, UNSECURED_CREDENTIALS
from aisecops.codebase.text import TextPart
from aisecops.content.secrets import Secret, find_secrets, secret_hash
from aisecops.core.asset import Asset, AssetKind
from aisecops.core.check import Context, check
from aisecops.core.examination import Code, NotExamined
from aisecops.core.finding import Fix, Location, Weakness
from aisecops.core.settings import SecretSettings
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat
from aisecops.core.text import inert

_LONGEST = 64 << 20
"""Characters of a file that are searched, at 20 MB/s."""
_MOST_SECRETS = 200
"""Secrets of a file that are told of one by one: each costs a slow hash. What has more is a list of them, and is told of as one."""
_MOST_PLACES = 50
_GENERAL = frozenset({"api-key", "password", "secret-value", "address-credential", "argument-password", "argument-token"})
"""Rules that judge by a name: in tests and templates people write values that look as real as they can."""
_FIXTURE = re.compile(
    r"(?:^|/)(?:tests?|testing|testdata|test_data|fixtures?|mocks?|conftest\.py|test_[^/]*|[^/]*_test\.py)(?:/|$)|\.(?:example|sample|template|dist|tmpl)(?:\.\w+)?$"
)


class _Texts(Protocol):
    """The subjects that this check reads."""

    asset: Asset
    texts: tuple[TextPart, ...]


class _Place(msgspec.Struct, frozen=True):
    """A secret, its value, which stays here, and where it stands."""

    secret: Secret
    value: str
    location: Location
    output: bool


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
    ),
    stage=Stage.CODE,
    threat=Threat.PRIVACY,
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
        prints for everybody are passed over; in tests and templates only what has a shape of its own counts in full. The history is searched on request.

    References
        CWE-798; CWE-312; OWASP LLM02:2025; MITRE ATLAS AML.T0055 (Unsecured Credentials).
    """
    places: dict[tuple[str, str], list[_Place]] = {}
    left = _LONGEST
    for part in file.texts:
        for place in _places(file, part, left):
            places.setdefault((place.secret.rule, place.value), []).append(place)
        left = max(0, left - len(part.text.content))
    if not left:
        yield NotExamined(
            code=Code.TRUNCATED,
            reason=f"secrets were searched in the first {_LONGEST >> 20} million characters",
            remedy="leave the file out, or split it",
        )
    salt = ctx.settings(SecretSettings).salt
    found = list(places.values())
    for same in found[:_MOST_SECRETS]:
        yield _weakness(same, salt)
    if len(found) > _MOST_SECRETS:
        yield _further(found[_MOST_SECRETS:])


def _places(file: _Texts, part: TextPart, most: int) -> Iterator[_Place]:
    content = part.text.content[:most]
    for found in find_secrets(content, language=part.language):
        kept = _in_context(found, file.asset.path)
        if kept is not None:
            at = part.text.at(found.start)
            location = Location(path=file.asset.path, line=at.line, column=at.column, cell=at.cell or part.cell)
            yield _Place(kept, content[found.start : found.end], location, part.role == "output")


def _in_context(found: Secret, path: str) -> Secret | None:
    """Return ``found`` with the confidence that it deserves in a file of this name; None if it deserves none."""
    if found.rule not in _GENERAL or not _FIXTURE.search(path.lower()):
        return found
    if found.confidence is Confidence.LOW:
        return None
    return msgspec.structs.replace(found, confidence=Confidence.LOW, severity=Severity.LOW)


def _weakness(places: Sequence[_Place], salt: str) -> Weakness:
    """One finding for one secret, with all its places in the file."""
    best = max((place.secret for place in places), key=lambda one: (one.confidence.rank, bool(one.name)))
    hashed = secret_hash(places[0].value, salt)
    name = inert(best.name, 80)
    locations = tuple(dict.fromkeys(place.location for place in places))
    return Weakness(
        category="secret",
        identity=(best.rule, hashed, name),
        title=f"A secret in plain text: {best.title}",
        message=_message(best, name, len(locations), all(place.output for place in places)),
        severity=best.severity,
        confidence=best.confidence,
        locations=locations[:_MOST_PLACES],
        evidence={"rule": best.rule, "shape": best.shape, "hash": hashed, "name": name, "places": len(locations)},
        fix=Fix(
            "Revoke it and issue a new one; read that from the environment or a secret store. Deleting the line leaves the secret in the history."
        ),
    )


def _message(best: Secret, name: str, places: int, output: bool) -> str:
    where = f" as the value of {name}" if name else ""
    shown = "An output shows" if output else "Here stands"
    again = f", at {places} places" if places > 1 else ""
    return f"{shown} {_article(best.title)} ({best.shape}){where}{again}. Whoever can read this file can use it."


def _article(noun: str) -> str:
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def _further(found: Sequence[Sequence[_Place]]) -> Weakness:
    places = [place.location for same in found for place in same]
    return Weakness(
        category="secret",
        identity=("further-secrets",),
        title="Many more secrets",
        message=f"Besides the {_MOST_SECRETS} that are listed one by one, {len(found):,} more secrets stand in this file.",
        severity=Severity.HIGH,
        confidence=Confidence.MEDIUM,
        locations=tuple(places[:_MOST_PLACES]),
        evidence={"secrets": len(found)},
        fix=Fix("Take the list out of the project, also out of its history, and revoke what it names."),
    )
