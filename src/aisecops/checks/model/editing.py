"""Attack a model of texts by edits, with and without a normaliser before it, and say what came of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from aisecops.attacks.evasion.masking import blocked
from aisecops.attacks.evasion.text import ALL_FAMILIES, UNSEEN, EditBudget, Family, TextAttempts, edit_text, learn_good_words
from aisecops.checks.model.showing import SHOWN, keep_texts
from aisecops.checks.model.text_replay import joined, kept_text, replayed
from aisecops.core.check import Context, Result
from aisecops.core.examination import Code, NotExamined
from aisecops.core.finding import Fix, Weakness
from aisecops.core.measurement import Better, Bound, Reading
from aisecops.core.statistics import clopper_pearson
from aisecops.core.taxonomy import Confidence, Severity
from aisecops.core.text import inert
from aisecops.defences.unicode_normaliser import normalise

if TYPE_CHECKING:
    from aisecops.attacks.evasion.masking import Symptom
    from aisecops.checks.model.subject import AskedModel
    from aisecops.oracles.oracle import Batch, Capability, Floats, Integers, Oracle

_LEVEL = 0.95
_SHOWN_LETTERS = 160


class _Normalised:
    """The model behind a Unicode normaliser."""

    def __init__(self, oracle: Oracle) -> None:
        self._oracle = oracle
        self.name, self.classes = f"{oracle.name} behind a Unicode normaliser", oracle.classes

    @property
    def capabilities(self) -> frozenset[Capability]:
        return self._oracle.capabilities

    def labels(self, batch: Batch) -> Integers:
        return self._oracle.labels([normalise(str(text)) for text in batch])

    def scores(self, batch: Batch) -> Floats:
        return self._oracle.scores([normalise(str(text)) for text in batch])

    def __getattr__(self, name: str) -> Any:
        return getattr(self._oracle, name)


class TextAttack:
    """One assessment of one model of texts."""

    def __init__(self, model: AskedModel, ctx: Context, symptoms: tuple[Symptom, ...]) -> None:
        self.model, self.ctx = model, ctx
        self.wanted = model.declared.evasion
        self.rows = model.samples.drawn(self.wanted.samples, self.wanted.classes, ctx.seed)
        self.texts = [model.samples.texts[row] for row in self.rows]
        self.y = model.samples.y[self.rows]
        capabilities = {capability for capability in model.oracle.capabilities if capability.value in ("labels", "scores")}
        self.blocked = blocked(symptoms, capabilities)
        self.subject = f"edited words <= {self.wanted.edits:.0%}"

    def results(self) -> Iterator[Result]:
        """Attack, and yield readings, gaps and at most one finding."""
        plain, hidden = self._plain(), self._edited(self.model.oracle, UNSEEN)
        normalised = _Normalised(self.model.oracle)
        behind, behind_hidden = self._edited(normalised), self._edited(normalised, UNSEEN)
        kept = self._keep(plain)
        yield self._accuracy(self.model.oracle, "")
        yield self._accuracy(normalised, "behind a Unicode normaliser")
        yield self._robust(plain)
        yield self._success(plain, self.subject, kept)
        yield self._success(hidden, "edits that readers do not see")
        yield self._success(behind, f"{self.subject}, behind a Unicode normaliser")
        yield self._success(behind_hidden, "edits that readers do not see, behind a Unicode normaliser")
        if plain.stopped:
            yield NotExamined(
                code=Code.TRUNCATED, reason=f"the attack stopped early ({plain.stopped})", remedy="allow a larger `budget` for this model"
            )
        yield from self._finding(plain, hidden, behind_hidden)

    def _plain(self) -> TextAttempts:
        """All edits; what fooled the model before is tried first."""
        if not (path := self.model.under_test.replay):
            return self._edited(self.model.oracle)
        again = replayed(self.model.oracle, self.texts, self.y, path, self.wanted.edits)
        return joined(again, self._edited(self.model.oracle, places=np.flatnonzero(~again.found)))

    def _edited(self, oracle: Oracle, families: Collection[Family] = ALL_FAMILIES, places: Integers | None = None) -> TextAttempts:
        texts, y = (self.texts, self.y) if places is None else ([self.texts[place] for place in places], self.y[places])
        return edit_text(
            oracle,
            texts,
            y,
            families=families,
            budget=EditBudget(words=self.wanted.edits),
            good_words=self._good_words,
            queries=self.wanted.queries,
            seed=self.ctx.seed,
        )

    @cached_property
    def _good_words(self) -> Sequence[str]:
        """Words of the messages of other classes than most of the attacked ones have, outside of them."""
        texts, y = self.model.samples.texts, self.model.samples.y
        others = np.setdiff1d(np.arange(len(y)), self.rows).tolist()
        own = int(np.bincount(self.y).argmax())
        return learn_good_words([texts[row] for row in others if y[row] != own], [texts[row] for row in others if y[row] == own])

    # ---- numbers

    def _right(self, attempts: TextAttempts) -> Any:
        """The texts that the model has right before any edit."""
        return np.array([not (found and not edits) for found, edits in zip(attempts.found, attempts.edits, strict=True)])

    def _accuracy(self, oracle: Oracle, subject: str) -> Reading:
        reading = Reading(name="clean-accuracy", subject=subject, value=None, unit="1", better=Better.HIGHER, bound=Bound.ESTIMATE)
        return _counted(reading, int((oracle.labels(self.texts) == self.y).sum()), len(self.y))

    def _robust(self, attempts: TextAttempts) -> Reading:
        n = len(self.y)
        bands = [(edits, share, clopper_pearson(round((1 - share) * n), n, _LEVEL)) for edits, share in attempts.curve]
        reading = Reading(
            name="robust-accuracy",
            subject=self.subject,
            value=None,
            unit="1",
            better=Better.HIGHER,
            bound=Bound.ATTACK,
            blocked=self.blocked,
            curve=tuple((float(edits), 1 - share, band.low, band.high) for edits, share, band in bands),
        )
        return _counted(reading, int((~attempts.found).sum()), n)

    def _success(self, attempts: TextAttempts, subject: str, kept: tuple[str, ...] = ()) -> Reading:
        right = self._right(attempts)
        if not right.any():
            return Reading(name="attack-success", subject=subject, value=None, unit="1", n=0, blocked="the model has no text right")
        reading = Reading(
            name="attack-success",
            subject=subject,
            value=None,
            unit="1",
            better=Better.LOWER,
            bound=Bound.ATTACK,
            blocked=self.blocked,
            attachments=kept,
        )
        return _counted(reading, int((attempts.found & right).sum()), int(right.sum()))

    # ---- examples

    def _keep(self, attempts: TextAttempts) -> tuple[str, ...]:
        classes = self.model.oracle.classes
        examples = [
            kept_text(int(row), classes[label], before, after, edits, self.wanted.edits)
            for row, label, before, after, edits in zip(self.rows, self.y, self.texts, attempts.texts, attempts.edits, strict=True)
            if edits
        ]
        return (attachment,) if examples and (attachment := keep_texts(self.ctx, examples)) else ()

    def _finding(self, plain: TextAttempts, hidden: TextAttempts, behind_hidden: TextAttempts) -> Iterator[Weakness]:
        right = self._right(plain)
        n, evaded = int(right.sum()), int((plain.found & right).sum())
        if not evaded or self.blocked:
            return
        least = clopper_pearson(evaded, n, _LEVEL).low
        required = self.wanted.require
        missed = required is not None and clopper_pearson(int((~plain.found).sum()), len(self.y), _LEVEL).high < required
        if least < 0.05 and not missed:
            return
        unseen, behind = (int((attempts.found & self._right(attempts)).sum()) for attempts in (hidden, behind_hidden))
        demand = f" The project requires a robust accuracy of {required:g}; that is not kept." if missed else ""
        examples = self._marked(plain)
        yield Weakness(
            category="evasion",
            identity=(self.model.declared.name, "text"),
            title="A few edits make the model answer wrong",
            message=(
                f"Edits of at most {self.wanted.edits:.0%} of the words turned {evaded} of {n} right answers wrong, at least {least:.0%} of all such texts with 95 % "
                f"confidence; edits that no reader sees alone {unseen}, behind a Unicode normaliser {behind}.{demand}"
                + (f" For example: {examples[0]}" if examples else "")
            ),
            severity=Severity.HIGH if missed else Severity.MEDIUM if least >= 0.5 or clopper_pearson(unseen, n, _LEVEL).low >= 0.2 else Severity.LOW,
            confidence=Confidence.HIGH,
            evidence={"examples": examples, "evaded": evaded, "right": n, "unseen": unseen, "unseen behind a normaliser": behind},
            fix=Fix(
                "Normalise Unicode before the model, in training and in use (aisecops.defences.unicode_normaliser), use character n-grams, and train with edited "
                "messages; run again to see what it buys."
            ),
        )

    def _marked(self, attempts: TextAttempts) -> list[str]:
        """The evasions with the fewest edits: what was replaced stands in brackets."""
        order = sorted((len(edits), place) for place, edits in enumerate(attempts.edits) if edits)[:SHOWN]
        return [f"row {self.rows[place]}: {_marked(self.texts[place], attempts.edits[place])}" for _, place in order]


def _counted(reading: Reading, hits: int, n: int) -> Reading:
    """``reading`` with the share of ``hits`` for value."""
    return msgspec.structs.replace(reading.within(clopper_pearson(hits, n, _LEVEL)), value=hits / n, n=n)


def _marked(text: str, edits: Sequence[Any]) -> str:
    parts, position = [], 0
    for edit in edits:
        parts += [text[position : edit.start], f"[{edit.before}->{edit.after}]"]
        position = edit.end
    first = max(0, edits[0].start - _SHOWN_LETTERS // 4)
    marked = "".join((*parts, text[position:]))
    return inert(("…" if first else "") + marked[first : first + _SHOWN_LETTERS])
