"""Compose files: each service with its image, command, environment, and the ports that the host passes on."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from aisecops.codebase.configuration.containers_run import port
from aisecops.codebase.configuration.facts import Assignment, Command, Container, ContainerKind, Port, Word
from aisecops.codebase.configuration.scalars import interpolated, words_in
from aisecops.codebase.configuration.shell import as_arguments, commands_of
from aisecops.codebase.configuration.tree import Node
from aisecops.codebase.text import Text


def is_compose(root: Node) -> bool:
    """Whether a document is a compose file: services, each with an image or a way to build one."""
    return any(service.get("image") or service.get("build") or service.get("extends") for service in root.mapping("services").values())


def read_compose(root: Node, text: Text, kind: ContainerKind = ContainerKind.PUBLISHED) -> Iterator[Command]:
    """Yield what each service starts."""
    for name, service in root.mapping("services").items():
        if service.items is not None:
            yield from _service(name, service, text, kind)


def _service(name: str, service: Node, text: Text, kind: ContainerKind) -> list[Command]:
    image = service.get("image")
    entry = words_in(text, service.get("entrypoint"), interpolate=True)
    words = words_in(text, service.get("command"), interpolate=True)
    network = service.get("network_mode")
    container = Container(
        kind=kind,
        place=image.place if image else service.place,
        name=name,
        image=interpolated(image.word()) if image else None,
        ports=tuple(_ports(service)),
        open_to=network.place if network is not None and network.text == "host" else None,
        environment=tuple(environment_of(service.get("environment"))),
        more_environment=service.get("env_file") is not None,
        own_command=bool(entry),
    )
    return started(container, entry, words, name)


def started(container: Container, entry: list[Word], words: list[Word], scope: str) -> list[Command]:
    """Return what a container starts that has the entry point ``entry`` (empty: the image's own) and the arguments ``words``."""
    alone = Command(
        words=(),
        place=container.place,
        environment=container.environment,
        more_environment=container.more_environment,
        container=container,
        scope=scope,
    )
    if not entry and words and words[0].text.startswith("-"):
        return [as_arguments(alone, words)]
    found = commands_of([*entry, *words], environment=container.environment, container=container, scope=scope)
    return [msgspec.structs.replace(command, more_environment=container.more_environment) for command in found] or [alone]


def environment_of(node: Node | None) -> Iterator[Assignment]:
    """Yield the variables of ``environment``: a mapping, a list of ``NAME=value``, or a list of ``{name, value}``. A name without a value takes over the host's."""
    if node is None:
        return
    for name, value in (node.items or {}).items():
        if value.is_scalar:
            unset = value.value is None and value.start == value.end
            yield Assignment(name, Word(f"${name}", value.place, known=False) if unset else interpolated(value.word()))
    for child in node.children or []:
        if child.is_scalar:
            name, equals, text = child.text.partition("=")
            yield Assignment(name, interpolated(Word(text if equals else f"${name}", child.place, child.known)))
        elif (named := child.get("name")) is not None:
            given = child.get("value")
            yield Assignment(named.text, interpolated(given.word()) if given is not None and given.is_scalar else Word("$", named.place, known=False))


def _ports(service: Node) -> Iterator[Port]:
    for child in service.list("ports"):
        if child.is_scalar:
            yield port(interpolated(child.word()))
        elif child.get("target") is not None:
            address = child.says("host_ip")
            if child.get("published") is not None or child.says("mode") == "host":
                yield Port(address, child.says("target"), child.place)
