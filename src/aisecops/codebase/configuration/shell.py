"""Commands: what a shell text, or a list of arguments, starts in the end."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence

import msgspec

from aisecops.codebase.configuration.containers_run import container_run
from aisecops.codebase.configuration.facts import Assignment, Command, Container, Word, program_name
from aisecops.codebase.configuration.shell_syntax import At, ShellReader, Simple, Variable
from aisecops.codebase.configuration.wrappers import SHELLS, passes_assignments, unwrapped
from aisecops.codebase.text import Place

_DEEPEST = 6
_MOST_PEELED = 12
_MOST_EXPORTED = 200
"""Each command holds what was exported before it: without a bound, many of both take quadratic memory."""
_EXPORTS = re.compile(r"-[a-zA-Z]*x[a-zA-Z]*")
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)
_INACTIVE = re.compile(r"activate|conda\.sh|bashrc|\.profile|completion")
_REMOTE_VALUED = frozenset(("-i", "-p", "-l", "-o", "-F", "-L", "-R", "-D", "-J", "-b", "-c", "-E", "-m", "-w"))
_PYTHON_VALUED = frozenset(("-W", "-X", "--check-hash-based-pycs"))


class _State(msgspec.Struct):
    """What goes down from one text to those inside it, and what has been exported so far."""

    exported: list[Assignment]
    more: bool = False
    container: Container | None = None
    scope: str = ""
    depth: int = 0
    every: bool = False
    braces: bool = False


def commands_in(
    text: str,
    at: At,
    *,
    variables: Mapping[str, Variable] | None = None,
    environment: Sequence[Assignment] = (),
    more_environment: bool = False,
    container: Container | None = None,
    scope: str = "",
    braces: bool = False,
) -> list[Command]:
    """Return the commands of a shell text in the order in which they stand.

    Parameters
    ----------
    text
        The text, without any prompt or ``!`` in front.
    at
        From an offset in ``text`` to a place: ``Text.at`` for a whole file.
    variables
        What is known of shell variables at its start.
    environment, more_environment
        What is set around it; whether more is set that is not here.
    container, scope
        Copied to each command.
    braces
        Whether ``{name}`` is replaced before the shell sees it (a notebook's magics).
    """
    state = _State(list(environment), more_environment, container, scope, braces=braces)
    return _of_text(text, at, state, variables)


def commands_of(
    words: Sequence[Word], *, environment: Sequence[Assignment] = (), container: Container | None = None, scope: str = ""
) -> list[Command]:
    """Return the commands that the argument list ``words`` starts: one, or more if it is a shell with a text (``sh -c "a && b"``)."""
    return _of_words(list(words), [], _State(list(environment), False, container, scope)) if words else []


def _of_text(text: str, at: At, state: _State, variables: Mapping[str, Variable] | None = None) -> list[Command]:
    reader = ShellReader(text, at, variables, state.braces)
    made: dict[int, list[Command]] = {}
    found: list[Command] = []
    for simple in reader.read():
        commands = made[id(simple)] = _of_simple(simple, state)
        before = made.get(id(simple.after)) if simple.after else None
        if before and commands:
            commands[0] = msgspec.structs.replace(commands[0], after=before[-1])
        found += commands
    return found


def _of_simple(simple: Simple, state: _State) -> list[Command]:
    if not simple.words:
        if state.every:
            state.exported += simple.assignments
        else:
            _update(state, simple.assignments)
        return []
    _follow_environment(simple, state)
    commands = _of_words(simple.words, simple.assignments, state)
    if commands and (simple.writes_to or simple.documents):
        commands[-1] = msgspec.structs.replace(commands[-1], writes_to=simple.writes_to, written=tuple(simple.documents))
        commands += _of_document(simple, commands[-1], state)
    return commands


def _update(state: _State, assignments: Sequence[Assignment]) -> None:
    """Give exported variables their new values."""
    names = {assignment.name for assignment in state.exported}
    state.exported += [assignment for assignment in assignments if assignment.name in names]


def _follow_environment(simple: Simple, state: _State) -> None:
    """Note what ``export``, ``set -a`` and ``source`` do to the environment."""
    program, arguments = simple.words[0].text, simple.words[1:]
    if program in ("source", "."):
        state.more = state.more or not (arguments and _INACTIVE.search(arguments[0].text))
    elif program == "set":
        state.every = state.every or any(word.text in ("-a", "allexport") for word in arguments)
    added = {assignment.name: assignment for word in exported(simple.words) if (assignment := _assigned(word))}
    if added:
        state.exported = [assignment for assignment in state.exported if assignment.name not in added] + list(added.values())
    if len(state.exported) > _MOST_EXPORTED:
        state.exported = state.exported[:_MOST_EXPORTED]
        state.more = True


def exported(words: Sequence[Word]) -> Sequence[Word]:
    """Return which ``NAME=value`` words a command exports to those after it."""
    program = words[0].text
    if program == "set" and len(words) > 1 and "=" in words[1].text:  # in a batch file, the rest of the line is the value
        return [_joined(words[1:])]
    if program in ("export", "setx") or (program in ("declare", "typeset") and any(_EXPORTS.fullmatch(word.text) for word in words[1:])):
        return words[1:]
    if program == "setenv" and len(words) == 3:
        return [Word(f"{words[1].text}={words[2].text}", words[2].place, words[2].known)]
    return []


def _assigned(word: Word) -> Assignment | None:
    found = _ASSIGNMENT.fullmatch(word.text)
    return Assignment(found[1], Word(found[2], word.place, word.known)) if found else None


def _of_document(simple: Simple, command: Command, state: _State) -> list[Command]:
    """Return the commands of a here-document that a shell reads."""
    if state.depth >= _DEEPEST or not (command.program in SHELLS or command.program == "ssh") or len(command.words) > 6:
        return []
    inner = msgspec.structs.replace(state, exported=list(state.exported), depth=state.depth + 1)
    return [found for document in simple.documents for found in _of_text(document.text, inside(document), inner)]


def inside(word: Word) -> At:
    """Return the places of the offsets in the text of ``word``, of which only the start is known: exact for its first line, close for the others."""
    text, place = word.text, word.place
    starts: list[int] = []

    def at(offset: int) -> Place:
        if not starts:
            starts.append(0)
            starts.extend(match.end() for match in re.finditer("\n", text))
        line = bisect_right(starts, offset) - 1
        return msgspec.structs.replace(place, line=place.line + line, column=place.column if not line else offset - starts[line] + 1)

    return at


def _of_words(words: list[Word], assignments: Sequence[Assignment], state: _State) -> list[Command]:
    """Take away what only starts another program, and read the texts of shells."""
    environment = [*state.exported, *assignments]
    extra: list[Command] = []
    for _ in range(_MOST_PEELED):
        if not words:
            return extra
        program = program_name(words[0])
        text = _shell_text(words, program)
        if text is not None:
            if program == "ssh":  # how it connects is its own affair
                extra.append(_command(words[: _after_options(words) + 1], environment, state))
            return extra + _nested(text, environment, state)
        run = container_run(words, program)
        if run is not None:
            return extra + _in_container(run, state)
        script = _python(words, program)
        if script:
            words = script
            continue
        count, python = unwrapped(words)
        if not count:
            break
        if python and program == "debugpy":
            extra.append(_command(words[:count], environment, state))
        takes, words = passes_assignments(words), words[count:]
        while takes and words and ((assignment := _assigned(words[0])) or words[0].text == "--"):
            environment += [assignment] if assignment else []
            words = words[1:]
        if words and words[0].text in ("-m", "--module"):
            words = words[1:]
        elif words and python:
            words = [Word("python", words[0].place), *words]
    if not words:
        return extra
    if program_name(words[0]) in SHELLS:
        words = _script(words)
    if words[0].text.endswith(".py"):
        words = [Word("python", words[0].place), *words]
    return [*extra, _command(words, environment, state)]


def _command(words: Sequence[Word], environment: Sequence[Assignment], state: _State) -> Command:
    return Command(
        words=tuple(words),
        place=words[0].place,
        environment=tuple(environment),
        more_environment=state.more,
        container=state.container,
        scope=state.scope,
    )


def _shell_text(words: Sequence[Word], program: str) -> Word | None:
    """Return the text that a shell is given to run, as in ``bash -lc TEXT``, ``eval TEXT``, ``ssh HOST TEXT``."""
    if program in SHELLS or program == "su":
        for number, word in enumerate(words[1:-1], 1):
            if re.fullmatch(r"-[a-zA-Z]*c", word.text):
                return words[number + 1]
            if not word.text.startswith("-") and program != "su" and not (program == "busybox" and number == 1):
                return None
    elif program == "eval" and len(words) > 1:
        return _joined(words[1:])
    elif program == "ssh":
        at = _after_options(words)
        return _joined(words[at + 1 :]) if at + 1 < len(words) else None
    elif program in ("tmux", "screen"):
        spoken = [word for word in words[1:] if " " in word.text.strip()]
        return spoken[-1] if spoken else None
    elif program == "watch" and len(words) > 1:
        return words[-1] if " " in words[-1].text else None
    elif program == "gcloud":
        return next((Word(word.text[10:], word.place, word.known) for word in words if word.text.startswith("--command=")), None)
    return None


def _after_options(words: Sequence[Word]) -> int:
    """Where the host stands in a command of ``ssh``."""
    at = 1
    while at < len(words) and words[at].text.startswith("-"):
        at += 2 if words[at].text in _REMOTE_VALUED else 1
    return at


def _joined(words: Sequence[Word]) -> Word:
    return Word(" ".join(word.text for word in words), words[0].place, all(word.known for word in words))


def _nested(text: Word, environment: Sequence[Assignment], state: _State) -> list[Command]:
    if state.depth >= _DEEPEST:
        return []
    inner = msgspec.structs.replace(state, exported=list(environment), depth=state.depth + 1, every=False)
    return _of_text(text.text, inside(text), inner)


def _in_container(run: tuple[Container, list[Word]], state: _State) -> list[Command]:
    """Return what runs in a container that a command starts; without words of its own, the container alone."""
    container, words = run
    if state.depth >= _DEEPEST:
        return []
    inner = _State(list(container.environment), container.more_environment, container, state.scope or container.name, state.depth + 1)
    alone = Command(
        words=(),
        place=container.place,
        environment=container.environment,
        more_environment=container.more_environment,
        container=container,
        scope=state.scope,
    )
    return _of_words(words, [], inner) if words and not words[0].text.startswith("-") else [as_arguments(alone, words)]


def as_arguments(command: Command, words: Sequence[Word]) -> Command:
    """Return ``command`` with ``words`` as arguments for the program that its container's image starts; the program itself has no name."""
    return msgspec.structs.replace(command, words=(Word("", command.place), *words)) if words else command


def _python(words: Sequence[Word], program: str) -> list[Word]:
    """Return ``python -m module ARGUMENTS`` as ``module ARGUMENTS``; empty for anything else."""
    if program != "python":
        return []
    at = 1
    while at < len(words) and words[at].text.startswith("-"):
        if words[at].text == "-m":
            return list(words[at + 1 :])
        if re.fullmatch(r"-[A-Za-z]*c|-", words[at].text):
            return []
        at += 2 if words[at].text in _PYTHON_VALUED else 1
    return []


def _script(words: list[Word]) -> list[Word]:
    """Return ``bash script ARGUMENTS`` as ``script ARGUMENTS``."""
    at = 1
    while at < len(words) and words[at].text.startswith("-"):
        at += 2 if words[at].text == "-o" else 1
    return words[at:] or words
