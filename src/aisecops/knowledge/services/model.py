"""What the knowledge of services and tools is made of: how each is started, what its parameters are called wherever they can be set, and which values are weak.

The vocabulary is closed: an entry is data that ``aisecops.codebase.configuration`` interprets, never code. How people write it is ``written.py``; this is what
a scan loads.
"""

from __future__ import annotations

import msgspec

from aisecops.core.taxonomy import Confidence, Reference, Severity

WORDS = ("everywhere", "loopback", "empty", "set", "on", "off", "present", "absent")
"""Tests without a value.

``everywhere``: an address of which every interface is meant. ``loopback``: one that nobody else reaches. ``empty``: given, and empty. ``set``: given, and neither
empty nor off; a value that is decided elsewhere counts. ``on``, ``off``: given, and a yes or no. ``present``, ``absent``: given or not.
"""
REACHES = ("host", "image", "published", "local", "internal", "cluster", "temporary", "file")
"""Where something is started, and so who reaches it.

``host``: a command on a machine. ``image``: a Dockerfile. ``published``: a container of which the outside reaches a port. ``local``: one of which only its own host does.
``internal``: one that no port is passed on to. ``cluster``: one that only its cluster reaches. ``temporary``: a job of a build server. ``file``: a file of settings.
"""
ANY_PROGRAM = "*"
"""As a launch: every command."""
VERIFIED = "verified"
"""As the name of a parameter: whether the same file compares checksums or signatures."""
PINNED_LATER = "pinned-later"
"""As the name of a parameter: whether the same file checks a commit out."""


class Test(msgspec.Struct, frozen=True, omit_defaults=True):
    """A test on the values of one parameter.

    ``kind`` is one of ``WORDS``; ``equal`` (one of ``values``, whatever the case); ``matches`` (the regular expression ``values[0]``, from end to end, whatever the
    case); ``not`` (the one of ``tests`` does not hold); ``any`` (one of ``tests`` holds).
    """

    kind: str
    values: tuple[str, ...] = ()
    tests: tuple[Test, ...] = ()


Group = dict[str, Test]
"""Parameter to test; all hold together."""


class Parameter(msgspec.Struct, frozen=True, omit_defaults=True):
    """The names of one thing that can be set.

    Parameters
    ----------
    flags
        Options of a command line; ``-k`` also stands inside ``-fsSLk``.
    variables
        Variables of the environment; ``*`` stands for any characters.
    settings
        The ends of dotted keys in files. Case, ``-`` and ``_`` make no difference.
    words
        Regular expressions that match a whole argument; the first group, if there is one, is the value. Every argument that matches counts.
    every
        Whether a variable counts beside an option; otherwise the option outweighs it.
    """

    flags: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    every: bool = False


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that can be wrong with a service.

    It is reported if one of the groups ``when`` holds and none of ``unless``, and what it is started in is one of ``reach``.

    Parameters
    ----------
    subject
        The parameter that names what it is about (an address, a model): it becomes part of the finding's identity and message.
    """

    id: str
    category: str
    when: tuple[Group, ...]
    unless: tuple[Group, ...] = ()
    reach: tuple[str, ...] = ()
    subject: str = ""
    severity: Severity = Severity.HIGH
    confidence: Confidence = Confidence.HIGH
    title: str = ""
    message: str = ""
    fix: str = ""
    refs: tuple[Reference, ...] = ()


class Service(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A service or tool.

    Parameters
    ----------
    launches
        How it is started: a program (or Python module) and the subcommands that follow it; ``*`` stands for any characters of a word.
    images
        Images that start it, without registry and tag; ``*`` as above.
    files
        Names, or ends of paths, of the files that its ``settings`` stand in; any file if empty.
    opaque
        Options that name a file of further settings: with one of them, nobody knows what else is set.
    valued
        Short options that take a value, for tools that let several stand together (``-fsSLo file``).
    siblings
        Whether only settings of one mapping belong together; otherwise all of a file do.
    """

    id: str
    name: str
    launches: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    opaque: tuple[str, ...] = ()
    valued: tuple[str, ...] = ()
    siblings: bool = False
    parameters: dict[str, Parameter] = {}
    entries: tuple[Entry, ...] = ()
