"""Dockerfiles (and Containerfiles): what each stage starts from, sets, runs while it is built, and starts in the end."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from aisecops.codebase.configuration.facts import Assignment, Command, Container, ContainerKind, Facts, Section, Setting, Word
from aisecops.codebase.configuration.shell import as_arguments, commands_in, commands_of
from aisecops.codebase.configuration.shell_syntax import ShellReader, Variable
from aisecops.codebase.text import Place, Text

_INSTRUCTION = re.compile(r"[ \t]*([A-Za-z]+)(?:[ \t]+|\\\r?\n[ \t]*|$)")
_OPTION = re.compile(r"--[a-z-]+(?:=\S*)?\s+")
_DOCUMENT = re.compile(r"<<-?[\"']?([A-Za-z_][A-Za-z0-9_]*)[\"']?")
_ITEM = re.compile(r'"((?:[^"\\]|\\.)*)"')
_OPTIONS_OF_RUN = re.compile(r"(?:--(?:mount|network|security|device)=\S+\s+)+")


class Instruction(msgspec.Struct, frozen=True):
    """One instruction: its name in capital letters, its text with comment lines blanked out, and the offset of that text."""

    name: str
    text: str
    start: int


def instructions(content: str) -> Iterator[Instruction]:
    """Yield the instructions of a Dockerfile. Continued lines and here-documents belong to theirs; offsets are those of the file."""
    position = 0
    while position < len(content):
        end = _line_end(content, position)
        head = _INSTRUCTION.match(content, position, max(end, position + 1))
        if head is None or not head[1]:
            position = end + 1
            continue
        finish = _continued(content, position)
        finish = _documents(content, head.end(), finish, head[1].upper())
        start = min(head.end(), finish)
        yield Instruction(head[1].upper(), _on_one_line(content[start:finish]), start)
        position = finish + 1


def _line_end(content: str, position: int) -> int:
    end = content.find("\n", position)
    return len(content) if end < 0 else end


def _continued(content: str, position: int) -> int:
    """Return the end of the instruction whose line begins at ``position``: comment and empty lines do not end a continued one."""
    while True:
        end = _line_end(content, position)
        line = content[position:end].rstrip("\r \t")
        if end >= len(content):
            return end
        if not line.endswith("\\"):
            return end
        position = end + 1
        while position < len(content):
            following = content[position : _line_end(content, position)].strip()
            if following and not following.startswith("#"):
                break
            position = _line_end(content, position) + 1
        if position >= len(content):
            return len(content)


def _documents(content: str, start: int, finish: int, name: str) -> int:
    """Return the end of the instruction with the here-documents that it announces (RUN, COPY, ADD)."""
    if name not in ("RUN", "COPY", "ADD"):
        return finish
    for found in _DOCUMENT.finditer(content, start, finish):
        position = finish + 1
        while position < len(content):
            end = _line_end(content, position)
            if content[position:end].strip() == found[1]:
                finish = end
                break
            position = end + 1
        else:
            return len(content)
    return finish


def _on_one_line(text: str) -> str:
    """Replace what joins continued lines, and comment lines between them, by blanks; every offset stays. Here-documents keep their lines."""
    if "\n" not in text or "<<" in text:
        return text
    lines = text.split("\n")
    joined = [" " * len(line) if number and line.lstrip().startswith("#") else _open_end(line) for number, line in enumerate(lines)]
    return " ".join(joined)


def _open_end(line: str) -> str:
    end = line.rstrip("\r \t")
    return end[:-1].ljust(len(line)) if end.endswith("\\") else line


class _Start(msgspec.Struct, frozen=True):
    """What CMD or ENTRYPOINT says: words, or one word that is a text for a shell."""

    words: tuple[Word, ...]
    shell: bool


class _Stage:
    """What is known of the stage that is being read."""

    def __init__(self, number: int, place: Place, image: Word | None, name: str) -> None:
        self.name = name or (f"stage {number}" if number > 1 else "")
        self.place = place
        self.image = image
        self.environment: list[Assignment] = []
        self.variables: dict[str, Variable] = {}
        self.entry: _Start | None = None
        self.command: _Start | None = None

    def container(self) -> Container:
        return Container(
            kind=ContainerKind.IMAGE,
            place=self.place,
            name=self.name,
            image=self.image,
            environment=tuple(self.environment),
            own_command=self.entry is not None,
        )


class _Reader:
    """One pass over a Dockerfile."""

    def __init__(self, text: Text) -> None:
        self.text = text
        self.commands: list[Command] = []
        self.settings: list[Setting] = []
        self.stages: dict[str, _Stage] = {}
        self.arguments: dict[str, Variable] = {}
        self.stage = _Stage(0, Place(1), None, "")
        self.count = 0

    def read(self) -> Facts:
        for instruction in instructions(self.text.content):
            handle = getattr(self, f"_{instruction.name.lower()}", None)
            if handle:
                handle(instruction)
        self._finish(last=True)
        return Facts(tuple(self.commands), tuple(self.settings))

    def _words(self, instruction: Instruction) -> list[Word]:
        """The words of the instruction, variables replaced by what ARG and ENV say."""
        reader = ShellReader(instruction.text.replace("\r", " "), lambda offset: self.text.at(instruction.start + offset), self.stage.variables)
        found = reader.read()
        words = [word for simple in found for word in simple.words]
        return words or [Word(f"{a.name}={a.value.text}", a.value.place, a.value.known) for simple in found for a in simple.assignments]

    def _from(self, instruction: Instruction) -> None:
        self._finish()
        self.count += 1
        self.stage.variables = self.arguments
        words = [word for word in self._words(instruction) if not word.text.startswith("--")]
        image = words[0] if words else None
        named = words[2].text.lower() if len(words) > 2 and words[1].text.lower() == "as" else ""
        stage = _Stage(self.count, self.text.at(instruction.start), image, named)
        stage.variables = dict(self.arguments)
        earlier = self.stages.get(image.text.lower()) if image else None
        if earlier is not None:
            stage.image = earlier.image
            stage.environment = list(earlier.environment)
            stage.variables |= earlier.variables
            stage.entry, stage.command = earlier.entry, earlier.command
        self.stage = stage
        if named:
            self.stages[named] = stage

    def _arg(self, instruction: Instruction) -> None:
        for assignment in self._assigned(instruction):
            into = self.stage.variables if self.count else self.arguments
            into[assignment.name] = assignment.value.text if assignment.value.known else None

    def _env(self, instruction: Instruction) -> None:
        for assignment in self._assigned(instruction):
            self.stage.environment = [known for known in self.stage.environment if known.name != assignment.name]
            self.stage.environment.append(assignment)
            self.stage.variables[assignment.name] = assignment.value.text if assignment.value.known else None
            self.settings.append(
                Setting(
                    key=(assignment.name,),
                    value=assignment.value.text,
                    place=assignment.value.place,
                    section=Section.ENVIRONMENT,
                    known=assignment.value.known,
                )
            )

    def _assigned(self, instruction: Instruction) -> list[Assignment]:
        """Read ``NAME=value NAME=value`` and the old ``NAME value``."""
        reader = ShellReader(instruction.text.replace("\r", " "), lambda offset: self.text.at(instruction.start + offset), self.stage.variables)
        simples = reader.read()
        assignments = [assignment for simple in simples for assignment in simple.assignments]
        words = [word for simple in simples for word in simple.words]
        if not assignments and len(words) > 1:
            value = Word(" ".join(word.text for word in words[1:]), words[0].place, all(word.known for word in words))
            assignments = [Assignment(words[0].text, value)]
        return assignments

    def _run(self, instruction: Instruction) -> None:
        options = _OPTIONS_OF_RUN.match(instruction.text)
        skipped = options.end() if options else 0
        text = instruction.text[skipped:]
        start = instruction.start + skipped
        items = self._items(text, start)
        if items is not None:
            self.commands += commands_of(items, environment=self.stage.environment)
            return
        document = _DOCUMENT.match(text)
        if document and "\n" in text:  # RUN <<EOF: the document is the script
            first = text.index("\n") + 1
            text, start = text[first : text.rindex("\n")], start + first
        self.commands += commands_in(
            text, lambda offset: self.text.at(start + offset), variables=self.stage.variables, environment=self.stage.environment
        )

    def _add(self, instruction: Instruction) -> None:
        words = self._words(instruction)
        if words:
            self.commands.append(Command(words=(Word("ADD", words[0].place), *words), place=self.text.at(instruction.start)))

    def _entrypoint(self, instruction: Instruction) -> None:
        self.stage.entry = self._started(instruction)

    def _cmd(self, instruction: Instruction) -> None:
        self.stage.command = self._started(instruction)

    def _healthcheck(self, instruction: Instruction) -> None:
        found = re.search(r"\bCMD\s+", instruction.text)
        if found:
            rest = Instruction("CMD", instruction.text[found.end() :], instruction.start + found.end())
            self.commands += self._commands(self._started(rest), None)

    def _started(self, instruction: Instruction) -> _Start:
        items = self._items(instruction.text, instruction.start)
        if items is not None:
            return _Start(tuple(items), False)
        return _Start((Word(instruction.text, self.text.at(instruction.start)),), True)

    def _items(self, text: str, start: int) -> list[Word] | None:
        stripped = text.strip()
        if not (stripped.startswith("[") and stripped.endswith("]") and re.match(r'\[\s*(?:\\\r?\n\s*)*("|\])', stripped)):
            return None
        return [Word(_unescaped(found[1]), self.text.at(start + found.start())) for found in _ITEM.finditer(text)]

    def _finish(self, last: bool = False) -> None:
        """Say what the stage starts. What an earlier stage starts without saying so is of no interest: it is there to be built on."""
        stage = self.stage
        if not self.count:
            return
        container = stage.container()
        alone = Command(words=(), place=stage.place, environment=container.environment, container=container)
        start = stage.entry or stage.command
        if start is None:
            self.commands += [alone] if last else []
            return
        if stage.entry and not start.shell and stage.command and not stage.command.shell:
            start = _Start(start.words + stage.command.words, False)
        if not start.shell and start.words and start.words[0].text.startswith("-"):
            self.commands.append(as_arguments(alone, start.words))
        else:
            self.commands += self._commands(start, container) or [alone]

    def _commands(self, start: _Start, container: Container | None) -> list[Command]:
        stage = self.stage
        if not start.shell:
            return commands_of(start.words, environment=stage.environment, container=container)
        first = start.words[0]
        offset = self.text.offset(first.place.line, first.place.column)
        return commands_in(
            first.text,
            lambda at: self.text.at(offset + at),
            variables=stage.variables,
            environment=stage.environment,
            container=container,
        )


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: {"n": "\n", "t": "\t"}.get(found[1], found[1]), text) if "\\" in text else text


def read_dockerfile(text: Text) -> Facts:
    """Return what a Dockerfile says. Of RUN, the commands; of the stages, what each starts, in its container; of ENV, the settings."""
    return _Reader(text).read()
