"""Commands inside the scalars of a document: where each character of a YAML or JSON text stands in the file."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aisecops.codebase.configuration.facts import Assignment, Command, Container, Word
from aisecops.codebase.configuration.shell import commands_in
from aisecops.codebase.configuration.shell_syntax import At, ShellReader
from aisecops.codebase.configuration.tree import Node
from aisecops.codebase.text import Place, Text

_VARIABLE = re.compile(r"\$(?:\$|([A-Za-z_][A-Za-z0-9_]*)|\{([^{}]{0,400})\})")
_DEFAULT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*:?[-](.+)", re.DOTALL)


def places_in(text: Text, node: Node) -> At:
    """Return the places of the offsets in the value of the scalar ``node``.

    The value and what is written hold the same characters in the same order, but for blanks and escapes: both are walked side by side.
    """
    value, content = node.text, text.content
    at = content.find("\n", node.start) + 1 if content[node.start : node.start + 1] in ("|", ">") else node.start
    offsets: list[int] = []
    for character in value:
        if not character.isspace():
            found = content.find(character, at, min(at + 400, node.end))
            if found >= 0:
                at = found + 1
        offsets.append(max(at - 1, node.start))

    def place(offset: int) -> Place:
        return text.at(offsets[min(offset, len(offsets) - 1)]) if offsets else node.place

    return place


def scripts_in(
    text: Text,
    node: Node,
    *,
    environment: Sequence[Assignment] = (),
    container: Container | None = None,
    scope: str = "",
    more_environment: bool = False,
) -> list[Command]:
    """Return the commands of a scalar that is a shell text, or of a list of such."""
    found: list[Command] = []
    for part in [node] if node.is_scalar else node.children or []:
        if part.is_scalar and isinstance(part.value, str):
            found += commands_in(
                part.text, places_in(text, part), environment=environment, container=container, scope=scope, more_environment=more_environment
            )
    return found


def words_in(text: Text, node: Node | None, interpolate: bool = False) -> list[Word]:
    """Return the words of an argument list, or of a scalar that is split into words.

    ``interpolate``: variables are replaced before anything is split, as docker compose does.
    """
    if node is None:
        return []
    if node.is_scalar:
        at = places_in(text, node)
        reader = ShellReader(node.text.replace("\n", " ").replace("$$", "$"), at)
        return [word for simple in reader.read() for word in (*(_as_word(a) for a in simple.assignments), *simple.words)]
    words = [child.word() for child in node.children or [] if child.is_scalar]
    return [interpolated(word) for word in words] if interpolate else words


def _as_word(assignment: Assignment) -> Word:
    return Word(f"{assignment.name}={assignment.value.text}", assignment.value.place, assignment.value.known)


def interpolated(word: Word) -> Word:
    """Return ``word`` with ``${NAME:-default}`` as its default and ``$$`` as ``$``; with any other variable it is unknown."""
    if "$" not in word.text:
        return word
    known = word.known

    def replace(found: re.Match[str]) -> str:
        nonlocal known
        if found[0] == "$$":
            return "$"
        default = _DEFAULT.fullmatch(found[2] or "")
        known = known and default is not None
        return default[1] if default else found[0]

    text = _VARIABLE.sub(replace, word.text)
    return Word(text, word.place, known)
