"""Secrets without a shape of their own: the name that a value is given tells, and the value has to look like one."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from aisecops.content.secrets.names import Kind, kind_of, service_of
from aisecops.content.secrets.placement import Value, name_start, past_scheme, seam, value_after
from aisecops.content.secrets.secret import Secret, masked
from aisecops.content.secrets.structure import base64_decoded
from aisecops.content.secrets.tokens import find_tokens, is_dismissed
from aisecops.content.secrets.values import is_documented, is_placeholder, is_uuid, looks_random, password_confidence, token_confidence
from aisecops.core.taxonomy import Confidence, Severity

_NOUNS = ("pass", "pw", "secret", "token", "key", "auth", "cred", "pat")
_CODE = frozenset(
    "python javascript typescript jsx tsx java go rust c cpp c++ csharp c# kotlin scala swift php ruby r julia lua perl ipython".split()
)
_PATTERN = r"\[\^?[^\]\s]*(A-Z|a-z|0-9|\\w|\\d)[^\]\s]*\]|\(\?[:=!P<]"
"""A regular expression is no value."""
_COUNTED = r"\d{1,9},"
"""An entry of a vocabulary in JSON: ``"password": 21347,``."""
_SEVERITY = {Confidence.HIGH: Severity.HIGH, Confidence.MEDIUM: Severity.HIGH, Confidence.LOW: Severity.MEDIUM}


class _Assigned(msgspec.Struct, frozen=True):
    """A telling name, what is kept under it, and the value that it is given."""

    name: str
    kind: Kind
    value: Value


def find_assignments(text: str, low: str, language: str) -> Iterator[Secret]:
    """Yield secrets that are assigned to telling names. ``low`` is ``text`` in lower case, of the same length."""
    code = language.lower() in _CODE
    for noun in _NOUNS:
        position, judged = low.find(noun), 0
        while position >= 0:
            joint = seam(low, position) if position >= judged else None
            assigned = _assigned(text, joint, code) if joint else None
            if assigned:
                if assigned.value.bare and not text.startswith("$", assigned.value.start):
                    judged = assigned.value.end  # a name in a value without quotes is part of it
                found = _judge(text, assigned)
                if found:
                    yield found
            position = low.find(noun, position + 2)


def _assigned(text: str, joint: re.Match[str], code: bool) -> _Assigned | None:
    start = name_start(text, joint.start())
    name = text[start : joint.start("close")]
    kind = kind_of(name)
    value = value_after(text, joint, start, code=code) if kind else None
    if value and value.paired:
        kind = Kind.PASSWORD if kind is Kind.TOKEN else None
    return _Assigned(name, kind, value) if kind and value else None


def _judge(text: str, assigned: _Assigned) -> Secret | None:
    name, kind, value = assigned.name, assigned.kind, assigned.value
    start, end = value.start, value.end
    start = past_scheme(text, start, end)
    said = value.joined[past_scheme(value.joined, 0, len(value.joined)) :] or text[start:end]
    if value.joined:
        whole = next(find_tokens(said), None)
        if whole:
            return msgspec.structs.replace(whole, start=start, end=end, name=name.strip("-.$"))
    if text[max(0, start - 8) : start].lower().rstrip().endswith("basic"):
        return _basic(name, said, start)
    if is_documented(said) or is_dismissed(said) or (value.bare and (_goes_on(text, end) or re.fullmatch(_COUNTED, said))):
        return None
    if re.search(_PATTERN, said) or _repeats(name, said):
        return None
    confidence = _confidence(text, name, kind, value, said)
    return _secret(name, kind, start, end, len(said), confidence) if confidence else None


def _repeats(name: str, said: str) -> bool:
    """Whether a value says nothing that its name does not: ``ED25519_KEY_PASSPHRASE = "ed25519-key"``."""
    words = re.findall(r"[a-z]{3,}|[a-z]*[0-9]+", said.lower())
    return len(said) < 40 and bool(words) and all(word in name.lower() for word in words) and re.fullmatch(r"[A-Za-z0-9_.-]+", said) is not None


def _goes_on(text: str, end: int) -> bool:
    """Whether an unquoted value is the beginning of an expression: a call, an item, an interpolation."""
    return text[end : end + 1] in ("(", "[", "{", "<")


def _confidence(text: str, name: str, kind: Kind, value: Value, said: str) -> Confidence | None:
    if kind is Kind.KEY:
        return _bare_key(text, value, said)
    if not value.sure and kind is Kind.PASSWORD:
        return Confidence.MEDIUM if password_confidence(said) is Confidence.HIGH else None
    if not value.sure:
        random = looks_random(said, 20) and not is_placeholder(said) and not is_uuid(said)
        return Confidence.MEDIUM if random and token_confidence(said) else None
    if is_uuid(said) and not _names_a_key(name):
        return None
    if kind is Kind.TOKEN:
        return _basic_auth(name, said) or token_confidence(said)
    return password_confidence(said) or (token_confidence(said) if kind is Kind.SECRET else None)


def _names_a_key(name: str) -> bool:
    """Whether ``name`` is sure enough to take a UUID, the form of most ids, for a secret."""
    return re.search(r"(?i)api|secret|access|auth|key|password", name) is not None or bool(service_of(name))


_NEAR_KEY = (
    r"(?i:\"username\"|login\s?\(|[?&]\Z|credential|\bapi\b|wandb|kaggle|roboflow|comet|serpapi|openai|anthropic|cohere|mistral|gemini|groq|deepseek"
    r"|huggingface|pinecone|qdrant|weaviate|stripe|sendgrid|twilio|azure)"
)


def _bare_key(text: str, value: Value, said: str) -> Confidence | None:
    """``key`` alone says nothing; beside a service's name, or a user's, it does: ``wandb.login(key=...)``, ``kaggle.json``."""
    if not looks_random(said, 16) or is_placeholder(said) or is_uuid(said):
        return None
    before = text[max(0, value.start - 90) : value.start].rstrip("\"'= :").removesuffix("key")
    comment = text[value.end : value.end + 60].partition("\n")[0].partition("#")[2]
    return Confidence.MEDIUM if re.search(_NEAR_KEY, before) or re.search(_NEAR_KEY, comment) else None


def _basic_auth(name: str, said: str) -> Confidence | None:
    """``"auth": "dXNlcjpwYXNz..."`` of Docker's configuration: user and password in base64."""
    if name.lower() != "auth" or len(said) < 12:
        return None
    decoded = base64_decoded(said)
    if decoded is None or not decoded.isascii() or b":" not in decoded:
        return None
    user, _, password = decoded.decode().partition(":")
    return password_confidence(password) or token_confidence(password) if user.isprintable() else None


def _basic(name: str, said: str, start: int) -> Secret | None:
    """``Authorization: Basic dXNlcjpwYXNz...``."""
    confidence = _basic_auth("auth", said)
    return _secret(name, Kind.PASSWORD, start, start + len(said), len(said), confidence) if confidence else None


_TITLES = {Kind.TOKEN: "API key or token", Kind.PASSWORD: "password", Kind.SECRET: "secret", Kind.KEY: "API key"}
_RULES = {Kind.TOKEN: "api-key", Kind.PASSWORD: "password", Kind.SECRET: "secret-value", Kind.KEY: "api-key"}


def _secret(name: str, kind: Kind, start: int, end: int, length: int, confidence: Confidence) -> Secret:
    service = service_of(name)
    return Secret(
        rule=_RULES[kind], title=f"{service} {_TITLES[kind]}".strip(), start=start, end=end, shape=masked(length),
        severity=_SEVERITY[confidence], confidence=confidence, name=name.strip("-.$"),
    )  # fmt: skip
