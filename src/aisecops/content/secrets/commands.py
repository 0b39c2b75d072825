"""Secrets that are arguments: of shell commands (``curl -u user:password``) and of calls whose parameters have no names (``login("user", "password")``)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aisecops.content.secrets.patterns import compiled
from aisecops.content.secrets.secret import Secret, masked
from aisecops.content.secrets.tokens import is_dismissed
from aisecops.content.secrets.values import is_documented, is_placeholder, looks_random, password_confidence, token_confidence
from aisecops.core.taxonomy import Confidence, Severity

_EXPRESSION = r"[(){},;]|=>"
"""In the middle of code, quotes are paired wrongly: what stands between two strings is no value."""
_MOST = 5000
"""Places that are looked at for one word: each may cost a few hundred steps, and a hostile text may consist of them."""
_LINE = r"(?:[^\n\\]|\\[^\n]|\\\r?\n){0,400}?"
"""The rest of a command, over lines that a backslash continues."""
_VALUE = r"[\"']?([^\s'\"$<>]{4,200})"
_STRING = r"[rbuRBU]{0,2}[\"']([^\"'\n]{1,200})[\"']"
_FIRST = r"\(\s{0,40}[^()\n,]{1,120},\s{0,40}"
_PATTERNS = {
    "curl ": (
        rf"curl\b{_LINE}\s(?:-u|--user)[ =]{{0,4}}[\"']?[^\s:\"'$<>]{{1,80}}:([^\s\"'$<>]{{3,200}})",
        "password",
        "password on curl's command line",
    ),
    "mysql": (rf"mysql(?:dump|admin|import)?\b{_LINE}\s-p([^\s'\"$<>]{{4,100}})", "password", "password on MySQL's command line"),
    "sshpass": (rf"sshpass\s{{1,4}}-p\s{{0,4}}{_VALUE}", "password", "password on sshpass's command line"),
    "redis-cli": (rf"redis-cli\b{_LINE}\s(?:-a|--pass)\s{{1,4}}{_VALUE}", "password", "password on redis-cli's command line"),
    "docker login": (rf"docker login\b{_LINE}\s(?:-p|--password)[ =]{_VALUE}", "password", "password of a container registry"),
    "wandb login": (r"wandb login(?:\s{1,4}--\w{1,12}){0,3}\s{1,4}([0-9a-f]{40})\b", "token", "Weights & Biases API key"),
    "kaggle config set": (r"kaggle config set -n key -v ([0-9a-f]{32})\b", "token", "Kaggle API key"),
    "pass:": (rf"pass:{_VALUE}", "password", "password on OpenSSL's command line"),
    ".login(": (rf"\.login{_FIRST}{_STRING}\s{{0,40}}[,)]", "password", "password of a login"),
    "BasicAuth": (rf"BasicAuth(?:Handler|Credentials)?{_FIRST}{_STRING}", "password", "password for HTTP basic authentication"),
    "set_password(": (rf"set_password\(\s{{0,40}}{_STRING}", "password", "password of an account"),
    "cohere.": (rf"cohere\.(?:Async)?Client(?:V2)?\(\s{{0,40}}{_STRING}", "token", "Cohere API key"),
    "AC": (rf"AC[0-9a-f]{{32}}[\"'],\s{{0,40}}{_STRING}", "token", "Twilio auth token"),
    "ApiKey(": (rf"ApiKey\(\s{{0,40}}{_STRING}", "token", "API key"),
    "hmac.new(": (rf"hmac\.new\(\s{{0,40}}{_STRING}", "token", "key that signs messages"),
    "KeyCredential(": (rf"KeyCredential\(\s{{0,40}}{_STRING}", "token", "Azure API key"),
    "Fernet(": (rf"Fernet\(\s{{0,40}}{_STRING}", "token", "Fernet encryption key"),
    "jwt.": (rf"jwt\.(?:encode|decode)\(\s{{0,40}}[^\n\"']{{1,120}}?,\s{{0,40}}{_STRING}", "password", "key that signs JSON Web Tokens"),
    "earer ": (r"earer ([A-Za-z0-9._~+/-]{20,400}={0,2})(?![\w(])", "token", "bearer token"),
}
"""By the words that a text is searched for: the expression there, how to judge the value, what it is."""


def find_arguments(text: str) -> Iterator[Secret]:
    """Yield the secrets among the arguments of the commands and calls of ``text``."""
    for word, (pattern, kind, title) in _PATTERNS.items():
        position, tries = text.find(word), 0
        while position >= 0 and tries < _MOST:
            tries += 1
            match = compiled(pattern).match(text, position)
            found = _argument(match, kind, title) if match else None
            if found:
                yield found
            position = text.find(word, position + len(word))


def _argument(match: re.Match[str], kind: str, title: str) -> Secret | None:
    group = match.lastindex or 1
    value = match[group]
    if re.search(_EXPRESSION, value):
        return None
    confidence = password_confidence(value) if kind == "password" else token_confidence(value)
    if kind == "token" and not looks_random(value, 20):
        return None
    if confidence is None or is_placeholder(value) or is_documented(value) or is_dismissed(value):
        return None
    return Secret(
        rule="argument-password" if kind == "password" else "argument-token", title=title, start=match.start(group), end=match.end(group),
        shape=masked(len(value)), severity=Severity.HIGH if confidence is not Confidence.LOW else Severity.MEDIUM, confidence=confidence,
    )  # fmt: skip
