"""What a pickle may do with a callable, by operation.

The table is data, one file per top-level package, built offline from the libraries' wheels and from ``reviewed.yaml`` by ``tools/build_callables.py``:

- **functions and calls are an exact list**, each entry read by a person (``reviewed.yaml``, with the reason);
- **classes must be defined in the module that names them** (a class reached through another module is a re-export, and so is ``torch:os.system``); they may be
  named, instantiated and given state where the analysis of their source found ``__new__``, ``__init__``, ``__setstate__`` and the like plain;
- **everything else** in the standard library or in a package that the table knows is blocked; a package that it does not know is for review.

Nothing is imported to find out: a verdict does not depend on what is installed.
"""

from __future__ import annotations

import os
from functools import cache

import msgspec

from aisecops.core.asset import FileVerdict
from aisecops.core.settings import AllowedCallable, Operation
from aisecops.core.text import inert
from aisecops.knowledge.callables.conditions import Condition

VERSION = 2
"""Grows with every change of the rules below; the data has its own digest."""

_DATA = os.path.join(os.path.dirname(__file__), "data")
_MOST_RULINGS = 20_000
"""Rulings that are remembered at a time: honest models share some hundred names, and a hostile file has as many of its own as it likes."""
_CYTHON_RECONSTRUCTOR = "__pyx_unpickle_"
_SCRIPT_MODULES = frozenset({"__main__", "__mp_main__"})
_LETTERS = {
    Operation.REFERENCE: "r", Operation.CALL: "c", Operation.INSTANTIATE: "i", Operation.STATE: "s", Operation.ITEMS: "t",
}  # fmt: skip
_VERBS = {
    Operation.REFERENCE: "named", Operation.CALL: "called", Operation.INSTANTIATE: "instantiated", Operation.STATE: "given state", Operation.ITEMS: "given items",
}  # fmt: skip
_NOTORIOUS = frozenset(
    "os nt posix sys builtins subprocess importlib imp runpy shutil socket ctypes pickle cPickle marshal pty code codeop eval exec execfile compile system popen "
    "__import__ import_module getattr setattr globals Popen check_output check_call open".split()
)
"""Names that mean the standard library's wherever they are reached from: an unknown module that hands out ``os`` hands out the standard library's."""
_ON_FILES = frozenset(
    "chmod copy copy_into extract extractall from_file hardlink_to lchmod link_to load mkdir move move_into read_bytes read_text rename replace rmdir rmtree run "
    "symlink_to tofile touch unlink write write_bytes write_text writelines writestr".split()
)
"""Methods of the classes of the standard library that open, change or run things (``Path``, ``ZipFile``, ``Thread``), and that any module may hand out."""


class Ruling(msgspec.Struct, frozen=True):
    """What the table says about one operation on one callable: the verdict, the rule's stable id, and the reason as a sentence."""

    verdict: FileVerdict
    rule: str
    reason: str


class _Group(msgspec.Struct, frozen=True, array_like=True):
    """Exact entries that share a reason. ``operations``: letters of ``_LETTERS``; ``review``: allowed operations are for review, not clean."""

    rule: str
    why: str
    operations: str = ""
    condition: str = ""
    review: bool = False
    members: tuple[str, ...] = ()


class _Package(msgspec.Struct, frozen=True):
    """One data file.

    ``exact``: module -> name -> index into ``groups``. ``classes``: module -> letters -> names (``e``: an enumeration). ``refused``: module -> why -> names of
    classes that the analysis of their source refused.
    """

    groups: tuple[_Group, ...] = ()
    exact: dict[str, dict[str, int]] = {}
    classes: dict[str, dict[str, tuple[str, ...]]] = {}
    refused: dict[str, dict[str, tuple[str, ...]]] = {}


_NOTHING = _Package()


class _Index(msgspec.Struct, frozen=True):
    """``known``: packages with a data file; ``closed``: packages of which nothing else is allowed, with the reason; ``importable``: modules safe to import."""

    stdlib: frozenset[str]
    known: frozenset[str]
    closed: dict[str, str]
    importable: frozenset[str]


class Table:
    """The table, extended by what a project allows (``extra``: exact names, for the operations they give). Data files are read when first asked for."""

    def __init__(self, extra: tuple[AllowedCallable, ...] = ()) -> None:
        self._index = msgspec.json.decode(_read("index.json"), type=_Index)
        self._packages: dict[str, _Package] = {}
        self._rulings: dict[tuple[str, str, Operation], Ruling] = {}
        self._conditions: dict[tuple[str, str], str] = {}
        self._extra = {(entry.callable, operation): entry for entry in extra for operation in entry.operations}

    def rule(self, module: str, name: str, operation: Operation) -> Ruling:
        """Whether a pickle may apply ``operation`` to ``module``'s ``name`` (both as Python 3 imports them). A condition on arguments is not judged here."""
        key = (module, name, operation)
        ruling = self._rulings.get(key)
        if ruling is None:
            if len(self._rulings) >= _MOST_RULINGS:
                self._rulings.clear()
            ruling = self._rulings[key] = self._rule(module, name, operation)
        return ruling

    def wants_arguments(self, module: str, name: str) -> bool:
        """Whether the permission to call it depends on the arguments."""
        return bool(self.condition(module, name))

    def condition(self, module: str, name: str) -> str:
        """The ``Condition`` on the arguments of a call; "" if there is none."""
        condition = self._conditions.get((module, name))
        if condition is None:
            if len(self._conditions) >= _MOST_RULINGS:
                self._conditions.clear()
            condition = self._conditions[module, name] = self._condition(module, name)
        return condition

    def _condition(self, module: str, name: str) -> str:
        if (f"{module}.{name}", Operation.CALL) in self._extra:
            return ""
        group = self._group(module, name)
        return group.condition if group else ""

    def member(self, module: str, name: str, attribute: str, operation: Operation = Operation.REFERENCE) -> Ruling:
        """Rule on what ``getattr(module.name, attribute)`` gives (``Condition.MEMBER``): a value of an enumeration, or a reviewed method."""
        where = _shown(module, name)
        if "e" in (self._class_letters(module, name) or "") and operation is Operation.REFERENCE and not attribute.startswith("_"):
            return Ruling(FileVerdict.CLEAN, "enum-member", f"{inert(attribute, 100)} is a value of the enumeration {where}")
        if (group := self._with_member(module, name, attribute, operation)) is not None:
            return Ruling(FileVerdict.CLEAN, group.rule, group.why)
        if self.is_foreign(module) and (ruling := self.rule(module, f"{name}.{attribute}", operation)).verdict is FileVerdict.REVIEW:
            return ruling
        return Ruling(
            FileVerdict.BLOCK, "computed-attribute", f"takes {inert(attribute, 100)!r} out of {where}, which is not a known value of an enumeration"
        )

    def has_member(self, module: str, name: str, attribute: str) -> bool:
        """Whether people have read the method ``attribute`` of that class and let it be taken from the class or an instance."""
        return self._with_member(module, name, attribute, Operation.REFERENCE) is not None

    def _with_member(self, module: str, name: str, attribute: str, operation: Operation) -> _Group | None:
        group = self._group(module, name)
        return group if group and f"{_LETTERS[operation]}:{attribute}" in group.members else None

    def is_foreign(self, module: str) -> bool:
        """Whether ``module`` is of a package that the table does not know: a project's own, say."""
        top = module.partition(".")[0]
        return not (top in self._index.known or top in self._index.stdlib or top in self._index.closed)

    def importable(self, module: str) -> Ruling:
        """Rule on an import by name (``Condition.IMPORT``), which functions by value make for their globals. At best for review."""
        top = module.partition(".")[0]
        harmless = module in self._index.importable or (top in self._index.known and top not in self._index.stdlib)
        unknown = top not in self._index.stdlib and top not in self._index.closed
        if _is_module(module) and "__" not in module and (harmless or unknown):
            return Ruling(FileVerdict.REVIEW, "function-by-value", f"imports {inert(module, 100)} for a function that is pickled by value")
        return Ruling(FileVerdict.BLOCK, "import", f"imports {inert(module, 100)}, which may do anything when imported")

    def _rule(self, module: str, name: str, operation: Operation) -> Ruling:
        where = _shown(module, name)
        group = self._group(module, name)
        if group is None and (refusal := _malformed(module, name if not self.is_foreign(module) else _innermost(name, operation))):
            return refusal
        if (entry := self._extra.get((f"{module}.{name}", operation))) is not None:
            return Ruling(
                FileVerdict.CLEAN, "project", f"{where} is allowed by the project: {entry.reason} (owner {entry.owner}, until {entry.expires})"
            )
        if group is not None:
            return _by_group(group, where, operation)
        top = module.partition(".")[0]
        if top in self._index.known and (letters := self._class_letters(module, name)) is not None:
            return _by_letters(letters, where, operation)
        if top in self._index.closed:
            return Ruling(FileVerdict.BLOCK, "closed-package", f"{where}: {self._index.closed[top]}")
        if top in self._index.stdlib:
            return Ruling(FileVerdict.BLOCK, "stdlib-not-allowed", f"{where} is in the standard library and no model needs it {_VERBS[operation]}")
        if top in self._index.known:
            refused = self._package(top).refused.get(module, {})
            if why := next((why for why, names in refused.items() if name in names), ""):
                return Ruling(FileVerdict.BLOCK, "class-refused", f"{where} may not be {_VERBS[operation]}: {why}")
            return Ruling(
                FileVerdict.BLOCK, "not-in-table", f"{where} is no class defined there that loads plainly, and is on no list of allowed callables"
            )
        return Ruling(FileVerdict.REVIEW, "unknown-package", f"{where} belongs to a package that the table does not know; its code runs on load")

    def _package(self, top: str) -> _Package:
        package = self._packages.get(top, _NOTHING)
        if package is _NOTHING and top in self._index.known:
            package = self._packages[top] = msgspec.json.decode(_read(top + ".json"), type=_Package)
        return package

    def _group(self, module: str, name: str) -> _Group | None:
        package = self._package(module.partition(".")[0])
        names = package.exact.get(module)
        index = names.get(name) if names else None
        return None if index is None else package.groups[index]

    def _class_letters(self, module: str, name: str) -> str | None:
        """The letters of a class defined in ``module``; None if there is no such class."""
        classes = self._package(module.partition(".")[0]).classes.get(module, {})
        return next((letters for letters, names in classes.items() if name in names), None)


def _read(name: str) -> bytes:
    with open(os.path.join(_DATA, name), "rb") as file:
        return file.read()


def _shown(module: str, name: str) -> str:
    """The dotted name as a message may hold it."""
    return inert(f"{module}.{name}", 200)


def _is_module(name: str) -> bool:
    """Whether ``name`` is a dotted name of words; an import system given anything else may look outside the path for modules (``../x``)."""
    return all(part.replace("-", "_").replace("_", "a").isalnum() for part in name.split("."))


def _malformed(module: str, name: str) -> Ruling | None:
    """Refuse names that walk: dotted names, dunders, and modules that are no module's name."""
    where = _shown(module, name)
    if not _is_module(module):
        return Ruling(FileVerdict.BLOCK, "bad-name", f"{inert(module, 100)!r} is not the name of a module")
    if "." in name or not name:
        return Ruling(FileVerdict.BLOCK, "dotted-walk", f"{where} walks through the attributes of a module")
    inside = module not in _SCRIPT_MODULES and any(part.startswith("__") for part in module.split("."))
    if inside or (name.startswith("__") and not name.startswith(_CYTHON_RECONSTRUCTOR)):
        return Ruling(FileVerdict.BLOCK, "dunder", f"{where} reaches into the internals of Python")
    if name in _NOTORIOUS:
        return Ruling(FileVerdict.BLOCK, "re-export", f"{where} is, by its name, a part of the standard library that runs code")
    return None


def _innermost(name: str, operation: Operation) -> str:
    """``name``, or its last part where that says no more.

    A class inside a class (``Net.Settings``) is as little known as the one that it stands in, and so is a function of a class (``Net._fit``) that is only kept.
    What works on files is left as it is: modules of others hand out ``Path``.
    """
    *outer, last = name.split(".")
    if not all(map(_is_class_name, outer)):
        return name
    kept = operation is Operation.REFERENCE and last.isidentifier() and not last.startswith("__") and last not in _ON_FILES | _NOTORIOUS
    return last if _is_class_name(last) or kept else name


def _is_class_name(name: str) -> bool:
    """Whether ``name`` is written like that of a class, and not one that the standard library is known by."""
    bare = name.removeprefix("_")
    return bare[:1].isupper() and bare.isalnum() and not (bare.isupper() and len(bare) > 1) and name not in _NOTORIOUS


def _by_group(group: _Group, where: str, operation: Operation) -> Ruling:
    if _LETTERS[operation] in group.operations:
        return Ruling(FileVerdict.REVIEW if group.review else FileVerdict.CLEAN, group.rule, f"{where}: {group.why}")
    return Ruling(FileVerdict.BLOCK, group.rule, f"{where} may not be {_VERBS[operation]}: {group.why}")


def _by_letters(letters: str, where: str, operation: Operation) -> Ruling:
    if _LETTERS[operation] in letters:
        return Ruling(FileVerdict.CLEAN, "class-defined-in-module", f"{where} is a class defined in the module that names it")
    if operation is Operation.CALL and "e" in letters:
        return Ruling(FileVerdict.CLEAN, "enum-member", f"{where} is an enumeration; calling it looks a value up")
    return Ruling(FileVerdict.BLOCK, "class-operation", f"{where} is a class that no model needs {_VERBS[operation]} on load")


def table_digest() -> str:
    """Return the digest of the data, for cache keys."""
    return _read("digest").decode("ascii").strip()


def torch_weights_only_allows(module: str, name: str) -> bool:
    """Whether ``torch.load(weights_only=True)`` knows this global (torch 2.13, without what a project adds by ``add_safe_globals``)."""
    return name in _weights_only().get(module, ())


@cache
def _weights_only() -> dict[str, frozenset[str]]:
    return msgspec.json.decode(_read("torch-weights-only.json"), type=dict[str, frozenset[str]])


__all__ = ["VERSION", "Condition", "Ruling", "Table", "table_digest", "torch_weights_only_allows"]
