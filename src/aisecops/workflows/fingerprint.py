"""``fingerprint``: questions that know a model again, and whether another model is a copy of it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from aisecops.core.asset import Asset
from aisecops.core.check import Budget, Registry
from aisecops.core.errors import UserError
from aisecops.core.progress import Progress
from aisecops.core.run import Results
from aisecops.core.text import inert, inert_path
from aisecops.project.models import ModelUnderTest
from aisecops.workflows.scan import ScanRequest, scan
from aisecops.workflows.standing import Standing

if TYPE_CHECKING:
    from aisecops.attacks.extraction.fingerprint import Comparison, Fingerprint
    from aisecops.checks.model.samples import Samples
    from aisecops.oracles.oracle import Floats, Integers, Oracle

_LARGEST = 256 << 20


class FingerprintRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Which declared model, and how.

    Parameters
    ----------
    path, model
        The project, and the name that its manifest gives the model; empty: its only one.
    references
        Models to train in each way. With R counted references (four fifths of these) no rate of false alarms below 1 / (R + 1) can be shown.
    questions
        How many.
    allow_weak_isolation
        As of ``run``.
    """

    path: str = "."
    model: str = ""
    references: int = 60
    questions: int = 200
    seed: int = 0
    seconds: float = 1800.0
    allow_weak_isolation: bool = False


def make(request: FingerprintRequest, progress: Progress | None = None) -> tuple[Fingerprint, tuple[str, ...]]:
    """Return the fingerprint of a declared model whose training data are declared, too, and the ways of training that say nothing about it.

    Raises
    ------
    UserError
        There is no such model, it may not be loaded, or no references can be trained with its parameters.
    """
    asset, under_test = _declared(request, progress, training=True)
    from aisecops.attacks.extraction.fingerprint_isolated import fingerprint_isolated
    from aisecops.checks.model.inversions import training_records
    from aisecops.checks.model.opening import spec_of
    from aisecops.checks.model.subject import AskedModel
    from aisecops.isolation.limits import Limits
    from aisecops.pipeline.context import TaskContext
    from aisecops.pipeline.engine import Work

    context = TaskContext(Work(registry=Registry(), locations={}, seed=request.seed), Budget(seconds=request.seconds))
    try:
        model = AskedModel(asset, under_test, context, allow_weak=request.allow_weak_isolation)
        if model.refusal is not None:
            raise UserError(model.refusal.reason, where=inert(under_test.declared.name), fix=model.refusal.remedy)
        samples = training_records(model)
        fresh = _unseen(samples, model.samples)
        spec = spec_of(under_test, model.samples.data.layout)
    finally:
        context.close()
    return fingerprint_isolated(
        spec,
        samples.numbers,
        samples.y,
        fresh=fresh,
        references=request.references,
        questions=request.questions,
        seed=request.seed,
        limits=Limits(cpu_seconds=int(request.seconds) + 60, call_seconds=request.seconds),
        allow_weak=request.allow_weak_isolation,
    )


def _unseen(trained: Samples, test: Samples) -> tuple[Floats, Integers] | None:
    """The rows of the test set, where none is training data."""
    import numpy as np

    from aisecops.attacks.inference.membership.audit import disjoint

    if trained.numbers.shape[1:] != test.numbers.shape[1:]:
        return None
    sides = [np.column_stack([part.numbers.reshape(len(part.y), -1), part.y]) for part in (trained, test)]
    kept = disjoint(*sides)[1]
    return test.numbers[kept], test.y[kept]


def against(request: FingerprintRequest, fingerprint: Fingerprint, *, level: float = 0.05, progress: Progress | None = None) -> Comparison:
    """Ask a declared model, the suspect, the questions of ``fingerprint``.

    Raises
    ------
    UserError
        As ``attacks.extraction.fingerprint.compare``; and where the suspect may not be loaded.
    """
    from aisecops.attacks.extraction.fingerprint import compare, demand_power

    demand_power(fingerprint, level)
    _, suspect = _declared(request, progress)

    with _asked(suspect, fingerprint, allow_weak=request.allow_weak_isolation) as oracle:
        return compare(fingerprint, oracle, level=level)


def read(path: str) -> Fingerprint:
    """Read a fingerprint.

    Raises
    ------
    UserError
        It cannot be read, or is none.
    """
    from aisecops.attacks.extraction.fingerprint import SCHEMA, Fingerprint

    try:
        with open(path, "rb") as file:
            data = file.read(_LARGEST + 1)
        found = msgspec.json.decode(data[:_LARGEST], type=Fingerprint)
    except OSError as wrong:
        raise UserError(f"it cannot be read ({wrong.strerror})", where=inert_path(path)) from wrong
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise UserError(
            f"it is no fingerprint ({inert(str(wrong), 100)})", where=inert_path(path), fix="make one: aisecops fingerprint --output FILE"
        ) from wrong
    if found.schema != SCHEMA or not found.families or not all(found.families.values()):
        raise UserError("it is no fingerprint of a kind that is known here", where=inert_path(path), fix="make it anew")
    return found


def _declared(request: FingerprintRequest, progress: Progress | None, *, training: bool = False) -> tuple[Asset, ModelUnderTest]:
    """The model as its project declares it, and judged by a scan whether it may be loaded."""
    project = Standing((request.path,))
    declared = {model.name: model for model in project.manifest.models} if project.manifest else {}
    names = list(declared)
    if not names or (request.model or names[0]) not in names or (len(names) > 1 and not request.model):
        what = (
            f"there is no model {inert(request.model, 60)!r}" if request.model and names else "no model is named" if names else "no model is declared"
        )
        fix = f"one of {', '.join(inert(name, 40) for name in names[:10])}: --model NAME" if names else "declare it under `models` in aisecops.yaml"
        raise UserError(what, where=inert_path(project.path or request.path), fix=fix)
    wanted = request.model or names[0]
    if training and not declared[wanted].training_data:
        what = "references are trained with the training data of the model, and none are declared"
        raise UserError(what, where=f"models: {inert(wanted)}", fix="name `training-data` in aisecops.yaml")
    record = scan(ScanRequest(paths=(request.path,)), progress)
    from aisecops.workflows.models import ModelAssets

    today = time.strftime("%Y-%m-%d", time.gmtime())
    models = ModelAssets(project, Results(assets=record.assets), today, jobs=1, stop=lambda: False)
    asset = next(one for one in models.assets if models.settings[one.id].declared.name == wanted)
    under_test = models.settings[asset.id]
    if under_test.refusal is not None:
        raise UserError(under_test.refusal.reason, where=inert(wanted), fix=under_test.refusal.remedy)
    return asset, under_test


@contextmanager
def _asked(under_test: ModelUnderTest, fingerprint: Fingerprint, *, allow_weak: bool) -> Iterator[Oracle]:
    """The suspect, with the columns of the fingerprint: how its own data number categories does not matter."""
    from aisecops.checks.model.opening import spec_of

    spec = spec_of(under_test, fingerprint.layout)
    if under_test.declared.endpoint is not None:
        from aisecops.oracles.budget import Metered
        from aisecops.oracles.opening import open_model

        yield Metered(open_model(spec), under_test.declared.budget)
        return
    from aisecops.oracles.isolated import open_isolated

    with open_isolated(spec, allow_weak=allow_weak) as oracle:
        yield oracle


def written(fingerprint: Fingerprint, path: str) -> None:
    """Write ``fingerprint`` to a file that only its owner can read; it must not exist.

    Raises
    ------
    UserError
        It is there, or cannot be written.
    """
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(fingerprint), indent=0))
    except OSError as wrong:
        raise UserError(f"it cannot be written ({wrong.strerror})", where=inert_path(path), fix="name a file that is not there yet") from wrong
