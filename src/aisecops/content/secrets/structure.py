"""Tests that tell real tokens from look-alikes by what their makers build into them."""

from __future__ import annotations

import re
from typing import Any

from aisecops.core.taxonomy import Confidence
from aisecops.knowledge.secrets import Proof

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SAMPLES = ("1234567890", "john doe", "jane doe", "example")


def proven(proof: Proof, value: str) -> Confidence | None:
    """Return how sure the structure of ``value`` makes us that it is a token of its kind; None if it cannot be one, or is a known sample."""
    match proof:
        case "github" | "npm":
            return Confidence.HIGH if crc_holds(value) else Confidence.MEDIUM
        case "aws-key-id":
            return _aws_key_id(value)
        case "jwt":
            return _jwt(value)
        case "base64-json":
            return Confidence.HIGH if isinstance(_json(value), dict) else None
        case "":
            return Confidence.HIGH


def crc_holds(token: str) -> bool:
    """Whether the last six characters of a GitHub or npm token are the CRC-32 of the thirty before, in base 62."""
    from zlib import crc32

    body, check = token[-36:-6], token[-6:]
    return check == base62(crc32(body.encode()), 6)


def base62(number: int, width: int) -> str:
    """Return ``number`` in base 62, padded to ``width`` digits."""
    digits = ""
    while number:
        number, digit = divmod(number, 62)
        digits = _BASE62[digit] + digits
    return digits.rjust(width, "0")


def _aws_key_id(value: str) -> Confidence | None:
    """AWS writes the account into the id in base 32: an id with 0, 1, 8 or 9 was made up. Ids with words are documentation's."""
    body = value[4:]
    if "EXAMPLE" in body or re.search(r"[A-Z]{4}(?:KEY|TEST|FAKE|ID)|TEST|FAKE|DUMMY|XXXX", body):
        return None
    if re.search(r"[0189]", body):
        return Confidence.LOW
    return Confidence.HIGH if re.search(r"[2-7]", body) else Confidence.MEDIUM


def _jwt(value: str) -> Confidence | None:
    header, payload = (_json(part) for part in value.split(".")[:2])
    if not isinstance(header, dict) or not isinstance(payload, dict) or not isinstance(header.get("alg"), str):
        return None
    said = str(payload).lower()
    if any(sample in said for sample in _SAMPLES):
        return None
    public = payload.get("role") == "anon" or header["alg"].lower() == "none"
    return Confidence.LOW if public else Confidence.HIGH


def _json(part: str) -> Any:
    """Return what base64 in ``part`` says as JSON; None if it is neither."""
    decoded = base64_decoded(part)
    if decoded is None:
        return None
    from json import loads

    try:
        return loads(decoded)
    except (ValueError, RecursionError):
        return None


def base64_decoded(text: str) -> bytes | None:
    """Return what ``text`` says in base64 (either alphabet, padded or not); None if it is none."""
    from binascii import Error, a2b_base64

    body = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return a2b_base64(body + "=" * (-len(body) % 4))
    except (Error, ValueError):
        return None
