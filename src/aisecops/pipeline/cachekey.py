"""What a cached result depends on, as two keys: one for the asset within this run, one for the step within the asset.

Together they name everything that can change what a step says: the asset (place and content), the check or parser and its version and parameters, the code, the
knowledge, the settings, the budget, the seed, Python and the installed libraries. They err on the side of computing again.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256

from aisecops import __version__
from aisecops.core.asset import AssetKind
from aisecops.core.check import Budget
from aisecops.core.digest import canonical_json, fingerprint
from aisecops.pipeline.engine import SUBJECT, Work
from aisecops.pipeline.plan import Task

_CODE = (".py", ".so", ".pyd")
STEP_BYTES = 8
"""Bytes that stand for a step, among the few dozen of an asset."""


class Keys:
    """The keys of one run."""

    def __init__(self, work: Work, budget: Budget, knowledge_digest: str, secret: bytes) -> None:
        functions = [check.function for check in work.registry.checks.values()] + [parser.function for parser in work.registry.parsers.values()]
        self._registry = work.registry
        self._secret = secret
        self._run = fingerprint(
            __version__, sys.version, sys.platform, *_libraries(), *code_stamps(functions), knowledge_digest, str(work.seed),
            canonical_json(work.settings).decode(), canonical_json(budget).decode(),
        )  # fmt: skip
        self._steps: dict[tuple[AssetKind, tuple[str, ...]], dict[str, bytes]] = {}
        self._all: dict[tuple[AssetKind, tuple[str, ...]], bytes] = {}
        self._kinds: dict[AssetKind, bytes] = {}

    def asset(self, task: Task) -> bytes:
        """Return the key of what is known of which steps of the asset. Empty for an asset without a digest: nothing says whether it is still the same."""
        if not task.asset.digest:
            return b""
        kind = task.asset.kind
        if kind not in self._kinds:
            self._kinds[kind] = self._secret + fingerprint(self._run, kind.value).encode()
        return sha256(self._kinds[kind] + _joined(task.asset.id, task.asset.digest, str(task.asset.size))).digest()

    def steps(self, task: Task) -> dict[str, bytes]:
        """Return for each step of ``task``, by the name of the check, what it is called within what is known of an asset."""
        alike = (task.asset.kind, task.checks)
        if alike not in self._steps:
            names = ((SUBJECT,) if task.asset.kind in self._registry.parsers else ()) + task.checks
            self._steps[alike] = {name: sha256(self._step(task.asset.kind, name)).digest()[:STEP_BYTES] for name in names}
        return self._steps[alike]

    def all_steps(self, task: Task) -> bytes:
        """Return what stands for the steps of ``task``, all together."""
        alike = (task.asset.kind, task.checks)
        if alike not in self._all:
            self._all[alike] = sha256(b"".join(self.steps(task).values())).digest()[:STEP_BYTES]
        return self._all[alike]

    def tree(self, tasks: Sequence[Task]) -> bytes:
        """Return the key of what is known of the tree that ``tasks`` are about, as a whole: one for each selection of checks."""
        alike = sorted({self.all_steps(task) for task in tasks})
        return sha256(self._secret + b"tree" + b"".join(alike)).digest()

    def _step(self, kind: AssetKind, name: str) -> bytes:
        parser = self._registry.parsers.get(kind)
        check = self._registry.checks[name] if name else None
        said = [str(check.version), canonical_json(check.parameters).decode()] if check else []
        return self._secret + fingerprint(self._run, kind.value, name, str(parser.version if parser else 0), *said).encode()


def _joined(*fields: str) -> bytes:
    return b"".join(len(raw).to_bytes(8, "big") + raw for raw in (field.encode("utf-8", "backslashreplace") for field in fields))


def code_stamps(functions: Iterable[Callable[..., object]]) -> list[str]:
    """Return what tells that the code of ``functions`` has changed: name, size and time of each source file of the packages that hold them, and of ours.

    Reading the files would cost more than a small scan; an edit that keeps both size and time to the nanosecond is not an accident.
    """
    packages = {"aisecops"} | {function.__module__.partition(".")[0] for function in functions}
    return [stamp for package in sorted(packages) for stamp in _package_stamps(package)]


def _package_stamps(name: str) -> list[str]:
    file = getattr(sys.modules.get(name), "__file__", None)
    if file is None:
        return [name, os.urandom(16).hex()]  # code that is nowhere to be looked at is never the same
    if os.path.basename(file).startswith("__init__."):
        return [name, *sorted(_tree(os.path.dirname(file), ""))]
    return [name, _stamp(file, os.stat(file))]


def _tree(folder: str, inside: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            name = f"{inside}/{entry.name}"
            if entry.name.endswith(_CODE):
                yield _stamp(name, entry.stat())
            elif entry.is_dir(follow_symlinks=False) and entry.name != "__pycache__":
                yield from _tree(entry.path, name)


def _stamp(name: str, status: os.stat_result) -> str:
    return f"{name} {status.st_size} {status.st_mtime_ns}"


def _libraries() -> list[str]:
    """Return when something was last installed: package managers change the folder itself with every library that comes, goes or changes."""
    folders = [path for path in sys.path if os.path.basename(path) in ("site-packages", "dist-packages") and os.path.isdir(path)]
    return [_stamp(path, os.stat(path)) for path in folders]
