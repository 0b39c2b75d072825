"""Where the value stands that a name is given: in code, settings, commands, connection strings.

One expression says whether what follows a name can introduce a value (``= "``, ``: ``, ``"] = "``, ``", default="``, a ``value:`` on the next line).
"""

from __future__ import annotations

import re

import msgspec

from aisecops.content.secrets.patterns import compiled

_SEAM = re.compile(
    r"[\w-]{0,30}"
    r"(?P<close>\\?[\"'`][)\]]{0,2}|[)\]]?[\"'`]?)"
    r"(?:(?P<pair>,?\s{1,80}\\?[\"']?value\\?[\"']?[ \t]{0,4}[:=])"
    r"|[ \t]{0,8}(?P<op>:[ \t]?[\w\[\]., |]{1,40}[ \t]?=(?=[ \t\"'(rbfu])|=>|:[=-]|={1,3}|:|,|\)?[ \t]{0,4}(?:or\b|\|\|)|(?<=[\"'])\)|>|[ \t]))"
)
_QUOTE = (
    r"\s{0,60}\(?\s{0,40}(?:(?:[\w.]{0,30}\b(?:SecretStr|Secret|str|bytes|Field|StringVar|quote|quote_plus|unquote|b64decode|fromhex|unhexlify|AzureKeyCredential|Some|String|from)\()\s{0,40}(?:default\s?=\s?)?)?"
    r"(?:[rRbBuUfF]{1,2}(?=[\"'`]))?(\\?[\"'`])"
)
_PAIR = r"\s{0,20}\[?\s{0,40}\(\s{0,40}[rbuRBU]{0,2}[\"'][^\"'\n]{0,100}[\"'],\s{0,40}[rbuRBU]{0,2}([\"'])"
_NEXT = r"\s{0,60}(?:\+\s{0,60}|\\\r?\n\s{0,60})?[rbfuRBFU]{0,2}([\"'])"
_MOST_PIECES = 8
_DEFAULT = r"[^()]{0,300}?\bdefault\s?=\s?(?:[rRbBuUfF]{1,2}(?=[\"']))?([\"'])"
_BARE = r"[^\s\"'`<>(){}\[\],;&|\\]{6,300}"
_SCHEME = r"(?i:(?:Bearer|Token|Basic|ApiKey|Api-Key|Key|Negotiate)\s{1,3})"
_LINE_START = (
    r"(?i:[ \t]*(?:[-*>#]\s{1,4})?(?:(?:export|set|setx|env|arg|declare -x|local|readonly|%env|%set_env|!export|\$env:|- e|-e)\s{0,3}){0,2}[\"']?\Z)"
)
_AFTER = r"(?:^|\s)(?:-e|--env|--build-arg|--set|-D|-E|-P|export|set|env|#.{0,60}|//.{0,60})[ =]{0,2}\Z|^\s*(?:\w+=\S*\s+)+\Z"
_CONNECTION = r"(?i:(?:server|host|hostaddr|data source|addr|address|user id|uid|user|username|dbname|database|initial catalog|port)\s?=)"
_NAME = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.$"
_LONGEST_NAME = 80
_LONGEST_VALUE = 600
_LONGEST_LINE = 300
"""What is looked at of a line before a name: lines of a megabyte exist."""


class Value(msgspec.Struct, frozen=True):
    """A value and where it stands.

    Attributes
    ----------
    start, end : int
        Its place; of one that is put together from strings, that of all of them.
    bare : bool
        Whether it has no quotes.
    sure : bool
        Whether only a value can stand there.
    joined : str
        What the strings together say, for one that is put together.
    paired : bool
        Whether it is the second of a pair whose first is a user.
    """

    start: int
    end: int
    bare: bool = False
    sure: bool = True
    joined: str = ""
    paired: bool = False


def seam(low: str, position: int) -> re.Match[str] | None:
    """Return what joins the name at ``position`` of a text in lower case with a value, if something does."""
    return _SEAM.match(low, position)


def name_start(text: str, position: int) -> int:
    """Return where the name begins of which ``position`` is a part."""
    before = text[max(0, position - _LONGEST_NAME) : position]
    return position - len(before) + len(before.rstrip(_NAME))


def value_after(text: str, seam: re.Match[str], name_start: int, *, code: bool) -> Value | None:
    """Return the value behind ``seam`` of the name at ``name_start``. In ``code``, what has no quotes is an expression unless it looks random."""
    end, op, closed = seam.end(), seam["op"] or "", seam["close"][:1] in "\"'`\\" and bool(seam["close"])
    quote = compiled(_QUOTE).match(text, end)
    option = text.startswith("-", name_start)
    if op == "," or op.lstrip().startswith(")"):
        return _second_argument(text, end, quote, closed, op)
    if op in (" ", "\t"):
        return _after_space(text, end, quote, name_start, option)
    if op == ">":
        return _element(text, end)
    pair = compiled(_PAIR).match(text, end) if op.endswith("=") else None
    if pair:
        second = _quoted(text, pair)
        return msgspec.structs.replace(second, paired=True) if second else None
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


def _second_argument(text: str, end: int, quote: re.Match[str] | None, closed: bool, op: str) -> Value | None:
    """``getenv("NAME", "value")``, ``["--token", "value"]``, ``add_argument("--token", default="value")``, ``getenv("NAME") or "value"``."""
    if not closed or op == ")":
        return None
    found = _quoted(text, quote) if quote else None
    if found:
        return found
    default = compiled(_DEFAULT).match(text, end) if op == "," and text.find("default", end, end + _LONGEST_LINE) >= 0 else None
    return _quoted(text, default) if default else None


def _after_space(text: str, end: int, quote: re.Match[str] | None, name_start: int, option: bool) -> Value | None:
    """``--token value``, ``#define TOKEN "value"``, ``ENV TOKEN value``."""
    line = text[max(0, name_start - 40) : name_start].rpartition("\n")[2].strip().lower()
    if not option and line not in ("#define", "env", "arg", "setx") and not line.endswith((" configure set", " config set")):
        return None
    return _quoted(text, quote) if quote else _bare(text, end, sure=True)


def _element(text: str, end: int) -> Value | None:
    """``<password>value</password>``."""
    close = text.find("</", end, end + _LONGEST_VALUE)
    return Value(end, close) if close > end and "\n" not in text[end:close] else None


def _quoted(text: str, quote: re.Match[str]) -> Value | None:
    """The string that ``quote`` opens, with those that are joined to it."""
    first = _string(text, quote[1], quote.end())
    if first is None:
        return None
    pieces, end, after = [text[first[0] : first[1]]], first[1], first[2]
    following = compiled(_NEXT).match(text, after) if len(quote[1]) == 1 else None
    while following and len(pieces) < _MOST_PIECES and following.end() > after + 1:
        piece = _string(text, following[1], following.end())
        if piece is None:
            break
        pieces.append(text[piece[0] : piece[1]])
        end, after = piece[1], piece[2]
        following = compiled(_NEXT).match(text, after)
    return Value(first[0], end, joined="".join(pieces) if len(pieces) > 1 else "")


def _string(text: str, mark: str, start: int) -> tuple[int, int, int] | None:
    """Where the string begins and ends that ``mark`` has opened, and where what follows it does; None if it does not end on its line."""
    triple = text.startswith(mark * 2, start)
    start += 2 * len(mark) if triple else 0
    end = text.find(mark, start, start + _LONGEST_VALUE)
    while end > start and len(mark) == 1 and text[end - 1] == "\\" and text[end - 2 : end - 1] != "\\":
        end = text.find(mark, end + 1, start + _LONGEST_VALUE)
    line = text.find("\n", start, start + _LONGEST_VALUE)
    return (start, end, end + len(mark) * (3 if triple else 1)) if end > start and not 0 <= line < end else None


def _bare(text: str, start: int, *, sure: bool) -> Value | None:
    while text[start : start + 1] in (" ", "\t"):
        start += 1
    scheme = compiled(_SCHEME).match(text, start)
    match = compiled(_BARE).match(text, scheme.end() if scheme else start)
    return Value(match.start(), match.end() - (match[0][-1] in ".:"), bare=True, sure=sure or scheme is not None) if match else None


def _unquoted(text: str, seam: re.Match[str], name_start: int, code: bool, option: bool) -> Value | None:
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


def past_scheme(text: str, start: int, end: int) -> int:
    """Return where the value between ``start`` and ``end`` begins, behind the scheme of an ``Authorization`` header."""
    scheme = compiled(_SCHEME).match(text, start, end)
    return scheme.end() if scheme else start


def _to_line_end(text: str, start: int) -> Value | None:
    """The rest of a line of settings, without a comment."""
    stop = text.find("\n", start, start + _LONGEST_VALUE)
    line = text[start : stop if stop >= 0 else min(len(text), start + _LONGEST_VALUE)]
    body = line.partition(" #")[0].rstrip("\r \t")
    lead = len(body) - len(body.lstrip())
    scheme = compiled(_SCHEME).match(body, lead)
    lead = scheme.end() if scheme else lead
    if " " in body[lead:].strip():
        return _bare(text, start + lead, sure=False)
    return Value(start + lead, start + len(body), bare=True) if len(body) > lead else None
