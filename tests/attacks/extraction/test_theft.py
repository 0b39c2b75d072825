"""Models stolen by asking them."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from aisecops.attacks.extraction import LabelsOnly, Rounded, Top, solve_linear, steal
from aisecops.attacks.extraction.linear import least_queries
from aisecops.core.errors import UserError
from aisecops.oracles.budget import Budget, Metered
from aisecops.oracles.opening import oracle_of

X, Y = load_breast_cancer(return_X_y=True)
DIGITS, NUMBERS = load_digits(return_X_y=True)
DIGITS = DIGITS[:, DIGITS.std(axis=0) > 0] / 16
TRAIN, POOL, JUDGED = slice(600), slice(600, 1200), slice(1200, 1797)


@pytest.mark.parametrize("model", [LogisticRegression(max_iter=5000), RidgeClassifier(), make_pipeline(StandardScaler(), LogisticRegression())])
def test_a_linear_model_costs_one_query_a_column_and_a_few(model):
    oracle = Metered(oracle_of(model.fit(X[:200], Y[:200])))
    asked = X[200 : 200 + least_queries(30) + 20]
    copy = solve_linear(asked, oracle.scores(asked))
    assert copy.exact
    assert np.array_equal(copy.labels(X), oracle.labels(X))


def test_of_several_classes_the_very_weights_are_found():
    model = LogisticRegression(max_iter=300).fit(DIGITS[TRAIN], NUMBERS[TRAIN])
    asked = np.random.default_rng(0).normal(0.5, 0.3, (least_queries(DIGITS.shape[1]), DIGITS.shape[1]))
    copy = solve_linear(asked, oracle_of(model).scores(asked))
    assert np.allclose(copy.weights, model.coef_ - model.coef_[0], atol=1e-6)
    theft = steal(oracle_of(model), DIGITS[POOL], DIGITS[JUDGED], queries=200)
    assert theft.exact
    assert theft.copies[-1].fidelity == 1.0


def test_what_is_not_linear_does_not_pass_for_it():
    model = DecisionTreeClassifier(max_depth=6, min_samples_leaf=5, random_state=0).fit(X[:200], Y[:200])
    copy = solve_linear(X[200:400], oracle_of(model).scores(X[200:400]))
    assert copy is None or not copy.exact
    network = MLPClassifier((16,), max_iter=300, random_state=0).fit(DIGITS[TRAIN], NUMBERS[TRAIN])
    assert not solve_linear(DIGITS[POOL], oracle_of(network).scores(DIGITS[POOL])).exact
    assert solve_linear(X[:20], np.full((20, 2), 0.5)) is None


def test_a_column_that_no_question_moved_is_not_solved_for_until_one_does():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(300, 5))
    rows[:, 4] = np.arange(300) == 150
    model = LogisticRegression().fit(rng.normal(size=(300, 5)), rng.integers(0, 2, 300))
    few, more = (steal(oracle_of(model), rows[:200], rows[200:], queries=queries) for queries in (20, 30))
    assert (few.exact, more.exact) == (False, True)


@pytest.fixture(scope="module")
def network():
    return MLPClassifier((32,), max_iter=300, random_state=0).fit(DIGITS[TRAIN], NUMBERS[TRAIN])


def test_more_queries_buy_a_better_copy_of_a_network(network):
    oracle = Metered(oracle_of(network), Budget(price=0.5))
    theft = steal(oracle, DIGITS[POOL], DIGITS[JUDGED], queries=200, price=0.5, rate=2.0)
    fidelity = {copy.queries: copy.fidelity for copy in theft.copies}
    assert list(fidelity) == [20, 50, 100, 200]
    assert fidelity[200] >= 0.88 > fidelity[20]
    assert not theft.exact
    assert theft.constant < 0.2
    assert (theft.copies[-1].money, theft.copies[-1].seconds) == (100.0, 100.0)
    assert oracle.ledger.queries == 200 + len(DIGITS[JUDGED])
    for copy in theft.copies:
        assert copy.interval.low <= copy.fidelity <= copy.interval.high


@pytest.mark.slow
def test_labels_and_rounded_scores_are_stolen_too(network):
    for view in (LabelsOnly(oracle_of(network)), Rounded(oracle_of(network), 2)):
        assert steal(view, DIGITS[POOL], DIGITS[JUDGED], queries=400).copies[-1].fidelity > 0.75


def test_a_spent_budget_ends_the_theft_with_what_there_is(network):
    oracle = Metered(oracle_of(network), Budget(queries=len(DIGITS[JUDGED]) + 60))
    theft = steal(oracle, DIGITS[POOL], DIGITS[JUDGED], queries=400)
    assert [copy.queries for copy in theft.copies] == [20, 50]
    assert "50 more queries" in theft.stopped


def test_missing_values_and_more_queries_than_rows():
    holes = X.copy()
    holes[::3, 4] = np.nan
    tree = DecisionTreeClassifier(max_depth=3, random_state=0).fit(holes[:200], Y[:200])
    theft = steal(oracle_of(tree), holes[200:260], holes[260:], queries=150)
    assert theft.copies[-1].fidelity > 0.9
    with pytest.raises(UserError, match="too few rows"):
        steal(oracle_of(tree), holes[:5], holes[200:])


def test_the_same_seed_steals_the_same(network):
    one, two = (steal(oracle_of(network), DIGITS[POOL], DIGITS[JUDGED], queries=50, seed=4) for _ in range(2))
    assert one == two


def test_the_score_of_the_first_class_alone_hides_the_others():
    X, y = load_digits(return_X_y=True)
    oracle = oracle_of(LogisticRegression(max_iter=300, tol=1e-3).fit(X[:500] / 16, y[:500]))
    full, seen = oracle.scores(X[500:600] / 16), Top(oracle, 2).scores(X[500:600] / 16)
    assert full.max(axis=1).mean() > 0.5
    assert (seen.argmax(axis=1) == full.argmax(axis=1)).all()
    assert seen.sum(axis=1) == pytest.approx(1.0)
    order = np.argsort(-full, axis=1)
    assert np.take_along_axis(seen, order, axis=1)[:, :2] == pytest.approx(np.take_along_axis(full, order, axis=1)[:, :2])
    assert np.ptp(np.take_along_axis(seen, order, axis=1)[:, 2:], axis=1).max() < 1e-12
    assert (Top(oracle, 10).scores(X[:5] / 16) == oracle.scores(X[:5] / 16)).all()


SPAM = ["win a prize now", "claim your free money", "cheap pills today", "you are the winner", "urgent: verify your account"]
HAM = ["see you at lunch", "the meeting is moved", "thanks for the notes", "call me when you can", "the report is attached"]


def messages(n, seed=0):
    """Each of two openings, a middle of everyday words, and two endings."""
    rng = np.random.default_rng(seed)
    everyday = "and then we had some of it in the house by the lake with all friends on monday at noon for an hour".split()
    kinds = rng.integers(0, 2, n)
    texts = [" ".join((*rng.choice((HAM, SPAM)[kind], 2), *rng.choice(everyday, 8), str(rng.choice((HAM, SPAM)[kind])))) for kind in kinds]
    return texts, np.array(["ham", "spam"])[kinds]


@pytest.fixture(scope="module")
def spam_filter():
    texts, labels = messages(400)
    return make_pipeline(TfidfVectorizer(), LogisticRegression(C=0.3)).fit([*texts, *SPAM, *HAM], [*labels, *["spam"] * 5, *["ham"] * 5])


@pytest.mark.parametrize("view", [lambda oracle: oracle, LabelsOnly])
def test_a_model_of_texts_is_stolen_by_its_words(spam_filter, view):
    pool, judged = messages(150, seed=1)[0], messages(200, seed=2)[0]
    oracle = Metered(oracle_of(spam_filter))
    theft = steal(view(oracle), pool, judged, queries=100)
    assert [copy.queries for copy in theft.copies] == [20, 50, 100]
    assert theft.copies[-1].fidelity > 0.95 > theft.constant + 0.2
    assert theft.copies[-1].student in ("words", "pieces of words", "words and their pieces")
    assert oracle.ledger.queries == 100 + 200
    assert theft == steal(view(oracle), pool, judged, queries=100)


def test_texts_are_mixed_when_they_are_used_up_and_texts_without_words_are_no_crash(spam_filter):
    asked = []

    class Listening(LabelsOnly):
        def labels(self, batch):
            asked.extend(batch)
            return super().labels(batch)

    pool, judged = [*messages(28)[0], "", "  "], messages(50, seed=2)[0]
    theft = steal(Listening(oracle_of(spam_filter)), pool, judged, queries=60)
    assert theft.copies[-1].queries == 60
    questions = asked[len(judged) :]
    assert len(questions) == 60
    assert set(pool) <= set(questions) or len(set(questions) - set(pool)) > 20  # doubtful mixtures may come before the last of the pool
    assert steal(oracle_of(spam_filter), [""] * 12, judged, queries=20).copies[-1].fidelity < 1
