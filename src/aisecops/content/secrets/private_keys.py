"""Private keys in PEM and its kin: as a block, on one line with escaped line ends, in a list of strings, or in base64 once more."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aisecops.content.secrets.patterns import compiled
from aisecops.content.secrets.secret import Secret
from aisecops.content.secrets.structure import base64_decoded
from aisecops.content.secrets.values import patterned
from aisecops.core.taxonomy import Confidence, Severity

_BEGIN = "-----BEGIN "
_LABEL = r"((?:[A-Z0-9]+ ){0,4})PRIVATE KEY( BLOCK)?-----"
_NO_KEY = r"\\[nrt]|[^A-Za-z0-9+/=]"
_HEADER = r"(?:Proc-Type|DEK-Info|Comment|Version|Hash|Charset):[^\n\\]{0,200}"
_LONGEST = 20_000
_LEAST = 40
"""Base64 characters of an Ed25519 key in PKCS#8 are 64; less than this is an excerpt that harms nobody."""
_PUTTY = "PuTTY-User-Key-File-"
_IN_BASE64 = r"LS0tLS1CRUdJTi[A-Za-z0-9+/]{40,20000}={0,2}"


def find_private_keys(text: str) -> Iterator[Secret]:
    """Yield the private keys in ``text``."""
    start = text.find(_BEGIN)
    while start >= 0:
        label = compiled(_LABEL).match(text, start + len(_BEGIN))
        found = _block(text, start, label) if label else None
        if found:
            yield found
        start = text.find(_BEGIN, found.end if found else start + len(_BEGIN))
    if "LS0tLS1CRUdJTi" in text:
        yield from _in_base64(text)
    if _PUTTY in text:
        yield from _putty(text)


def _block(text: str, start: int, label: re.Match[str]) -> Secret | None:
    footer = text.find("-----END ", label.end(), label.end() + _LONGEST)
    end = footer if footer >= 0 else min(len(text), label.end() + _LONGEST)
    if footer < 0:  # cut off: what follows in base64 still gives most of the key away
        end = label.end() + len(_leading_base64(text[label.end() : end]))
    raw = text[label.end() : end]
    body = re.sub(_NO_KEY, "", re.sub(_HEADER, "", raw))
    if len(body) < (_LEAST if footer >= 0 else 200) or not _is_key(raw, body):
        return None
    if footer >= 0:
        close = text.find("-----", footer + 9, footer + 80)
        end = close + 5 if close >= 0 else footer
    return _secret(start, end, label[1].strip(), "ENCRYPTED" in raw or "ENCRYPTED" in label[1], body)


def _leading_base64(text: str) -> str:
    match = re.match(r"(?:[A-Za-z0-9+/=\s\"',]|\\[nr])*", text)
    return match[0] if match else ""


def _is_key(raw: str, body: str) -> bool:
    """Whether base64 stands there, and not a stand-in for it."""
    strange = sum(c in "<>{}$*[]()…" for c in raw) + 5 * raw.count("...")
    return strange <= 4 and len(set(body)) >= 16 and patterned(body[:400]) < 0.4 and "xxxx" not in body.lower() and "EXAMPLE" not in body.upper()


def _secret(start: int, end: int, kind: str, encrypted: bool, body: str) -> Secret:
    named = {"RSA": "RSA ", "EC": "EC ", "DSA": "DSA ", "OPENSSH": "OpenSSH ", "PGP": "PGP ", "SSH2 ENCRYPTED": "SSH "}.get(kind, "")
    return Secret(
        rule="private-key",
        title=f"{named}private key" + (", encrypted with a passphrase" if encrypted else ""),
        start=start,
        end=end,
        shape=f"-----BEGIN {kind + ' ' if kind else ''}PRIVATE KEY-----…",
        severity=Severity.MEDIUM if encrypted else Severity.CRITICAL,
        confidence=Confidence.HIGH if kind == "PGP" or _starts_as_key(body) else Confidence.MEDIUM,
    )


def _starts_as_key(body: str) -> bool:
    """DER begins with a SEQUENCE, OpenSSH's format with its name."""
    first = base64_decoded(body[:24]) or b""
    return first.startswith((b"\x30", b"openssh-key-v1"))


def _in_base64(text: str) -> Iterator[Secret]:
    """Yield PEM that is wrapped in base64, as in kubeconfig and Kubernetes secrets."""
    for match in re.finditer(_IN_BASE64, text):
        inner = (base64_decoded(match[0][: len(match[0]) // 4 * 4]) or b"").decode("latin-1")
        for secret in find_private_keys(inner) if _BEGIN in inner else ():
            yield Secret(
                rule=secret.rule, title=f"{secret.title} in base64", start=match.start(), end=match.end(), shape="LS0tLS1CRUdJTi…",
                severity=secret.severity, confidence=secret.confidence,
            )  # fmt: skip
            break


def _putty(text: str) -> Iterator[Secret]:
    start = text.find(_PUTTY)
    lines = text.find("Private-Lines:", start, start + _LONGEST)
    mac = text.find("Private-MAC", lines, lines + _LONGEST) if lines >= 0 else -1
    if mac >= 0 and len(re.sub(_NO_KEY, "", text[lines:mac])) >= _LEAST:
        encrypted = "Encryption: none" not in text[start:lines]
        yield _secret(start, mac, "SSH2 ENCRYPTED", encrypted, text[lines:mac])
