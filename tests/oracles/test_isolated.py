"""Models in quarantine answer as they do outside; what is inside cannot hurt, hang or deceive who asks."""

from __future__ import annotations

import os
import pickle
import time

import joblib
import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from aisecops.core.errors import UserError
from aisecops.isolation.errors import WeakIsolation
from aisecops.isolation.in_process import InProcess
from aisecops.isolation.limits import Limits
from aisecops.oracles.answering import ModelOracle
from aisecops.oracles.isolated import ENTRY, IsolatedOracle, open_isolated
from aisecops.oracles.opening import open_model, oracle_of
from aisecops.oracles.oracle import Capability, CapabilityError, Loss, OracleError
from aisecops.oracles.spec import ModelSpec, Output
from aisecops.oracles.structure import LinearMap, TreeEnsemble
from tests.oracles.victims import NAMES, points, text_pipeline

FAST = Limits(call_seconds=20)


def saved(model, folder):
    path = os.fspath(folder / "model.joblib")
    joblib.dump(model, path)
    return path


def opened(spec, **more):
    try:
        return open_isolated(spec, limits=more.pop("limits", FAST), allow_weak=True, **more)
    except WeakIsolation as weak:  # pragma: no cover
        pytest.skip(str(weak))


def test_a_quarantined_model_answers_as_outside(tmp_path):
    x, y = points()
    model = LogisticRegression().fit(x, NAMES[y])
    outside = oracle_of(model)
    with opened(ModelSpec(path=saved(model, tmp_path))) as oracle:
        assert (oracle.name, oracle.classes, oracle.capabilities) == ("model.joblib", outside.classes, outside.capabilities)
        np.testing.assert_array_equal(oracle.labels(x), outside.labels(x))
        np.testing.assert_array_equal(oracle.scores(x), outside.scores(x))
        np.testing.assert_array_equal(oracle.scores(x[:0]), outside.scores(x[:0]))
        for loss in (Loss.CROSS_ENTROPY, Loss.TARGET):
            for here, there in zip(oracle.gradient(x, y, loss, (y + 1) % 3), outside.gradient(x, y, loss, (y + 1) % 3), strict=True):
                np.testing.assert_array_equal(here, there)
        structure = oracle.structure()
        assert isinstance(structure, LinearMap)
        np.testing.assert_array_equal(structure.weights, outside.structure().weights)
        with pytest.raises(OracleError, match=r"ValueError: Input X contains NaN.*\(sample 2\)"):
            oracle.labels(np.where(np.arange(4)[:, None] == 2, np.nan, x[:4]))
        np.testing.assert_array_equal(oracle.labels(x), outside.labels(x)), "an error does not end it"


def test_texts_cross(tmp_path):
    victim = text_pipeline()
    model = victim.open(None).model
    with served(lambda: ModelOracle(model)) as oracle:
        texts = [*victim.samples, "", "na\udc80ïve ✓"]
        np.testing.assert_array_equal(oracle.scores(texts)[:6], victim.scores)
        assert oracle.labels([]).shape == (0,)


def test_trees_cross(tmp_path):
    x, y = points()
    model = RandomForestClassifier(5, random_state=0, max_depth=4).fit(x, y)
    spec = ModelSpec(path=saved(model, tmp_path))
    with IsolatedOracle(lambda: InProcess(ENTRY, {"spec": {"path": spec.path}})) as oracle:
        structure = oracle.structure()
        assert isinstance(structure, TreeEnsemble)
        np.testing.assert_array_equal(structure.decide(x), oracle.labels(x))


def served(oracle):
    """An isolated oracle whose other side lives here."""
    from aisecops.oracles.serve import ServedOracle

    class Here:
        alive = True
        inside = ServedOracle(oracle(), None)

        def call(self, method, values=None, arrays=None, *, seconds=None):
            return self.inside.answer(method, values, arrays)

        def close(self):
            pass

    return IsolatedOracle(Here)


def test_what_is_wrong_with_a_model_is_said_as_outside(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("no model")
    with pytest.raises(UserError, match=r"notes.txt: it is not recognised as a model; say its `framework`") as said:
        opened(ModelSpec(path=str(path)))
    assert said.value.fix
    net = saved({"weights": [1]}, tmp_path)
    with pytest.raises(UserError, match="a dict cannot be asked for labels"):
        opened(ModelSpec(path=net))


def test_a_lacking_capability_is_named(tmp_path):
    x, y = points()
    path = saved(LogisticRegression().fit(x, y), tmp_path)
    with IsolatedOracle(lambda: InProcess(ENTRY, {"spec": {"path": path, "output": "labels"}})) as oracle:
        assert oracle.capabilities == {Capability.LABELS}
        with pytest.raises(CapabilityError, match="gives no scores"):
            oracle.scores(x)
        with pytest.raises(CapabilityError, match="gives no structure"):
            oracle.structure()


CODE = """
import os, time
import numpy as np
def moody(samples):
    if samples[0, 0] == 666:
        time.sleep(60)
    if samples[0, 0] == 999:
        os._exit(3)
    return (samples[:, 0] > 0).astype(int)
"""


def test_a_model_that_hangs_or_dies_is_started_again_and_then_refused(tmp_path):
    (tmp_path / "own.py").write_text(CODE)
    spec = ModelSpec(callable="own:moody", code=(str(tmp_path),), classes=("no", "yes"), output=Output.LABELS)
    with opened(spec, limits=Limits(call_seconds=1.5), restarts=3) as oracle:
        good = np.array([[1.0, 0], [-1, 0]])
        assert oracle.labels(good).tolist() == [1, 0]
        started = time.monotonic()
        with pytest.raises(OracleError, match=r"own:moody: the model gave no answer: it did not answer within 1\.5 seconds"):
            oracle.labels(np.array([[666.0, 0]]))
        assert time.monotonic() - started < 30
        assert oracle.labels(good).tolist() == [1, 0], "it lives again"
        with pytest.raises(OracleError, match="no answer: the quarantined process ended: it left with status 3"):
            oracle.labels(np.array([[999.0, 0]]))
        with pytest.raises(OracleError, match="ended too often"):
            oracle.labels(good)


def test_a_pickle_of_ones_own_class_needs_its_code(tmp_path):
    (tmp_path / "ours.py").write_text(
        "class Rule:\n    classes_ = ['a', 'b']\n    def predict(self, X):\n        return ['ab'[int(x > 0)] for x in X[:, 0]]\n"
    )
    path = tmp_path / "rule.pkl"
    path.write_bytes(b"\x80\x04\x8c\x04ours\x8c\x04Rule\x93)\x81.")
    with pytest.raises(UserError, match="the model needs ModuleNotFoundError: No module named 'ours'"):
        open_model(ModelSpec(path=str(path)))
    with opened(ModelSpec(path=str(path), code=(str(tmp_path),))) as oracle:
        assert oracle.labels(np.array([[1.0], [-1.0]])).tolist() == [1, 0]


def test_a_hostile_pickle_reaches_nothing(tmp_path):
    target = tmp_path / "stolen"
    command = (os.system, (f"touch {target}",))
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps(type("Evil", (), {"__reduce__": lambda self: command})()))
    with pytest.raises(UserError):
        opened(ModelSpec(path=str(path)))
    assert not target.exists()


class Liar:
    """The other side, answering what a test wants."""

    alive = True

    def __init__(self, **answers):
        self.answers = {
            "describe": ({"name": "m\x1b[2J", "classes": ["a", "b"], "capabilities": ["labels", "scores", "gradient", "structure"]}, {}),
            **answers,
        }

    def call(self, method, values=None, arrays=None, *, seconds=None):
        return self.answers[method]

    def close(self):
        pass


TREE = {
    "feature": np.array([0, 0, 0]),
    "threshold": np.array([0.5, 0.0, 0.0]),
    "left": np.array([1, 1, 2]),
    "right": np.array([2, 1, 2]),
    "missing_left": np.array([True, True, True]),
    "value": np.array([[0.0, 0], [1, 0], [0, 1]]),
    "cover": np.array([9.0, 4, 5]),
    "roots": np.array([0]),
    "base": np.zeros(2),
}
TREE_VALUES = {"kind": "TreeEnsemble", "columns": 1, "decision": "largest", "last": False, "divisor": 1.0, "single": False}


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        ("labels", {}),
        ("labels", {"labels": np.array([0, 7])}),
        ("labels", {"labels": np.array([0, -1])}),
        ("labels", {"labels": np.array([0.0, 1.0])}),
        ("labels", {"labels": np.array([0])}),
        ("scores", {"scores": np.array([[0, 1.0]])}),
        ("scores", {"scores": np.array([[0, 1.0], [0, np.nan]])}),
        ("gradient", {"loss": np.zeros(2), "gradient": np.zeros((2, 9))}),
        ("gradient", {"loss": np.array([0, np.inf]), "gradient": np.zeros((2, 1))}),
    ],
)
def test_lies_are_refused(method, answer):
    oracle = IsolatedOracle(lambda: Liar(**{method: ({}, answer)}))
    assert oracle.name == "m\\x1b[2J"
    x, y = np.zeros((2, 1)), np.array([0, 1])
    with pytest.raises(OracleError):
        oracle.gradient(x, y, Loss.MARGIN) if method == "gradient" else getattr(oracle, method)(x)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "Other"},
        {"decision": "by dice"},
        {"columns": 0},
        {"divisor": 0.0},
        {"left": np.array([0.0, 1, 2])},
        {"left": np.array([1, 1])},
        {"left": np.array([9, 1, 2])},
        {"feature": np.array([4, 0, 0])},
        {"roots": np.array([-1])},
        {"right": np.array([0, 1, 2])},
        {"left": np.array([1, 0, 2]), "right": np.array([2, 2, 2])},
        {"value": np.array([[0.0, 0], [np.inf, 0], [0, 1]])},
        {"cover": np.array([9.0, np.nan, 5])},
        {"cover": np.array([9.0, 4])},
        {"value": np.zeros((3, 3)), "base": np.zeros(3)},
    ],
)
def test_structures_that_are_none_are_refused(change):
    values = TREE_VALUES | {key: value for key, value in change.items() if not isinstance(value, np.ndarray)}
    arrays = TREE | {key: value for key, value in change.items() if isinstance(value, np.ndarray)}
    with pytest.raises(OracleError, match="answers a structure with"):
        IsolatedOracle(lambda: Liar(structure=(values, arrays))).structure()
    good = IsolatedOracle(lambda: Liar(structure=(TREE_VALUES, TREE))).structure()
    assert good.decide(np.array([[0.0], [1.0]])).tolist() == [0, 1]
