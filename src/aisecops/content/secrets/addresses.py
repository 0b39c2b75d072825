"""Credentials in addresses: ``scheme://user:password@host``, tokens as user names, signed addresses, ``.netrc`` and connection strings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aisecops.content.secrets.secret import Secret, masked
from aisecops.content.secrets.values import is_documented, is_made_up, is_placeholder, looks_random, password_confidence, stands_in, token_confidence
from aisecops.core.taxonomy import Confidence, Severity

_AUTHORITY = re.compile(r"://([^\s:@/\"'`<>?#\\]{0,100})(?::([^\s@/\"'`<>?#\\]{1,200}))?@([^\s/\"'`<>:?,#\\)]{1,200})")
_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]{1,24}$"
_LOCAL = r"localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[?::1\]?|host\.docker\.internal"
_LESS = {Confidence.HIGH: Confidence.MEDIUM, Confidence.MEDIUM: Confidence.LOW, Confidence.LOW: None}
_DOCUMENTATION = r"(?:.*\.)?(?:example|test|invalid)(?:\.(?:com|org|net))?|(?:host|hostname|server|domain|address|ip)(?:\.\w+)?|my[a-z]*\.\w+|my[-_].*|.*(?:your|xxx).*"
_SIGNATURE = r"[?&;]sig=([A-Za-z0-9%+/_-]{40,120}(?:%3[dD]|=)?)"
_NETRC = r"login\s{1,20}(\S{1,200})\s{1,40}(?:account\s{1,20}\S{1,200}\s{1,40})?password\s{1,20}(\S{1,300})"
_MACHINE = r"(?:\bmachine\s{1,20}(\S{1,200})|\bdefault)\s{1,40}\Z"
_PGPASS = r"(?m)^[\w.*-]{1,100}:(?:\d{2,5}|\*):[^:\s]{1,60}:[^:\s]{1,60}:(\S{4,100})$"
_ACCOUNT_KEY = r"\b(AccountKey|SharedAccessKey)=([A-Za-z0-9+/]{40,100}={0,2})"
_SCHEMES = {
    "postgres": "PostgreSQL", "postgresql": "PostgreSQL", "mysql": "MySQL", "mariadb": "MariaDB", "mongodb": "MongoDB", "redis": "Redis", "rediss": "Redis",
    "amqp": "AMQP", "amqps": "AMQP", "mssql": "SQL Server", "snowflake": "Snowflake", "clickhouse": "ClickHouse", "oracle": "Oracle", "ldap": "LDAP",
    "ldaps": "LDAP", "smtp": "SMTP", "smtps": "SMTP", "ftp": "FTP", "sftp": "SFTP",
}  # fmt: skip
_NO_HOST = ("sentry.io", "sentry-cdn.com")
"""A Sentry DSN looks like a credential and is public."""


def find_in_addresses(text: str) -> Iterator[Secret]:
    """Yield the credentials in the addresses and connection strings of ``text``."""
    at = text.find("://")
    while at >= 0:
        match = _AUTHORITY.match(text, at)
        found = _credential(text, match) if match else None
        if found:
            yield found
        at = text.find("://", at + 3)
    if "sig=" in text:
        yield from _signatures(text)
    if "AccessKey=" in text or "AccountKey=" in text:
        yield from _azure(text)
    if ":5432:" in text or ":*:" in text:
        yield from _pgpass(text)
    if "login" in text and ("machine" in text or "default" in text):
        yield from _netrc(text)


def _credential(text: str, match: re.Match[str]) -> Secret | None:
    user, password, host = match.groups()
    if any(host.endswith(name) for name in _NO_HOST):
        return None
    scheme = re.search(_SCHEME, text[max(0, match.start() - 26) : match.start()])
    service = _SCHEMES.get(scheme[0].lower().rpartition("git+")[2].partition("+")[0], "") if scheme else ""
    if password is None:
        return _user_token(match, user)
    confidence = _password(user, password, host)
    if confidence is None:
        return None
    start, end = match.span(2)
    return Secret(
        rule="address-credential", title=f"{service} password in an address".strip() if service else "password in an address", start=start, end=end,
        shape=masked(len(password)), severity=Severity.HIGH, confidence=confidence, name="",
    )  # fmt: skip


def _password(user: str, password: str, host: str) -> Confidence | None:
    """Judge a password by its company: next to a local or a made-up host, or equal to the user, it is what everybody types."""
    if is_placeholder(password) or (stands_in(user) and not looks_random(password)) or password.lower() == user.lower():
        return None
    confidence = password_confidence(password) or (token_confidence(password) if len(password) >= 16 else None)
    if re.fullmatch(_DOCUMENTATION, host.lower()):
        return Confidence.LOW if confidence and looks_random(password, 12) else None
    if re.fullmatch(_LOCAL, host):
        return Confidence.LOW if confidence is Confidence.HIGH else None
    if "." not in host:  # a service of the same compose file or cluster
        return _LESS[confidence] if confidence else None
    if confidence is None and len(password) >= 6 and password.isalpha() and not is_made_up(password) and not _is_word_for_password(password):
        return Confidence.MEDIUM
    return confidence


def _is_word_for_password(password: str) -> bool:
    low = password.lower()
    return low.isupper() or password.isupper() or any(stem in low for stem in ("pass", "pwd", "secret", "token", "user", "key", "cred"))


def _user_token(match: re.Match[str], user: str) -> Secret | None:
    """A token in the place of the user: ``https://TOKEN@host``."""
    if len(user) < 20 or "%" in user or not looks_random(user, 20) or is_placeholder(user):
        return None
    return Secret(
        rule="address-credential", title="token in an address", start=match.start(1), end=match.end(1), shape=masked(len(user)),
        severity=Severity.HIGH, confidence=Confidence.MEDIUM,
    )  # fmt: skip


def _signatures(text: str) -> Iterator[Secret]:
    """Yield signatures of Azure's shared access addresses: whoever has one reads (or writes) until it expires."""
    for match in re.finditer(_SIGNATURE, text):
        around = text[max(0, match.start() - 400) : match.end() + 400]
        if re.search(r"[?&;](?:sv|se|sp|spr)=", around) and looks_random(match[1].replace("%", ""), 30) and not is_placeholder(match[1]):
            yield _found("azure-sas", "Azure shared access signature", match, 1, "sig=")


def _azure(text: str) -> Iterator[Secret]:
    for match in re.finditer(_ACCOUNT_KEY, text):
        if looks_random(match[2], 30) and not is_placeholder(match[2]) and not is_documented(match[2]):
            title = "Azure storage or Cosmos DB account key" if match[1] == "AccountKey" else "Azure shared access key"
            yield _found("azure-account-key", title, match, 2, f"{match[1]}=")


def _found(rule: str, title: str, match: re.Match[str], group: int, prefix: str) -> Secret:
    start, end = match.span(group)
    return Secret(
        rule=rule,
        title=title,
        start=start,
        end=end,
        shape=masked(end - start, prefix),
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        name=prefix.rstrip("="),
    )


def _netrc(text: str) -> Iterator[Secret]:
    """Yield passwords of ``.netrc``, where ``wandb login`` and others keep theirs."""
    for match in re.finditer(_NETRC, text):
        machine = re.search(_MACHINE, text[max(0, match.start() - 260) : match.start()])
        confidence = password_confidence(match[2]) or token_confidence(match[2])
        if machine and confidence:
            yield Secret(
                rule="netrc-password", title=f"password for {_host(machine[1])} in .netrc", start=match.start(2), end=match.end(2),
                shape=masked(len(match[2])), severity=Severity.HIGH, confidence=confidence, name=machine[1] or "",
            )  # fmt: skip


def _pgpass(text: str) -> Iterator[Secret]:
    """Yield passwords of ``.pgpass``: ``host:port:database:user:password``."""
    for match in re.finditer(_PGPASS, text):
        confidence = password_confidence(match[1])
        if confidence:
            start, end = match.span(1)
            yield Secret(
                rule="pgpass-password", title="PostgreSQL password in .pgpass", start=start, end=end, shape=masked(end - start),
                severity=Severity.HIGH, confidence=confidence,
            )  # fmt: skip


def _host(host: str | None) -> str:
    return host if host and re.fullmatch(r"[\w.-]{1,80}", host) else "a host"
