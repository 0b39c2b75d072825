"""What configuration, shell and deployment files say, as neutral facts: commands that are run, containers that they run in, settings that are made."""

from __future__ import annotations

import re
from enum import StrEnum

import msgspec

from aisecops.codebase.text import Place

Scalar = bool | int | float | str | None
Key = tuple[str | int, ...]


class Word(msgspec.Struct, frozen=True):
    """One word of a command, quotes taken away.

    ``known`` is False if a part of it is decided elsewhere (a variable, another command's output); ``text`` then holds that part as it is written (``$HOST``).
    """

    text: str
    place: Place
    known: bool = True


class Assignment(msgspec.Struct, frozen=True):
    """A variable of the environment and its value."""

    name: str
    value: Word


class ContainerKind(StrEnum):
    """Where a container is described, and so who can reach it.

    ``image``: a Dockerfile; whoever runs it decides. ``published``: run by a command or a compose file that says which ports the host passes on. ``cluster``: an
    orchestrator, where the pod's own network keeps it unless a service opens it to the outside. ``temporary``: a job of a build server, gone when it ends.
    """

    IMAGE = "image"
    PUBLISHED = "published"
    CLUSTER = "cluster"
    TEMPORARY = "temporary"


class Port(msgspec.Struct, frozen=True):
    """A port that the host passes on. ``address`` is the host's own address that takes it, empty for all; ``target`` the container's port, as it is written."""

    address: str
    target: str
    place: Place


class Container(msgspec.Struct, frozen=True, kw_only=True):
    """What a command runs in.

    Parameters
    ----------
    name
        What the file calls it: a service, a container, a stage.
    image
        The image, with registry and tag, or None.
    ports
        What the host passes on to it.
    open_to
        Where it is said that the host's network, or the outside of the cluster, reaches every port of it.
    environment
        The variables that it starts with.
    more_environment
        Whether others come from a file or a secret that is not here.
    own_command
        Whether what it runs is said here as a whole; otherwise the words are arguments for the image's own program.
    """

    kind: ContainerKind
    place: Place
    name: str = ""
    image: Word | None = None
    ports: tuple[Port, ...] = ()
    open_to: Place | None = None
    environment: tuple[Assignment, ...] = ()
    more_environment: bool = False
    own_command: bool = False


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """A program that is started, with its arguments.

    Parameters
    ----------
    words
        Program and arguments; what only starts another program (``sudo``, ``env``, ``docker run IMAGE``, ``sh -c``) is taken away. Empty for a container whose image
        decides what it runs.
    environment
        What is set for it: in front of it, or exported before.
    more_environment
        Whether a file of variables was read before, so that others may be set.
    container
        What it runs in, if that is a container.
    after
        The program whose output it reads (``curl ... | sh``), or None.
    written
        Text that it is given to write or to read: a here-document.
    scope
        What the file calls the part that it stands in: a target, a job, a service.
    """

    words: tuple[Word, ...]
    place: Place
    environment: tuple[Assignment, ...] = ()
    more_environment: bool = False
    container: Container | None = None
    after: Command | None = None
    writes_to: str = ""
    written: tuple[Word, ...] = ()
    scope: str = ""

    @property
    def program(self) -> str:
        """The name of the program without its folder and its ending; ``python`` for every version of it. Empty if unknown."""
        return program_name(self.words[0]) if self.words else ""

    @property
    def variables(self) -> dict[str, Word]:
        """The environment, by name: of a variable that is set again, the last value."""
        return {assignment.name: assignment.value for assignment in self.environment}

    @property
    def arguments(self) -> tuple[Word, ...]:
        """The words after the program."""
        return self.words[1:]


class Section(StrEnum):
    """What kind of place a setting is made in: the environment of programs, that of a job of a build server, or a file that a program reads."""

    ENVIRONMENT = "environment"
    JOB = "job"
    FILE = "file"


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """A value under a name.

    Parameters
    ----------
    key
        The way to it through mappings (names) and lists (numbers).
    value
        What the file's format says that it is; texts of the environment and of ini files stay texts. A variable that is decided elsewhere stays as it is written.
    place
        Where the value stands.
    known
        False if a part of the value is decided elsewhere.
    scope
        What the file calls the part that it stands in: the container, job or embedded file.
    """

    key: Key
    value: Scalar
    place: Place
    section: Section = Section.FILE
    known: bool = True
    scope: str = ""

    @property
    def name(self) -> str:
        """The last name of the key."""
        return next((part for part in reversed(self.key) if isinstance(part, str)), "")

    @property
    def dotted(self) -> str:
        """The key as people write it: ``a.b[0].c``."""
        text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.key)
        return text.removeprefix(".")


class Gap(msgspec.Struct, frozen=True):
    """A part that could not be read, and why. ``code`` is one of ``NotExamined``'s."""

    code: str
    reason: str
    place: Place


class Facts(msgspec.Struct, frozen=True):
    """Everything that one file says."""

    commands: tuple[Command, ...] = ()
    settings: tuple[Setting, ...] = ()
    gaps: tuple[Gap, ...] = ()


def program_name(word: Word) -> str:
    """Return the name of the program that ``word`` starts; empty if nobody can know it."""
    if not word.known and "$" in word.text.rpartition("/")[2]:
        return ""
    name = word.text.replace("\\", "/").rpartition("/")[2].lower()
    if name.endswith((".exe", ".cmd", ".bat")):
        name = name[:-4]
    return "python" if re.fullmatch(r"(?:python|pypy)[0-9.]*w?|py", name) else name
