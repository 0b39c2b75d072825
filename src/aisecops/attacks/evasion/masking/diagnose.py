"""Look for all that makes a model seem more robust than it is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aisecops.attacks.evasion.masking.asking import Answers, Asker, FailedQueriesError
from aisecops.attacks.evasion.masking.boundary import Crossings, carriers, crossings, flat_share
from aisecops.attacks.evasion.masking.bounds import stuck_at_bounds
from aisecops.attacks.evasion.masking.coarse import coarse_scores
from aisecops.attacks.evasion.masking.gradients import gradients
from aisecops.attacks.evasion.masking.ground import Ground
from aisecops.attacks.evasion.masking.keyed import keyed_at_boundary, keyed_noise
from aisecops.attacks.evasion.masking.randomness import at_boundary, repeated
from aisecops.attacks.evasion.masking.scores import (
    DRIVEN,
    SATURATED,
    clipped_scores,
    constant_answers,
    constant_scores,
    driven_to_ends,
    inconsistent,
    label_in_disguise,
    rounded_scores,
    rounded_sums,
)
from aisecops.attacks.evasion.masking.single import one_tree
from aisecops.attacks.evasion.masking.steps import Threshold, crossed, quantised_input, undecided
from aisecops.attacks.evasion.masking.symptom import Symptom, Undermined
from aisecops.attacks.evasion.masking.votes import rounded_votes
from aisecops.attacks.evasion.space import Space
from aisecops.core.errors import UserError
from aisecops.oracles.oracle import Batch, Capability, Flags, Floats, Integers, Oracle, OracleError

SAMPLES = 32
FLAT = 0.5
BOXES = 0.5
ROUNDS = 4


def diagnose(oracle: Oracle, samples: Batch, y: Integers, *, space: Space | None = None, seed: int, doubts: bool = False) -> tuple[Symptom, ...]:
    """Return what makes attacks on ``oracle`` meaningless; empty if nothing was found.

    Works on whatever the oracle gives: labels alone, scores, gradients. At most 32 of the samples are asked about. A smooth model with scores takes about 1,000
    queries, one made of boxes (trees) 1,300 to 2,900, a single fully grown tree up to 4,200, labels alone 600 to 3,200, in 40 to 140 calls; texts about 130 in 5 calls.

    What is looked for, in this order; what makes the rest pointless ends the search:

    1. *failing queries*: errors, time-outs, answers that are not finite;
    2. *randomness*: the same query again, in another order and batch, at the samples and at points a millionth of a segment beside a decision boundary;
    3. *keyed noise*: points a millionth of the range apart whose answers have nothing in common;
    4. *constant answers*, *inconsistent*, *constant*, *rounded* and *clipped scores*;
    5. with ``doubts``, *coarse scores*, which nobody is accused of (``Symptom.certain``), where nothing else was found and no structure can be read;
    6. *quantised input*: thresholds at equal distances, wider than the data's own lattice;
    7. *zero* and *useless gradients*.

    Parameters
    ----------
    samples
        Shape (n, ...), or texts.
    y
        Their labels, shape (n,).
    space
        Where attacks may go; it is needed for anything but texts.
    seed
        Of the choice of samples, segments and orders.
    doubts
        Return what an honest small model may do, too: no sign of a mask, but a number that rests on it says as little.

    Raises
    ------
    UserError
        If there are no samples, or no space for samples that are numbers.
    BudgetSpent
        From the oracle.

    References
    ----------
    Athalye, A., Carlini, N., Wagner, D. (2018). Obfuscated Gradients Give a False Sense of Security. ICML.
    Pintor, M. et al. (2022). Indicators of Attack Failure: Debugging and Improving Optimization of Adversarial Examples. NeurIPS.
    """
    y = np.asarray(y)
    if not len(samples) or len(y) != len(samples):
        raise UserError(f"a diagnosis needs samples and as many labels, not {len(samples)} and {len(y)}")
    rng = np.random.default_rng(seed)
    rows = _stratified(y, rng)
    if isinstance(samples, np.ndarray):
        if space is None:
            raise UserError("a diagnosis of a model of numbers needs the space that attacks may use")
        points = np.asarray(samples, dtype=np.float64)
        ask = Asker(oracle, points.shape[1:])
        search = _Search(ask, rng, Ground(space, points))
        found = tuple(symptom for symptom in search(points.reshape(len(points), -1)[rows]) if symptom.certain or doubts)
        if ask.failed:
            return found
        try:
            return (*found, *gradients(oracle, points[rows], y[rows], _extent(search.ground, points), rng))
        except OracleError as error:
            ask.failed, ask.error = len(rows), str(error)
            return (*found, _failing(ask))
    return _Search(Asker(oracle), rng, None)([samples[i] for i in rows])


def _stratified(y: Integers, rng: np.random.Generator) -> Integers:
    """Up to 32 rows, of each label as many as of any other as long as it has them."""
    turn = np.empty(len(y), dtype=np.int64)
    for label in np.unique(y):
        members = rng.permutation(np.flatnonzero(y == label))
        turn[members] = np.arange(len(members))
    return np.lexsort((rng.permutation(len(y)), turn))[:SAMPLES]


def _extent(ground: Ground, points: Floats) -> Floats:
    return (ground.high - ground.low).reshape(points.shape[1:])


class _Search:
    """One diagnosis, from the plain questions to the ones that build on their answers."""

    def __init__(self, ask: Asker, rng: np.random.Generator, ground: Ground | None) -> None:
        self.ask, self.rng = ask, rng
        self._ground = ground
        self.found: list[Symptom] = []

    @property
    def ground(self) -> Ground:
        assert self._ground is not None
        return self._ground

    def __call__(self, points: Floats | Sequence[str]) -> tuple[Symptom, ...]:
        try:
            self._answers(points)
        except FailedQueriesError:
            self.found.append(_failing(self.ask))
        return tuple(self.found)

    def _answers(self, points: Floats | Sequence[str]) -> None:
        asked = points if isinstance(points, np.ndarray) else list(points)
        first = self.ask(asked)
        if self._note(repeated(self.ask, asked, first, self.rng)):
            return
        self._note(inconsistent(first, self.ask.labels(asked)))
        if isinstance(asked, np.ndarray):
            self._numbers(asked, first)
        elif not self._note(constant_answers(first)) and first.scores is not None:
            self._text_scores(first)

    def _note(self, symptom: Symptom | None) -> bool:
        if symptom is not None:
            self.found.append(symptom)
        return symptom is not None

    def _text_scores(self, first: Answers) -> None:
        """What scores alone tell: texts have no points between."""
        share, usual = label_in_disguise(first)
        if share >= SATURATED and len(first.labels) > 2 * len(usual):
            self.found.append(constant_scores(share, len(first.labels)))
        else:
            self._note(rounded_sums(first))

    def _numbers(self, points: Floats, first: Answers) -> None:
        if self._note(keyed_noise(self.ask, self.ground, points, self.rng)):
            return
        found, seen = self._boundary(points, first)
        if found is None:
            if not self._note(constant_answers(seen)) and seen.scores is not None:
                self._note(rounded_sums(seen))
            return
        if self._note(at_boundary(self.ask, found)) or self._note(keyed_at_boundary(self.ask, self.ground, found)):
            return
        if first.scores is None:
            self._thresholds(found, points, first.labels)
        else:
            self._scores(found, points, first, seen)
            if not self.found and not self._readable:
                self._note(coarse_scores(np.concatenate(self.ask.history)))

    @property
    def _readable(self) -> bool:
        """Whether the model's structure says what its scores are."""
        return Capability.STRUCTURE in self.ask.capabilities

    def _boundary(self, points: Floats, first: Answers) -> tuple[Crossings | None, Answers]:
        """Crossings between samples, or, where all have one label, between them and random points; and all answers so far."""
        found = crossings(self.ask, self.ground, points, first.labels, self.rng)
        if found is not None:
            return found, _together(first, found.seen)
        ground = self.ground
        anywhere = ground.place(ground.towards(points, self.rng.uniform(ground.low, ground.high, points.shape)), points)
        answers = _together(first, self.ask(anywhere))
        found = crossings(self.ask, ground, np.concatenate([points, anywhere]), answers.labels, self.rng)
        return found, answers if found is None else _together(answers, found.seen)

    def _thresholds(self, found: Crossings | None, points: Floats, labels: Integers) -> None:
        """Look at thresholds, and at more of them as long as all lie on a grid but are too few."""
        known: list[Threshold] = []
        for _ in range(ROUNDS):
            if found is None:
                return
            column, alone = carriers(self.ask, self.ground, found)
            if alone.mean() < BOXES:
                return
            known += crossed(found, column, alone)
            if self._note(quantised_input(self.ask, self.ground, found, column, alone, known, self.rng)) or not undecided(self.ground, known):
                return
            found = crossings(self.ask, self.ground, points, labels, self.rng)

    def _scores(self, found: Crossings, points: Floats, first: Answers, seen: Answers) -> None:
        share, usual = label_in_disguise(seen)
        flat = flat_share(self.ask, self.ground, found)
        if flat < FLAT:
            disguised = share >= SATURATED
            self._note(
                constant_scores(share, len(seen.labels)) if disguised else clipped_scores(first, np.concatenate(self.ask.history), smooth=True)
            )
            return
        column, alone = carriers(self.ask, self.ground, found)
        if alone.mean() < BOXES:
            self.found.append(constant_scores(share, len(seen.labels)) if share >= SATURATED else rounded_scores(flat, seen))
            return
        if share >= SATURATED and self._many_trees(found, column, usual):
            self.found.append(constant_scores(share, len(seen.labels)))
            return
        if (driven := driven_to_ends(seen)) >= DRIVEN:
            self.found.append(constant_scores(driven, len(seen.labels)))
            return
        if not self._note(quantised_input(self.ask, self.ground, found, column, alone, crossed(found, column, alone), self.rng)):
            self._tree_scores(found, points, first, seen, column, alone)

    def _tree_scores(self, found: Crossings, points: Floats, first: Answers, seen: Answers, column: Integers, alone: Flags) -> None:
        assert first.scores is not None
        assert seen.scores is not None
        labels = first.labels
        if self._note(
            rounded_sums(seen)
            or rounded_votes(self.ask, self.ground, found, column, alone, seen.scores, lambda: self._carried(points, labels), self.rng)
        ):
            return
        history = np.concatenate(self.ask.history)
        if not self._note(clipped_scores(first, history, smooth=False)):
            asked = (np.concatenate([points, found.between]), np.concatenate([first.scores, _scores_of(found.seen)]))
            self._note(stuck_at_bounds(self.ask, self.ground, *asked, history, self.rng))

    def _carried(self, points: Floats, labels: Integers) -> tuple[Crossings, Integers, Flags] | None:
        """Other crossings, and what carries them."""
        found = crossings(self.ask, self.ground, points, labels, self.rng)
        return None if found is None else (found, *carriers(self.ask, self.ground, found))

    def _many_trees(self, found: Crossings, column: Integers, usual: Floats) -> bool:
        """Whether scores that say no more than labels hide more than one tree.

        A single tree is honest: a stump, or one with a leaf for each label, has purities of its own in each; one that is fully grown has 0 and 1.
        """
        if ((usual == 0.0) | (usual == 1.0)).all():
            return not one_tree(self.ask, self.ground, found, column, self.rng)
        return bool(np.ptp(np.sort(usual, axis=1), axis=0).max() <= 1e-9)


def _together(one: Answers, two: Answers) -> Answers:
    scores = None if one.scores is None or two.scores is None else np.concatenate([one.scores, two.scores])
    return Answers(labels=np.concatenate([one.labels, two.labels]), scores=scores)


def _scores_of(answers: Answers) -> Floats:
    assert answers.scores is not None
    return answers.scores


def _failing(ask: Asker) -> Symptom:
    return Symptom(
        name="failing-queries",
        message=f"{ask.failed} queries of a batch had no answer: {ask.error or 'no reason given'}",
        evidence=(("failed", float(ask.failed)), ("asked", float(ask.asked))),
        undermines=(Undermined.ALL,),
        advice="Mend the model or the way to it: a sample that fails is neither robust nor evaded.",
    )
