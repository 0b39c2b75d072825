"""YAML with its places, read as programs read it: several documents, anchors and aliases, merge keys, and templates (Helm, Jinja) in between.

The event stream is put together without recursion. An alias is the same node again, never a copy, so that aliases of aliases cost nothing; tags are ignored.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from aisecops.codebase.configuration.facts import Scalar
from aisecops.codebase.configuration.tree import Node
from aisecops.codebase.text import Text

_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_OPENING = re.compile(r"(?<!\$)\{\{|\{[%#]")
_LONGEST_TEMPLATE = 2000
_MOST_INNER = 8
_HOLE = "\ue000"
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_NUMBER = re.compile(r"[-+]?(?:\.[0-9]{1,40}|[0-9]{1,40}(?:\.[0-9]{0,40})?)(?:[eE][-+]?[0-9]{1,4})?")
_WORDS: dict[str, Scalar] = {"": None, "~": None, "null": None, "true": True, "false": False}
_MOST_NODES = 400_000
_DEEPEST = 100
_MOST_DOCUMENTS = 2000


def read_yaml(text: Text) -> list[Node]:
    """Return the documents of ``text``. Raises ``ValueError`` with the problem and ``line N`` where it is not YAML."""
    content = _FORBIDDEN.sub(" ", text.content)
    try:
        return _documents(content, text)
    except ValueError:
        if "{{" not in content and "{%" not in content:
            raise
        return _documents(_without_templates(content), text)


def _without_templates(content: str) -> str:
    """Put a hole of the same length for every ``{{ ... }}``; lines that hold nothing else (``{{- if ... }}``) become empty."""
    pieces: list[str] = []
    done = 0
    for opening in _OPENING.finditer(content):
        start = opening.start()
        closing = "}}" if opening[0] == "{{" else opening[0][1] + "}"
        end = _template_end(content, start, closing) if start >= done else -1
        if end >= 0:
            pieces += (content[done:start], re.sub(r"[^\n]", _HOLE, content[start : end + 2]))
            done = end + 2
    pieces.append(content[done:])
    return re.sub(f"(?m)^[ \t]*{_HOLE}+[ \t]*$", lambda found: " " * len(found[0]), "".join(pieces))


def _template_end(content: str, start: int, closing: str) -> int:
    """Return where the template that begins at ``start`` ends, templates inside it included; -1 if it does not, nearby."""
    end = content.find(closing, start, start + _LONGEST_TEMPLATE)
    for _ in range(_MOST_INNER):
        if end < 0 or closing != "}}" or content.count("{{", start, end) <= content.count("}}", start, end) + 1:
            break
        end = content.find(closing, end + 2, start + _LONGEST_TEMPLATE)
    return end


def _documents(content: str, text: Text) -> list[Node]:
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    building = _Building(text)
    try:
        building.take(yaml.parse(content, Loader=loader))
    except yaml.MarkedYAMLError as wrong:
        mark = wrong.problem_mark or wrong.context_mark
        raise ValueError(f"not YAML: {wrong.problem or wrong.context}, line {mark.line + 1 if mark else 1}") from None
    except (yaml.YAMLError, RecursionError) as wrong:
        raise ValueError(f"not YAML: {wrong}") from None
    return building.documents


class _Open:
    """A mapping or list that is being filled."""

    __slots__ = ("key", "merged", "node")

    def __init__(self, node: Node) -> None:
        self.node = node
        self.key: str | None = None
        self.merged: list[Node] = []


class _Building:
    """Events on their way to nodes."""

    def __init__(self, text: Text) -> None:
        self.text = text
        self.documents: list[Node] = []
        self._open: list[_Open] = []
        self._anchors: dict[str, Node] = {}
        self._count = 0

    def take(self, events: Iterable[Any]) -> None:
        """Put all ``events`` together."""
        for event in events:
            kind = type(event).__name__
            if kind == "ScalarEvent":
                self._add(self._scalar(event), event)
            elif kind == "AliasEvent":
                self._put(self._anchors.get(event.anchor) or Node(self._place(event)))
            elif kind in ("MappingStartEvent", "SequenceStartEvent"):
                self._begin(event, kind)
            elif kind in ("MappingEndEvent", "SequenceEndEvent"):
                self._end()
            elif kind == "DocumentStartEvent":
                self._anchors = {}
                if len(self.documents) >= _MOST_DOCUMENTS:
                    raise ValueError(f"more than {_MOST_DOCUMENTS} documents")

    def _place(self, event: Any) -> Any:
        return self.text.at_line(event.start_mark.line + 1, event.start_mark.column + 1)

    def _scalar(self, event: Any) -> Node:
        value: str = event.value
        known = _HOLE not in value and "{{" not in value
        if _HOLE in value:
            value = re.sub(f"{_HOLE}+", "{{...}}", value)
        plain = bool(event.implicit[0]) and event.style in (None, "")
        scalar = _meaning(value) if plain else value
        return Node(self._place(event), scalar, event.start_mark.index, event.end_mark.index, known)

    def _begin(self, event: Any, kind: str) -> None:
        node = Node(self._place(event))
        if kind == "MappingStartEvent":
            node.items = {}
        else:
            node.children = []
        self._add(node, event)
        if len(self._open) >= _DEEPEST:  # libyaml takes quadratic time for deep nesting
            raise ValueError(f"nested deeper than {_DEEPEST} levels, line {event.start_mark.line + 1}")
        self._open.append(_Open(node))

    def _end(self) -> None:
        done = self._open.pop()
        items = done.node.items
        for merged in done.merged:
            for source in [merged] if merged.items is not None else merged.children or []:
                self._count += len(source.items or ())
                if self._count > _MOST_NODES:  # thousands of mappings that each merge thousands of keys
                    raise ValueError(f"more than {_MOST_NODES} values")
                for key, value in (source.items or {}).items():
                    if items is not None:
                        items.setdefault(key, value)

    def _add(self, node: Node, event: Any) -> None:
        self._count += 1
        if self._count > _MOST_NODES:
            raise ValueError(f"more than {_MOST_NODES} values")
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        self._put(node)

    def _put(self, node: Node) -> None:
        if not self._open:
            self.documents.append(node)
            return
        parent = self._open[-1]
        if parent.node.items is None:
            assert parent.node.children is not None
            parent.node.children.append(node)
        elif parent.key is None:
            parent.key = node.text if node.is_scalar else "?"
        elif parent.key == "<<" and not node.is_scalar:
            parent.merged.append(node)
            parent.key = None
        else:
            parent.node.items[parent.key] = node
            parent.key = None


def _meaning(text: str) -> Scalar:
    """Return what a plain scalar means in YAML 1.2; ``yes`` and ``on`` stay texts, as whoever tests them takes them for true."""
    word = text.lower()
    if word in _WORDS and len(text) < 6:
        return _WORDS[word]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text
