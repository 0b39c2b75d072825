"""Evasion of text classifiers by edits: all texts in one call a round, the cheapest evasion kept.

For each text: its words alone; rewritings of the weightiest words alone; these give a plan, the best moves in the order of their worth. The plan as far as
the budget goes is asked about; where it evades, the shortest beginning of it that still does is bracketed, and edits that turn out not to be needed are taken
back; where it does not, more words and rewritings are tried, then weighed within the text.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.attacks.evasion.text.attempts import TextAttempts, curve_of
from aisecops.attacks.evasion.text.case import Case, Script
from aisecops.attacks.evasion.text.edits import ALL_FAMILIES, PRICES, EditBudget, Family, rewritten
from aisecops.attacks.evasion.text.improvement import improve
from aisecops.attacks.evasion.text.places import Protected, places
from aisecops.attacks.evasion.text.probing import Probe
from aisecops.attacks.evasion.text.questions import Questions
from aisecops.attacks.evasion.text.repertoire import Repertoire
from aisecops.attacks.evasion.text.shortening import shorten, take_back
from aisecops.core.errors import UserError
from aisecops.oracles.budget import BudgetSpent
from aisecops.oracles.oracle import Oracle

_FIRST_DEPTH, _FIRST_TRIES = 8, 3
"""Words and rewritings of each that are tried first; only a text that this does not get through pays for more."""


class Effort(msgspec.Struct, frozen=True, kw_only=True):
    """How hard the search tries; see ``edit_text``."""

    tries: int
    depth: int
    rounds: int
    beam: int
    refine: int


def edit_text(
    oracle: Oracle,
    texts: Sequence[str],
    y: npt.ArrayLike,
    *,
    families: Collection[Family] = ALL_FAMILIES,
    budget: EditBudget = EditBudget(),  # noqa: B008 - frozen
    prices: Mapping[Family, float] = PRICES,
    good_words: Sequence[str] = (),
    insertions: int = 10,
    protect: Collection[Protected] = (),
    keep: Sequence[str] = (),
    tries: int = 6,
    depth: int = 40,
    rounds: int = 3,
    beam: int = 3,
    refine: int = 1,
    queries: int | None = None,
    seed: int = 0,
) -> TextAttempts:
    """Edit each text until the model no longer gives it its label, as cheaply as can be found.

    Parameters
    ----------
    oracle
        Labels are enough; scores make the search shorter.
    texts, y
        n texts and their true labels, 0 to k-1. One that the model gets wrong as it is counts as evaded with no edits.
    families
        Which kinds of edits may be made.
    budget
        How much of a text may be edited.
    prices
        What an edit of each family costs: the search minimises the sum.
    good_words, insertions
        Words that may be put at the end (``learn_good_words`` finds some), and at most how many.
    protect, keep
        Addresses, numbers, names; words and phrases: what stays as it is.
    tries
        Rewritings tried of a word.
    depth
        Words of a text whose rewritings are tried, the weightiest first.
    rounds
        Rounds of improvement for texts that the first plans do not get through.
    beam
        Combinations of improvements asked about together in such a round.
    refine
        Rounds of taking edits back that are not needed, of two calls each.
    queries
        The most queries a text.
    seed
        Chooses the letters that are edited; the same seed gives the same result.

    Returns
    -------
    TextAttempts

    Raises
    ------
    UserError
        If ``texts`` and ``y`` do not fit together or a label is none of the oracle's.
    """
    labels = _checked(oracle, texts, y)
    chosen = frozenset(Family(family) for family in families)
    words = tuple(word for word in good_words if word.strip()) if Family.GOOD_WORD in chosen else ()
    repertoire = Repertoire(families=chosen, prices={**PRICES, **prices}, good_words=words, insertions=insertions, seed=seed)
    questions = Questions(oracle, labels, queries)
    cases = [Case(text, places(text, protect, keep), budget) for text in texts]
    effort = Effort(tries=tries, depth=depth, rounds=rounds, beam=beam, refine=refine)
    stopped = ""
    try:
        _side_by_side([_script(case, repertoire, questions.scored, effort) for case in cases], questions)
    except BudgetSpent as spent:
        stopped = str(spent) or "the budget is spent"
    return _attempts(cases, questions, stopped)


def _script(case: Case, repertoire: Repertoire, scored: bool, effort: Effort) -> Script:
    """The whole attack on one text."""
    (case.clean,) = yield [case.text]
    if case.clean < 0:
        case.evaded(())
    if not case.clean >= 0:
        return
    probe = Probe(case, repertoire)
    yield from probe.weigh()
    for depth, tries, frugal in ((_FIRST_DEPTH, _FIRST_TRIES, True), (effort.depth, effort.tries, False)):
        yield from probe.rewrite(min(depth, effort.depth), min(tries, effort.tries))
        plan = case.planned(frugal=frugal)
        if plan and plan != case.plan:
            case.plan = plan
            yield from shorten(case, scored)
        if case.best is not None:
            break
    if case.best is None and (not scored or any(move.gain for row in case.moves.values() for move in row)):
        yield from improve(case, scored, effort.rounds, effort.beam, repertoire.seed)
    yield from take_back(case, effort.refine)


def _side_by_side(scripts: Sequence[Script], questions: Questions) -> None:
    """Run all scripts a step at a time; what they want to know in one step is one call."""
    asking: dict[int, list[str]] = {}
    for index, script in enumerate(scripts):
        _step(index, script, None, asking)
    while asking:
        margins = iter(questions.margins([(index, text) for index, texts in asking.items() for text in texts]).tolist())
        answered, asking = asking, {}
        for index, texts in answered.items():
            _step(index, scripts[index], [next(margins) for _ in texts], asking)


def _step(index: int, script: Script, answers: list[float] | None, asking: dict[int, list[str]]) -> None:
    try:
        asking[index] = next(script) if answers is None else script.send(answers)
    except StopIteration:
        asking.pop(index, None)


def _checked(oracle: Oracle, texts: Sequence[str], y: npt.ArrayLike) -> npt.NDArray[np.int64]:
    given = np.asarray(y)
    if isinstance(texts, str) or not all(isinstance(text, str) for text in texts):
        raise UserError("texts have to be strings", where=oracle.name, fix="give a list of str")
    if given.shape != (len(texts),):
        raise UserError(f"{len(texts)} texts and labels of shape {given.shape} do not fit together", where=oracle.name, fix="give one label a text")
    labels = given.astype(np.int64)
    if not np.array_equal(labels, given) or (labels.size and (labels.min() < 0 or labels.max() >= len(oracle.classes))):
        raise UserError(f"labels have to be numbers from 0 to {len(oracle.classes) - 1}", where=oracle.name, fix="number them as oracle.classes does")
    if len(oracle.classes) < 2:
        raise UserError("a model with one label cannot be evaded", where=oracle.name, fix="attack a model that tells at least two classes apart")
    return labels


def _attempts(cases: list[Case], questions: Questions, stopped: str) -> TextAttempts:
    evaded = [(index, case) for index, case in enumerate(cases) if case.best is not None]
    try:
        sure = questions.confirmed([(index, rewritten(case.text, case.best or ())) for index, case in evaded])
    except BudgetSpent as spent:
        sure, stopped = np.ones(len(evaded), dtype=np.bool_), stopped or str(spent)
    for (_, case), confirmed in zip(evaded, sure, strict=True):
        if not confirmed:
            case.best, case.price = None, float("inf")
    found = np.array([case.best is not None for case in cases], dtype=np.bool_)
    edits = tuple(tuple(sorted(case.best or (), key=lambda edit: (edit.start, edit.end))) for case in cases)
    return TextAttempts(
        texts=tuple(rewritten(case.text, made) for case, made in zip(cases, edits, strict=True)),
        found=found,
        edits=edits,
        price=np.array([case.price for case in cases]),
        queries=questions.queries,
        calls=questions.calls,
        curve=curve_of(found, edits),
        stopped=stopped,
    )
