"""Secrets without a shape of their own: the name that a value is given tells, and the value has to look like one.

One expression says whether what follows a name can introduce a value (``= "``, ``: ``, ``"] = "``, ``", default="``, a ``value:`` on the next line);
then name and value are judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from aisecops.content.secrets.names import Kind, kind_of, service_of
from aisecops.content.secrets.patterns import compiled
from aisecops.content.secrets.secret import Secret, masked
from aisecops.content.secrets.structure import base64_decoded
from aisecops.content.secrets.tokens import is_dismissed
from aisecops.content.secrets.values import is_documented, is_placeholder, is_uuid, looks_random, password_confidence, token_confidence
from aisecops.core.taxonomy import Confidence, Severity

_NOUNS = ("pass", "pw", "secret", "token", "key", "auth", "cred", "pat")
_SEAM = re.compile(
    r"[\w-]{0,30}"
    r"(?P<close>\\?[\"'`][)\]]{0,2}|[)\]]?[\"'`]?)"
    r"(?:(?P<pair>,?\s{1,80}\\?[\"']?value\\?[\"']?[ \t]{0,4}[:=])"
    r"|[ \t]{0,8}(?P<op>:[ \t]?[\w\[\]., |]{1,40}[ \t]?=(?=[ \t\"'(rbfu])|=>|:[=-]|={1,3}|:|,|\)?[ \t]{0,4}(?:or\b|\|\|)|(?<=[\"'])\)|>|[ \t]))"
)
_QUOTE = (
    r"\s{0,60}\(?\s{0,40}(?:(?:[\w.]{0,30}\b(?:SecretStr|Secret|str|bytes|Field|StringVar|quote|quote_plus|unquote|b64decode|AzureKeyCredential|Some|String|from)\()\s{0,40}(?:default\s?=\s?)?)?"
    r"(?:[rRbBuUfF]{1,2}(?=[\"'`]))?(\\?[\"'`])"
)
_DEFAULT = r"[^()]{0,300}?\bdefault\s?=\s?(?:[rRbBuUfF]{1,2}(?=[\"']))?([\"'])"
_BARE = r"[^\s\"'`<>(){}\[\],;&|\\]{6,300}"
_SCHEME = r"(?i:(?:Bearer|Token|Basic|ApiKey|Api-Key|Key|Negotiate)\s{1,3})"
_LINE_START = (
    r"(?i:[ \t]*(?:[-*>#]\s{1,4})?(?:(?:export|set|setx|env|arg|declare -x|local|readonly|%env|%set_env|!export|\$env:|- e|-e)\s{0,3}){0,2}[\"']?\Z)"
)
_AFTER = r"(?:^|\s)(?:-e|--env|--build-arg|--set|-D|-E|-P|export|set|env|#.{0,60}|//.{0,60})[ =]{0,2}\Z|^\s*(?:\w+=\S*\s+)+\Z"
_CONNECTION = r"(?i:(?:server|host|hostaddr|data source|addr|address|user id|uid|user|username|dbname|database|initial catalog|port)\s?=)"
_CODE = frozenset(
    "python javascript typescript jsx tsx java go rust c cpp c++ csharp c# kotlin scala swift php ruby r julia lua perl ipython".split()
)
_NAME = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.$"
_LONGEST_NAME = 80
_LONGEST_VALUE = 600
_LONGEST_LINE = 300
"""What is looked at of a line before a name: lines of a megabyte exist."""
_SEVERITY = {Confidence.HIGH: Severity.HIGH, Confidence.MEDIUM: Severity.HIGH, Confidence.LOW: Severity.MEDIUM}


class _Value(msgspec.Struct, frozen=True):
    """A value and where it stands. ``bare``: without quotes; ``sure``: at a place where only a value can stand."""

    start: int
    end: int
    bare: bool = False
    sure: bool = True


class _Assigned(msgspec.Struct, frozen=True):
    """A telling name, what is kept under it, and the value that it is given."""

    name: str
    kind: Kind
    value: _Value


def find_assignments(text: str, low: str, language: str) -> Iterator[Secret]:
    """Yield secrets that are assigned to telling names. ``low`` is ``text`` in lower case, of the same length."""
    code = language.lower() in _CODE
    for noun in _NOUNS:
        position, judged = low.find(noun), 0
        while position >= 0:
            seam = _SEAM.match(low, position) if position >= judged else None
            assigned = _assigned(text, seam, code) if seam else None
            if assigned:
                if assigned.value.bare and not text.startswith("$", assigned.value.start):
                    judged = assigned.value.end  # a name in a value without quotes is part of it
                found = _judge(text, assigned)
                if found:
                    yield found
            position = low.find(noun, position + 2)


def _assigned(text: str, seam: re.Match[str], code: bool) -> _Assigned | None:
    start = _name_start(text, seam.start())
    name = text[start : seam.start("close")]
    kind = kind_of(name)
    value = _value_after(text, seam, start, code) if kind else None
    return _Assigned(name, kind, value) if kind and value else None


def _name_start(text: str, position: int) -> int:
    before = text[max(0, position - _LONGEST_NAME) : position]
    return position - len(before) + len(before.rstrip(_NAME))


def _value_after(text: str, seam: re.Match[str], name_start: int, code: bool) -> _Value | None:
    end, op, closed = seam.end(), seam["op"] or "", seam["close"][:1] in "\"'`\\" and bool(seam["close"])
    quote = compiled(_QUOTE).match(text, end)
    option = text.startswith("-", name_start)
    if op == "," or op.lstrip().startswith(")"):
        return _second_argument(text, end, quote, closed, op)
    if op in (" ", "\t"):
        return _after_space(text, end, quote, name_start, option)
    if op == ">":
        return _element(text, end)
    if quote and (op != "" or seam["pair"]):
        return None if not closed and _in_string(text, name_start, quote[1]) else _quoted(text, quote)
    return _unquoted(text, seam, name_start, code, option)


def _in_string(text: str, name_start: int, mark: str) -> bool:
    """Whether the name stands in a string, so that the quote after it closes that one: ``"Password: "``. On very long lines nobody can tell: it does."""
    before = text[max(0, name_start - _LONGEST_LINE) : name_start]
    line = before.rpartition("\n")[2]
    return line.count(mark) % 2 == 1 or (
        len(line) == _LONGEST_LINE and text.startswith((")", ",", "+", ";"), text.find(mark, name_start) + len(mark))
    )


def _second_argument(text: str, end: int, quote: re.Match[str] | None, closed: bool, op: str) -> _Value | None:
    """``getenv("NAME", "value")``, ``["--token", "value"]``, ``add_argument("--token", default="value")``, ``getenv("NAME") or "value"``."""
    if not closed or op == ")":
        return None
    found = _quoted(text, quote) if quote else None
    if found:
        return found
    default = compiled(_DEFAULT).match(text, end) if op == "," and text.find("default", end, end + _LONGEST_LINE) >= 0 else None
    return _quoted(text, default) if default else None


def _after_space(text: str, end: int, quote: re.Match[str] | None, name_start: int, option: bool) -> _Value | None:
    """``--token value``, ``#define TOKEN "value"``, ``ENV TOKEN value``."""
    line = text[max(0, name_start - 40) : name_start].rpartition("\n")[2].strip().lower()
    if not option and line not in ("#define", "env", "arg", "machine", "default", "setx"):
        return None
    return _quoted(text, quote) if quote else _bare(text, end, sure=True)


def _element(text: str, end: int) -> _Value | None:
    """``<password>value</password>``."""
    close = text.find("</", end, end + _LONGEST_VALUE)
    return _Value(end, close) if close > end and "\n" not in text[end:close] else None


def _quoted(text: str, quote: re.Match[str]) -> _Value | None:
    """The string that ``quote`` opens, if it ends on its line."""
    mark, start = quote[1], quote.end()
    if text.startswith(mark * 2, start):
        start += 2 * len(mark)
    end = text.find(mark, start, start + _LONGEST_VALUE)
    while end > start and len(mark) == 1 and text[end - 1] == "\\" and text[end - 2 : end - 1] != "\\":
        end = text.find(mark, end + 1, start + _LONGEST_VALUE)
    line = text.find("\n", start, start + _LONGEST_VALUE)
    return _Value(start, end) if end > start and not 0 <= line < end else None


def _bare(text: str, start: int, *, sure: bool) -> _Value | None:
    while text[start : start + 1] in (" ", "\t"):
        start += 1
    scheme = compiled(_SCHEME).match(text, start)
    match = compiled(_BARE).match(text, scheme.end() if scheme else start)
    return _Value(match.start(), match.end() - (match[0][-1] in ".:"), bare=True, sure=sure or scheme is not None) if match else None


def _unquoted(text: str, seam: re.Match[str], name_start: int, code: bool, option: bool) -> _Value | None:
    """``NAME=value`` and ``name: value``. Sure in a line of settings, after an option, and in a connection string; elsewhere only what looks random counts."""
    end = seam.end()
    before = text[max(0, name_start - _LONGEST_LINE) : name_start].rpartition("\n")[2]
    if before.endswith("${"):
        return _bare(text, end, sure=True)
    if before.endswith(":") and seam["op"] == ":":
        return None  # a part of a name: arn:aws:secretsmanager:...:secret:NAME
    plain = not code or before.lstrip().startswith(("!", "%", "$ ", "RUN ", "#", "//", "*"))
    if plain and not (seam["op"] or ":").endswith("==") and (seam["pair"] or re.match(_LINE_START, before)):
        return _to_line_end(text, end)
    return _bare(text, end, sure=option or (plain and re.search(_AFTER, before) is not None) or re.search(_CONNECTION, before) is not None)


def _to_line_end(text: str, start: int) -> _Value | None:
    """The rest of a line of settings, without a comment."""
    stop = text.find("\n", start, start + _LONGEST_VALUE)
    line = text[start : stop if stop >= 0 else min(len(text), start + _LONGEST_VALUE)]
    body = line.partition(" #")[0].rstrip("\r \t")
    lead = len(body) - len(body.lstrip())
    scheme = compiled(_SCHEME).match(body, lead)
    lead = scheme.end() if scheme else lead
    if " " in body[lead:].strip():
        return _bare(text, start + lead, sure=False)
    return _Value(start + lead, start + len(body), bare=True) if len(body) > lead else None


def _judge(text: str, assigned: _Assigned) -> Secret | None:
    name, kind, value = assigned.name, assigned.kind, assigned.value
    start, end = value.start, value.end
    scheme = compiled(_SCHEME).match(text, start, end)
    start = scheme.end() if scheme else start
    said = text[start:end]
    if text[max(0, start - 8) : start].lower().rstrip().endswith("basic"):
        return _basic(name, said, start)
    if is_documented(said) or is_dismissed(said) or (value.bare and _goes_on(text, end)):
        return None
    confidence = _confidence(text, name, kind, value, said)
    return _secret(name, kind, start, end, confidence) if confidence else None


def _goes_on(text: str, end: int) -> bool:
    """Whether an unquoted value is the beginning of an expression: a call, an item, an interpolation."""
    return text[end : end + 1] in ("(", "[", "{", "<")


def _confidence(text: str, name: str, kind: Kind, value: _Value, said: str) -> Confidence | None:
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


_NEAR_KEY = r"(?i:wandb|kaggle|\"username\"|login\s?\(|roboflow|[?&]\Z|comet|credential|serpapi)"


def _bare_key(text: str, value: _Value, said: str) -> Confidence | None:
    """``key`` alone says nothing; beside a service's name, or a user's, it does: ``wandb.login(key=...)``, ``kaggle.json``."""
    if not looks_random(said, 16) or is_placeholder(said) or is_uuid(said):
        return None
    around = text[max(0, value.start - 90) : value.start]
    return Confidence.MEDIUM if re.search(_NEAR_KEY, around.rstrip("\"'= :").removesuffix("key")) else None


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
    return _secret(name, Kind.PASSWORD, start, start + len(said), confidence) if confidence else None


_TITLES = {Kind.TOKEN: "API key or token", Kind.PASSWORD: "password", Kind.SECRET: "secret", Kind.KEY: "API key"}
_RULES = {Kind.TOKEN: "api-key", Kind.PASSWORD: "password", Kind.SECRET: "secret-value", Kind.KEY: "api-key"}


def _secret(name: str, kind: Kind, start: int, end: int, confidence: Confidence) -> Secret:
    service = service_of(name)
    return Secret(
        rule=_RULES[kind], title=f"{service} {_TITLES[kind]}".strip(), start=start, end=end, shape=masked(end - start),
        severity=_SEVERITY[confidence], confidence=confidence, name=name.strip("-.$"),
    )  # fmt: skip
