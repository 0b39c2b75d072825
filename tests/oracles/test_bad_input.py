"""Whatever is wrong gets one clear line, or an honest refusal; never a wrong number."""

from __future__ import annotations

import os

import joblib
import numpy as np
import pandas
import pytest
from sklearn.cluster import KMeans
from sklearn.ensemble import BaggingClassifier, IsolationForest, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from aisecops.core.errors import UserError
from aisecops.oracles.checking import LabelNumbers, checked_scores, class_names
from aisecops.oracles.layout import ColumnType, Layout, LayoutColumn
from aisecops.oracles.opening import open_model, oracle_of
from aisecops.oracles.oracle import Capability, CapabilityError, Loss, OracleError
from aisecops.oracles.spec import Endpoint, Framework, ModelSpec, Output
from tests.oracles.victims import NAMES, TABLE, points, rule, table, table_frame, text_pipeline, torch_network


def one_line(error: BaseException) -> str:
    text = str(error)
    assert text.isprintable(), "one line, nothing that a terminal obeys"
    return text


def counting(function):
    """A model of two classes that answers by ``function``, and the sizes it was asked with."""
    asked = []

    def model(samples):
        asked.append(len(samples))
        return function(samples)

    return oracle_of(model, classes=("no", "yes"), output=Output.LABELS, name="mine"), asked


@pytest.mark.parametrize("n", [1, 2, 3, 64, 1000])
def test_the_first_failing_row_is_named_within_few_calls(n):
    for bad in {0, n // 2, n - 1}:

        def throws(samples, bad=bad):
            if np.isin(samples[:, 0], [bad, n]).any():
                raise RuntimeError("not\nthis \x1b[31mrow")
            return np.zeros(len(samples), int)

        oracle, asked = counting(throws)
        with pytest.raises(OracleError) as caught:
            oracle.labels(np.arange(n, dtype=float)[:, None])
        assert one_line(caught.value) == f"mine: the model raised RuntimeError: not this \\x1b[31mrow (sample {bad})"
        assert len(asked) <= np.ceil(np.log2(n)) + 2


def test_a_failure_of_the_batch_alone_is_not_blamed_on_a_row():
    def throws(samples):
        if len(samples) > 2:
            raise MemoryError
        return np.zeros(len(samples), int)

    oracle, _ = counting(throws)
    with pytest.raises(OracleError, match=r"the model raised MemoryError \(a batch of 8, and no sample of it alone\)"):
        oracle.labels(np.zeros((8, 1)))


def to_numbers(cell):
    return float(cell)


def unknown_category(cell):
    from sklearn.preprocessing import OneHotEncoder

    OneHotEncoder().fit([["a"]]).transform([[cell]])


def unseen_label(cell):
    from sklearn.preprocessing import LabelEncoder

    LabelEncoder().fit(["a"]).transform([cell])


@pytest.mark.parametrize("step", [to_numbers, unknown_category, unseen_label])
def test_what_a_library_quotes_of_a_cell_does_not_leave_the_model(step):
    oracle, _ = counting(lambda samples: step("Erika O'Mustermann"))
    with pytest.raises(OracleError, match=r"the model raised ValueError: .*…") as caught:
        oracle.labels(np.zeros((2, 1)))
    assert "Mustermann" not in str(caught.value)


def test_a_model_that_leaves_the_program_is_held():
    oracle, _ = counting(lambda samples: os.sys.exit("bye"))
    with pytest.raises(OracleError, match="the model raised SystemExit: bye"):
        oracle.labels(np.zeros((2, 1)))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda n: np.zeros(n + 1, int), r"labels of shape \(5,\) for 4 samples"),
        (lambda n: np.zeros((n, 2)), r"labels of shape \(4, 2\) for 4 samples"),
        (lambda n: None, r"labels of shape \(\) for 4 samples"),
        (lambda n: ["no", "yes", "no", "maybe\u202e"], r"the label `maybe\\u202e`, which is none of its classes \(no, yes\)"),
        (lambda n: [0, 1, 0, 2], "the label `2`, which is none of its classes"),
        (lambda n: [0, 1, 0, -1], "the label `-1`, which is none of its classes"),
        (lambda n: [0.0, 1.0, 0.0, np.nan], "the label `nan`, which is none of its classes"),
        (lambda n: [0.2, 0.9, 0.1, 0.7], "the label `0.2`, which is none of its classes"),
    ],
)
def test_answers_that_are_no_labels_are_refused(answer, said):
    oracle, _ = counting(lambda samples: answer(len(samples)))
    with pytest.raises(OracleError, match=said) as caught:
        oracle.labels(np.zeros((4, 1)))
    one_line(caught.value)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (np.zeros((4, 2)), r"scores of shape \(4, 2\), not \(4, 3\)"),
        (np.zeros(4), r"scores of shape \(4,\), not \(4, 3\)"),
        ([["a", "b", "c"]] * 4, "scores that are not numbers"),
        ([[1, 2, 3], [1, 2]], "scores that are not numbers"),
        ([[1, 2, 3], [1, 2, np.inf], [0, 0, 0], [0, 0, 0]], "scores of sample 1 are not finite"),
    ],
)
def test_answers_that_are_no_scores_are_refused(answer, said):
    oracle = oracle_of(lambda samples: answer, classes=NAMES, output=Output.SCORES)
    with pytest.raises(OracleError, match=said):
        oracle.scores(np.zeros((4, 1)))
    with pytest.raises(OracleError, match=said):
        oracle.labels(np.zeros((4, 1)))


def test_one_score_for_two_classes_has_to_be_said_what_it_is():
    second = np.array([0.1, 0.9])
    oracle = oracle_of(lambda samples: second, classes=("no", "yes"), output=Output.SCORES)
    with pytest.raises(UserError, match="it answers one number for a sample, and there are two classes"):
        oracle.labels(np.zeros((2, 1)))
    probabilities = oracle_of(lambda samples: second, classes=("no", "yes"), output=Output.PROBABILITIES)
    np.testing.assert_allclose(probabilities.scores(np.zeros((2, 1))), [[0.9, 0.1], [0.1, 0.9]])
    logits = oracle_of(lambda samples: second - 0.5, classes=("no", "yes"), output=Output.LOGITS)
    assert logits.labels(np.zeros((2, 1))).tolist() == [0, 1]


@pytest.mark.parametrize("own", [[-1, 1], [False, True], ["1", "0"], [10.0, 20.0], ["spam", "ham"]])
def test_labels_of_any_kind_are_numbered_in_the_models_order(own):
    x, y = points(2)
    model = LogisticRegression().fit(x, np.array(own)[y])
    oracle = oracle_of(model)
    assert [str(name) for name in model.classes_] == [{"10": "10.0", "20": "20.0"}.get(name, name) for name in oracle.classes]
    expected = np.searchsorted(model.classes_, model.predict(x))
    np.testing.assert_array_equal(oracle.labels(x), expected)
    assert np.mean(oracle.scores(x).argmax(axis=1) == expected) == 1


def test_unsorted_and_mixed_labels_are_numbered():
    number = LabelNumbers(["b", "a", 3], where="m")
    assert number(np.array(["a", 3, "b", 3.0], dtype=object), 4).tolist() == [1, 2, 0, 2]
    assert LabelNumbers([2, 0, 1], where="m")(np.array([0, 1, 2]), 3).tolist() == [1, 2, 0]


def test_classes_are_renamed_but_never_swapped():
    assert class_names([0, 1], ("ham", "spam"), where="m") == ("ham", "spam")
    assert class_names([-1, 1], ("-1", "1"), where="m") == ("-1", "1")
    with pytest.raises(UserError, match="m: the classes spam, ham are not in the model's order; give them in the model's order: ham, spam"):
        class_names(["ham", "spam"], ("spam", "ham"), where="m")
    with pytest.raises(UserError, match="a, b, c are not names for the 2 classes"):
        class_names([0, 1], ("a", "b", "c"), where="m")
    with pytest.raises(UserError, match="two classes have one name: 1, 1"):
        class_names([1, "1"], None, where="m")


def test_what_has_no_classes_refuses_by_the_capability():
    x, y = points()
    for model, said in (
        (LinearRegression().fit(x, y), "it has no classes"),
        (KMeans(3, n_init=1).fit(x), "it has no classes"),
        (StandardScaler().fit(x), "cannot be asked for labels"),
        (RandomForestClassifier(2).fit(x, np.stack([y, y], axis=1)), "several labels at once"),
        (LogisticRegression(), "not fitted"),
        (object(), "a object cannot be asked for labels"),
        (LogisticRegression, "cannot be asked for labels"),
    ):
        with pytest.raises(UserError, match=said) as caught:
            oracle_of(model)
        one_line(caught.value)
    with pytest.raises(CapabilityError, match="attacks need labels"):
        oracle_of(LinearRegression().fit(x, y))


def test_outlier_detectors_have_two_classes():
    x, _ = points()
    model = IsolationForest(n_estimators=5, random_state=0, contamination=0.2).fit(x)
    oracle = oracle_of(model, classes=("attack", "normal"))
    assert oracle.classes == ("attack", "normal")
    np.testing.assert_array_equal(oracle.labels(x), (model.predict(x) == 1).astype(int))
    np.testing.assert_array_equal(oracle.scores(x).argmax(axis=1), oracle.labels(x))


def test_scores_of_pairs_are_not_scores_of_classes():
    x, y = points()
    oracle = oracle_of(SVC(decision_function_shape="ovo").fit(x, y))
    assert oracle.capabilities == {Capability.LABELS}, "three pairs of three classes: the shape alone would pass"
    with pytest.raises(CapabilityError, match="no probabilities"):
        oracle_of(SVC().fit(x, y), output=Output.PROBABILITIES)


def test_wrong_columns_and_missing_values_are_said():
    x, y = points()
    oracle = oracle_of(LogisticRegression().fit(x, y))
    with pytest.raises(UserError, match=r"LogisticRegression: the samples have shape \(4,\), and the model takes 5 columns"):
        oracle.labels(x[:, :4])
    x = x.copy()
    x[17, 2] = np.nan
    with pytest.raises(OracleError, match=r"Input X contains NaN.*\(sample 17\)"):
        oracle.scores(x)


def test_a_pipeline_on_frames_says_what_it_wants():
    x, y = table()
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(table_frame()[["amount", "count"]], y)
    columns = TABLE.columns
    with pytest.raises(UserError, match="fitted with the column `count`, which the layout does not have"):
        oracle_of(model, Layout(columns=(columns[0],)))
    oracle = oracle_of(model)
    np.testing.assert_array_equal(oracle.labels(x[:, :2]), model.predict(table_frame()[["amount", "count"]]))
    swapped = oracle_of(model, Layout(columns=(columns[1], columns[0])))
    assert Capability.STRUCTURE in oracle.capabilities
    assert Capability.STRUCTURE not in swapped.capabilities, "only whole numbers can be asked about"
    np.testing.assert_array_equal(swapped.labels(x[:, [1, 0]]), oracle.labels(x[:, :2]))


def test_unseen_categories_raise_where_the_model_says_so():
    from sklearn.compose import make_column_transformer
    from sklearn.preprocessing import OneHotEncoder

    x, y = table()
    model = make_pipeline(make_column_transformer((OneHotEncoder(), ["colour"])), LogisticRegression()).fit(table_frame(), y)
    wider = Layout(columns=(*TABLE.columns[:3], LayoutColumn(name="colour", type=ColumnType.CATEGORY, categories=("blue", "green", "red", "mauve"))))
    oracle = oracle_of(model, wider)
    np.testing.assert_array_equal(oracle.labels(x), model.predict(table_frame()))
    x = x.copy()
    x[9, 3] = 3
    with pytest.raises(OracleError, match=r"unknown categories ….*\(sample 9\)"):
        oracle.labels(x)


def test_a_gradient_needs_labels_that_are_there():
    x, y = points()
    oracle = oracle_of(LogisticRegression().fit(x, y))
    for wrong in (y + 1, y - 1, y[:-1]):
        with pytest.raises(UserError, match="labels must be numbers 0 to 2, one for each of 120 samples"):
            oracle.gradient(x, wrong, Loss.MARGIN)
    with pytest.raises(ValueError, match="needs `target`"):
        oracle.gradient(x, y, Loss.TARGET)
    two = oracle_of(LogisticRegression().fit(*points(2)))
    with pytest.raises(CapabilityError, match="needs three classes"):
        two.gradient(*points(2), Loss.DLR)
    with pytest.raises(CapabilityError, match="gives no gradient"):
        oracle_of(SVC().fit(x, y)).gradient(x, y, Loss.MARGIN)


def test_boosters_without_classes_refuse():
    import catboost
    import lightgbm
    import xgboost

    x, y = points(2)
    boosters = (
        xgboost.train({"objective": "reg:squarederror"}, xgboost.DMatrix(x, y), 2),
        xgboost.XGBRegressor(n_estimators=2).fit(x, y),
        lightgbm.train({"objective": "regression", "verbose": -1}, lightgbm.Dataset(x, y), 2),
        lightgbm.train({"objective": lambda p, d: (p, p * 0 + 1), "verbose": -1}, lightgbm.Dataset(x, y), 2),
        catboost.CatBoostRegressor(iterations=2, verbose=0, allow_writing_files=False).fit(x, y),
        catboost.CatBoost({"iterations": 2, "verbose": 0, "allow_writing_files": False}).fit(x, y),
    )
    for booster in boosters:
        with pytest.raises(CapabilityError, match="attacks need labels"):
            oracle_of(booster)


def test_a_booster_that_stopped_early_is_asked_as_its_classifier(tmp_path):
    import xgboost

    x, y = points(2)
    noise = np.random.default_rng(0).integers(0, 2, 40)
    model = xgboost.XGBClassifier(n_estimators=40, early_stopping_rounds=3, learning_rate=1.0).fit(
        x[:80], y[:80], eval_set=[(x[80:], noise)], verbose=False
    )
    assert model.best_iteration < model.get_booster().num_boosted_rounds() - 1
    for ending in ("json", "ubj"):
        path = tmp_path / f"model.{ending}"
        model.save_model(path)
        np.testing.assert_allclose(open_model(ModelSpec(path=str(path))).scores(x), model.predict_proba(x), atol=1e-6)


def test_files_of_boosters_give_their_trees_and_know_their_columns(tmp_path):
    import catboost
    import lightgbm
    import xgboost

    x, y = points(2)
    booster = xgboost.train({"objective": "binary:logistic", "max_depth": 3}, xgboost.DMatrix(x, y), 3)
    booster.save_model(tmp_path / "x.json")
    booster.save_model(tmp_path / "x.ubj")
    lightgbm.train({"objective": "binary", "verbose": -1}, lightgbm.Dataset(x, y), 3).save_model(tmp_path / "l.txt")
    catboost.CatBoostClassifier(iterations=3, verbose=0, allow_writing_files=False).fit(x, y).save_model(str(tmp_path / "c.cbm"))
    for name in ("x.json", "x.ubj", "l.txt", "c.cbm"):
        oracle = open_model(ModelSpec(path=str(tmp_path / name)))
        np.testing.assert_array_equal(oracle.structure().decide(x), oracle.labels(x))
        for wrong in (x[:, :4], np.hstack([x, x])):
            with pytest.raises(UserError, match=f"{name}: the samples have shape .*, and the model takes 5 columns"):
                oracle.labels(wrong)


def test_whole_numbers_in_a_frame_leave_no_structure():
    _, y = table()
    frame = table_frame()[["amount", "count"]]
    model = LogisticRegression().fit(frame, y)
    assert Capability.STRUCTURE in oracle_of(model).capabilities
    assert Capability.STRUCTURE not in oracle_of(model, Layout(columns=TABLE.columns[:2])).capabilities


def test_categories_of_lightgbm_are_its_own():
    import lightgbm

    frame = pandas.DataFrame({"port": pandas.Categorical([80, 22, 443] * 40), "size": np.arange(120.0)})
    y = (frame["port"].astype(int) == 22).astype(int)
    model = lightgbm.LGBMClassifier(n_estimators=5, verbose=-1).fit(frame, y)
    port = LayoutColumn(name="port", type=ColumnType.CATEGORY, categories=("80", "22", "443"))
    x = np.stack([np.tile([0.0, 1, 2], 40), np.arange(120.0)], axis=1)
    oracle = oracle_of(model, Layout(columns=(port, LayoutColumn(name="size"))))
    np.testing.assert_array_equal(oracle.scores(x), model.predict_proba(frame))
    assert Capability.STRUCTURE not in oracle.capabilities
    unseen = LayoutColumn(name="port", type=ColumnType.CATEGORY, categories=("80", "22", "8080"))
    with pytest.raises(UserError, match="trained without the category `8080`"):
        oracle_of(model, Layout(columns=(unseen, LayoutColumn(name="size")))).labels(x)
    real = Layout(columns=(LayoutColumn(name="port"), LayoutColumn(name="size"), LayoutColumn(name="more")))
    with pytest.raises(UserError):
        oracle_of(model, real).labels(np.zeros((2, 3)))


@pytest.mark.parametrize("order", [("blue", "green", "red"), ("red", "blue", "green")])
def test_categories_go_by_name_whatever_their_order(order, tmp_path):
    import xgboost
    from sklearn.ensemble import HistGradientBoostingClassifier

    _, y = table()
    frame = table_frame()[["amount", "colour"]].astype({"colour": "category"})
    layout = Layout(columns=(LayoutColumn(name="amount"), LayoutColumn(name="colour", type=ColumnType.CATEGORY, categories=order)), categoricals=True)
    x = np.stack([frame["amount"], [order.index(colour) for colour in frame["colour"]]], axis=1)
    model = xgboost.XGBClassifier(n_estimators=4, enable_categorical=True).fit(frame, y)
    model.save_model(tmp_path / "m.json")
    hist = HistGradientBoostingClassifier(max_iter=5).fit(frame, y)
    for oracle, expected in (
        (oracle_of(model, layout), model),
        (open_model(ModelSpec(path=str(tmp_path / "m.json"), layout=layout)), model),
        (oracle_of(hist, layout), hist),
    ):
        np.testing.assert_allclose(oracle.scores(x), expected.predict_proba(frame), atol=1e-6)
    codes = xgboost.train({"objective": "binary:logistic"}, xgboost.DMatrix(x, y, feature_types=["q", "c"], enable_categorical=True), 3)
    with pytest.raises(UserError, match="does not keep the names of its categories"):
        oracle_of(codes, layout)
    np.testing.assert_array_equal(oracle_of(codes).labels(x), codes.inplace_predict(x) > 0.5)


def test_lightgbm_columns_go_by_name():
    import lightgbm

    x, y = points(2)
    frame = pandas.DataFrame(x[:, :2], columns=["a b", "c"])
    booster = lightgbm.train({"objective": "binary", "verbose": -1, "num_leaves": 4}, lightgbm.Dataset(frame, y), 3)
    swapped = oracle_of(booster, Layout(columns=(LayoutColumn(name="c"), LayoutColumn(name="a b"))))
    np.testing.assert_allclose(swapped.scores(x[:, [1, 0]])[:, 1], booster.predict(frame))
    with pytest.raises(UserError, match="fitted with the column `a_b`"):
        oracle_of(booster, Layout(columns=(LayoutColumn(name="c"), LayoutColumn(name="d")))).labels(x[:, :2])


def test_networks_say_what_they_cannot_know():
    import torch

    deep = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.Flatten(), torch.nn.LazyLinear(3))
    with pytest.raises(UserError, match="does not say its classes; give `classes`, or the `shape`"):
        oracle_of(deep)
    with pytest.raises(UserError, match=r"does not take samples of shape \(3, 5\)"):
        oracle_of(torch_network(), shape=(3, 5))
    one = torch.nn.Linear(4, 1)
    with pytest.raises(UserError, match="it answers one column"):
        oracle_of(one)
    x = np.random.default_rng(0).normal(size=(9, 4))
    logit = one(torch.tensor(x, dtype=torch.float32)).detach().numpy().ravel()
    oracle = oracle_of(one, output=Output.LOGITS)
    np.testing.assert_array_equal(oracle.labels(x), logit > 0)
    sigmoid = oracle_of(torch.nn.Sequential(one, torch.nn.Sigmoid()), output=Output.PROBABILITIES)
    np.testing.assert_allclose(
        sigmoid.gradient(x, oracle.labels(x), Loss.CROSS_ENTROPY)[1], oracle.gradient(x, oracle.labels(x), Loss.CROSS_ENTROPY)[1], atol=1e-6
    )
    with pytest.raises(OracleError, match="the model raised RuntimeError: mat1 and mat2 shapes"):
        oracle.labels(np.zeros((2, 3)))


def test_a_cut_graph_has_a_gradient_of_zero():
    import torch

    class Cut(torch.nn.Module):
        def forward(self, x):
            return x.detach()[:, :3]

    loss, gradient = oracle_of(Cut(), shape=(5,)).gradient(points()[0], points()[1], Loss.CROSS_ENTROPY)
    assert not gradient.any()
    assert loss.any()


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_exported_networks_of_one_batch_size_take_every_batch(tmp_path):
    import torch

    net = torch_network().eval()
    x = np.random.default_rng(1).uniform(size=(7, 1, 8, 8))
    expected = oracle_of(net, shape=(1, 8, 8)).scores(x)
    torch.export.save(torch.export.export(net, (torch.zeros(4, 1, 8, 8),)), tmp_path / "net.pt2")
    torch.jit.save(torch.jit.script(net), tmp_path / "net.pt")
    torch.save(net, tmp_path / "net.pth")
    for name, more in (("net.pt2", {}), ("net.pt", {"shape": (1, 8, 8)}), ("net.pth", {"shape": (1, 8, 8)})):
        oracle = open_model(ModelSpec(path=str(tmp_path / name), **more))
        np.testing.assert_allclose(oracle.scores(x), expected, atol=1e-5)
        gradient = oracle.gradient(x, expected.argmax(axis=1), Loss.MARGIN)[1]
        np.testing.assert_allclose(gradient, oracle_of(net, shape=(1, 8, 8)).gradient(x, expected.argmax(axis=1), Loss.MARGIN)[1], atol=1e-5)
    torch.save(net.state_dict(), tmp_path / "weights.pt")
    with pytest.raises(UserError, match="weights without a module"):
        open_model(ModelSpec(path=str(tmp_path / "weights.pt")))


def test_onnx_of_one_batch_size_and_of_one_column(tmp_path):
    import onnx
    from onnx import TensorProto, helper

    def save(name, shape, columns):
        weight = np.arange(5 * columns, dtype=np.float32).reshape(5, columns) - 4
        node = helper.make_node("MatMul", ["x", "w"], ["logits"])
        taken = helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)
        given = helper.make_tensor_value_info("logits", TensorProto.FLOAT, [shape[0], columns])
        graph = helper.make_graph([node], "g", [taken], [given], [helper.make_tensor("w", TensorProto.FLOAT, weight.shape, weight.ravel())])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
        onnx.save(model, tmp_path / name)
        return weight

    x, _ = points()
    weight = save("fixed.onnx", [8, 5], 3)
    np.testing.assert_allclose(open_model(ModelSpec(path=str(tmp_path / "fixed.onnx"))).scores(x[:19]), x[:19] @ weight, rtol=1e-4, atol=1e-4)
    save("one.onnx", [None, 5], 1)
    with pytest.raises(CapabilityError, match="it answers one column"):
        open_model(ModelSpec(path=str(tmp_path / "one.onnx")))
    oracle = open_model(ModelSpec(path=str(tmp_path / "one.onnx"), output=Output.LOGITS, classes=("no", "yes")))
    assert oracle.classes == ("no", "yes")
    with pytest.raises(OracleError, match="INVALID_ARGUMENT"):
        oracle.labels(x[:, :3])


def test_files_that_are_no_models_are_said(tmp_path):
    for name, content, said in (
        ("absent.onnx", None, "cannot be read"),
        ("notes.txt", b"hello", "not recognised as a model"),
        ("broken.onnx", b"\x08\x07garbage", "cannot be loaded"),
        ("broken.json", b'{"learner": {}}', "cannot be loaded"),
        ("broken.pkl", b"\x80\x04garbage", "cannot be loaded"),
        ("broken.cbm", b"CBM1garbage", "cannot be loaded"),
        ("broken.pt", b"garbage", "cannot be loaded"),
    ):
        if content is not None:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(UserError, match=said) as caught:
            open_model(ModelSpec(path=str(tmp_path / name)))
        assert one_line(caught.value).startswith(name)


def test_a_spec_names_one_model():
    for wrong in ({}, {"path": "a", "callable": "b:c"}, {"path": "a", "classes": ("one",)}, {"path": "a", "batch": 0}, {"path": "a", "shape": (0,)}):
        with pytest.raises(ValueError, match=r"must|one of"):
            ModelSpec(**wrong)
    assert ModelSpec(path="models/fraud.json").title == "fraud.json"
    assert ModelSpec(endpoint=Endpoint(url="https://a/b")).title == "https://a/b"


def test_callables_are_found_or_said():
    for reference, said in (
        ("rule", "not written as package.module:function"),
        ("no_such_module:f", "cannot be imported"),
        ("tests.oracles.victims:no_such", "has no `no_such`"),
        ("tests.oracles.victims:NAMES", "a ndarray cannot be asked for labels"),
    ):
        with pytest.raises(UserError, match=said):
            open_model(ModelSpec(callable=reference, classes=("a", "b"), output=Output.LABELS))
    with pytest.raises(UserError, match="does not say its classes"):
        oracle_of(rule, output=Output.SCORES)
    with pytest.raises(UserError, match="does not say what it answers"):
        oracle_of(rule, classes=NAMES)
    with pytest.raises(UserError, match="a file is no callable model"):
        open_model(ModelSpec(path="x.py", framework=Framework.CALLABLE))


def test_batches_are_split_where_they_must_be():
    asked = []
    oracle = oracle_of(lambda s: asked.append(len(s)) or rule(s), classes=NAMES, output=Output.SCORES, batch=50)
    np.testing.assert_array_equal(oracle.scores(points()[0]), rule(points()[0]))
    assert asked == [50, 50, 20]


@pytest.mark.parametrize("spoil", [lambda scores: scores * np.nan, lambda scores: 1 / 0])
def test_samples_are_counted_through_all_parts(spoil):
    def model(samples):
        return np.concatenate([spoil(rule(row)) if row[0, 0] == 77 else rule(row) for row in samples[:, None]])

    oracle = oracle_of(model, classes=NAMES, output=Output.SCORES, batch=50)
    with pytest.raises(OracleError, match="sample 77"):
        oracle.scores(np.arange(240.0).reshape(120, 2)[:, [0, 0]] * 0.5)


def test_what_is_no_batch_is_refused():
    x, y = points()
    oracle = oracle_of(LogisticRegression().fit(x, y))
    for wrong in (pandas.DataFrame(x), [[1.0] * 5], np.array(3.0), "text", None, np.array([object()])):
        with pytest.raises(UserError, match="a batch is an array of numbers, first axis the samples, or a list of texts"):
            oracle.labels(wrong)
    np.testing.assert_array_equal(oracle.labels(x.astype(np.float32)), oracle.labels(x.astype(np.float32).astype(np.float64)))


def test_texts_may_be_an_array_and_numbers_are_no_texts(tmp_path):
    victim = text_pipeline()
    oracle = victim.open(None)
    np.testing.assert_array_equal(oracle.labels(np.array(victim.samples)), victim.labels)
    joblib.dump(oracle.model.labels.args[0], tmp_path / "filter.joblib")
    declared = open_model(ModelSpec(path=str(tmp_path / "filter.joblib"), texts=True))
    np.testing.assert_array_equal(declared.labels(victim.samples), victim.labels)
    with pytest.raises(UserError, match=r"filter.joblib: it is asked about numbers"):
        declared.labels(np.zeros((2, 2)))


def test_checked_scores_keep_what_is_right():
    np.testing.assert_array_equal(checked_scores([[1, 2], [3, 4]], 2, 2, where="m"), [[1.0, 2.0], [3.0, 4.0]])


def test_threads_of_a_saved_model_are_taken_away(tmp_path):
    x, y = points()
    with joblib.parallel_config(backend="threading"):  # processes would stay for minutes, as children that later tests have not started
        model = make_pipeline(StandardScaler(), BaggingClassifier(n_estimators=4, n_jobs=2, random_state=0)).fit(x, y)
        expected = model.predict_proba(x)
    joblib.dump(model, tmp_path / "model")
    oracle = open_model(ModelSpec(path=str(tmp_path / "model")))
    assert oracle.model.labels.args[0][-1].n_jobs == 1
    np.testing.assert_array_equal(oracle.scores(x), expected)
    assert oracle_of(model).model.labels.args[0][-1].n_jobs == 2, "the model of somebody else is left alone"


def test_saved_estimators_open_by_what_is_in_the_file(tmp_path):
    x, y = points()
    path = tmp_path / "model"
    joblib.dump(LogisticRegression().fit(x, y), path)
    assert open_model(ModelSpec(path=str(path))).name == "model"
