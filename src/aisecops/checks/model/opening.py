"""From a declared model to its oracle: a file in quarantine, an endpoint over the network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from aisecops.core.check import Context
from aisecops.isolation.limits import Limits
from aisecops.oracles.layout import Layout
from aisecops.oracles.oracle import Oracle
from aisecops.oracles.spec import ModelSpec
from aisecops.project.models import ModelTask, ModelUnderTest

if TYPE_CHECKING:
    from aisecops.checks.model.subject import AskedModel
    from aisecops.oracles.isolated import IsolatedOracle

_SHARE = 2
"""The quarantined process may take one in so many parts of the memory of a check."""


def opened(model: ModelUnderTest, layout: Layout | None, ctx: Context, *, allow_weak: bool) -> tuple[Oracle, str]:
    """Return the oracle of ``model``, and what locks it in (empty: it runs elsewhere).

    Raises
    ------
    UserError
        It cannot be opened; ``WeakIsolation`` where this machine cannot lock it in, unless ``allow_weak``.
    """
    declared = model.declared
    if declared.endpoint is not None:
        from aisecops.oracles.opening import open_model

        return open_model(spec_of(model, layout)), ""
    from aisecops.oracles.isolated import open_isolated

    oracle = ctx.isolate(lambda: open_isolated(spec_of(model, layout), limits=_limits(ctx), allow_weak=allow_weak))
    return oracle, _strength(oracle)


class SecondQuarantine(msgspec.Struct, frozen=True, kw_only=True):
    """What a process gets that works on a model beside the one that answers for it: trains such models anew, or reads what its file keeps."""

    spec: ModelSpec
    recipe: dict[str, Any] | None
    limits: Limits
    allow_weak: bool


def second_quarantine(model: AskedModel, ctx: Context) -> SecondQuarantine:
    """Return it for ``model``; ``recipe`` is how its network was trained, where the manifest says so. Each call may take the time of the whole check."""
    training = model.declared.privacy.training
    return SecondQuarantine(
        spec=spec_of(model.under_test, model.samples.data.layout),
        recipe=None if training is None else msgspec.to_builtins(training),
        limits=msgspec.structs.replace(_limits(ctx), call_seconds=ctx.budget.seconds),
        allow_weak=model.weakly_isolated,
    )


def _limits(ctx: Context) -> Limits:
    return Limits(memory_bytes=ctx.budget.memory_bytes // _SHARE, cpu_seconds=int(ctx.budget.seconds) + 60)


def _strength(oracle: IsolatedOracle) -> str:
    """What does not hold, in words: it stands in the record."""
    broken = oracle.broken
    return f"allowed to be weak: {', '.join(broken)} may escape" if broken else "complete"


def spec_of(model: ModelUnderTest, layout: Layout | None) -> ModelSpec:
    """What ``model`` is to whoever opens it."""
    declared = model.declared
    return ModelSpec(
        name=declared.name,
        path=model.location,
        callable=declared.callable,
        code=model.code,
        endpoint=declared.endpoint,
        framework=declared.framework,
        classes=declared.classes,
        output=declared.output,
        layout=layout,
        shape=declared.shape,
        texts=declared.task is ModelTask.TEXT,
    )
