"""What a far interpreter has to know of a run, and how it makes sure that it would say the same as this one."""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

import msgspec

import aisecops
from aisecops.core.check import Budget
from aisecops.core.errors import UserError
from aisecops.pipeline.engine import Work
from aisecops.pipeline.plan import Task


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A run without its tasks. It goes by pickle from our command to our interpreters, never the other way: settings are of many types.

    ``checks``: the versions of the checks that the tasks name, by id; ``shown``: how the record names the folder of attachments, empty if none can be kept;
    ``same``: what a far interpreter must have in common with this one; empty where it is started from the same files. ``place``: which files those are.
    """

    locations: Mapping[str, str]
    seed: int
    settings: Mapping[str, Any]
    shown: str
    budget: Budget
    checks: Mapping[str, int]
    same: tuple[str, ...]
    place: str

    @staticmethod
    def of(tasks: Sequence[Task], work: Work, budget: Budget, *, elsewhere: bool) -> Job:
        """Return the job that ``work`` is; ``elsewhere``: for machines that have a copy of our code."""
        names = {check for task in tasks for check in task.checks}
        versions = {name: work.registry.checks[name].version for name in names}
        locations, settings = dict(work.locations), dict(work.settings)
        return Job(
            locations=locations,
            seed=work.seed,
            settings=settings,
            shown=work.attachments[1],
            budget=budget,
            checks=versions,
            same=identity() if elsewhere else (),
            place=_place(),
        )

    def packed(self) -> bytes:
        """Return it as bytes."""
        return pickle.dumps(self)

    @staticmethod
    def unpacked(data: bytes) -> Job:
        """Return what ``packed`` made."""
        job = pickle.loads(data)  # noqa: S301 from the command that started this process
        assert isinstance(job, Job)
        return job


def identity() -> tuple[str, ...]:
    """Return what two interpreters must have in common to give the same record: our version and code, and Python's."""
    return aisecops.__version__, f"{sys.version_info.major}.{sys.version_info.minor}", _code()


def differs(job: Job, versions: Mapping[str, int]) -> UserError | None:
    """Return why an interpreter with these checks must not take part in ``job``."""
    if job.same and job.place != _place() and (here := identity()) != job.same:
        said = [
            f"{name} {theirs[:12]} where this command has {ours[:12]}"
            for name, ours, theirs in zip(("aisecops", "Python", "code"), job.same, here, strict=True)
            if ours != theirs
        ]
        return UserError(f"a worker of the cluster has {said[0]}", where="--engine ray", fix="install the same on every node")
    for name, version in job.checks.items():
        if versions.get(name) != version:
            found = f"version {versions[name]} of" if name in versions else "no"
            return UserError(f"a worker of the cluster has {found} check {name}", where="--engine ray", fix="install the same plug-ins on every node")
    return None


def _place() -> str:
    """Return which files on which disk our code is: where that is the same, nothing needs comparing, and somebody may be editing them just now."""
    path = os.path.realpath(aisecops.__file__)
    status = os.stat(path)
    return f"{path} {status.st_ino} {status.st_mtime_ns}"


def _code() -> str:
    """Return the digest of our source files."""
    state = sha256()
    top = os.path.dirname(aisecops.__file__)
    for name in sorted(_sources(top, "")):
        with open(os.path.join(top, name), "rb") as file:
            state.update(f"{name}\0".encode() + sha256(file.read()).digest())
    return state.hexdigest()


def _sources(folder: str, inside: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _sources(entry.path, f"{inside}{entry.name}/")
            elif entry.name.endswith(".py"):
                yield inside + entry.name
