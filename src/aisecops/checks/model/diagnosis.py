"""The symptoms of masking in a model, looked for once for all of its checks."""

from __future__ import annotations

from aisecops.attacks.evasion.masking import Symptom, diagnose
from aisecops.checks.model.subject import AskedModel
from aisecops.core.check import Context
from aisecops.project.models import ModelTask

_SAMPLES = 64


def symptoms_of(model: AskedModel, ctx: Context) -> tuple[Symptom, ...]:
    """Return what would make robustness numbers of ``model`` meaningless."""

    def find() -> tuple[Symptom, ...]:
        samples = model.samples
        rows = samples.drawn(_SAMPLES, (), ctx.seed)
        space = None if model.declared.task is ModelTask.TEXT else samples.space
        return diagnose(model.oracle, samples.batch(rows), samples.y[rows], space=space, seed=ctx.seed, doubts=True)

    return ctx.memo("symptoms of masking", find)
