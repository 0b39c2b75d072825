"""Settings that commands write into files: ``echo "c.ServerApp.token = ''" >> jupyter_server_config.py``, ``cat > config.properties <<EOF``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from aisecops.codebase.configuration.facts import Command, Key, Setting, Word
from aisecops.codebase.configuration.shell import inside
from aisecops.codebase.text import Place

_ASSIGNED = re.compile(r"[ \t]*(?:c\.)?([A-Za-z_][\w.-]*)[ \t]*[=:][ \t]*([^\n]*)")
_MOST_LINES = 2000
_ENDINGS = frozenset("py properties ini cfg conf toml yaml yml env json condarc npmrc".split())


def written_files(commands: Sequence[Command]) -> Iterator[tuple[str, list[Setting]]]:
    """Yield the names of files that commands write, and the settings in what they write."""
    for command in commands:
        target = _target(command)
        if target.rpartition(".")[2].lower() in _ENDINGS:
            settings = [setting for word in _texts(command) for setting in _settings(word)]
            if settings:
                yield target, settings


def _target(command: Command) -> str:
    """Return the file that the output of ``echo``, ``printf``, ``cat`` or ``tee`` goes to; empty if there is none."""
    if command.program in ("echo", "printf", "cat"):
        return command.writes_to
    if command.program == "tee":
        names = [word.text for word in command.arguments if not word.text.startswith("-")]
        return names[0] if names else ""
    return ""


def _texts(command: Command) -> Sequence[Word]:
    if command.program in ("echo", "printf"):
        return command.arguments
    if command.program == "tee" and not command.written and command.after is not None:
        return command.after.arguments if command.after.program in ("echo", "printf") else command.after.written
    return command.written


def _settings(word: Word) -> Iterator[Setting]:
    text = word.text.replace("\\n", "\n") if "\n" not in word.text else word.text
    at = inside(word)
    offset = 0
    for line in text.split("\n")[:_MOST_LINES]:
        if found := _ASSIGNED.fullmatch(line):
            value = found[2].split(" #", 1)[0].strip().rstrip(",;")
            place: Place = at(min(offset, len(word.text)))
            key: Key = tuple(part for part in found[1].split(".") if part)
            yield Setting(key=key, value=_plain(value), place=place, known=word.known or "$" not in value)
        offset += len(line) + 1


def _plain(value: str) -> str:
    value = re.sub(r"^[urbURB](?=['\"])", "", value)
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value
