"""The YAML in which people write what they know of a library, and what it means (``docs/library-knowledge.md``)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from aisecops.core.errors import UserError
from aisecops.core.settings import LibraryText
from aisecops.core.taxonomy import Confidence, Reference, Severity
from aisecops.core.text import inert
from aisecops.knowledge.libraries import model
from aisecops.knowledge.libraries.model import ANY_ARGUMENT, RECEIVER, UNKNOWN_VERSION, Entry, Group, Test
from aisecops.knowledge.libraries.patterns import expand

Texts = str | tuple[str, ...]
_KINDS = ("sink", "source", "guard", "handler", "confirm", "fact")
_FORMS = ("call", "attribute", "assign", "decorator", "base", "method")
_NAME = r"[a-z0-9][a-z0-9-]*"
_SPECIFIER = r"\s*(?:[<>]=?|==|!=|~=)\s*[0-9][A-Za-z0-9.*+!_-]*\s*"
_RELEASES = (
    ("CWE-", "cwe", "4.20"),
    ("AML.", "mitre-atlas", "5.6.0"),
    ("LLM", "owasp-llm", "2025"),
    ("ASI", "owasp-agentic", "2026"),
    ("ML", "owasp-ml", "2023"),
)
_WORDS: dict[str, Test] = {
    "absent": model.Absent(),
    "present": model.Present(),
    "unknown": model.Unknown(),
    "literal": model.AnyLiteral(),
    "object": model.Object(),
}


class WrittenEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entry as it is written. ``positive`` and ``negative`` are examples that the tests run, ``versions`` the declared versions that they assume."""

    id: str = ""
    sink: str = ""
    source: str = ""
    guard: Texts = ()
    handler: str = ""
    confirm: bool = False
    fact: str = ""
    call: Texts = ()
    attribute: Texts = ()
    assign: Texts = ()
    decorator: Texts = ()
    base: Texts = ()
    method: Texts = ()
    arguments: tuple[str, ...] = ()
    argument: Texts = ()
    parameters: Texts = ()
    safe: tuple[dict[str, Any], ...] = ()
    doubtful: tuple[dict[str, Any], ...] = ()
    needs: tuple[dict[str, Any], ...] = ()
    tainted: dict[str, Texts] = {}
    severity: Severity = Severity.HIGH
    confidence: Confidence = Confidence.HIGH
    title: str = ""
    message: str = ""
    fix: str = ""
    refs: tuple[str, ...] = ()
    positive: Texts = ()
    negative: Texts = ()
    versions: dict[str, str] = {}

    def __post_init__(self) -> None:
        compiled(self, "library", "")

    @property
    def kind(self) -> str:
        """Which kind of entry it is: one of ``sink``, ``source``, ``guard``, ``handler``, ``confirm``, ``fact``."""
        return next(kind for kind in _KINDS if getattr(self, kind))


class WrittenLibrary(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A YAML file. ``distribution`` is the name under which the library is declared and installed, if it is not ``library``."""

    library: str
    distribution: str = ""
    entries: tuple[WrittenEntry, ...]

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", self.library):
            raise ValueError(f"`library: {inert(self.library)}` is not a name: letters, digits, `.`, `_` and `-`")


def parse_library(text: str | bytes, source: str) -> WrittenLibrary:
    """Read one file. Raises ``UserError`` with file, line, column, and what would be right."""
    from aisecops.core.yaml_text import parse_yaml

    return parse_yaml(text, WrittenLibrary, source=source)


def compiled_library(library: WrittenLibrary) -> tuple[Entry, ...]:
    """Return what ``library`` says, patterns written out."""
    return tuple(compiled(entry, library.library, library.distribution or library.library) for entry in library.entries)


def compiled_texts(texts: tuple[LibraryText, ...]) -> tuple[Entry, ...]:
    """Return what a project's own files say. Raises ``UserError`` where one is wrong or two entries share an id."""
    entries: dict[str, Entry] = {}
    for text in texts:
        for entry in compiled_library(parse_library(text.text, text.path)):
            if entry.id in entries:
                raise UserError(f"two entries are called `{inert(entry.id)}`", where=inert(text.path), fix="give one of them an `id:` of its own")
            entries[entry.id] = entry
    return tuple(entries.values())


def compiled(written: WrittenEntry, library: str, distribution: str) -> Entry:
    """Return what ``written`` means. Raises ``ValueError`` with the key that is wrong."""
    kinds = [kind for kind in _KINDS if getattr(written, kind)]
    if len(kinds) != 1:
        raise ValueError(f"an entry has one of {', '.join(f'`{kind}`' for kind in _KINDS)}; this one has {' and '.join(kinds) or 'none'}")
    forms = {form: _paths(form, getattr(written, form)) for form in _FORMS}
    if not any(forms.values()):
        raise ValueError(f"it says nowhere where it applies: one of {', '.join(f'`{form}`' for form in _FORMS)} is needed")
    if written.handler and forms["call"] and not written.argument:
        raise ValueError("`argument` is missing: which argument of the call is the function that gets what comes from outside?")
    for kind in kinds:
        for name in _texts(getattr(written, kind)) if kind != "confirm" else ():
            if not re.fullmatch(_NAME, name):
                raise ValueError(f"`{kind}: {inert(name)}` is not a name of small letters, digits and `-`")
    first = next(paths for paths in forms.values() if paths)[0]
    kind = kinds[0]
    called = kind if kind in ("guard", "confirm") else getattr(written, kind)
    return Entry(
        id=written.id or f"{called}:{first}",
        library=library,
        distribution=distribution,
        sink=written.sink,
        source=written.source,
        guard=_texts(written.guard),
        handler=written.handler,
        confirm=written.confirm,
        fact=written.fact,
        calls=forms["call"],
        attributes=forms["attribute"],
        assigns=forms["assign"],
        decorators=forms["decorator"],
        bases=forms["base"],
        methods=forms["method"],
        arguments=tuple(_argument(name, "arguments") for name in written.arguments),
        callbacks=_texts(written.argument),
        parameters=_texts(written.parameters),
        safe=tuple(_group(group, "safe", written, distribution) for group in written.safe),
        doubtful=tuple(_group(group, "doubtful", written, distribution) for group in written.doubtful),
        needs=tuple(_group(group, "needs", written, distribution) for group in written.needs),
        tainted={_argument(name, "tainted"): _texts(labels) for name, labels in written.tainted.items()},
        severity=written.severity,
        confidence=written.confidence,
        title=written.title,
        message=written.message,
        fix=written.fix,
        refs=tuple(reference(ref) for ref in written.refs),
    )


def reference(text: str) -> Reference:
    """Return the taxonomy entry that ``text`` (``CWE-502``, ``AML.T0011``, ``LLM05``, ``ASI05``, ``ML06``) names, in the release that ships."""
    for start, framework, release in _RELEASES:
        if text.startswith(start):
            return Reference(framework, release, text)
    raise ValueError(f"`refs: {inert(text)}` is of no known taxonomy; they begin with {', '.join(start for start, *_ in _RELEASES)}")


def _texts(value: Texts) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def _paths(form: str, patterns: Texts) -> tuple[str, ...]:
    try:
        return tuple(dict.fromkeys(path for pattern in _texts(patterns) for path in expand(pattern)))
    except ValueError as wrong:
        raise ValueError(f"`{form}`: {wrong}") from None


def _argument(name: str, key: str) -> str:
    if name not in (ANY_ARGUMENT, RECEIVER) and not name.isidentifier():
        raise ValueError(f"`{key}`: `{inert(name)}` is not the name of an argument, `{RECEIVER}` or `{ANY_ARGUMENT}`")
    return name


def _group(group: Mapping[str, Any], key: str, written: WrittenEntry, distribution: str) -> Group:
    if not group:
        raise ValueError(f"`{key}` has a group without a test, which would always hold")
    tests: dict[str, Test] = {}
    versions: dict[str, str] = {}
    for name, value in group.items():
        if name == "version" and name not in written.arguments:
            versions = _versions(value, f"{key}: version", distribution)
        else:
            tests[_argument(name, key)] = parse_test(value, f"{key}: {name}")
    return Group(tests, versions)


def _versions(value: Any, where: str, distribution: str) -> dict[str, str]:
    conditions = value if isinstance(value, dict) else {distribution: value}
    for specifier in conditions.values():
        known = isinstance(specifier, str) and (specifier == UNKNOWN_VERSION or all(re.fullmatch(_SPECIFIER, part) for part in specifier.split(",")))
        if not known:
            raise ValueError(f'`{where}` must be like ">=2.6", or {UNKNOWN_VERSION}; of another library: {{numpy: ">=1.24"}}')
    return conditions


def parse_test(value: Any, where: str) -> Test:
    """Return the test that ``value`` stands for; ``where`` is the key to name in errors."""
    if isinstance(value, str):
        return _WORDS.get(value) or model.Equal(value)
    if value is None or isinstance(value, bool | int | float):
        return model.Equal(value)
    if not isinstance(value, dict) or len(value) != 1:
        raise ValueError(f"`{where}` must be a literal, absent, present, unknown, literal, object, or a mapping with one of {', '.join(_TESTS)}")
    ((name, of),) = value.items()
    if name not in _TESTS:
        raise ValueError(f"`{where}`: there is no test `{inert(name)}`; known are {', '.join(_TESTS)}")
    test: Test = _TESTS[name](of, f"{where}: {name}")
    return test


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"`{where}` must be text")
    return value


def _number(value: Any, where: str) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise ValueError(f"`{where}` must be a number")
    return value


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise ValueError(f"`{where}` must be a list")
    return value


def _names(value: Any, where: str) -> tuple[str, ...]:
    return tuple(_text(item, where) for item in (value if isinstance(value, list) else [value]))


def _equal(value: Any, where: str) -> Test:
    if isinstance(value, list | dict):
        raise ValueError(f"`{where}` must be a literal")
    return model.Equal(value)


def _regex(value: Any, where: str) -> str:
    try:
        return re.compile(_text(value, where)).pattern
    except re.error as wrong:
        raise ValueError(f"`{where}` is not a regular expression: {wrong}") from None


def _keys(value: Any, where: str) -> Test:
    if not isinstance(value, dict) or not value:
        raise ValueError(f"`{where}` must be a mapping of keys to tests")
    return model.HasKeys({name: parse_test(test, f"{where}: {name}") for name, test in value.items()})


_TESTS: dict[str, Any] = {
    "equal": _equal,
    "prefix": lambda value, where: model.Prefix(_text(value, where)),
    "starts": lambda value, where: model.Starts(_regex(value, where)),
    "matches": lambda value, where: model.Matches(_regex(value, where)),
    "contains": lambda value, where: model.Contains(_text(value, where)),
    "least": lambda value, where: model.Least(_number(value, where)),
    "tainted": lambda value, where: model.Tainted(_names(value, where)),
    "path": lambda value, where: model.Path(tuple(path for pattern in _names(value, where) for path in expand(pattern))),
    "made": lambda value, where: model.Made(tuple(path for pattern in _names(value, where) for path in expand(pattern))),
    "surely": lambda value, where: model.Surely(parse_test(value, where)),
    "not": lambda value, where: model.Not(parse_test(value, where)),
    "any": lambda value, where: model.Any(tuple(parse_test(item, where) for item in _list(value, where))),
    "key": _keys,
    "item": lambda value, where: model.Item(parse_test(value, where)),
    "items": lambda value, where: model.Items(tuple(parse_test(item, where) for item in _list(value, where))),
}
