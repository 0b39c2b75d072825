"""The values that a service's parameters get, wherever they are set, and the tests that the knowledge of services makes on them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache

import msgspec

from aisecops.codebase.configuration.facts import Setting, Word
from aisecops.codebase.text import Place
from aisecops.knowledge.services.index import fits
from aisecops.knowledge.services.model import Parameter, Test

_ON = frozenset(("true", "1", "yes", "on", "enabled", "enable", "t", "y"))
_OFF = frozenset(("false", "0", "no", "off", "disabled", "disable", "none", "f", "n", "null"))
_EVERYWHERE = frozenset(("0.0.0.0", "::", "0:0:0:0:0:0:0:0", "*", "0", "[::]"))  # noqa: S104
_LONGEST_VALUE = 2000
_ADDRESS = re.compile(r"(?:[a-z0-9+.-]+:)?//(?:[^/@\s]*@)?", re.IGNORECASE)


class Value(msgspec.Struct, frozen=True):
    """What a parameter is set to. ``written`` is the name under which it is set.

    ``bare``: an option without a value. ``loose``: an option, and the word after it, which may be its value or not.
    """

    text: str
    place: Place
    written: str
    known: bool = True
    bare: bool = False
    loose: bool = False

    @property
    def plain(self) -> str:
        """The text without the quotes that some programs take off themselves."""
        text = self.text.strip()
        return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text


def of_flags(words: Sequence[Word], parameter: Parameter, valued: Sequence[str]) -> Iterator[Value]:
    """Yield what the options of ``parameter`` are set to among the arguments ``words``, in their order."""
    flags = parameter.flags
    if not flags:
        return
    letters = {flag[1] for flag in flags if len(flag) == 2 and flag[0] == "-"}
    skip = False
    for number, word in enumerate(words):
        if skip:
            skip = False
            continue
        name, equals, rest = word.text.partition("=")
        if name in flags:
            yield _flag_value(words, number, name, Word(rest, word.place, word.known) if equals else None)
        elif letters and re.fullmatch(r"-[A-Za-z]{2,12}", word.text) and (found := _among(word.text[1:], letters, valued)):
            yield Value("", word.place, f"-{found}", bare=True)
        skip = word.text in valued


def _flag_value(words: Sequence[Word], number: int, name: str, joined: Word | None) -> Value:
    if joined is not None:
        return Value(joined.text, joined.place, name, joined.known)
    following = words[number + 1] if number + 1 < len(words) else None
    if following is None or (following.text.startswith("-") and len(following.text) > 1 and following.known):
        return Value("", words[number].place, name, bare=True)
    return Value(following.text, words[number].place, name, following.known, loose=True)


def _among(letters: str, wanted: set[str], valued: Sequence[str]) -> str:
    """Return which of the ``wanted`` letters is among options that stand together; behind one that takes a value, the rest is that value."""
    for letter in letters:
        if letter in wanted:
            return letter
        if f"-{letter}" in valued:
            return ""
    return ""


def of_words(words: Sequence[Word], parameter: Parameter) -> Iterator[Value]:
    """Yield the arguments that match one of the parameter's patterns."""
    for pattern in parameter.words:
        compiled = _compiled(pattern)
        for word in words:
            if len(word.text) <= _LONGEST_VALUE and (found := compiled.fullmatch(word.text)):
                yield Value(found[1] if compiled.groups else word.text, word.place, word.text, word.known)


def of_environment(environment: Mapping[str, Word], parameter: Parameter) -> Iterator[Value]:
    """Yield what the parameter's variables are set to in ``environment``."""
    for variable in parameter.variables:
        names = [name for name in environment if fits(variable, name)] if "*" in variable else [variable]
        for name in names:
            if name in environment:
                value = environment[name]
                yield Value(value.text, value.place, name, value.known)


def of_setting(setting: Setting) -> Value | None:
    """Return the value of a setting; None for an empty one, which leaves the program's own default."""
    if setting.value is None:
        return None
    text = str(setting.value).lower() if isinstance(setting.value, bool) else str(setting.value)
    return Value(text, setting.place, setting.dotted[-120:], setting.known)


def holding(test: Test, values: Sequence[Value], doubt: bool = False) -> list[Value] | None:
    """Return the values that make ``test`` hold (none for a test on absence), or None if it does not hold.

    ``doubt``: the parameter may also be set where nobody here can see it.
    """
    match test.kind:
        case "absent":
            return None if values or doubt else []
        case "not":
            return None if holding(test.tests[0], values) is not None else list(values)
        case "any":
            return next((found for part in test.tests if (found := holding(part, values, doubt)) is not None), None)
        case "set" | "present" if doubt and not values:
            return []
    found = [value for value in values if _fits(test, value)]
    if test.kind == "on":
        found = [_switch(value) for value in found]
    return found or None


def _switch(value: Value) -> Value:
    """Return an option that is only there to be there without the word after it, which belongs to something else."""
    apart = value.loose and value.plain.lower() not in _ON
    return msgspec.structs.replace(value, text="", bare=True, loose=False) if apart else value


def _fits(test: Test, value: Value) -> bool:
    plain = value.plain
    word = plain.lower()
    match test.kind:
        case "present":
            return True
        case "set":
            return not value.known or value.bare or bool(plain and word not in _OFF)
        case "everywhere":
            return value.known and not value.bare and any(host in _EVERYWHERE for host in _hosts(word))
        case "loopback":
            return value.known and not value.bare and all(_is_loopback(host) for host in _hosts(word))
        case "empty":
            return value.known and not value.bare and not plain
        case "on":
            return value.bare or (value.loose and word not in _OFF) or (value.known and word in _ON)
        case "off":
            return value.known and not value.bare and word in _OFF
        case "equal":
            return value.known and any(word == wanted.lower() for wanted in test.values)
        case "matches":
            return len(plain) <= _LONGEST_VALUE and _compiled(test.values[0]).fullmatch(plain) is not None
    return False


def _hosts(text: str) -> list[str]:
    """Return the hosts that a list of addresses names: ``http://0.0.0.0:80``, ``[::]:80``, ``0.0.0.0:80,::``."""
    return [_host(part) for part in re.split(r"[,\s]+", text.strip("[]\"' ") if text.startswith('["') else text) if part] or [""]


def _host(part: str) -> str:
    part = part.strip("\"'")
    if part.startswith("unix:"):
        return "unix:"
    address = _ADDRESS.match(part)
    if address:
        part = part[address.end() :]
    part = part.partition("/")[0]
    if part.startswith("["):
        return part[1:].partition("]")[0]
    host, colon, _ = part.partition(":")
    return host if colon and part.count(":") == 1 else part


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1", "host.docker.internal") or host.startswith(("127.", "unix:", "/")) or host.endswith(".localhost")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)


class Values:
    """What the parameters of a service are set to, each found when it is asked for: most entries are decided by their first test."""

    def __init__(self, find: Callable[[str], Sequence[Value]]) -> None:
        self._find = find
        self._found: dict[str, Sequence[Value]] = {}

    def __getitem__(self, name: str) -> Sequence[Value]:
        if name not in self._found:
            self._found[name] = self._find(name)
        return self._found[name]
