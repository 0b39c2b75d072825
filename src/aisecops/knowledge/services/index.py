"""Finding the services that a command, an image, a variable or a setting may concern: each by a dictionary of its last or first word."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

import msgspec

from aisecops.knowledge.services.model import ANY_PROGRAM, Service

_COMPILED = os.path.join(os.path.dirname(__file__), "data", "services.json")
_FIRST_WORDS = 12


class Services:
    """Everything that is known of services, found by what names them."""

    def __init__(self, services: Iterable[Service]) -> None:
        self.all = tuple(services)
        self._programs: dict[str, list[tuple[tuple[str, ...], Service]]] = {}
        self._wild: list[tuple[tuple[str, ...], Service]] = []
        self.everything: list[Service] = []
        """What is known of every program."""
        self._images: list[tuple[str, Service]] = []
        self._variables: dict[str, list[Service]] = {}
        self._wild_variables: list[tuple[str, Service]] = []
        self._settings: dict[str, list[tuple[str, str, Service]]] = {}
        for service in self.all:
            self._add(service)

    def __iter__(self) -> Iterator[Service]:
        return iter(self.all)

    def _add(self, service: Service) -> None:
        for launch in service.launches:
            words = tuple(launch.lower().split())
            if launch == ANY_PROGRAM:
                self.everything.append(service)
            elif "*" in words[0]:
                self._wild.append((words, service))
            else:
                self._programs.setdefault(words[0], []).append((words, service))
        self._images += [(image, service) for image in service.images]
        for name, parameter in service.parameters.items():
            for variable in parameter.variables:
                if "*" in variable:
                    self._wild_variables.append((variable, service))
                else:
                    self._variables.setdefault(variable, []).append(service)
            for setting in parameter.settings:
                key = squashed(setting)
                self._settings.setdefault(key.rpartition(".")[2], []).append((key, name, service))

    def started_by(self, program: str, arguments: Sequence[str]) -> list[Service]:
        """The services that ``program`` with ``arguments`` starts."""
        found = list(self.everything)
        for words, service in (*self._programs.get(program, ()), *(pair for pair in self._wild if fits(pair[0][0], program))):
            if service not in found and _subcommands(words[1:], arguments):
                found.append(service)
        return found

    def in_image(self, image: str) -> list[Service]:
        """The services that the image ``image`` (registry and tag or digest included) starts."""
        name = image.lower().partition("@")[0]
        name = re.sub(r":[^/:]*$", "", name)
        return list({service.id: service for pattern, service in self._images if fits(pattern, name) or fits(f"*/{pattern}", name)}.values())

    def with_variable(self, name: str) -> list[Service]:
        """The services of which ``name`` is a variable of the environment."""
        wild = [service for pattern, service in self._wild_variables if fits(pattern, name)]
        return list({service.id: service for service in (*self._variables.get(name, ()), *wild)}.values())

    def with_setting(self, dotted: str) -> list[tuple[str, Service]]:
        """The parameters, and their services, that the setting with the key ``dotted`` is."""
        key = squashed(dotted)
        return [(name, service) for end, name, service in self._settings.get(key.rpartition(".")[2], ()) if key == end or key.endswith("." + end)]


def squashed(key: str) -> str:
    """Return a dotted key without what differs between ways of writing it: case, ``-``, ``_``, numbers of list items."""
    if "[" in key:
        key = re.sub(r"\[\d+\]", "", key)
    return key.lower().replace("_", "").replace("-", "")


def fits(pattern: str, text: str) -> bool:
    """Whether ``text`` is what ``pattern`` says; ``*`` in it stands for any characters."""
    return pattern == text or ("*" in pattern and _compiled(pattern).fullmatch(text) is not None)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(piece) for piece in pattern.split("*")), re.DOTALL)


def _subcommands(wanted: Sequence[str], arguments: Sequence[str]) -> bool:
    """Whether the subcommands ``wanted`` come first among ``arguments``, but for options and their values."""
    at = 0
    for name in wanted:
        while at < min(len(arguments), _FIRST_WORDS) and not fits(name, arguments[at].lower()):
            if not arguments[at].startswith("-") and not (at and arguments[at - 1].startswith("-") and "=" not in arguments[at - 1]):
                return False
            at += 1
        if at >= min(len(arguments), _FIRST_WORDS):
            return False
        at += 1
    return True


@cache
def services() -> Services:
    """What ships: read once."""
    with open(_COMPILED, "rb") as file:
        return Services(msgspec.json.decode(file.read(), type=list[Service]))
