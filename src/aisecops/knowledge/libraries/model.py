"""What the knowledge of libraries is made of: entries, and the tests on arguments that they may make.

The vocabulary is closed: an entry is data that the dataflow engine interprets, never code. How people write it is ``written.py``; this is what a scan loads.

*Paths* are access paths: they start at an import, a call appends ``()`` and an item ``[]``. In a pattern ``*`` is (a part of) one name, ``**`` any number of parts, none
included. A pattern that starts with ``?`` speaks of a value that nothing is known of but its name: ``?cursor.execute`` is ``execute`` of any such value of which the
last name is ``cursor`` (``cursor.execute``, ``self.cursor.execute``).
"""

from __future__ import annotations

import msgspec

from aisecops.core.taxonomy import Confidence, Reference, Severity

RECEIVER = "self"
"""As the name of an argument: the value on which a method is called."""
ANY_ARGUMENT = "*"
"""As the name of an argument: each that the call passes."""
UNKNOWN_VERSION = "unknown"
"""As a condition on a version: the project declares none that would decide it."""
EVERYTHING = "all"
"""As the category of a guard: its result is safe for every category."""
CLEAN = "clean"
"""As the category of a guard: its result carries nothing of its arguments."""


class Equal(msgspec.Struct, frozen=True, tag="equal"):
    """The argument is known, and equal to ``value`` in type and value (``True`` is not ``1``)."""

    value: bool | int | float | str | None


class Absent(msgspec.Struct, frozen=True, tag="absent"):
    """The argument is not passed, as far as is known."""


class Present(msgspec.Struct, frozen=True, tag="present"):
    """The argument is passed, whatever it is."""


class Unknown(msgspec.Struct, frozen=True, tag="unknown"):
    """The argument is passed, or may be (``**options``), and its value is not determined."""


class AnyLiteral(msgspec.Struct, frozen=True, tag="literal"):
    """The argument is a known constant."""


class Object(msgspec.Struct, frozen=True, tag="object"):
    """The argument is an object of the program's own: an instance, a class, a function or a module."""


class Prefix(msgspec.Struct, frozen=True, tag="prefix"):
    """The argument is a text that is known to begin with ``text``."""

    text: str


class Starts(msgspec.Struct, frozen=True, tag="starts"):
    """The argument is a text of which the known start begins with a match of the regular expression: ``https?://[^/?#]+/`` is a fixed host."""

    pattern: str


class Matches(msgspec.Struct, frozen=True, tag="matches"):
    """The argument is a text that is known whole and that the regular expression matches from end to end."""

    pattern: str


class Contains(msgspec.Struct, frozen=True, tag="contains"):
    """The argument is a text (or the known pieces of one) that contains ``text``."""

    text: str


class Least(msgspec.Struct, frozen=True, tag="least"):
    """The argument is a number that is known to be ``value`` or more."""

    value: float


class Tainted(msgspec.Struct, frozen=True, tag="tainted"):
    """The argument, or a value inside it, carries one of ``labels``."""

    labels: tuple[str, ...]


class Path(msgspec.Struct, frozen=True, tag="path"):
    """The argument is an object that one of the access paths ``patterns`` names."""

    patterns: tuple[str, ...]


class Made(msgspec.Struct, frozen=True, tag="made"):
    """The argument is surely an object that one of the access paths ``patterns`` names: what is not known counts as another one."""

    patterns: tuple[str, ...]


class Surely(msgspec.Struct, frozen=True, tag="surely"):
    """The test holds; where it is undetermined, it counts as not holding, whoever calls."""

    test: Test


class Not(msgspec.Struct, frozen=True, tag="not"):
    """The test is known not to hold: where ``test`` is undetermined, so is this."""

    test: Test


class Any(msgspec.Struct, frozen=True, tag="any"):
    """At least one of ``tests`` holds."""

    tests: tuple[Test, ...]


class HasKeys(msgspec.Struct, frozen=True, tag="key"):
    """The argument is a dictionary, and the test of each key holds for the value under it (``Absent``: it has no such key)."""

    keys: dict[str, Test]


class Item(msgspec.Struct, frozen=True, tag="item"):
    """The argument is a list, tuple or set, and the test holds for some item of it; of a dictionary, for some value under whatever key."""

    test: Test


class Items(msgspec.Struct, frozen=True, tag="items"):
    """The argument is a list or tuple whose first items are, in order, what ``tests`` say."""

    tests: tuple[Test, ...]


Test = (
    Equal
    | Absent
    | Present
    | Unknown
    | AnyLiteral
    | Object
    | Prefix
    | Starts
    | Matches
    | Contains
    | Least
    | Tainted
    | Path
    | Made
    | Surely
    | Not
    | Any
    | HasKeys
    | Item
    | Items
)
"""A test on one argument. It holds, does not hold, or is undetermined; only the first counts."""


class Group(msgspec.Struct, frozen=True, omit_defaults=True):
    """Tests that hold together: each of ``arguments`` (name to test), and each of ``versions``.

    ``versions`` maps a distribution (``python`` for the interpreter) to a PEP 440 specifier that every declared version has to satisfy, or to ``unknown``.
    """

    arguments: dict[str, Test] = {}
    versions: dict[str, str] = {}


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is known of a library.

    Exactly one of ``sink`` (a category of weakness), ``source`` (the label that the result carries), ``guard`` (categories for which the result is safe, ``all``
    or ``clean``), ``handler`` (the label that the parameters of a function carry), ``confirm`` (it asks a person) and ``fact`` (a name that checks ask for) is set.

    Where it applies: ``calls``; ``attributes`` (read); ``assigns`` (written: arguments ``value``, for items also ``key``; an item's path ends with ``[]``);
    ``decorators``; ``bases`` (classes that derive from it); ``methods`` (``path.of.Class.method``: the project's own class overrides it).

    Parameters
    ----------
    arguments
        Names of the positional arguments in order, the receiver left out.
    callbacks
        Of a handler with ``calls``: the arguments that are functions which get what comes from outside.
    parameters
        Of a handler: the parameters that carry the label; all but the receiver if empty.
    safe, doubtful, needs
        A call is reported if one of ``needs`` holds (or there is none) and none of ``safe``; with less confidence if one of ``doubtful`` holds.
    tainted
        Argument to labels: a call is reported only if one of the arguments carries one of its labels. ``self`` is the receiver, ``*`` any argument.
    """

    id: str
    library: str
    distribution: str = ""
    sink: str = ""
    source: str = ""
    guard: tuple[str, ...] = ()
    handler: str = ""
    confirm: bool = False
    fact: str = ""
    calls: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    assigns: tuple[str, ...] = ()
    decorators: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    callbacks: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    safe: tuple[Group, ...] = ()
    doubtful: tuple[Group, ...] = ()
    needs: tuple[Group, ...] = ()
    tainted: dict[str, tuple[str, ...]] = {}
    severity: Severity = Severity.HIGH
    confidence: Confidence = Confidence.HIGH
    title: str = ""
    message: str = ""
    fix: str = ""
    refs: tuple[Reference, ...] = ()
