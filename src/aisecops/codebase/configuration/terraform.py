"""Settings of Terraform: attributes of resources and of the blocks inside them, as far as they are written down rather than computed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aisecops.codebase.configuration.facts import Key, Scalar, Setting
from aisecops.codebase.text import Place, Text

_BLOCK = re.compile(r"\s*([\w-]+)((?:\s+\"[^\"]*\")*)\s*\{\s*(?:#.*|//.*)?$")
_ATTRIBUTE = re.compile(r"\s*\"?([\w.-]+)\"?\s*[=:]\s*(.*)$")
_TEXT = re.compile(r"\"((?:[^\"\\]|\\.)*)\"")
_HEREDOC = re.compile(r"<<-?\s*(\w+)\s*$")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?$")
_FLAT = {("google_compute_firewall", "allow"): "allow_", ("google_compute_firewall", "deny"): "deny_"}
"""Blocks whose attributes are told of with those of the resource around: the ports that a rule opens, beside those for whom."""
_MOST = 50_000
_LONGEST = 2000
_DEEPEST = 30


def read_terraform(text: Text) -> Iterator[Setting]:
    """Yield the settings of a Terraform file: keys are ``resource.NAME.TYPE.attribute``, blocks of one kind are numbered, and items of lists, too."""
    for setting, _ in zip(_Reading(text).settings(), range(_MOST), strict=False):
        yield setting


class _Reading:
    """One file, line by line."""

    def __init__(self, text: Text) -> None:
        self._text = text
        self._open: list[Key] = []
        self._prefix: list[str] = []
        self._numbers: dict[Key, int] = {}
        self._list: Key = ()
        self._items = 0
        self._until = ""

    def settings(self) -> Iterator[Setting]:
        for number, line in enumerate(self._text.content.split("\n"), 1):
            line = line[:_LONGEST]
            bare = line.strip()
            if self._until:
                self._until = "" if bare == self._until else self._until
            elif self._list:
                yield from self._listed(line, 0, number)
            elif bare.startswith(("#", "//")):
                continue
            elif found := _BLOCK.match(line):
                self._enter(found[1], re.findall(r"\"([^\"]*)\"", found[2]))
            elif bare.startswith("}"):
                del self._open[-1:], self._prefix[-1:]
            elif self._open and (found := _ATTRIBUTE.match(line)):
                yield from self._attribute(found[1], found[2].strip(), line, found.start(2), number)

    def _enter(self, name: str, labels: list[str]) -> None:
        above = self._open[-1] if self._open else ()
        flat = _FLAT.get((above[2] if len(above) == 3 and isinstance(above[2], str) else "", name))
        if name in ("resource", "data", "module") and labels and not above:
            self._push(("resource", *reversed(labels)), "")
        elif flat is not None:
            self._push(above, flat)
        else:
            at = self._numbers.get((*above, name), -1) + 1
            self._numbers[(*above, name)] = at
            self._push((*above, name, at), "")

    def _push(self, key: Key, prefix: str) -> None:
        if len(self._open) < _DEEPEST or not key:
            self._open.append(key)
            self._prefix.append(prefix)

    def _attribute(self, name: str, value: str, line: str, start: int, number: int) -> Iterator[Setting]:
        key = (*self._open[-1], self._prefix[-1] + name)
        if value.startswith("{") and "}" not in value:
            self._push(key, "")
        elif value.startswith("["):
            self._list, self._items = key, 0
            yield from self._listed(line, line.index("[", start) + 1, number)
        elif found := _HEREDOC.search(value):
            self._until = found[1]
        elif value:
            yield self._setting(key, value, self._text.at_line(number, start + 1))

    def _listed(self, line: str, start: int, number: int) -> Iterator[Setting]:
        """Items of a list up to its end, which may be lines further down."""
        end = line.find("]", start)
        for found in _TEXT.finditer(line, start, end if end >= 0 else len(line)):
            yield self._setting((*self._list, self._items), found[0], self._text.at_line(number, found.start() + 1))
            self._items += 1
        for found in re.finditer(r"(?<![\w\".])\d+(?![\w\".])", line[start : end if end >= 0 else len(line)]):
            yield self._setting((*self._list, self._items), found[0], self._text.at_line(number, start + found.start() + 1))
            self._items += 1
        self._list = () if end >= 0 else self._list

    def _setting(self, key: Key, written: str, place: Place) -> Setting:
        value, known = _scalar(written)
        return Setting(key=key, value=value, place=place, known=known)


def _scalar(written: str) -> tuple[Scalar, bool]:
    """The value, and whether it is written down: references and templates are decided elsewhere."""
    if found := _TEXT.match(written):
        return found[1], "${" not in found[1]
    word = written.split("#")[0].split("//")[0].strip().rstrip(",")
    if word in ("true", "false"):
        return word == "true", True
    if _NUMBER.match(word):
        return int(word) if "." not in word else float(word), True
    return word[:200], False
