"""The commands that a source file runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from aisecops.codebase.configuration.facts import Assignment, Command, Word
from aisecops.codebase.configuration.shell import commands_in, commands_of
from aisecops.codebase.dataflow.values import Dict, List, Value, pieces
from aisecops.codebase.text import Place

if TYPE_CHECKING:
    from aisecops.checks.source_file.subject import SourceFile
    from aisecops.codebase.dataflow.program import Call

_ONE_TEXT = frozenset((
    "os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput", "asyncio.create_subprocess_shell", "IPython.get_ipython().system",
    "IPython.get_ipython().getoutput", "?get_ipython().system", "?get_ipython().getoutput", "invoke.run", "pexpect.run", "pexpect.spawn",
))  # fmt: skip
_LIST_OR_TEXT = frozenset(("subprocess.run", "subprocess.Popen", "subprocess.call", "subprocess.check_call", "subprocess.check_output"))
_WORDS = frozenset(("asyncio.create_subprocess_exec",))
_CELL = frozenset(("IPython.get_ipython().run_cell_magic", "?get_ipython().run_cell_magic"))
_ANY = _ONE_TEXT | _LIST_OR_TEXT | _WORDS | _CELL
_SHELLS = frozenset(("bash", "sh", "script", "system", "sx", "zsh"))
_UNKNOWN = "${unknown}"
"""Stands for a part that is decided elsewhere, so that the rest of the command can be read."""


def may_start(file: SourceFile) -> bool:
    """Whether ``file`` may run a command: most programs call nothing that does."""
    if file.module is None:
        return file.language == "shell"
    return any(call.path in _ANY for call in file.module.calls)


def commands(file: SourceFile) -> tuple[Command, ...]:
    """Return the commands that ``file`` runs, as far as their words are known."""
    if file.language == "shell":
        return tuple(commands_in(file.text.content, file.text.at))
    if file.module is None:
        return ()
    calls = [call for call in file.module.calls if call.path in _ANY and call.form == "call"]
    return tuple(_with_variables(command, call) for call in calls for command in _of_call(file, call))


def _with_variables(command: Command, call: Call) -> Command:
    """``subprocess.run(..., env={**os.environ, "OLLAMA_HOST": "0.0.0.0"})``."""
    given = call.arguments.keywords.get("env")
    if given is None or not isinstance(given.known, Dict):
        return command
    place = command.place
    set_here = tuple(Assignment(str(name), Word(value.text, place)) for name, value in given.known.items.items() if value.text is not None)
    return msgspec.structs.replace(command, environment=(*set_here, *command.environment))


def _of_call(file: SourceFile, call: Call) -> Iterator[Command]:
    path = call.path
    given = call.arguments.positional
    place = file.text.at_line(call.span.line, call.span.column)
    if path in _CELL:
        if len(given) > 2 and given[0].text in _SHELLS:
            yield from commands_in(_text(given[2]), lambda offset: _below(file, call.span.line, _text(given[2]), offset))
        return
    first = given[0] if given else call.arguments.keywords.get("args")
    if path in _WORDS:
        yield from commands_of(_words(given, place), scope=call.span.scope)
    elif first is not None and isinstance(first.known, List):
        yield from commands_of(_words(first.known.items, place), scope=call.span.scope)
    elif first is not None and pieces(first):
        yield from commands_in(_text(first), lambda _: place, scope=call.span.scope)


def _below(file: SourceFile, line: int, text: str, offset: int) -> Place:
    """The place of a line of a cell's body, which begins below the magic."""
    return file.text.at_line(line + 1 + text.count("\n", 0, offset))


def _words(values: list[Value], place: Place) -> list[Word]:
    return [Word(value.text, place) if value.text is not None else Word(_text(value), place, known=False) for value in values]


def _text(value: Value) -> str:
    """The text that ``value`` is, with a variable where a part of it is not known."""
    if value.text is not None:
        return value.text
    known = pieces(value)
    if not known:
        return _UNKNOWN
    return ("" if value.start else _UNKNOWN) + _UNKNOWN.join(known) + _UNKNOWN
