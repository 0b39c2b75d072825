"""A model as its checks see it: opened once in quarantine, with the labelled samples that it is asked about.

Whatever keeps it from being asked (not trusted, isolation too weak, an extra missing, data that cannot be read) is one reason, which every check passes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from aisecops.core.asset import Asset, AssetFacts, AssetKind
from aisecops.core.check import Context, Result, subject
from aisecops.core.errors import UserError
from aisecops.core.examination import Code, NotExamined
from aisecops.core.text import inert_path
from aisecops.project.models import DeclaredModel, ModelSettings, ModelUnderTest

if TYPE_CHECKING:
    from aisecops.checks.model.samples import Samples
    from aisecops.oracles.budget import Metered

_CODES = {
    "WeakIsolation": Code.WEAK_ISOLATION,
    "TimedOutError": Code.TIMEOUT,
    "DiedError": Code.CRASH,
    "GarbageError": Code.CRASH,
    "StartError": Code.CRASH,
    "CapabilityError": Code.NO_POWER,
    "MissingExtraError": Code.MISSING_EXTRA,
}
"""By the name of the error: the modules that define them are not imported before a model is."""


class AskedModel:
    """A declared model, opened, and its samples; or the reason why not."""

    def __init__(self, asset: Asset, under_test: ModelUnderTest, ctx: Context, *, allow_weak: bool) -> None:
        self.asset, self.under_test = asset, under_test
        self.refusal = under_test.refusal
        self._facts: dict[str, Any] = {}
        if self.refusal is None:
            try:
                self._open(ctx, allow_weak)
            except ModuleNotFoundError as error:
                self.refusal = _missing(error)
            except UserError as error:
                self.refusal = self._gap(error)

    def _open(self, ctx: Context, allow_weak: bool) -> None:
        from aisecops.checks.model.opening import opened
        from aisecops.checks.model.samples import read_samples
        from aisecops.oracles.budget import Metered

        data = read_samples(self.under_test)
        oracle, strength = opened(self.under_test, data.layout, ctx, allow_weak=allow_weak)
        self.oracle: Metered = Metered(oracle, self.declared.budget)
        self.samples: Samples = data.numbered(oracle.classes)
        self._facts = {
            "classes": list(oracle.classes[:100]),
            "capabilities": sorted(oracle.capabilities),
            "samples": len(self.samples.y),
        } | ({"isolation": strength} if strength else {})

    @property
    def declared(self) -> DeclaredModel:
        """What the manifest says of it."""
        return self.under_test.declared

    @property
    def weakly_isolated(self) -> bool:
        """Whether it was opened although something of its quarantine does not hold here: what else opens it may be so, too."""
        return bool(self._facts.get("isolation", "complete") != "complete")

    def facts(self) -> AssetFacts:
        """What it can be asked, and how it was locked in."""
        return AssetFacts(facts=self._facts)

    def examined(self, examine: Callable[[], Iterator[Result]]) -> Iterator[Result]:
        """Yield what ``examine`` does; where the model or its data do not allow it, the reason instead."""
        if self.refusal is not None:
            yield self.refusal
            return
        try:
            yield from examine()
        except ModuleNotFoundError as error:
            yield _missing(error)
        except UserError as error:
            yield self._gap(error)

    def too_dear(self, queries: int, purpose: str) -> NotExamined | None:
        """Return why ``queries`` questions are more than its budget leaves; None: they may be asked."""
        left = self.oracle.left
        if left is None or left >= queries:
            return None
        reason = f"{queries:,} queries are needed {purpose}, and the budget leaves {left:,}"
        return NotExamined(code=Code.TRUNCATED, reason=reason, remedy="allow a larger `budget` for this model, or fewer `privacy.samples`")

    def _gap(self, error: UserError) -> NotExamined:
        """``error`` with the paths of the manifest: where the project lies on this machine is no part of the record."""
        said = gap(error)
        reason = said.reason
        for location, path in ((self.under_test.data, self.declared.data), (self.under_test.location, self.declared.path)):
            reason = reason.replace(inert_path(location), inert_path(path)) if location else reason
        return msgspec.structs.replace(said, reason=reason)


def gap(error: UserError) -> NotExamined:
    """``error`` as something that was not examined."""
    code = next((code for kind in type(error).__mro__ if (code := _CODES.get(kind.__name__))), Code.BAD_INPUT)
    return NotExamined(code=code, reason=f"{error.where}: {error.what}" if error.where else error.what, remedy=error.fix)


def _missing(error: ModuleNotFoundError) -> NotExamined:
    name = (error.name or "a library").partition(".")[0]
    return NotExamined(
        code=Code.MISSING_EXTRA, reason=f"{name} is not installed here", remedy=f"install it beside aisecops: pip install 'aisecops[attack]' {name}"
    )


def _parse(asset: Asset, ctx: Context) -> AskedModel:
    settings = ctx.settings(ModelSettings)
    return AskedModel(asset, settings.models[asset.id], ctx, allow_weak=settings.allow_weak_isolation)


subject(AssetKind.MODEL)(_parse)
subject(AssetKind.ENDPOINT)(_parse)
