"""What this machine can do: versions, frameworks, the project's state, and whether a model that nobody trusts can be held here."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterable

import msgspec

from aisecops import __version__
from aisecops.isolation.errors import IsolationError
from aisecops.isolation.escapes import Held, Result, attempt_all
from aisecops.isolation.quarantine import Quarantine
from aisecops.isolation.strength import MEANINGS, MEANT, Guarantee, Mechanism, Strength, strength
from aisecops.project.commit import repository_above
from aisecops.project.state import STATE_NAME
from aisecops.workflows.extras import Extra, extras

FRAMEWORKS = {
    "numpy": ("numpy",),
    "scipy": ("scipy",),
    "scikit-learn": ("scikit-learn",),
    "torch": ("torch",),
    "xgboost": ("xgboost", "xgboost-cpu"),
    "lightgbm": ("lightgbm",),
    "catboost": ("catboost",),
    "onnxruntime": ("onnxruntime", "onnxruntime-gpu"),
    "mlflow": ("mlflow", "mlflow-skinny"),
    "pandas": ("pandas",),
    "polars": ("polars",),
}
"""The frameworks whose models can be asked, and those that they need; under the names by which they are installed."""


class MechanismState(msgspec.Struct, frozen=True, kw_only=True):
    """A mechanism, and why it is missing if it is."""

    name: Mechanism
    meaning: str
    active: bool
    reason: str


class GuaranteeState(msgspec.Struct, frozen=True, kw_only=True):
    """A guarantee, the ways in which it is held, and how many attempts to break it got through."""

    name: Guarantee
    meaning: str
    holds: bool
    by: tuple[tuple[Mechanism, ...], ...]
    attempts: int
    escaped: int


class State(msgspec.Struct, frozen=True, kw_only=True):
    """The project's state: where, and what is in it. ``problem``: why it cannot be used; empty if it can."""

    folder: str
    runs: int = 0
    cached: int = 0
    size: int = 0
    problem: str = ""


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. ``sufficient``: a model that is not trusted may be loaded here."""

    schema: str = "aisecops/doctor-1"
    versions: dict[str, str]
    frameworks: dict[str, str]
    extras: tuple[Extra, ...]
    state: State | None
    mechanisms: tuple[MechanismState, ...]
    guarantees: tuple[GuaranteeState, ...]
    attempts: tuple[Result, ...]
    sufficient: bool

    @property
    def exit_code(self) -> int:
        """0 if what is not trusted can be held, else 3: it would not be examined."""
        return 0 if self.sufficient else 3


def diagnose(*, without: Iterable[str] = (), told: Callable[[Result], None] = lambda _: None) -> Diagnosis:
    """Look at this machine and make every attempt to break out of a quarantine; ``told`` hears of each.

    ``without`` leaves mechanisms out, as on a machine that lacks them.
    """
    left_out = tuple(without)
    found = _strength(left_out)
    attempts = []
    if found.active:
        for result in attempt_all(without=left_out):
            told(result)
            attempts.append(result)
    guarantees = tuple(_guarantee(guarantee, found, attempts) for guarantee in Guarantee)
    return Diagnosis(
        versions=_versions(),
        frameworks={name: _version(distributions) for name, distributions in FRAMEWORKS.items()},
        extras=extras(),
        state=_state(),
        mechanisms=tuple(
            MechanismState(name=name, meaning=MEANINGS[name], active=name in found.active, reason=found.missing.get(name, "")) for name in Mechanism
        ),
        guarantees=guarantees,
        attempts=tuple(attempts),
        sufficient=found.sufficient and all(result.verdict is Held.HELD for result in attempts),
    )


def _strength(without: tuple[str, ...]) -> Strength:
    try:
        with Quarantine("aisecops.isolation.echo:serve", {}, allow_weak=True, without=without) as quarantine:
            return quarantine.strength
    except IsolationError as error:
        return strength(dict.fromkeys(Mechanism, str(error)))


def _guarantee(guarantee: Guarantee, found: Strength, attempts: Iterable[Result]) -> GuaranteeState:
    made = [result for result in attempts if result.guarantee is guarantee]
    return GuaranteeState(
        name=guarantee,
        meaning=MEANT[guarantee],
        holds=bool(found.by(guarantee)),
        by=found.by(guarantee),
        attempts=len(made),
        escaped=sum(result.verdict is Held.ESCAPED for result in made),
    )


def _versions() -> dict[str, str]:
    system = platform.freedesktop_os_release().get("PRETTY_NAME", "") if platform.system() == "Linux" and os.path.exists("/etc/os-release") else ""
    return {
        "aisecops": __version__,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
        "system": system,
    }


def _version(distributions: Iterable[str]) -> str:
    """The version that is installed, or nothing; the framework itself is not imported."""
    from importlib.metadata import PackageNotFoundError, version

    for distribution in distributions:
        try:
            return version(distribution)
        except PackageNotFoundError:
            continue
    return ""


def _state() -> State | None:
    """The state of the project that this folder belongs to; None if it keeps none."""
    folder = os.path.realpath(".")
    top = repository_above(folder) or folder
    while not os.path.lexists(os.path.join(folder, STATE_NAME)):
        if folder in (top, os.path.dirname(folder)):
            return None
        folder = os.path.dirname(folder)
    return _opened(os.path.join(folder, STATE_NAME))


def _opened(folder: str) -> State:
    """Count what is in the state, without writing to it or mending it."""
    import sqlite3
    from urllib.parse import quote

    path = os.path.join(folder, "state.sqlite")
    if os.path.islink(folder) or not os.path.isdir(folder):
        return State(folder=folder, problem="it is not a folder of ours")
    if not os.access(folder, os.W_OK):
        return State(folder=folder, problem="it cannot be written to")
    if not os.path.lexists(path):
        return State(folder=folder)
    if os.path.islink(path) or not os.path.isfile(path):
        return State(folder=folder, problem="state.sqlite is not a regular file")
    try:
        connection = sqlite3.connect(f"file:{quote(path)}?mode=ro", uri=True, timeout=1)
        try:
            runs, cached = (connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("runs", "cache"))  # noqa: S608 our own names
        finally:
            connection.close()
    except sqlite3.Error as error:
        return State(
            folder=folder,
            size=os.path.getsize(path),
            problem=f"state.sqlite cannot be read ({error}); the next run sets it aside and begins a new one",
        )
    return State(folder=folder, runs=runs, cached=cached, size=os.path.getsize(path))
