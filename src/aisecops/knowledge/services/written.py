"""The YAML in which people write what they know of a service, and what it means (``docs/service-knowledge.md``)."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from aisecops.core.taxonomy import Confidence, Severity
from aisecops.core.text import inert
from aisecops.knowledge.libraries.written import reference
from aisecops.knowledge.services.model import PINNED_LATER, REACHES, VERIFIED, WORDS, Entry, Group, Parameter, Service, Test

Texts = str | tuple[str, ...]
_NAME = r"[a-z0-9][a-z0-9-]*"
_ALWAYS = (VERIFIED, PINNED_LATER)


class WrittenParameter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The names of a parameter as they are written; ``{a,b}`` are alternatives in all but ``word``."""

    flag: Texts = ()
    variable: Texts = ()
    setting: Texts = ()
    word: Texts = ()
    every: bool = False


class Example(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of an example: its name, and its text."""

    file: str = "run.sh"
    text: str


class WrittenEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entry as it is written. ``positive`` and ``negative`` are examples that the tests run: a text is that of a shell script."""

    id: str
    category: str
    when: dict[str, Any] | tuple[dict[str, Any], ...]
    unless: tuple[dict[str, Any], ...] = ()
    reach: tuple[str, ...] = ()
    subject: str = ""
    severity: Severity = Severity.HIGH
    confidence: Confidence = Confidence.HIGH
    title: str
    message: str
    fix: str
    refs: tuple[str, ...]
    positive: tuple[str | Example, ...] = ()
    negative: tuple[str | Example, ...] = ()


class WrittenService(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A service as it is written."""

    service: str
    name: str
    launch: Texts = ()
    image: Texts = ()
    file: Texts = ()
    opaque: Texts = ()
    valued: Texts = ()
    siblings: bool = False
    parameters: dict[str, WrittenParameter]
    entries: tuple[WrittenEntry, ...]

    def __post_init__(self) -> None:
        compiled(self)


class WrittenServices(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A YAML file."""

    services: tuple[WrittenService, ...]


def parse_services(text: str | bytes, source: str) -> WrittenServices:
    """Read one file. Raises ``UserError`` with file, line, column, and what would be right."""
    from aisecops.core.yaml_text import parse_yaml

    return parse_yaml(text, WrittenServices, source=source)


def compiled(written: WrittenService) -> Service:
    """Return what ``written`` means. Raises ``ValueError`` with the key that is wrong."""
    if not re.fullmatch(_NAME, written.service):
        raise ValueError(f"`service: {inert(written.service)}` is not a name of small letters, digits and `-`")
    return Service(
        id=written.service,
        name=written.name,
        launches=_expanded(written.launch),
        images=_expanded(written.image),
        files=_expanded(written.file),
        opaque=_expanded(written.opaque),
        valued=_expanded(written.valued),
        siblings=written.siblings,
        parameters={name: _parameter(parameter, name) for name, parameter in written.parameters.items()},
        entries=tuple(_entry(entry, written) for entry in written.entries),
    )


def _texts(value: Texts) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def _expanded(value: Texts) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for pattern in _texts(value) for text in alternatives(pattern)))


def alternatives(pattern: str) -> list[str]:
    """Return what ``pattern`` stands for: ``a{b,c}`` for ``ab`` and ``ac``. Raises ``ValueError`` if the braces do not fit."""
    end = pattern.find("}")
    start = pattern.rfind("{", 0, end if end >= 0 else None)
    if start < 0 and end < 0:
        return [pattern]
    if start < 0 or end < 0:
        raise ValueError(f"`{inert(pattern)}` has a brace without the other")
    return [text for middle in pattern[start + 1 : end].split(",") for text in alternatives(pattern[:start] + middle + pattern[end + 1 :])]


def _parameter(written: WrittenParameter, name: str) -> Parameter:
    return Parameter(
        flags=_expanded(written.flag),
        variables=_expanded(written.variable),
        settings=_expanded(written.setting),
        words=tuple(_regex(word, f"parameters: {name}: word") for word in _texts(written.word)),
        every=written.every,
    )


def _entry(entry: WrittenEntry, service: WrittenService) -> Entry:
    if not re.fullmatch(_NAME, entry.id):
        raise ValueError(f"`id: {inert(entry.id)}` is not a name of small letters, digits and `-`")
    if unknown := [reach for reach in entry.reach if reach not in REACHES]:
        raise ValueError(f"`reach: {inert(unknown[0])}` is none of {', '.join(REACHES)}")
    if entry.subject and entry.subject not in service.parameters:
        raise ValueError(f"`subject: {inert(entry.subject)}` is not a parameter")
    return Entry(
        id=f"{service.service}:{entry.id}",
        category=entry.category,
        when=tuple(_group(group, "when", service) for group in ([entry.when] if isinstance(entry.when, dict) else entry.when)),
        unless=tuple(_group(group, "unless", service) for group in entry.unless),
        reach=entry.reach,
        subject=entry.subject,
        severity=entry.severity,
        confidence=entry.confidence,
        title=entry.title,
        message=entry.message,
        fix=entry.fix,
        refs=tuple(reference(ref) for ref in entry.refs),
    )


def _group(group: dict[str, Any], key: str, service: WrittenService) -> Group:
    if not group:
        raise ValueError(f"`{key}` has a group without a test, which would always hold")
    for name in group:
        if name not in service.parameters and name not in _ALWAYS:
            raise ValueError(f"`{key}: {inert(name)}` is not a parameter")
    return {name: parse_test(value, f"{key}: {name}") for name, value in group.items()}


def parse_test(value: Any, where: str) -> Test:
    """Return the test that ``value`` stands for; ``where`` is the key to name in errors."""
    if isinstance(value, str) and value in WORDS:
        return Test(value)
    if isinstance(value, list) and value:
        return Test("any", tests=tuple(parse_test(item, where) for item in value))
    if isinstance(value, dict) and len(value) == 1:
        ((name, of),) = value.items()
        if name == "equal":
            return Test("equal", tuple(str(item) for item in (of if isinstance(of, list) else [of])))
        if name == "matches":
            return Test("matches", (_regex(of, where),))
        if name == "not":
            return Test("not", tests=(parse_test(of, where),))
    raise ValueError(f"`{where}` must be one of {', '.join(WORDS)}, a list of tests, or a mapping with `equal`, `matches` or `not`")


def _regex(value: Any, where: str) -> str:
    try:
        return re.compile(str(value)).pattern
    except re.error as wrong:
        raise ValueError(f"`{where}` is not a regular expression: {wrong}") from None
