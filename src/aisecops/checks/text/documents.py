"""JSON and YAML files as plain values, with the way from a value back to its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aisecops.codebase.configuration.tree import Node
    from aisecops.codebase.text import Place, Text

_MOST_NODES = 200_000
_DEEPEST = 60


class Document:
    """A document: its ``value`` of dictionaries, lists and scalars, and where each stands."""

    def __init__(self, root: Node) -> None:
        self._root = root
        self._left = _MOST_NODES
        self.value = self._plain(root, 0)

    def place(self, path: Sequence[str | int]) -> Place:
        """Return the place of the value that the keys and indices of ``path`` lead to, or of the nearest one around it."""
        node = self._root
        for step in path:
            inner = _step(node, step)
            if inner is None:
                break
            node = inner
        return node.place

    def _plain(self, node: Node, depth: int) -> Any:
        self._left -= 1
        if self._left < 0 or depth > _DEEPEST:
            return None
        if node.items is not None:
            return {key: self._plain(inner, depth + 1) for key, inner in node.items.items()}
        if node.children is not None:
            return [self._plain(inner, depth + 1) for inner in node.children]
        return node.value


def _step(node: Node, step: str | int) -> Node | None:
    if node.items is not None:
        return node.items.get(str(step))
    if node.children is not None and isinstance(step, int) and step < len(node.children):
        return node.children[step]
    return None


def read_documents(path: str, text: Text) -> Iterator[Document]:
    """Yield the documents of a JSON or YAML file; none of a file that is neither, or is malformed."""
    ending = path.rpartition(".")[2].lower()
    try:
        if ending in ("json", "json5", "jsonc"):
            from aisecops.codebase.configuration.json_tree import read_json

            for root in read_json(text):
                yield Document(root)
        elif ending in ("yaml", "yml"):
            from aisecops.codebase.configuration.yaml_tree import read_yaml

            for root in read_yaml(text):
                yield Document(root)
    except (ValueError, RecursionError):
        return
