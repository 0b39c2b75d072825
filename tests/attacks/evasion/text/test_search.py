from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisecops.attacks.evasion.text import ALL_FAMILIES, TYPOS, UNSEEN, EditBudget, Family, Protected, edit_text, learn_good_words, rewritten
from aisecops.attacks.evasion.text.places import word_count
from aisecops.core.errors import UserError
from aisecops.oracles.budget import Budget, Metered
from aisecops.oracles.oracle import CapabilityError, OracleError

from .filters import TextModel, of_class, spam, trained


def attack(oracle, texts, **options):
    return edit_text(oracle, texts, np.ones(len(texts), dtype=int), **options)


@pytest.mark.parametrize("kind", ["words", "bayes", "forest", "characters"])
@pytest.mark.parametrize("scores", [True, False])
def test_what_is_reported_is_what_the_model_answers(kind, scores):
    oracle, texts = TextModel(trained(kind), scores), spam()
    attempts = attack(oracle, texts)
    assert attempts.found.mean() >= 0.9
    assert (trained(kind).predict(list(attempts.texts)) == 0).tolist() == attempts.found.tolist()
    for text, after, edits, found, price in zip(texts, attempts.texts, attempts.edits, attempts.found, attempts.price, strict=True):
        assert rewritten(text, edits) == after
        assert price == (sum(edit.price for edit in edits) if found else np.inf)
    assert attempts.queries.sum() == sum(map(len, oracle.asked))
    assert attempts.calls == len(oracle.asked) <= 30
    assert attempts.visible + attempts.unseen == sum(map(len, attempts.edits)) > 0


def test_the_same_seed_gives_the_same_attempts():
    first, second = (attack(TextModel(trained("characters")), spam(), seed=3) for _ in range(2))
    assert (first.texts, first.edits, first.queries.tolist()) == (second.texts, second.edits, second.queries.tolist())


def test_the_curve_is_that_of_the_edits():
    attempts = attack(TextModel(trained("words")), spam())
    counts = [len(edits) for edits, found in zip(attempts.edits, attempts.found, strict=True) if found]
    assert attempts.curve == tuple((k, sum(count <= k for count in counts) / len(attempts.found)) for k in sorted(set(counts)))


def test_texts_that_are_wrong_anyway_count_and_cost_one_question():
    oracle = TextModel(trained("words"), scores=False)
    attempts = attack(oracle, of_class(0, 2))
    assert attempts.found.all()
    assert attempts.edits == ((), ())
    assert attempts.queries.tolist() == [1, 1]
    assert attempts.curve == ((0, 1.0),)


def test_only_the_chosen_families_are_used():
    for families in (TYPOS, UNSEEN, {Family.LEET}, {Family.SPLIT}, {Family.JOIN}):
        attempts = attack(TextModel(trained("words")), spam(), families=families)
        assert {edit.family for edits in attempts.edits for edit in edits} <= set(families)
        assert attempts.found.any() or families == {Family.JOIN}
    with pytest.raises(ValueError, match="klingon"):
        attack(TextModel(trained("words")), spam(), families=["klingon"])


@pytest.mark.parametrize("scores", [True, False])
@pytest.mark.parametrize(
    "budget", [EditBudget(count=2), EditBudget(words=0.25), EditBudget(characters=0.08), EditBudget(letters=3), EditBudget(price=1.5)]
)
def test_no_evasion_exceeds_the_budget(budget, scores):
    texts = spam(8)
    attempts = attack(TextModel(trained("characters"), scores), texts, budget=budget)
    for text, edits in zip(texts, attempts.edits, strict=True):
        letters, price = sum(edit.characters for edit in edits), sum(edit.price for edit in edits)
        assert budget.allows(len(edits), letters, price, words=word_count(text), length=len(text))
    assert attempts.curve == () or attempts.curve[-1][0] <= max(map(len, attempts.edits))


def test_a_larger_budget_evades_no_less_and_a_search_with_scores_beats_chance():
    shares = [attack(TextModel(trained("bayes")), spam(), budget=EditBudget(count=count)).found.mean() for count in (1, 3, 8)]
    assert shares == sorted(shares)
    assert shares[-1] > shares[0]


def test_homoglyphs_are_worth_nothing_against_a_normaliser():
    texts = spam()
    unseen = {"families": UNSEEN, "budget": EditBudget(words=0.5)}
    assert attack(TextModel(trained("characters")), texts, **unseen).found.mean() > 0.5
    stopped = attack(TextModel(trained("normalised")), texts, **unseen)
    assert stopped.found.sum() == 0
    assert np.isinf(stopped.price).all()
    assert stopped.texts == tuple(texts)
    assert stopped.curve == ()


def test_good_words_alone_evade_and_come_last():
    words = learn_good_words(of_class(0, 300), of_class(1, 100), count=20)
    assert not {"claim", "verify", "win"} & set(words)
    attempts = attack(TextModel(trained("bayes")), spam(), families={Family.GOOD_WORD}, good_words=words)
    assert attempts.found.mean() > 0.7
    for text, after in zip(spam(), attempts.texts, strict=True):
        assert after.startswith(text)
        assert set(after[len(text) :].split()) <= set(words)
    assert not attack(TextModel(trained("bayes")), spam(), families={Family.GOOD_WORD}).found.any()


def test_what_is_protected_stays():
    texts = ["urgent! verify your account at www.secure-login.com now", "cheap loans up to £500, apply at http://fast-cash.example or call 0800 123"]
    attempts = attack(TextModel(trained("words")), texts, protect=list(Protected), keep=["now"])
    assert attempts.texts != tuple(texts)
    assert "www.secure-login.com" in attempts.texts[0]
    assert attempts.texts[0].endswith(" now")
    assert "http://fast-cash.example" in attempts.texts[1]
    assert "£500" in attempts.texts[1]
    assert attempts.texts[1].endswith("0800 123")


def test_a_limit_a_text_and_a_budget_in_all_are_kept():
    limited = attack(TextModel(trained("characters")), spam(), queries=12)
    assert limited.queries.max() <= 13  # the last one confirms what was found
    oracle = TextModel(trained("characters"))
    spent = attack(Metered(oracle, Budget(queries=150)), spam())
    assert spent.queries.sum() == sum(map(len, oracle.asked)) == 150
    assert spent.stopped
    assert (trained("characters").predict(list(spent.texts)) == 0).tolist() == spent.found.tolist()
    broke = attack(Metered(TextModel(trained("characters")), Budget(queries=5)), spam())
    assert not broke.found.any()


def test_nothing_is_asked_twice():
    oracle = TextModel(trained("words"))
    attack(oracle, spam() + spam())
    asked = [text for call in oracle.asked[:-1] for text in call]  # the last call confirms by the model's own labels
    assert len(asked) == len(set(asked))


def test_scores_that_contradict_the_labels_are_not_believed():
    class Torn(TextModel):
        def labels(self, texts):
            self.asked.append(list(texts))
            return np.ones(len(texts), dtype=int)

    attempts = attack(Torn(trained("words")), spam())
    assert not attempts.found.any()
    assert attempts.texts == tuple(spam())


def test_texts_without_words_and_models_that_never_change_are_no_evasions():
    class Constant(TextModel):
        def scores(self, texts):
            self.asked.append(list(texts))
            return np.tile([0.2, 0.8], (len(texts), 1))

        def labels(self, texts):
            self.asked.append(list(texts))
            return np.ones(len(texts), dtype=int)

    for scores in (True, False):
        attempts = attack(Constant(None, scores), ["", "!!! ???", "free prize"])
        assert not attempts.found.any()
    assert attack(Constant(None), []).texts == ()


def test_mistakes_are_said_in_a_line():
    oracle = TextModel(trained("words"))
    with pytest.raises(UserError, match="do not fit together"):
        edit_text(oracle, ["a", "b"], [1])
    with pytest.raises(UserError, match="0 to 1"):
        edit_text(oracle, ["a"], [2])
    with pytest.raises(UserError, match="0 to 1"):
        edit_text(oracle, ["a"], [0.5])
    with pytest.raises(UserError, match="strings"):
        edit_text(oracle, [1], [1])
    oracle.capabilities = frozenset()
    with pytest.raises(CapabilityError, match="labels"):
        edit_text(oracle, ["a"], [1])


def test_an_answer_of_the_wrong_shape_is_an_error():
    class Broken(TextModel):
        def scores(self, texts):
            return np.full((len(texts), 2), np.nan)

    with pytest.raises(OracleError, match="not finite"):
        attack(Broken(None), ["free prize"])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(max_size=60), min_size=1, max_size=4))
def test_any_text_survives_the_attack(texts):
    attempts = attack(TextModel(trained("words")), texts, families=ALL_FAMILIES)
    for text, after, edits in zip(texts, attempts.texts, attempts.edits, strict=True):
        assert rewritten(text, edits) == after
