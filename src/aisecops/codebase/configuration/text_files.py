"""Files of lines that hold commands: Makefiles, Procfiles, Jenkinsfiles, unit files of systemd."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from aisecops.codebase.configuration.facts import Assignment, Command, Container, ContainerKind, Setting, Word
from aisecops.codebase.configuration.shell import commands_in
from aisecops.codebase.configuration.shell_syntax import At, Variable
from aisecops.codebase.text import CellStart, Text

_TARGET = re.compile(r"([^\s#:=][^:=\n]{0,500}):(?![=:])")
_MAKE_VARIABLE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*(?:\?|::?|\+)?=\s*(.*)$")
_MAKE_USE = re.compile(r"\$\$|\$\(([A-Za-z_][A-Za-z0-9_]*)\)|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$\(([^()\n]{0,500})\)")
_LONGEST_LINE = 20_000
_PROCESS = re.compile(r"([A-Za-z0-9_-]+):[ \t]+(\S.*)$")
_JENKINS = re.compile(r"""\b(?:sh|bat|powershell)\s*\(?\s*(?:script:\s*)?('''.*?'''|\"\"\".*?\"\"\"|'[^'\n]*'|"[^"\n]*")""", re.DOTALL)
_STARTS = frozenset(("ExecStart", "ExecStartPre", "ExecStartPost", "ExecReload", "command"))
_UNIT_VARIABLE = re.compile(r"""\s*(?:"([A-Za-z_][A-Za-z0-9_]*)=([^"]*)"|'([A-Za-z_][A-Za-z0-9_]*)=([^']*)'|([A-Za-z_][A-Za-z0-9_]*)=(\S*))""")


def read_makefile(text: Text) -> Iterator[Command]:
    """Yield the commands of all recipes, make's own variables replaced where they are plain."""
    variables: dict[str, Variable] = {}
    target, recipe, first = "", [""], 0
    lines = text.content.replace("\r\n", "\n").split("\n")
    for number, line in enumerate([*lines, "end:"], 1):
        if line.startswith("\t"):
            first = first or number
            recipe += [""] * (number - first - len(recipe) + 1)
            continued = number > first and recipe[number - first - 1].endswith("\\")
            recipe[number - first] = _for_shell(line[1:] if continued else line[1:].lstrip(" \t@+-"))
            continue
        if first and line.strip() and not line.lstrip().startswith("#") and not recipe[-1].endswith("\\"):
            yield from _recipe("\n".join(recipe), text, first, variables, target)
            recipe, first = [""], 0
        if (found := _MAKE_VARIABLE.match(line)) and len(variables) < 1000:
            value = _for_shell(found[2].partition(" #")[0].strip())
            variables[found[1]] = value if "$" not in value and len(value) < 1000 else None
        elif found := _TARGET.match(line):
            target = found[1].split()[0]


def _recipe(recipe: str, text: Text, first: int, variables: dict[str, Variable], target: str) -> list[Command]:
    inner = Text(recipe, cells=[CellStart(1, None, text.at_line(first).line)])
    return commands_in(recipe, inner.at, variables=variables, scope=target)


def _for_shell(line: str) -> str:
    """Turn make's way of writing variables into the shell's: ``$(X)`` is ``${X}``, ``$$`` is ``$``, a function of make's is unknown."""
    return _MAKE_USE.sub(lambda found: "$" if found[0] == "$$" else f"${{{found[1] or found[2]}}}" if found[1] or found[2] else "${MAKE}", line)


def read_procfile(text: Text) -> Iterator[Command]:
    """Yield what each kind of process starts; the platform decides who reaches it, as with an image."""
    for number, line in enumerate(text.content.split("\n"), 1):
        if found := _PROCESS.match(line[:_LONGEST_LINE].rstrip("\r")):
            start = text.offset(number, found.start(2) + 1)
            container = Container(kind=ContainerKind.IMAGE, place=text.at(start), name=found[1], own_command=True)
            yield from commands_in(found[2], _from(text, start), container=container, scope=found[1])


def read_jenkinsfile(text: Text) -> Iterator[Command]:
    """Yield the commands of the steps ``sh``, ``bat`` and ``powershell``."""
    job = Container(kind=ContainerKind.TEMPORARY, place=text.at(0))
    for found in _JENKINS.finditer(text.content):
        quote = 3 if found[1][:3] in ("'''", '"""') else 1
        start = found.start(1) + quote
        yield from commands_in(found[1][quote:-quote], _from(text, start), container=job)


def read_unit(settings: Sequence[Setting], text: Text) -> Iterator[Command]:
    """Yield what a unit of systemd, or a program of supervisor, starts, from the settings of its file."""
    environment: list[Assignment] = []
    for setting in settings:
        if setting.name in ("Environment", "environment") and isinstance(setting.value, str):
            for found in _UNIT_VARIABLE.finditer(text.line(setting.place.line).partition("=")[2].replace(",", " ")):
                name, value = next((found[i], found[i + 1]) for i in (1, 3, 5) if found[i])
                environment.append(Assignment(name, Word(value, setting.place)))
    more = any(setting.name == "EnvironmentFile" for setting in settings)
    for setting in settings:
        if setting.name in _STARTS and isinstance(setting.value, str):
            start = text.offset(setting.place.line, setting.place.column)
            rest = text.content[start : start + _LONGEST_LINE]
            script = re.match(r"(?:[^\n\\]|\\.|\\\n)*", rest)
            yield from commands_in(
                script[0].lstrip("@-+!:") if script else "",
                _from(text, start),
                environment=environment,
                more_environment=more,
                scope=str(setting.key[0]) if len(setting.key) > 1 and setting.key[0] != "Service" else "",
            )


def _from(text: Text, start: int) -> At:
    """Return the places of the offsets in the part of ``text`` that begins at ``start``."""
    return lambda offset: text.at(start + offset)


def read_requirements(text: Text) -> Iterator[Command]:
    """Yield what each line of a requirements file asks pip for, as the ``pip install`` that it is a part of."""
    for number, line in enumerate(text.content.split("\n"), 1):
        content = re.sub(r"(?:^|\s)#.*", "", line[:_LONGEST_LINE]).strip()
        if content.startswith("-") or "://" in content:
            place = text.at_line(number, line.find(content[:1]) + 1)
            words = [Word(word, place, "$" not in word) for word in re.split(r"\s;", content, maxsplit=1)[0].split()]
            yield Command(words=(Word("pip", place), Word("install", place), *words), place=place)


READERS: dict[str, Callable[[Text], Iterator[Command]]] = {
    "makefile": read_makefile,
    "procfile": read_procfile,
    "jenkinsfile": read_jenkinsfile,
    "requirements": read_requirements,
}
"""The readers of this module, by what ``aisecops.codebase.configuration.reading`` calls the files."""
