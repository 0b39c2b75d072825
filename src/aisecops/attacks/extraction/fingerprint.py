"""Fingerprints of a model: questions whose answers a copy shares with it, and models that were trained independently do not.

Two good models agree on most questions, so agreement proves nothing; it does where other models that learned the same task answer otherwise. The owner trains
references, picks questions on which the model is sure and some references disagree, and writes down how often *other* references agree: what a foreign model's
agreement is compared with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from aisecops.core.digest import canonical_json
from aisecops.core.digest import digest as digest_of
from aisecops.core.errors import UserError
from aisecops.core.statistics import Interval, clopper_pearson
from aisecops.core.text import inert
from aisecops.oracles.layout import Layout
from aisecops.oracles.oracle import Capability, Floats, Integers, Oracle

SCHEMA = "aisecops/fingerprint-1"
_CANDIDATES = 20
"""For each question that is kept."""
_LEAST = 20


class Fingerprint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keep it secret until it is needed, and publish ``digest`` at once: it proves later that the questions were there first.

    Parameters
    ----------
    model
        What the owner calls the model.
    classes
        Its labels in the order of their numbers.
    questions
        Samples, one list each, and ``shape`` what that is reshaped to; None is a missing value.
    answers
        The owner's labels, shape (n,).
    families
        By the name of a way to train a model independently: how many questions each reference of it answered like the owner, sorted.
    seed
        What the questions were drawn by.
    layout
        The columns of a table: a suspect is asked with the same.
    digest
        SHA-256 over all of this.
    """

    schema: str = SCHEMA
    model: str
    classes: tuple[str, ...]
    questions: list[list[float | None]]
    shape: tuple[int, ...]
    answers: tuple[int, ...]
    families: dict[str, tuple[int, ...]]
    seed: int
    layout: Layout | None = None
    digest: str = ""

    def sealed(self) -> Fingerprint:
        """The same with its digest."""
        return msgspec.structs.replace(self, digest=self._digest())

    @property
    def intact(self) -> bool:
        """Whether it is as it was sealed."""
        return self.digest == self._digest()

    @property
    def least_p(self) -> float:
        """The smallest p that a suspect can get: of the family with the fewest references, or of one whose references always agree with the owner."""
        n = len(self.answers)
        return max((sum(matches == n for matches in family) + 1) / (len(family) + 1) for family in self.families.values())

    def _digest(self) -> str:
        return digest_of(canonical_json(msgspec.structs.replace(self, digest="")))


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """A suspect beside the references.

    Parameters
    ----------
    matches, questions
        How many of the questions it answered like the owner; ``interval`` is of that rate (Clopper-Pearson).
    p
        For each family the probability that a model of it agrees so often; the largest counts.
    best_reference
        The most matches of any reference.
    level
        The false-positive rate that was asked for.
    """

    matches: int
    questions: int
    interval: Interval
    p: dict[str, float]
    best_reference: int
    level: float

    @property
    def worst(self) -> float:
        """The largest p: that of the family which explains the agreement best."""
        return max(self.p.values())

    @property
    def copy(self) -> bool:
        """Whether no way of training independently explains the agreement, at ``level``."""
        return self.worst <= self.level


def make_fingerprint(owner: Oracle, pool: Floats, references: Mapping[str, Sequence[Oracle]], *, questions: int = 200, seed: int = 0) -> Fingerprint:
    """Choose questions and count how the references answer them.

    Parameters
    ----------
    pool
        Samples that make sense, shape (m, ...); questions are mixtures of two of them.
    references
        Oracles by family: models for the same task that were trained without the owner's. A fifth of each choose the questions, the others are counted: a
        reference that had a say in the choice would agree too rarely, and everybody would look like a copy.

    Raises
    ------
    UserError
        Fewer than 20 samples, a family of fewer than 20 references, or references of other classes.
    """
    if len(pool) < _LEAST:
        raise UserError("there are too few samples to make questions of", fix=f"give at least {_LEAST}")
    for name, family in references.items():
        if len(family) < _LEAST:
            raise UserError(
                f"{len(family)} references of {inert(name, 40)} are too few",
                fix=f"give at least {_LEAST}: with R of them no rate below 1 / R can be shown",
            )
        if any(len(oracle.classes) != len(owner.classes) for oracle in family):
            raise UserError(f"a reference of {inert(name, 40)} has other classes than the model", fix="train references for the same labels")
    if not references:
        raise UserError("there are no references", fix="train models for the same task without this one")
    choosing = {name: family[: max(4, len(family) // 5)] for name, family in references.items()}
    candidates = _mixed(pool, _CANDIDATES * questions, np.random.default_rng(seed))
    answers = owner.labels(candidates)
    kept = _telling(owner, candidates, answers, choosing, questions)
    chosen, own = candidates[kept], answers[kept]
    families = {
        name: tuple(sorted(int((oracle.labels(chosen) == own).sum()) for oracle in family[len(choosing[name]) :]))
        for name, family in references.items()
    }
    return Fingerprint(
        model=inert(owner.name, 80),
        classes=tuple(owner.classes),
        questions=[[None if number != number else number for number in row] for row in chosen.reshape(len(chosen), -1).tolist()],
        shape=pool.shape[1:],
        answers=tuple(own.tolist()),
        families=families,
        seed=seed,
    ).sealed()


def demand_power(fingerprint: Fingerprint, level: float) -> None:
    """Refuse a fingerprint that was changed, or that can show nothing at ``level``.

    Raises
    ------
    UserError
    """
    if not fingerprint.intact:
        raise UserError("the fingerprint was changed after it was made: its digest is another", where=fingerprint.model, fix="take the sealed one")
    if fingerprint.least_p > level:
        what = f"no model could be shown to be a copy at {level:g}: {fingerprint.least_p:.2g} is the least that these references allow"
        fix = "make the fingerprint with more references; a learner that ends in the same model every time cannot be told from a copy of it"
        raise UserError(what, where=fingerprint.model, fix=fix)


def compare(fingerprint: Fingerprint, suspect: Oracle, *, level: float = 0.05) -> Comparison:
    """Ask ``suspect`` the questions; labels are enough.

    The p-value of a family with matches r_1, ..., r_R is conformal: (1 + #{r_i >= m}) / (R + 1). If the suspect was trained in one of the ways of the families,
    independently of the owner's model, then ``copy`` is said with probability ``level`` at most, exactly, however many questions there are and whatever the models.

    Raises
    ------
    UserError
        The fingerprint was changed, has too few references for ``level``, or the suspect has other classes.

    References
    ----------
    Lukas, Zhang, Kerschbaum, Deep neural network fingerprinting by conferrable adversarial examples (ICLR 2021); Vovk et al., Algorithmic learning in a random world.
    """
    demand_power(fingerprint, level)
    if set(suspect.classes) != set(fingerprint.classes):
        raise UserError("the suspect has other classes than the model", where=inert(suspect.name, 80), fix="name its `classes` like the owner's")
    questions = np.array(fingerprint.questions, dtype=np.float64).reshape(-1, *fingerprint.shape)
    places = np.array([fingerprint.classes.index(name) for name in suspect.classes])
    matches, n = int((places[suspect.labels(questions)] == np.array(fingerprint.answers)).sum()), len(questions)
    p = {name: (1 + sum(r >= matches for r in family)) / (len(family) + 1) for name, family in fingerprint.families.items()}
    best = max(max(family) for family in fingerprint.families.values())
    return Comparison(matches=matches, questions=n, interval=clopper_pearson(matches, n), p=p, best_reference=best, level=level)


def _mixed(pool: Floats, count: int, rng: np.random.Generator) -> Floats:
    """Samples with some columns of another: categories stay categories, and what is mixed little lies near the data, where copies are taken from."""
    one, two = rng.integers(len(pool), size=(2, count))
    share = rng.uniform(0.05, 0.5, size=(count, *(1,) * (pool.ndim - 1)))
    return np.asarray(np.where(rng.random((count, *pool.shape[1:])) < share, pool[one], pool[two]))


def _telling(owner: Oracle, candidates: Floats, answers: Integers, choosing: Mapping[str, Sequence[Oracle]], questions: int) -> Integers:
    """The candidates on which the fewest references of any family agree with the owner, and of those the ones of which it is surest: a copy keeps these."""
    agreed = np.stack([np.mean([oracle.labels(candidates) == answers for oracle in family], axis=0) for family in choosing.values()]).max(axis=0)
    sure = np.zeros(len(candidates))
    if Capability.SCORES in owner.capabilities:
        top = np.sort(owner.scores(candidates), axis=1)
        gaps = top[:, -1] - top[:, -2]
        sure = gaps.argsort(kind="stable").argsort(kind="stable") / len(gaps)
    return np.sort(np.argsort(agreed - 0.5 * sure, kind="stable")[:questions])
