"""Tokens that are known by their shape."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from aisecops.content.secrets.secret import Secret, masked
from aisecops.content.secrets.structure import proven
from aisecops.content.secrets.values import is_documented, is_made_up, looks_random, patterned, stands_in, surprise
from aisecops.core.taxonomy import Confidence
from aisecops.knowledge.secrets import TokenRule, knowledge

_SHORTEST = 18
"""Of a token: shorter words of a text are not looked at."""
_BETWEEN = b"()[]{}\"'`,;<>|*!$&# \t\n\r\x0b\x0c"
_APART = bytes(ord(" ") if code in _BETWEEN else ord("x") for code in range(256))
"""Shows where the words of a text are."""
_LONG = b"x" * _SHORTEST
_BEFORE = 80
_NAME = r"([A-Za-z_][\w.-]{0,60})[\"'\])\s]{0,4}(?::[^=\n]{0,30})?[:=,][\s(]{0,8}[rbfu]{0,2}[\"'`]?(?:Bearer |Basic |token )?$"


class _Rule:
    """A rule, compiled when a text first holds its prefix."""

    def __init__(self, rule: TokenRule) -> None:
        self.rule = rule
        self.after = re.compile(rf"(?>{rule.pattern})(?![A-Za-z0-9])")  # atomic: a hostile text must not make it try again and again
        self.before = re.compile(rf"(?<![A-Za-z0-9])(?:{rule.before})\Z") if rule.before else None

    def span(self, text: str, start: int, end: int) -> tuple[int, int] | None:
        """Return where the token lies whose prefix is ``text[start:end]``; None if it is none."""
        if self.before is None and _joined(text, start):
            return None
        after = self.after.match(text, end)
        if after is None or self.before is None:
            return (start, after.end()) if after else None
        from_ = max(0, start - _BEFORE)
        before = self.before.search(text[from_:start])
        return (from_ + before.start(), after.end()) if before else None


def _joined(text: str, start: int) -> bool:
    r"""Whether the word at ``start`` goes on to the left: it is no token then, unless what stands there is an escape (``\n``)."""
    before = text[start - 1 : start]
    if not (before.isalnum() or before == "_"):
        return False
    return not (text[start - 2 : start - 1] == "\\" and before in "nrt")


@cache
def _prefilter() -> re.Pattern[bytes]:
    return re.compile(knowledge().prefilter.encode())


@cache
def _rules() -> dict[str, tuple[TokenRule, ...]]:
    found: dict[str, tuple[TokenRule, ...]] = {}
    for rule in knowledge().tokens:
        for prefix in rule.prefix:
            found[prefix] = (*found.get(prefix, ()), rule)
    return found


@cache
def _compiled(rule: TokenRule) -> _Rule:
    return _Rule(rule)


@cache
def _applicable(hit: str) -> tuple[tuple[str, TokenRule], ...]:
    """The rules whose prefix begins with ``hit``, each with that prefix, the longest first: the search stops at ``sk-`` where ``sk-proj-`` stands."""
    found = [(prefix, rule) for prefix, rules in _rules().items() if prefix.startswith(hit) for rule in rules]
    return tuple(sorted(found, key=lambda pair: -len(pair[0])))


def find_tokens(text: str) -> Iterator[Secret]:
    """Yield the tokens of known shape in ``text``.

    No token holds white space or brackets, and all are long, so only the distinct long words are searched: a seventh of most source code.
    """
    words = b"\n".join(sorted(_long_words(text)))
    seen: set[str] = set()
    decoded = ""
    for hit in _prefilter().finditer(words):
        decoded = decoded or words.decode("latin-1")
        for prefix, rule in _applicable(hit[0].decode()):
            start = hit.start()
            span = _compiled(rule).span(decoded, start, start + len(prefix)) if decoded.startswith(prefix, start) else None
            if span is None:
                continue
            value = decoded[span[0] : span[1]]
            if value not in seen:
                seen.add(value)
                confidence = _confidence(rule, prefix, value)
                yield from _places(text, rule, value, "" if rule.before else prefix, confidence) if confidence else ()
            break


def _long_words(text: str) -> set[bytes]:
    """Return the words of ``text`` that are long enough for a token. Bytes, because they are translated and searched much faster."""
    data = text.encode("utf-8", "surrogatepass")
    if b"\\" in data:
        data = data.replace(b"\\n", b"  ").replace(b"\\t", b"  ").replace(b"\\r", b"  ")  # line ends in strings of JSON and code
    shape = data.translate(_APART) + b" "
    found: set[bytes] = set()
    start = shape.find(_LONG)
    while start >= 0:
        end = shape.find(b" ", start)
        found.add(data[start:end])
        start = shape.find(_LONG, end)
    return found


def _confidence(rule: TokenRule, prefix: str, value: str) -> Confidence | None:
    """Return how sure we are that ``value`` is a token of this kind, and no stand-in for one; None: it is none."""
    body = value.replace(prefix, "", 1)
    drawn = body.removeprefix("api").removeprefix("-")
    if stands_in(drawn) or len(set(body)) < min(8, len(body) // 2) or is_documented(value) or _is_words(body):
        return None
    if rule.random == "strict" and not looks_random(body, 16):
        return None
    if rule.digits and not any(c.isdigit() for c in body):
        return None
    proof = proven(rule.proof, value)
    if proof is None:
        return None
    doubt = Confidence.LOW if is_made_up(body) or patterned(body) >= 0.3 else Confidence.HIGH
    return min(proof, doubt, rule.confidence, key=lambda c: c.rank)


def is_dismissed(value: str) -> bool:
    """Whether ``value`` has the shape of a token and is none: the sample that documentation shows, or a stand-in."""
    if value.startswith("eyJ") and "." in value:
        return proven("jwt", value) is None
    hit = _prefilter().match(value.encode("utf-8", "replace"))
    for prefix, rule in _applicable(hit[0].decode()) if hit else ():
        if not rule.before and value.startswith(prefix) and _compiled(rule).span(value, 0, len(prefix)) == (0, len(value)):
            return _confidence(rule, prefix, value) is None
    return False


def _is_words(body: str) -> bool:
    """Whether ``body`` is an identifier that begins like a token."""
    return sum(c.isalpha() for c in body) > 0.7 * len(body) and surprise(body) < 0.25


def _places(text: str, rule: TokenRule, value: str, prefix: str, confidence: Confidence) -> Iterator[Secret]:
    start = text.find(value)
    while start >= 0:
        end = start + len(value)
        if not (text[end : end + 1].isalnum() or _joined(text, start)):
            yield Secret(
                rule=rule.id, title=rule.title, start=start, end=end, shape=masked(len(value) - len(prefix), prefix),
                severity=rule.severity, confidence=confidence, name=name_before(text, start),
            )  # fmt: skip
        start = text.find(value, end)


def name_before(text: str, start: int) -> str:
    """Return the name that the value at ``start`` is assigned to; empty if there is none on its line."""
    found = re.search(_NAME, text[start - 120 if start > 120 else 0 : start].rpartition("\n")[2])
    return found[1] if found else ""
