"""Secrets drawn at random in the shapes that the rules describe: nothing that looks like one stands in the repository."""

from __future__ import annotations

import base64
import json
import random
import re
import string
import uuid
from zlib import crc32

from aisecops.content.secrets.structure import base62

_ALPHABETS = {
    "letters": string.ascii_letters,
    "alnum": string.ascii_letters + string.digits,
    "lower": string.ascii_lowercase + string.digits,
    "upper": string.ascii_uppercase + string.digits,
    "digits": string.digits,
    "hex": "0123456789abcdef",
    "hexupper": "0123456789ABCDEF",
    "base32": string.ascii_uppercase + "234567",
    "bech32": "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L",
    "url": string.ascii_letters + string.digits + "-_",
    "base64": string.ascii_letters + string.digits + "+/",
}
_EDGES = string.ascii_letters + string.digits


def drawn(kind: str, length: int, rng: random.Random) -> str:
    """Draw ``length`` characters of an alphabet; its ends are never symbols."""
    text = rng.choices(_ALPHABETS[kind], k=length)
    if kind in ("url", "base64"):
        text[0], text[-1] = rng.choice(_EDGES), rng.choice(_EDGES)
    return "".join(text)


def expand(example: str, rng: random.Random) -> str:
    """Return a token after the pattern ``example`` of a rule: ``hf_<letters:34>``."""
    return re.sub(r"<(\w+)(?::(\d+))?>", lambda match: _part(match[1], int(match[2] or 0), rng), example)


def _part(kind: str, length: int, rng: random.Random) -> str:
    match kind:
        case "uuid":
            return str(uuid.UUID(int=rng.getrandbits(128), version=4))
        case "github" | "npm":
            body = drawn("alnum", 30, rng)
            return ("ghp_" if kind == "github" else "npm_") + body + base62(crc32(body.encode()), 6)
        case "jwt":
            return jwt({"sub": drawn("hex", 12, rng), "scope": "models:write", "exp": rng.randrange(10**9, 2 * 10**9)}, rng)
        case "neptune":
            return encoded({"api_address": "https://app.neptune.ai", "api_url": "https://app.neptune.ai", "api_key": _part("uuid", 0, rng)}, pad=True)
    return drawn(kind, length, rng)


def encoded(value: object, *, pad: bool = False) -> str:
    text = base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).decode()
    return text if pad else text.rstrip("=")


def jwt(payload: dict[str, object], rng: random.Random) -> str:
    return f"{encoded({'alg': 'HS256', 'typ': 'JWT'})}.{encoded(payload)}.{drawn('url', 43, rng)}"


def pem(kind: str, rng: random.Random, lines: int = 12) -> str:
    """A private key in PEM whose first bytes are those of a real one."""
    body = ("MII" if "OPENSSH" not in kind else "b3BlbnNzaC1rZXktdjEA") + drawn("base64", 64 * lines, rng)
    rows = [body[i : i + 64] for i in range(0, 64 * lines, 64)]
    return "\n".join(["-----BEGIN " + f"{kind}PRIVATE KEY-----", *rows, "-----END " + f"{kind}PRIVATE KEY-----"])
