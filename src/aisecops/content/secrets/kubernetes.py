"""Kubernetes ``Secret`` manifests: their values are in base64, which hides nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aisecops.content.secrets.names import kind_of
from aisecops.content.secrets.secret import Secret, masked
from aisecops.content.secrets.structure import base64_decoded
from aisecops.content.secrets.values import looks_random, password_confidence, token_confidence
from aisecops.core.taxonomy import Confidence, Severity

_KIND = r"(?m)^kind:[ \t]{0,4}[\"']?Secret[\"']?[ \t]{0,4}\r?$"
_ENTRY = r"(?m)^[ \t]{1,12}[\"']?([\w.-]{1,80})[\"']?:[ \t]{1,4}[\"']?([A-Za-z0-9+/]{8,4000}={0,2})[\"']?[ \t]{0,4}\r?$"


def find_kubernetes_secrets(text: str) -> Iterator[Secret]:
    """Yield the values of the ``data`` of ``Secret`` manifests in ``text``."""
    if "kind:" not in text or "Secret" not in text or re.search(_KIND, text) is None:
        return
    start = 0
    for document in re.split(r"^---", text, flags=re.MULTILINE):
        if re.search(_KIND, document):
            yield from _entries(document, start)
        start += len(document) + 3


def _entries(document: str, offset: int) -> Iterator[Secret]:
    for match in re.finditer(_ENTRY, document):
        confidence = _confidence(match[1], match[2])
        if confidence:
            start, end = match.span(2)
            yield Secret(
                rule="kubernetes-secret", title="value of a Kubernetes secret", start=offset + start, end=offset + end, shape=masked(end - start),
                severity=Severity.HIGH, confidence=confidence, name=match[1],
            )  # fmt: skip


def _confidence(name: str, value: str) -> Confidence | None:
    """Judge what the base64 says: by the entry's name, or as something that only a machine would have drawn."""
    decoded = base64_decoded(value) if len(value) % 4 == 0 else None
    if decoded is None or not decoded.isascii() or not decoded.decode().strip().isprintable():
        return None
    said = decoded.decode().strip()
    if kind_of(name):
        return password_confidence(said) or token_confidence(said)
    return Confidence.MEDIUM if looks_random(said, 20) and token_confidence(said) else None
