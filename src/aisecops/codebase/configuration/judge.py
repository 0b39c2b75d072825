"""What is weak about the services that commands start and settings configure, by the knowledge of services."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence

import msgspec

from aisecops.codebase.configuration.facts import Command, Container, ContainerKind, Section, Setting, Word
from aisecops.codebase.configuration.values import Value, Values, holding, of_environment, of_flags, of_setting, of_words
from aisecops.codebase.configuration.written import written_files
from aisecops.codebase.text import Place
from aisecops.core.taxonomy import Confidence
from aisecops.knowledge.services import Entry, Service, Services, services
from aisecops.knowledge.services.index import fits
from aisecops.knowledge.services.model import PINNED_LATER, VERIFIED, Group

_REACHES: dict[str, tuple[str, ...]] = {
    "exposed-service": ("host", "image", "published", "file"),
    "missing-authentication": ("host", "image", "published", "cluster", "file"),
    "open-cors": ("host", "image", "published", "cluster", "file"),
}
"""Where entries of a category count that say nothing of it themselves. Other categories count everywhere."""
_EXPOSING = frozenset(("exposed-service", "missing-authentication", "open-cors"))
_LOOPBACK = ("127.", "localhost", "::1")
_CHECKING = frozenset(("sha256sum", "sha512sum", "sha1sum", "md5sum", "shasum", "b2sum", "b3sum", "gpg", "gpgv", "cosign", "minisign", "certutil"))
_TALKING = frozenset(("echo", "printf", "grep", "egrep", "rg", "ag", "sed", "awk", "cat", "rem", "logger", "say"))
"""Programs of which the arguments are text, and start nothing."""
_MOST_PLACES = 200
_MOST_WRITTEN = 8
_SHORT = 5
_COMMIT = re.compile(r"[0-9a-f]{7,40}")


Facts = dict[str, list[Value]]
"""The parameters that every service has."""


class ServiceHit(msgspec.Struct, frozen=True, kw_only=True):
    """A weakness that one entry of the knowledge of services names, with all its places.

    Parameters
    ----------
    scope
        What the file calls the part that it stands in: a container, a job, a target.
    subject
        What it is about, where an entry names that: an address, a model.
    written
        The options, variables and keys that make it so, as they are written, without secret values.
    reach
        Where it is started (``aisecops.knowledge.services.model.REACHES``).
    confidence
        That of the entry; lower where an argument may hold anything, or an image may be run so that nobody reaches it.
    """

    entry: Entry
    service: Service
    scope: str
    subject: str
    places: tuple[Place, ...]
    written: tuple[str, ...]
    reach: str
    confidence: Confidence


class _Launch(msgspec.Struct, frozen=True, kw_only=True):
    """A service that is started, or set up, with all that is known of how."""

    service: Service
    values: Values
    reach: str
    scope: str
    place: Place
    ports: tuple[Place, ...] = ()
    more: bool = False
    opaque: bool = False
    open_ended: bool = False


def judge(commands: Sequence[Command], settings: Sequence[Setting] = (), path: str = "", known: Services | None = None) -> list[ServiceHit]:
    """Return what is weak about ``commands`` and ``settings`` of one file, by entry, scope and subject, in the order of the first places.

    Parameters
    ----------
    path
        The file's path: some settings mean something in files of a certain name only.
    known
        The knowledge; what ships, if it is None.
    """
    known = known or services()
    found: dict[tuple[str, str, str], list[ServiceHit]] = {}
    facts = _facts(commands)
    for launch in _launches(commands, settings, path, known):
        for entry in launch.service.entries:
            hit = _hit(entry, launch, facts)
            if hit is not None:
                found.setdefault((entry.id, hit.scope, hit.subject), []).append(hit)
    return sorted(map(_joined, found.values()), key=lambda hit: (hit.places, hit.entry.id))


def _joined(hits: Sequence[ServiceHit]) -> ServiceHit:
    """Return ``hits`` of one cause as one, as sure as the surest of them."""
    surest = max(hits, key=lambda hit: hit.confidence.rank)
    places = tuple(sorted({place for hit in hits for place in hit.places}))
    written = tuple(dict.fromkeys(part for hit in hits for part in hit.written))
    return msgspec.structs.replace(surest, places=places[:_MOST_PLACES], written=written[:_MOST_WRITTEN])


def _facts(commands: Sequence[Command]) -> Facts:
    """Return whether the file compares checksums, and whether it checks a commit out."""
    here = Place(1)
    checking = any(command.program in _CHECKING for command in commands) or any(
        command.program == "openssl" and "dgst" in {word.text for word in command.words} for command in commands
    )
    checked_out = any(
        command.program == "git"
        and {"checkout", "reset", "switch"} & {word.text for word in command.words}
        and any(_COMMIT.fullmatch(word.text) or not word.known for word in command.arguments)
        for command in commands
    )
    return {VERIFIED: [Value("on", here, VERIFIED)] if checking else [], PINNED_LATER: [Value("on", here, PINNED_LATER)] if checked_out else []}


def _launches(commands: Sequence[Command], settings: Sequence[Setting], path: str, known: Services) -> Iterator[_Launch]:
    started: set[tuple[str, str]] = set()
    everything = {service.id for service in known.everything}
    inside = {(assignment.name, assignment.value.place) for command in commands if command.container for assignment in command.environment}
    for command in commands:
        for launch in _of_command(command, known, everything):
            started.add((launch.service.id, launch.scope))
            yield launch
    started = {(name, scope) for name, scope in started if name not in everything}
    yield from _of_variables(commands, known, started)
    for name in dict.fromkeys(s.scope for s in settings if s.section is Section.FILE):
        yield from _of_settings([s for s in settings if s.section is Section.FILE and s.scope == name], name or path, known)
    for section in (Section.ENVIRONMENT, Section.JOB):
        variables = [s for s in settings if s.section is section and (s.name, s.place) not in inside]
        yield from _of_environment_settings(variables, "temporary" if section is Section.JOB else "file", known)
    for name, written in written_files(commands):
        yield from _of_settings(written, name, known)


def _of_command(command: Command, known: Services, everything: Collection[str]) -> Iterator[_Launch]:
    """Yield the services that the words of ``command``, or its container's image, start.

    What is known of every program is asked for the words alone: its variables are judged once, not with each command that they were exported for.
    """
    arguments = [word.text for word in command.arguments]
    named = known.started_by(command.program, arguments) if command.words and command.program not in _TALKING else []
    for service in named:
        yield _launch(service, command, command.arguments, service.id not in everything)
    container = command.container
    if container is not None and container.image is not None and not container.own_command:
        for service in known.in_image(container.image.text):
            if service not in named:
                own = command.program == "" or container.kind is ContainerKind.IMAGE
                yield _launch(service, command, command.arguments if own else command.words)


def _of_variables(commands: Sequence[Command], known: Services, started: set[tuple[str, str]]) -> Iterator[_Launch]:
    """Yield the services that are set up by variables of commands that do not start them by name: each variable once."""
    seen: set[tuple[str, Place]] = set()
    for command in commands:
        new = [a for a in command.environment if (a.name, a.value.place) not in seen]
        seen.update((a.name, a.value.place) for a in new)
        concerned = {service.id: service for a in new for service in known.with_variable(a.name)}
        for service in concerned.values():
            if (service.id, command.scope) not in started:
                yield _launch(service, command, ())


def _launch(service: Service, command: Command, words: Sequence[Word], with_environment: bool = True) -> _Launch:
    environment = command.variables if with_environment else {}

    def find(name: str) -> Sequence[Value]:
        parameter = service.parameters[name]
        matched = [*of_words(words, parameter), *list(of_flags(words, parameter, service.valued))[-1:]]
        return [*matched, *of_environment(environment, parameter)] if parameter.every or not matched else matched

    container = command.container
    return _Launch(
        service=service,
        values=Values(find),
        reach=_reach(container),
        scope=command.scope,
        place=command.place,
        ports=_open_ports(container),
        more=command.more_environment,
        opaque=any(word.text.partition("=")[0] in service.opaque for word in words),
        open_ended=any(
            not word.known and re.fullmatch(r"\$\{?[A-Za-z_@*].*|\{.*\}", word.text) is not None for word in words if not _is_value(word, words)
        ),
    )


def _is_value(word: Word, words: Sequence[Word]) -> bool:
    """Whether ``word`` is the value of the option before it, and so no option itself."""
    at = next((number for number, other in enumerate(words) if other is word), 0)
    return at > 0 and words[at - 1].text.startswith("-") and "=" not in words[at - 1].text


def _reach(container: Container | None) -> str:
    if container is None:
        return "host"
    match container.kind:
        case ContainerKind.IMAGE:
            return "image"
        case ContainerKind.TEMPORARY:
            return "temporary"
        case ContainerKind.CLUSTER:
            return "published" if container.open_to else "cluster"
    if container.open_to or any(not port.address.startswith(_LOOPBACK) for port in container.ports):
        return "published"
    return "local" if container.ports else "internal"


def _open_ports(container: Container | None) -> tuple[Place, ...]:
    if container is None:
        return ()
    opened = (container.open_to,) if container.open_to else ()
    return opened + tuple(port.place for port in container.ports if not port.address.startswith(_LOOPBACK))


def _of_settings(settings: Sequence[Setting], path: str, known: Services) -> Iterator[_Launch]:
    """Yield the services that settings of one file configure."""
    groups: dict[tuple[str, tuple[str | int, ...]], tuple[Service, dict[str, list[Value]]]] = {}
    for setting in settings:
        for name, service in known.with_setting(setting.dotted):
            if service.files and not any(_is_file(pattern, path) for pattern in service.files):
                continue
            parent = _parent(setting) if service.siblings else ()
            value = of_setting(setting)
            if value is not None:
                groups.setdefault((service.id, parent), (service, {}))[1].setdefault(name, []).append(value)
    for service, values in groups.values():
        first = min(value.place for found in values.values() for value in found)
        yield _Launch(service=service, values=Values(_of(values)), reach="file", scope="", place=first)


def _of(values: dict[str, list[Value]]) -> Callable[[str], Sequence[Value]]:
    return lambda name: values.get(name, ())


def _parent(setting: Setting) -> tuple[str | int, ...]:
    """Return the way to the mapping that holds a setting; for an item of a list, to the one that holds the list."""
    key = setting.key
    while key and isinstance(key[-1], int):
        key = key[:-1]
    return key[:-1]


def _is_file(pattern: str, path: str) -> bool:
    return fits(pattern, path) or fits(f"*/{pattern}", path)


def _of_environment_settings(settings: Sequence[Setting], reach: str, known: Services) -> Iterator[_Launch]:
    """Yield the services that variables in files (``.env``, ConfigMaps, jobs) set up."""
    by_scope: dict[str, list[Setting]] = {}
    for setting in settings:
        by_scope.setdefault(setting.scope, []).append(setting)
    for scope, group in by_scope.items():
        environment = {s.name: Word(str(s.value), s.place, s.known) for s in group}
        concerned = {service.id: service for name in environment for service in known.with_variable(name)}
        for service in concerned.values():
            values = {name: list(of_environment(environment, parameter)) for name, parameter in service.parameters.items()}
            yield _Launch(service=service, values=Values(_of(values)), reach=reach, scope=scope, place=group[0].place)


def _hit(entry: Entry, launch: _Launch, facts: Facts) -> ServiceHit | None:
    if launch.reach not in (entry.reach or _REACHES.get(entry.category, (launch.reach,))):
        return None
    held = [found for group in entry.when if (found := _group(group, launch, facts, ("absent",))) is not None]
    if not held or any(_group(group, launch, facts, ("set", "present")) is not None for group in entry.unless):
        return None
    used = [value for found in held for value in found]
    subjects = launch.values[entry.subject] if entry.subject else ()
    subject = next((value.plain for value in subjects if value in used), subjects[0].plain if subjects else "")
    places = {value.place for value in used} | set(launch.ports if launch.reach == "published" and entry.category in _EXPOSING else ())
    lowered = (launch.open_ended and entry.unless) or (launch.reach == "image" and entry.category == "exposed-service")
    return ServiceHit(
        entry=entry,
        service=launch.service,
        scope=launch.scope,
        subject=_without_secrets(subject),
        places=tuple(sorted(places)) or (launch.place,),
        written=tuple(dict.fromkeys(_as_written(value) for value in used)),
        reach=launch.reach,
        confidence=Confidence.MEDIUM if lowered and entry.confidence is Confidence.HIGH else entry.confidence,
    )


def _group(group: Group, launch: _Launch, facts: Facts, in_doubt: Collection[str]) -> list[Value] | None:
    """Return the values that make all tests of ``group`` hold, or None. ``in_doubt``: the tests for which it matters what may be set where nobody sees it."""
    used: list[Value] = []
    for name, test in group.items():
        found = holding(
            test, facts[name] if name in facts else launch.values[name], name not in facts and test.kind in in_doubt and _doubt(name, launch)
        )
        if found is None:
            return None
        used += found if name not in facts else []
    return used


def _doubt(name: str, launch: _Launch) -> bool:
    """Whether a parameter that is not set here may be set where nobody sees it."""
    parameter = launch.service.parameters[name]
    return (launch.more and bool(parameter.variables)) or (launch.opaque and bool(parameter.flags or parameter.settings))


def _as_written(value: Value) -> str:
    """Name and value as people write them; a value that is long, or may be secret, is left out."""
    if value.bare or (len(value.text) > _SHORT and value.text in value.written):
        return _without_secrets(value.written)
    short = len(value.plain) <= 80
    return f"{value.written}={_without_secrets(value.plain)}" if short and value.plain != value.written else value.written


def _without_secrets(text: str) -> str:
    """Take a user's name and password, and a query, out of an address."""
    return re.sub(r"(?<=://)[^/@\s]+@", "", text).partition("?")[0] if "://" in text else text
