"""What secrets look like, as data: YAML beside this module, compiled by ``tools/build_secrets.py`` to the one JSON file that a scan loads.

The format is explained in ``docs/secrets.md``. Each kind of token carries an example, a pattern of random letters from which the tests make secrets of their own.
"""

from __future__ import annotations

import os
from functools import cache
from typing import Literal

import msgspec

from aisecops.core.taxonomy import Confidence, Severity

_COMPILED = os.path.join(os.path.dirname(__file__), "data", "secrets.json")

Proof = Literal["", "aws-key-id", "base64-json", "github", "jwt", "npm"]


class TokenRule(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A kind of token that is known by its shape.

    Attributes
    ----------
    id, title : str
        The rule's name, and what it finds as a noun phrase.
    prefix : tuple of str
        What it begins with, one of these: what a text is searched for.
    pattern : str
        A regular expression for what follows the prefix, linear in time.
    before : str
        One for what stands before the prefix and is part of the token, at most 80 characters.
    proof : str
        A test that tells real tokens of this kind from look-alikes, or confirms them (``aisecops.content.secrets.structure``).
    random : str
        ``strict`` where the prefix occurs in ordinary words: what follows has to look random.
    digits : bool
        Whether only values with a digit count.
    severity, confidence : Severity, Confidence
        Of a value that nothing speaks against.
    """

    id: str
    title: str
    prefix: tuple[str, ...]
    pattern: str
    before: str = ""
    proof: Proof = ""
    random: Literal["", "strict"] = ""
    digits: bool = False
    severity: Severity = Severity.HIGH
    confidence: Confidence = Confidence.HIGH


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What names and values are made of (``words.yaml`` says what each is for)."""

    placeholders: tuple[str, ...]
    made_up: tuple[str, ...]
    weak: frozenset[str]
    neutral: frozenset[str]
    passwords: frozenset[str]
    tokens: frozenset[str]
    secrets: frozenset[str]
    keys: frozenset[str]
    stems: tuple[str, ...]
    compound_pass: frozenset[str]
    not_secret: frozenset[str]
    services: dict[str, str]
    pairs: dict[str, str]
    documented: frozenset[str]


class Knowledge(msgspec.Struct, frozen=True):
    """``data/secrets.json``: the rules, the words, and one expression that finds where a token may begin."""

    prefilter: str
    tokens: tuple[TokenRule, ...]
    words: Words


@cache
def knowledge() -> Knowledge:
    """Return what is known of secrets; read once."""
    with open(_COMPILED, "rb") as file:
        return msgspec.json.decode(file.read(), type=Knowledge)
