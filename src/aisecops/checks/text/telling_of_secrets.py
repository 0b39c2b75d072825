"""From secrets in texts to findings: one for each secret, with all its places, and never its value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from aisecops.codebase.text import TextPart
from aisecops.content.secrets import Secret, find_secrets, secret_hash
from aisecops.core.finding import Fix, Location, Weakness
from aisecops.core.taxonomy import Confidence, Severity
from aisecops.core.text import inert

_MOST_SECRETS = 200
"""Secrets that are told of one by one: each costs a slow hash. What has more is a list of them, and is told of as one."""
_MOST_PLACES = 50
_GENERAL = frozenset({"api-key", "password", "secret-value", "address-credential", "argument-password", "argument-token"})
"""Rules that judge by a name: in tests and templates people write values that look as real as they can."""
_FIXTURE = (
    r"(?:^|/)(?:tests?|testing|testdata|test_data|fixtures?|mocks?|conftest\.py|test_[^/]*|[^/]*_test\.py)(?:/|$)"
    r"|\.(?:example|sample|template|dist|tmpl)(?:\.\w+)?$"
)

_DOCUMENT = r"\.(?:md|markdown|mdown|mkd|html?|xhtml|rst|adoc)$"
"""Documentation shows what a password looks like on every page."""


class Spotted(msgspec.Struct, frozen=True):
    """A secret at a place. ``value`` never goes further than to its hash; ``commit`` is that of a past file, ``output`` says that a cell printed it."""

    secret: Secret
    value: str
    location: Location
    output: bool = False
    commit: str = ""


def spotted(part: TextPart, path: str, most: int, commit: str = "") -> Iterator[Spotted]:
    """Yield the secrets among the first ``most`` characters of ``part`` of the file ``path``."""
    content = part.text.content if len(part.text.content) <= most else part.text.content[:most]
    for found in find_secrets(content, language=part.language):
        kept = _in_context(found, path)
        if kept is not None:
            at = part.text.at(found.start)
            location = Location(path=path, line=at.line, column=at.column, cell=at.cell or part.cell)
            yield Spotted(kept, content[found.start : found.end], location, part.role == "output", commit)


def _in_context(found: Secret, path: str) -> Secret | None:
    """Return ``found`` with the confidence that it deserves in a file of this name; None if it deserves none."""
    if found.rule in _GENERAL and re.search(_DOCUMENT, path.lower()):
        return None
    if found.rule not in (*_GENERAL, "private-key") or not re.search(_FIXTURE, path.lower()):
        return found
    if found.rule == "private-key":  # made for the tests, more often than not
        return msgspec.structs.replace(found, confidence=Confidence.MEDIUM, severity=Severity.MEDIUM)
    if found.confidence is Confidence.LOW:
        return None
    return msgspec.structs.replace(found, confidence=Confidence.LOW, severity=Severity.LOW)


def weaknesses(found: Iterable[Spotted], salt: str) -> Iterator[Weakness]:
    """Yield one finding for each distinct secret of ``found``; beyond a few hundred, one for all the others."""
    places: dict[tuple[str, str], list[Spotted]] = {}
    for one in found:
        places.setdefault((one.secret.rule, one.value), []).append(one)
    groups = list(places.values())
    for same in groups[:_MOST_SECRETS]:
        yield _weakness(same, salt)
    if len(groups) > _MOST_SECRETS:
        yield _further(groups[_MOST_SECRETS:])


def _weakness(places: Sequence[Spotted], salt: str) -> Weakness:
    best = max((place.secret for place in places), key=lambda one: (one.confidence.rank, bool(one.name)))
    hashed = secret_hash(places[0].value, salt)
    name = inert(best.name, 80)
    locations = tuple(dict.fromkeys(place.location for place in places))
    commit = places[0].commit
    evidence = {"rule": best.rule, "shape": best.shape, "hash": hashed, "name": name, "places": len(locations)}
    return Weakness(
        category="secret",
        identity=(best.rule, hashed, name),
        title=f"A secret in {'the history' if commit else 'plain text'}: {best.title}",
        message=_message(places[0], best, name, len(locations), all(place.output for place in places)),
        severity=best.severity,
        confidence=best.confidence,
        locations=locations[:_MOST_PLACES],
        evidence=evidence | ({"commit": commit} if commit else {}),
        fix=Fix(
            "Revoke it and issue a new one; read that from the environment or a secret store. Deleting the line leaves the secret in the history."
        ),
    )


def _message(first: Spotted, best: Secret, name: str, places: int, output: bool) -> str:
    where = f" as the value of {name}" if name else ""
    again = f", at {places} places" if places > 1 else ""
    noun = f"{'an' if best.title[:1].lower() in 'aeiou' else 'a'} {best.title} ({best.shape})"
    if first.commit:
        return f"Commit {first.commit} brought {noun}{where}{again}. The file no longer shows it, the history does to everyone who has a clone."
    return f"{'An output shows' if output else 'Here stands'} {noun}{where}{again}. Whoever can read this file can use it."


def _further(groups: Sequence[Sequence[Spotted]]) -> Weakness:
    places = [place.location for same in groups for place in same]
    return Weakness(
        category="secret",
        identity=("further-secrets",),
        title="Many more secrets",
        message=f"Besides the {_MOST_SECRETS} that are listed one by one, {len(groups):,} more secrets stand here.",
        severity=Severity.HIGH,
        confidence=Confidence.MEDIUM,
        locations=tuple(places[:_MOST_PLACES]),
        evidence={"secrets": len(groups)},
        fix=Fix("Take the list out of the project, also out of its history, and revoke what it names."),
    )
