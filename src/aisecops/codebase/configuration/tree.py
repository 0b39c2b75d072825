"""Documents of mappings, lists and scalars, each with its place: what YAML and JSON have in common, and the settings that they make."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.codebase.configuration.facts import Key, Scalar, Section, Setting, Word
from aisecops.codebase.text import Place

_MOST_SETTINGS = 50_000
_MOST_VISITED = 200_000
"""Aliases of aliases lead to a billion parts, or round in circles."""
_MOST_ITEMS = 20_000
"""A mapping or list with more is data (a vocabulary), no configuration."""
_DEEPEST = 60


class Node:
    """A part of a document: a mapping (``items``), a list (``children``), or a scalar.

    ``start`` and ``end`` are the offsets of a scalar in the text, quotes included; ``known`` is False if a template decides a part of it.
    """

    __slots__ = ("children", "end", "items", "known", "place", "start", "value")

    def __init__(self, place: Place, value: Scalar = None, start: int = 0, end: int = 0, known: bool = True) -> None:
        self.place = place
        self.value = value
        self.start = start
        self.end = end
        self.known = known
        self.items: dict[str, Node] | None = None
        self.children: list[Node] | None = None

    @property
    def is_scalar(self) -> bool:
        """Whether it is neither a mapping nor a list."""
        return self.items is None and self.children is None

    @property
    def text(self) -> str:
        """The scalar as text, as it would be handed to a program; empty for mappings and lists."""
        if isinstance(self.value, bool):
            return "true" if self.value else "false"
        return "" if self.value is None else str(self.value)

    def get(self, *keys: str) -> Node | None:
        """The node under ``keys``, or None."""
        node: Node | None = self
        for key in keys:
            node = node.items.get(key) if node is not None and node.items is not None else None
        return node

    def says(self, *keys: str) -> str:
        """The text of the scalar under ``keys``; empty if there is none."""
        node = self.get(*keys)
        return node.text if node is not None else ""

    def list(self, *keys: str) -> list[Node]:
        """The items of the list under ``keys``; none if there is none."""
        node = self.get(*keys)
        return node.children or [] if node is not None else []

    def mapping(self, *keys: str) -> dict[str, Node]:
        """The mapping under ``keys``; empty if there is none."""
        node = self.get(*keys)
        return node.items or {} if node is not None else {}

    def word(self) -> Word:
        """The scalar as a word of a command."""
        return Word(self.text, self.place, self.known)


def settings_of(root: Node, scope: str = "") -> list[Setting]:
    """Return the scalars under ``root`` as settings, in order, up to a bound. Parts that are shared (aliases) count at each place that names them."""
    found: list[Setting] = []
    waiting: list[tuple[Key, Node]] = [((), root)]
    visited = 0
    while waiting and len(found) < _MOST_SETTINGS and visited < _MOST_VISITED:
        key, node = waiting.pop()
        visited += 1
        if node.is_scalar:
            if key:
                found.append(Setting(key=key, value=node.value, place=node.place, known=node.known, scope=scope))
            continue
        if len(key) < _DEEPEST:
            parts = list(_parts(node))
            waiting += [((*key, name), child) for name, child in reversed(parts[:_MOST_ITEMS])] if len(parts) <= _MOST_ITEMS else []
    return found


def _parts(node: Node) -> Iterator[tuple[str | int, Node]]:
    if node.items is not None:
        yield from node.items.items()
    yield from enumerate(node.children or ())


def environment_setting(name: str, node: Node, scope: str = "") -> Setting:
    """Return a variable of the environment as a setting."""
    return Setting(key=(name,), value=node.text, place=node.place, section=Section.ENVIRONMENT, known=node.known, scope=scope)


def walk(root: Node) -> Iterator[tuple[Key, Node]]:
    """Yield every mapping and list under ``root``, itself included, each once, with the way to it."""
    waiting: list[tuple[Key, Node]] = [((), root)]
    seen: set[int] = set()
    while waiting:
        key, node = waiting.pop()
        if node.is_scalar or id(node) in seen or len(key) > _DEEPEST:
            continue
        seen.add(id(node))
        yield key, node
        parts = list(_parts(node))
        if len(parts) <= _MOST_ITEMS:
            waiting += [((*key, name), child) for name, child in reversed(parts) if not child.is_scalar]
