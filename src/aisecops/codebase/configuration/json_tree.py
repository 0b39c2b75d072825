"""JSON with its places, also as people write it by hand: comments, commas at the end. Read without recursion, in linear time."""

from __future__ import annotations

import re

from aisecops.codebase.configuration.facts import Scalar
from aisecops.codebase.configuration.tree import Node
from aisecops.codebase.text import Text

_TOKEN = re.compile(r'\s+|//[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/)?|([\[\]{}:,])|("(?:[^"\\\n]|\\.)*")|([^\s"\[\]{}:,/]+|/)', re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_NUMBER = re.compile(r"-?[0-9]{1,40}(?:\.[0-9]{1,40})?(?:[eE][-+]?[0-9]{1,4})?")
_WORDS: dict[str, Scalar] = {"true": True, "false": False, "null": None, "NaN": "NaN", "Infinity": "Infinity", "-Infinity": "-Infinity"}
_MOST_NODES = 2_000_000


def read_json(text: Text) -> list[Node]:
    """Return the document; of a file with one value a line, all of them. Raises ``ValueError`` with the problem and ``line N`` where it is not JSON."""
    return _Building(text).read()


class _Building:
    """Tokens on their way to nodes."""

    def __init__(self, text: Text) -> None:
        self.text = text
        self._open: list[Node] = []
        self._keys: list[str | None] = []
        self._roots: list[Node] = []
        self._count = 0

    def read(self) -> list[Node]:
        position, content = 0, self.text.content
        for found in _TOKEN.finditer(content):
            if found.start() != position:
                raise self._wrong("a character that does not belong there", position)
            position = found.end()
            if found.lastindex:
                self._token(found)
        if position != len(content) or self._open or not self._roots:
            raise self._wrong("it ends early", min(position, len(content)))
        return self._roots

    def _wrong(self, what: str, offset: int) -> ValueError:
        return ValueError(f"not JSON: {what}, line {self.text.at(offset).line}")

    def _token(self, found: re.Match[str]) -> None:
        sign, quoted, bare = found[1], found[2], found[3]
        if sign in ("{", "["):
            node = Node(self.text.at(found.start()))
            if sign == "{":
                node.items = {}
            else:
                node.children = []
            self._put(node, found.start())
            self._open.append(node)
            self._keys.append(None)
        elif sign in ("}", "]"):
            if not self._open or (self._open[-1].items is None) is (sign == "}"):
                raise self._wrong(f"`{sign}` without its beginning", found.start())
            self._open.pop()
            self._keys.pop()
        elif quoted is not None:
            self._quoted(_unescaped(quoted[1:-1]), found)
        elif bare is not None:
            self._put(self._bare(bare, found), found.start())

    def _quoted(self, text: str, found: re.Match[str]) -> None:
        if self._open and self._open[-1].items is not None and self._keys[-1] is None:
            self._keys[-1] = text
        else:
            known = "{{" not in text
            self._put(Node(self.text.at(found.start()), text, found.start(), found.end(), known), found.start())

    def _bare(self, text: str, found: re.Match[str]) -> Node:
        value: Scalar
        if text in _WORDS:
            value = _WORDS[text]
        elif _NUMBER.fullmatch(text):
            value = int(text) if text.lstrip("-").isdigit() else float(text)
        elif self._open and self._open[-1].items is not None and self._keys[-1] is None:
            value = text  # JSON5: a key without quotes
        else:
            raise self._wrong(f"`{text[:20]}` is no value", found.start())
        return Node(self.text.at(found.start()), value, found.start(), found.end())

    def _put(self, node: Node, offset: int) -> None:
        self._count += 1
        if self._count > _MOST_NODES:
            raise ValueError(f"more than {_MOST_NODES} values")
        if not self._open:
            self._roots.append(node)
            return
        parent = self._open[-1]
        if parent.children is not None:
            parent.children.append(node)
        elif self._keys[-1] is None:
            if not node.is_scalar:
                raise self._wrong("a key must be text", offset)
            self._keys[-1] = node.text
        else:
            assert parent.items is not None
            parent.items[self._keys[-1] or ""] = node
            self._keys[-1] = None


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    plain = _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else _ESCAPED.get(found[2], found[2]), text)
    return _PAIR.sub(lambda found: found[0].encode("utf-16", "surrogatepass").decode("utf-16"), plain)
