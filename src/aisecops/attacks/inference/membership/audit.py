"""The whole examination of one model: whether its answers give away who was in its training data, and how surely."""

from __future__ import annotations

import msgspec
import numpy as np

from aisecops.attacks.inference.membership.blind import BlindBaseline, blind_baseline, blind_to_a_linear_model
from aisecops.attacks.inference.membership.boundary import boundary_scores
from aisecops.attacks.inference.membership.confidences import floor_of, logits, of_label
from aisecops.attacks.inference.membership.evidence import Case
from aisecops.attacks.inference.membership.halves import complementary_halves
from aisecops.attacks.inference.membership.influence import influence
from aisecops.attacks.inference.membership.quantile import quantile_or_none
from aisecops.attacks.inference.membership.rates import Area, Rate, area, rate_at
from aisecops.attacks.inference.membership.ratio import Records, judge
from aisecops.attacks.inference.membership.shadows import Shadows
from aisecops.core.errors import UserError
from aisecops.oracles.oracle import Capability, Flags, Floats, Integers, Oracle

LEAST = 20
"""Records a side below which nothing is said."""


class Leakage(msgspec.Struct, frozen=True, kw_only=True):
    """What an attacker learns about membership.

    Parameters
    ----------
    attack
        ``influence`` for logistic regressions (closed form, no shadows); ``learned-ratio``, ``rmia``, ``lira``, ``quantile``; without shadows ``quantile`` or
        ``confidence``, or ``boundary`` or ``label`` where the model gives labels alone. ``quantile`` alone learns from known non-members, and scores others.
    area, rates
        Of members against others.
    members, others
        The score of each record: personal data.
    blind
        Whether they differ without the model: then all else is void.
    attacks
        How each attack did on shadows that played the target (mean rate at 1 %, mean area).
    shadows
        How many there were.
    """

    attack: str
    area: Area
    rates: tuple[Rate, ...]
    members: Floats
    others: Floats
    blind: BlindBaseline
    attacks: dict[str, tuple[float, float]] = {}
    shadows: int = 0


def audit(
    oracle: Oracle,
    members: tuple[Floats, Integers],
    others: tuple[Floats, Integers],
    *,
    shadows: Shadows | None = None,
    count: int = 8,
    rest: tuple[Floats, Integers] | None = None,
    queries: int = 0,
    fpr: tuple[float, ...] = (0.001, 0.01, 0.1),
    seed: int = 0,
) -> Leakage:
    """Attack ``oracle`` with records that it was trained on and as many that it was not, from the same source.

    Parameters
    ----------
    members, others
        Samples, shape (n, d), and labels, shape (n,), 0 to k-1: of records that the model was trained on and of others. No record may be on both sides
        (``disjoint`` takes such ones out).
    shadows
        How shadow models are trained on halves of all records, members first (``clones``, ``shadows_of``). None: the model's own confidence decides.
    rest
        What else the model was trained on, if that is known: a logistic regression is attacked in closed form then, too.
    count
        Of shadow models: an even number, 4 or more.
    queries
        A record, for a model that gives labels alone: how far each record lies from the decision boundary is found then; 0: only whether it is labelled rightly counts.
    fpr
        The false-positive rates that are asked about.

    Raises
    ------
    UserError
        Fewer than 20 records a side.
    """
    if min(len(members[1]), len(others[1])) < LEAST:
        raise UserError(
            f"{len(members[1])} members and {len(others[1])} other records are too few to say anything", fix=f"give at least {LEAST} of each"
        )
    samples, y = np.concatenate([members[0], others[0]]), np.concatenate([members[1], others[1]])
    if Capability.SCORES not in oracle.capabilities:
        found = _by_label(oracle, samples, y, queries, seed)
    else:
        found = _scored(oracle.scores(samples), samples, y, len(members[1]), shadows, count, rest, seed)
    mine, theirs = found.scores[: len(members[1])], found.scores[len(members[1]) :]
    return Leakage(
        attack=found.attack, area=area(mine, theirs), rates=tuple(rate_at(mine, theirs, rate) for rate in fpr), members=mine, others=theirs,
        blind=found.blind or blind_baseline(members, others, seed=seed), attacks=found.attacks, shadows=found.shadows,
    )  # fmt: skip


class _Found(msgspec.Struct, frozen=True):
    attack: str
    scores: Floats
    attacks: dict[str, tuple[float, float]] = {}
    shadows: int = 0
    blind: BlindBaseline | None = None


def _by_label(oracle: Oracle, X: Floats, y: Integers, queries: int, seed: int) -> _Found:  # noqa: N803
    if queries and np.isfinite(X).all():
        return _Found("boundary", boundary_scores(oracle, X, y, queries=queries, seed=seed))
    return _Found("label", (oracle.labels(X) == y).astype(np.float64))


def _scored(
    answers: Floats, X: Floats, y: Integers, members: int, shadows: Shadows | None, count: int, rest: tuple[Floats, Integers] | None, seed: int  # noqa: N803
) -> _Found:  # fmt: skip
    """The attack that the model allows: in closed form, by shadows, or by its confidence."""
    if (exact := influence(answers, X, y, share=members / len(y), rest=rest)) is not None:
        return _Found("influence", exact.scores, blind=blind_to_a_linear_model(exact.features, members, seed=seed))
    confidences = of_label(answers, y)
    known = np.arange(len(y)) >= members
    if shadows is None:
        signal = logits(confidences, floor_of(confidences))
        above = quantile_or_none(signal, X, y, known, seed=seed)
        return _Found("confidence", signal) if above is None else _Found("quantile", above)
    inside = complementary_halves(len(y), count, seed)
    judged = judge(Case(target=confidences, shadows=shadows(inside), inside=inside), records=Records(X=X, y=y, others=known), seed=seed)
    return _Found(judged.attack, judged.scores, judged.attacks, count)


def disjoint(members: Floats, others: Floats) -> tuple[Flags, Flags]:
    """Return which members and which others to keep, shapes (n,) and (m,): a record that is on both sides was trained on, so it is no other; twice inside counts once."""
    mine = [row.tobytes() for row in np.ascontiguousarray(members, dtype=np.float64) + 0.0]  # -0.0 is 0.0
    known = set(mine)
    first = {key: number for number, key in reversed(list(enumerate(mine)))}
    theirs = [row.tobytes() for row in np.ascontiguousarray(others, dtype=np.float64) + 0.0]
    once = {key: number for number, key in reversed(list(enumerate(theirs)))}
    return (
        np.array([first[key] == number for number, key in enumerate(mine)], dtype=np.bool_),
        np.array([key not in known and once[key] == number for number, key in enumerate(theirs)], dtype=np.bool_),
    )
