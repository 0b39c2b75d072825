"""Which versions of its libraries a project declares, and whether they surely satisfy a condition.

What counts for a source file are the dependency files in its folder and above it, nearest first: the first folder that says anything of a library decides. Within
one folder a pin (a lock file, ``==``) outweighs a range; places that disagree leave the answer open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from aisecops.codebase.dependencies import pep440
from aisecops.codebase.dependencies.files import read, reader
from aisecops.codebase.dependencies.requirement import Declaration, installed, normalised
from aisecops.core.text import inert, inert_path

__all__ = ["NO_VERSIONS", "Declaration", "Dependencies", "Versions", "declared", "installed", "is_dependency_file"]

_MOST_DECLARATIONS = 20_000
_FOLDERS = ("requirements", "reqs", "constraints", "requirement", "deps", "docker", ".devcontainer")
"""Folders that hold the dependency files of the folder around them."""


class Versions:
    """What is declared, nearest first: for each layer, distribution to declarations."""

    __slots__ = ("_answers", "layers")

    def __init__(self, layers: Iterable[Mapping[str, tuple[Declaration, ...]]] = ()) -> None:
        self.layers = tuple(layers)
        self._answers: dict[tuple[str, str], bool | None] = {}

    def holds(self, distribution: str, specifier: str) -> bool | None:
        """Whether every declared version of ``distribution`` satisfies ``specifier`` (PEP 440).

        None: nothing is declared, or what is declared allows both. ``python`` is the interpreter.
        """
        key = (distribution, specifier)
        if key not in self._answers:
            self._answers[key] = self._holds(distribution, specifier)
        return self._answers[key]

    def _holds(self, distribution: str, specifier: str) -> bool | None:
        asked = pep440.parse(specifier)
        found = self.declarations(distribution)
        if asked is None or not found:
            return None
        answers = {pep440.within(declaration.ranges, asked) for declaration in found}
        if len(answers) == 1:
            return answers.pop()
        if all(not declaration.exact for declaration in found) and False not in answers:
            ranges = pep440.ANY
            for declaration in found:
                ranges = pep440.intersection(ranges, declaration.ranges)
            return pep440.within(ranges, asked) if ranges else None
        return None

    def declarations(self, distribution: str) -> tuple[Declaration, ...]:
        """The declarations of ``distribution`` that decide: of the nearest layer, pins before ranges."""
        name = normalised(distribution)
        for layer in self.layers:
            if found := layer.get(name):
                return tuple(d for d in found if d.exact) or tuple(d for d in found if d.specifier) or found
        return ()

    def where(self, distribution: str) -> str:
        """Return where the version is declared, as a message says it: ``torch==2.1.0 declared in requirements.txt:3``; empty if nowhere."""
        found = self.declarations(distribution)
        if not found:
            return ""
        first = found[0]
        return f"{inert(first.distribution, 80)}{inert(first.specifier, 80)} declared in {inert_path(first.path)}:{first.line}"

    def nearer(self, declarations: Iterable[Declaration]) -> Versions:
        """Return these versions with ``declarations`` before all others: what a notebook installs itself."""
        layer = _layer(declarations)
        return Versions((layer, *self.layers)) if layer else self


NO_VERSIONS = Versions()
"""Nothing is declared."""


def is_dependency_file(path: str) -> bool:
    """Whether the file at ``path`` declares dependencies, told by its name."""
    return reader(path) is not None


def declared(files: Mapping[str, bytes]) -> Versions:
    """Return what ``files`` (path to content) declare, all as near as each other."""
    dependencies = Dependencies(files, files.get)
    return Versions((_layer(d for path in files for d in dependencies.declarations(path)),))


class Dependencies:
    """The dependency files of a tree, read when a source file near them is examined.

    Parameters
    ----------
    paths
        Files of the tree, relative to its root, with ``/``; those that declare nothing are passed over.
    open_file
        Returns the content of the file at a path, or None.

    Attributes
    ----------
    problems : dict of str to str
        Broken files, by path, with the reason.
    """

    def __init__(self, paths: Iterable[str], open_file: Callable[[str], bytes | None]) -> None:
        self._open = open_file
        self.problems: dict[str, str] = {}
        self._folders: dict[str, list[str]] = {}
        for path in paths:
            if is_dependency_file(path):
                self._folders.setdefault(_home(path), []).append(path)
        self._layers: dict[str, Mapping[str, tuple[Declaration, ...]]] = {}
        self._near: dict[str, Versions] = {}

    def near(self, path: str) -> Versions:
        """Return what counts for the source file at ``path``."""
        folder = path.rpartition("/")[0]
        found = self._near.get(folder)
        if found is None:
            layers = [self._layer(above) for above in _above(folder) if above in self._folders]
            found = self._near[folder] = Versions(layers) if layers else NO_VERSIONS
        return found

    def files_near(self, path: str) -> tuple[str, ...]:
        """The dependency files on which ``near(path)`` rests, nearest first."""
        return tuple(name for above in _above(path.rpartition("/")[0]) for name in sorted(self._folders.get(above, ())))

    def declarations(self, path: str) -> list[Declaration]:
        """Return what the file at ``path`` declares, with what it includes; nothing, and a problem, if it is broken."""
        found: list[Declaration] = []
        try:
            data = self._open(path)
            if data is None:
                raise ValueError("it cannot be read")
            for declaration in read(path, data, self._open):
                found.append(declaration)
                if len(found) >= _MOST_DECLARATIONS:
                    break
        except (ValueError, OSError) as wrong:
            self.problems[path] = inert(str(wrong))
        return found

    def _layer(self, folder: str) -> Mapping[str, tuple[Declaration, ...]]:
        if folder not in self._layers:
            self._layers[folder] = _layer(d for path in sorted(self._folders[folder]) for d in self.declarations(path))
        return self._layers[folder]


def _layer(declarations: Iterable[Declaration]) -> dict[str, tuple[Declaration, ...]]:
    result: dict[str, list[Declaration]] = {}
    for declaration in declarations:
        result.setdefault(declaration.distribution, []).append(declaration)
    return {name: tuple(dict.fromkeys(found)) for name, found in result.items()}


def _home(path: str) -> str:
    """Return the folder for which the dependency file at ``path`` speaks."""
    folder = path.rpartition("/")[0]
    outer, _, name = folder.rpartition("/")
    return outer if name.lower() in _FOLDERS else folder


def _above(folder: str) -> list[str]:
    """Return ``folder`` and all folders around it, nearest first; the root is ''."""
    parts = folder.split("/") if folder else []
    return ["/".join(parts[:i]) for i in range(len(parts), -1, -1)]
