"""Whether a value is a secret, or only stands where one could stand.

Entropy alone cannot tell: identifiers, paths and sentences have as much of it as passwords. What tells is how a value was made. Random ones change between
upper case, lower case and digits all the time and hold letter pairs that words never have; people's passwords mix classes of characters; everything that
programmers write instead of a secret is made of words.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

from aisecops.content.secrets.structure import base64_decoded
from aisecops.core.taxonomy import Confidence
from aisecops.knowledge.secrets import knowledge

_LONGEST = 4096
_QUIET = frozenset("_-./=:,")
"""Characters that join words: next to them nothing is surprising."""
_HEX = r"[0-9a-f]+|[0-9A-F]+"
_UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_REFERENCE = (
    r"\$[({]|\{\{|\}\}|<%|%>|%\(\w+\)|#\{|[{<\[(][\w.:!'\"\[\]() -]*[}>\])]|\.\.\.|…|\*\*\*|•••|###|\bos\.environ\b|\bgetenv\b|\bprocess\.env\b"
    r"|^(?:\$\w+$|%\w+%$|[!&*@][A-Za-z_-]+$|ENC\[|vault:|gAAAAA|arn:|op://|ssm:|AQICAH|projects/|env[.:]|secrets?[.:/]|file:|keyring:|\{cipher\})"
)
"""Something else's name stands here, or ciphertext."""
_HASHED = r"\$(?:2[abxy]?|1|5|6|y|argon2\w*|apr1|scrypt|pbkdf2[\w-]*)\$|(?:pbkdf2_sha\d+|bcrypt_sha256|argon2|sha1|md5|scrypt)\$|\{S?SHA\d*\}|sha\d+[:-]|md5[:-]"
_PATTERN = r"\\(?:0?33|e)\[|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|&#?\w{2,8};|\(\?|\[[\w^]-|\[\^|\\[dwsSWDb]|\.[*+]|\{\d+,\d*\}|\^.*\$"
_PLACE = (
    r"(?:\w[\w+.-]*:)?//|^(?:~|\.{1,2})?/[\w.]|^[A-Za-z]:\\"
    r"|\.(?:py|js|ts|json|ya?ml|txt|pem|key|crt|cer|pub|env|ini|cfg|conf|toml|md|html?|xml|csv|db|sh|md5|sha256|safetensors|bin|pt|ckpt)$"
)
_IDENTIFIER = (
    r"[A-Za-z]+(?:[_.:/-][A-Za-z]+)+\d{0,3}|[A-Za-z]+(?:[_.:/-]\d{1,2}(?:\.\d+)*)+|[a-z0-9]+(?:[_.-][a-z0-9]+){2,}"
    r"|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[a-z]+(?:[A-Z][a-z]+)+\d{0,2}"
)
_PUBLIC = r"pk[._-](?:live|test|lf|eyJ)|phc_[A-Za-z0-9]{40}|ssh-(?:rsa|ed25519)|ecdsa-sha2"
"""The halves of pairs that are meant to be seen, and keys with which one can only send events (PostHog)."""
_WORD_AND_DIGIT = r"[A-Za-z]+\d"
_LEET = str.maketrans("013457@$!", "oleastasi")


@cache
def _any_of(kind: str) -> re.Pattern[str]:
    words: tuple[str, ...] = getattr(knowledge().words, kind)
    return re.compile("|".join("x{4,}" if word == "xxxx" else re.escape(word) for word in words))


def stands_in(value: str, pattern: float = 0.8) -> bool:
    """Whether ``value`` says that the real one belongs here, refers to where it is kept, or is ``patterned`` by at least ``pattern``."""
    return re.search(_REFERENCE, value) is not None or _holds_placeholder(value) or patterned(value) >= pattern


def _holds_placeholder(value: str) -> bool:
    """Whether ``value`` holds a word of a placeholder. One of a few letters may stand in a long random value by chance."""
    words = [match[0] for match in _any_of("placeholders").finditer(value.lower())]
    return bool(words) and (max(map(len, words)) > 5 or len(value) < 20 or surprise(value) < 0.45)


def is_placeholder(value: str) -> bool:
    """Whether ``value`` stands in for a secret, or is one of those that software comes with and everybody tries first."""
    return value.lower() in knowledge().words.weak or stands_in(value, 0.5)


def is_made_up(value: str) -> bool:
    """Whether ``value`` holds words that people write when they need any secret at all."""
    return _any_of("made_up").search(value.lower()) is not None


def is_documented(value: str) -> bool:
    """Whether documentation prints ``value`` for everybody to copy."""
    from hashlib import sha256

    return sha256(value.encode("utf-8", "replace")).hexdigest() in knowledge().words.documented


def patterned(value: str) -> float:
    """Return how much of ``value`` follows a pattern, 0 to 1: runs like ``1234``, ``abcd``, ``0000``, also interleaved (``a1b2c3``), or one block repeated."""
    low = value.lower()
    if len(low) >= 8 and (low + low).find(low, 1, -1) < len(low) // 2 + 1 and (low + low).find(low, 1, -1) > 0:
        return 1.0
    letters = "".join(c for c in low if c.isalpha())
    digits = "".join(c for c in low if c.isdigit())
    apart = sum(_in_runs(part) for part in (letters, digits) if len(part) >= 6)
    return max(_in_runs(low), apart) / max(len(low), 1)


def _in_runs(text: str) -> int:
    """Count the characters in runs of four and more whose codes go up, down or stay."""
    count, run, step = 0, 1, 9
    for before, after in pairwise(text):
        now = ord(after) - ord(before)
        if now == step and -1 <= now <= 1:
            run += 1
            continue
        count += run if run >= 4 else 0
        run, step = 2, now
    return count + (run if run >= 4 and -1 <= step <= 1 else 0)


def surprise(value: str) -> float:
    """Return the share of neighbouring characters that words and identifiers rarely have, 0 to 1: about 0.1 for code, 0.5 for hex digits, 0.7 for base64."""
    pairs = knowledge().words.pairs
    count = 0
    for a, b in pairwise(value):
        if a in _QUIET or b in _QUIET:
            continue
        if a.isalpha() and b.isalpha():
            count += (a.islower() and b.isupper()) or b.lower() not in pairs.get(a.lower(), "")
        elif not (a.isdigit() and b.isdigit()):
            count += 1
    return count / max(len(value) - 1, 1)


def is_uuid(value: str) -> bool:
    """Whether ``value`` is a UUID."""
    return re.fullmatch(_UUID, value) is not None


def looks_random(value: str, least: int = 16) -> bool:
    """Whether a machine drew ``value`` (one word of at least ``least`` characters) at random."""
    body = value.rstrip("=")
    if not least <= len(body) <= _LONGEST or not value.isascii() or not value.isprintable() or " " in value:
        return False
    distinct = len(set(body))
    if patterned(body) >= 0.4:
        return False
    if re.fullmatch(_HEX, body):
        digits = sum(c.isdigit() for c in body)
        return len(body) >= 16 and len(body) // 8 <= digits < len(body) - 1 and distinct >= 6
    if not any(c.isdigit() for c in body):
        return len(body) >= 20 and body.lower() != body and surprise(body) >= 0.42
    return distinct >= min(10, len(body) * 0.6) and surprise(body) >= (0.36 if len(body) >= 24 else 0.42)


def token_confidence(value: str) -> Confidence | None:
    """Judge a value whose name says that a machine made it (a token, an API key); None: it is none."""
    if (
        not value.isascii()
        or re.match(_PUBLIC, value)
        or is_placeholder(value)
        or re.search(_PLACE, value)
        or re.match(_HASHED, value)
        or re.search(_PATTERN, value)
    ):
        return None
    if is_uuid(value):
        return Confidence.MEDIUM
    if looks_random(value, 16):
        return Confidence.MEDIUM if is_made_up(value) else Confidence.HIGH
    return Confidence.MEDIUM if looks_random(value, 12) and not is_made_up(value) and _classes(value) >= 3 else None


def password_confidence(value: str) -> Confidence | None:
    """Judge a value whose name says that a person may have chosen it (a password, a secret); None: it is none."""
    if not 6 <= len(value) <= 128 or not value.isprintable() or " " in value or value.lower() in knowledge().words.weak:
        return None
    classes = _classes(value)
    if stands_in(value, 0.6 if classes == 4 else 0.5) or _says_something_else(value):
        return None
    plain = value.lower().rstrip("0123456789!@#$%^&*?._-").translate(_LEET)
    if is_made_up(value) or plain in knowledge().words.weak:
        return Confidence.LOW if classes == 4 and len(value) >= 8 else None
    if looks_random(value, 12):
        return Confidence.MEDIUM if is_uuid(value) else Confidence.HIGH
    if classes < 2 and not value.isdigit():
        return None
    if not any(c.isdigit() for c in value) and (classes < 3 or value[-1] in ":?.!*"):
        return None
    if value.isdigit() or re.fullmatch(_WORD_AND_DIGIT, value):
        return Confidence.LOW
    return Confidence.HIGH if classes == 4 and len(value) >= 8 else Confidence.MEDIUM


def _says_something_else(value: str) -> bool:
    """Whether ``value`` is a hash, a place, a pattern, an escape, an identifier, or one of these in base64."""
    if re.match(_HASHED, value) or re.search(_PLACE, value) or re.search(_PATTERN, value):
        return True
    if re.fullmatch(_IDENTIFIER, value) is not None and surprise(value) < 0.3:
        return True
    inner = base64_decoded(value) if len(value) % 4 == 0 and value.isascii() else None
    return inner is not None and inner.isascii() and is_placeholder(inner.decode().strip())


def _classes(value: str) -> int:
    """Return how many of lower case, upper case, digits and symbols ``value`` has."""
    return (
        any(c.islower() for c in value)
        + any(c.isupper() for c in value)
        + any(c.isdigit() for c in value)
        + any(not c.isalnum() and c not in "_-." for c in value)
    )
