"""What is read from models of every framework decides as the models do, digit by digit, on either side of every threshold."""

from __future__ import annotations

import numpy as np
import pytest

from aisecops.oracles.extraction import StructureError, extract, structure_of, trials, verified
from aisecops.oracles.opening import oracle_of
from tests.attacks.evasion.trees.models import MODELS, forest, gradient_boosting, hist_gradient_boosting, lightgbm, table, xgboost

RAW = {
    "gradient-boosting": lambda model, x: model.decision_function(x),
    "hist-gradient-boosting": lambda model, x: model.decision_function(x),
    "forest": lambda model, x: model.predict_proba(x),
    "xgboost": lambda model, x: model.predict(x, output_margin=True),
    "lightgbm": lambda model, x: model.predict(x, raw_score=True),
    "catboost": lambda model, x: model.predict(x, prediction_type="RawFormulaVal"),
}


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("name", MODELS)
def test_labels_agree_everywhere(name, classes):
    x, y = table(classes, missing=name in ("tree", "forest", "hist-gradient-boosting", "xgboost", "lightgbm", "catboost"))
    model = MODELS[name](classes).fit(x, y)
    found = verified(extract(model), oracle_of(model), x)
    assert found.asked > 150
    assert found.differing == 0


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("name", RAW)
def test_sums_are_the_models_to_the_last_digit(name, classes):
    x, y = table(classes, missing=name not in ("gradient-boosting", "catboost"))
    model = MODELS[name](classes).fit(x, y)
    structure = extract(model)
    points = trials(structure, x, 1000, np.random.default_rng(0))
    sums = structure.sums(structure.leaves(points))
    raw = np.asarray(RAW[name](model, points)).reshape(sums.shape)
    assert np.array_equal(sums, raw.astype(sums.dtype))


def test_labels_that_are_not_numbers_from_0_keep_their_order():
    x, y = table(3)
    model = forest(3).fit(x, np.array(["pear", "apple", "plum"])[y])
    oracle = oracle_of(model)
    assert oracle.classes == ("apple", "pear", "plum")
    assert verified(extract(model), oracle, x).differing == 0


def test_early_stopping_counts_only_the_trees_that_predict():
    x, y = table(2, n=300)
    model = (
        xgboost(2)
        .set_params(n_estimators=60, early_stopping_rounds=2, learning_rate=1.0)
        .fit(x[:200], y[:200], eval_set=[(x[200:], y[200:])], verbose=False)
    )
    assert len(extract(model).roots) == model.best_iteration + 1 < 60
    assert verified(extract(model), oracle_of(model), x).differing == 0


def test_a_wrong_structure_is_refused():
    x, y = table(2)
    model, other = xgboost(2).fit(x, y), xgboost(2).fit(x, 1 - y)
    with pytest.raises(StructureError, match="disagree on"):
        verified(extract(other), oracle_of(model), x)


def test_what_cannot_be_said_exactly_is_refused_with_the_reason():
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import QuantileTransformer
    from xgboost import XGBClassifier

    x, y = table(2)
    x[:, 0] = np.round(4 * x[:, 0])
    refused = {
        "is not known as trees": KNeighborsClassifier().fit(x, y),
        "not fitted": forest(2),
        "QuantileTransformer before the model": make_pipeline(QuantileTransformer(n_quantiles=20), forest(2)).fit(x, y),
        "booster dart": XGBClassifier(n_estimators=3, booster="dart").fit(x, y),
        "objective binary:hinge": XGBClassifier(n_estimators=3, objective="binary:hinge").fit(x, y),
        "starts from another model": gradient_boosting(2).set_params(init=KNeighborsClassifier()).fit(x, y),
        "sets of categories": hist_gradient_boosting(2).set_params(categorical_features=[0]).fit(x, (x[:, 0] % 2 == 0).astype(int)),
        "linear functions": lightgbm(2).set_params(linear_tree=True).fit(x, y),
        "zeros for missing": lightgbm(2).set_params(zero_as_missing=True).fit(x, y),
        "-1": xgboost(2).set_params(missing=-1.0).fit(x, y),
    }
    for reason, model in refused.items():
        with pytest.raises(StructureError, match=reason):
            extract(model)
        assert structure_of(model) is None


def test_linear_models_and_scalers_before_them():
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.linear_model import LogisticRegression, Perceptron, RidgeClassifier, SGDClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler
    from sklearn.svm import LinearSVC

    for classes in (2, 3):
        x, y = table(classes)
        for model in (LogisticRegression(), LinearSVC(), SGDClassifier(), RidgeClassifier(), Perceptron(), LinearDiscriminantAnalysis()):
            for pipeline in (model, make_pipeline(StandardScaler(), MinMaxScaler(), "passthrough", MaxAbsScaler(), RobustScaler(), model)):
                fitted = pipeline.fit(10 * x, y)
                assert verified(extract(fitted), oracle_of(fitted), 10 * x).differing == 0


def test_verification_needs_rows_of_the_right_width():
    x, y = table(2)
    model = forest(2).fit(x, y)
    with pytest.raises(StructureError, match="3 columns"):
        verified(extract(model), oracle_of(model), x[:, :2])
