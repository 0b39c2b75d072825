"""Orders that only the description of a tool can give: what to hand it, what to read first, whom to obey.

In a document such sentences may be advice to people; a description speaks to the model alone, and needs none of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

_KEYS = (
    r"(?:passwords?(?!\s+(?:reset|policy|field))|passphrases?|api[\s_-]?keys?|(?:access|auth|bearer|session|api)[\s_-]?tokens?|credentials"
    r"|private keys?|ssh keys?|secrets|cookies|seed phrases?)"
)
_FILE = (
    r"(?:~/|\$HOME/|/home/|/root/|/etc/(?:passwd|shadow)|\.env\b|\.ssh\b|\.aws\b|\.netrc|\.npmrc|id_(?:rsa|ed25519)|mcp\.json|"
    r"credentials? file|key ?chain|wallet\.dat|kubeconfig)"
)
_HAND = r"(?:include|pass|append|attach|add|put|provide|send|copy|insert|embed|forward|supply|write|paste|place)"
_NOT = re.compile(r"(?i)\b(?:never|not|n't|don't|without|cannot|refuses?|avoid|no)\b")
_ORDERS = {
    "asks for secrets that are none of its business": re.compile(
        rf"(?i)\b{_HAND}\b[^.!?\n]{{0,60}}?\b(?:(?:any|all|every|other)\b[^.!?\n]{{0,20}}\b{_KEYS}"
        rf"|(?:{_KEYS}|tokens?)\b[^.!?\n]{{0,30}}\b(?:you (?:have|know|saw)|from the (?:chat|conversation)|in (?:memory|your context)))"
        r"[^.!?\n]*?\b(?:in|as|into|to|with|through)\b"
    ),
    "orders the model to read a private file and hand it over": re.compile(
        rf"(?i)\b(?:read|open|cat|load|fetch|get|take|access)\b[^!?\n]{{0,40}}?{_FILE}[^!?\n]{{0,60}}?\b{_HAND}\b"
        rf"|\b{_HAND}\b[^.!?\n]{{0,20}}\b(?:contents?|text|value) of[^!?\n]{{0,20}}?{_FILE}"
    ),
    "sets itself above the user": re.compile(
        r"(?i)\b(?:(?:ignore|disregard|(?:do|must|should)(?:n't| not) (?:follow|obey|listen to))\b"
        r"[^.!?\n]{0,20}\buser'?s?'?\b[^.!?\n]{0,20}\b(?:instructions|requests|wishes|orders)"
        r"|never use (?:another|any other|other)\b[^.!?\n]{0,40}\b(?:whatever|regardless|no matter|even (?:if|when))\b"
        r"|through this (?:one|tool)\b[^.!?\n]{0,60}\b(?:don't|do not|never|without) (?:explain|mention|tell|say)\w*)"
    ),
    "claims the authority of the system": re.compile(
        r"(?i)\b(?:treat|consider|regard)\b[^.!?\n]{0,50}\b(?:results?|outputs?|responses?|answers?)\b[^.!?\n]{0,40}\bas (?:a )?"
        r"(?:system|developer|trusted) (?:messages?|instructions?|prompts?|commands?)"
    ),
}


class Misdirection(msgspec.Struct, frozen=True):
    """What ``text[start:end]`` of a description orders; ``summary`` continues "It"."""

    start: int
    end: int
    summary: str


def misdirections(description: str) -> Iterator[Misdirection]:
    """Yield the sentences of ``description`` that order the model to do what is no use of the tool; a sentence that forbids it is none."""
    for summary, order in _ORDERS.items():
        found = order.search(description)
        if found is None:
            continue
        before = re.split(r"[.!?\n]\s", description[: found.start()])[-1]
        if summary.startswith("sets") or not _NOT.search(before):
            yield Misdirection(found.start(), found.end(), summary)
