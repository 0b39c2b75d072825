"""States that a class turns into code: what scipy and statsmodels write passes, in every protocol, and nothing else does."""

from __future__ import annotations

import io
import pickle
import subprocess
import sys
from pathlib import Path

import joblib
import numpy as np
import pytest
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import RandomizedSearchCV
from sklearn.pipeline import Pipeline
from tests.hostile.assembler import called, get, listed, mapped, named, new, number, pack, put, stream, text

from aisecops.core.asset import FileVerdict
from aisecops.formats.loading.judgement import Rulings, annotate, judge
from aisecops.formats.pickle.walk import walk
from aisecops.knowledge.callables import Table

NORM = ("scipy.stats._continuous_distns", "norm_gen")
TEMPLATE = stats.norm._parse_arg_template
EVIL = text(TEMPLATE + "\nimport os\n")
HONEST = mapped(a=number(0), _parse_arg_template=text(TEMPLATE))
DATA = ("statsmodels.base.data", "PandasData")
SMOOTHING = ("statsmodels.tsa.exponential_smoothing.ets", "ETSModel")
FRAME = new("pandas.core.frame", "DataFrame")


def verdict(content: bytes, *, is_joblib: bool = False) -> FileVerdict:
    table = Table()
    rulings = Rulings(table)
    trace = annotate(content, walk(content, joblib=is_joblib, keep_arguments=table.wants_arguments), table, rulings)
    assert trace.ending == "stop"
    return FileVerdict.worst(FileVerdict.CLEAN, *(concern.verdict for concern in judge(trace, table, rulings=rulings).concerns))


def asked(**formula: bytes) -> bytes:
    return new(*DATA) + mapped(restore_model_spec=b"\x88", frame=FRAME, **formula) + b"b"


@pytest.mark.parametrize("protocol", range(6))
def test_distributions_pass(protocol: int) -> None:
    held = {
        "frozen": [stats.norm(1, 2), stats.randint(1, 5), stats.loguniform(1e-3, 1), stats.beta(2, 3)],
        "kinds": [stats.gamma, stats.poisson, stats.rv_histogram(np.histogram([1.0, 2, 2, 3]))],
        "values": stats.rv_discrete(values=([1, 2], [0.5, 0.5])),
    }
    assert verdict(pickle.dumps(held, protocol=protocol)) is FileVerdict.CLEAN


def test_a_search_over_distributions_passes_in_joblib_too() -> None:
    x = np.random.default_rng(0).normal(size=(40, 3))
    found = RandomizedSearchCV(LogisticRegression(), {"C": stats.uniform(0.1, 2)}, n_iter=2, cv=2, random_state=0).fit(x, x[:, 0] > 0)
    held = io.BytesIO()
    joblib.dump(found, held)
    assert verdict(held.getvalue(), is_joblib=True) is FileVerdict.CLEAN


def test_results_of_statsmodels_pass(tmp_path: Path) -> None:
    script = """if True:
        import sys, numpy as np, pandas as pd, statsmodels.api as sm, statsmodels.formula.api as smf
        x = np.random.default_rng(0).normal(size=(60, 2))
        table = pd.DataFrame({"y": x @ [1.0, 2.0], "a": x[:, 0], "b": x[:, 1]})
        sm.OLS(table["y"], sm.add_constant(x)).fit().save(sys.argv[1] + "/ols.pkl")
        smf.ols("y ~ a * b + a:b", table).fit().save(sys.argv[1] + "/formula.pkl")
        smf.ols("y ~ a + np.log(b ** 2)", table).fit().save(sys.argv[1] + "/calls.pkl")
        sm.tsa.ARIMA(x[:, 0].cumsum(), order=(1, 1, 1)).fit().save(sys.argv[1] + "/arima.pkl")
        sm.tsa.ETSModel(table["y"] + 9, trend="add").fit(disp=0).save(sys.argv[1] + "/smoothing.pkl")
        sm.ZeroInflatedPoisson(np.arange(60) % 3, x).fit(disp=0).save(sys.argv[1] + "/inflated.pkl")
    """
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True)  # statsmodels is slow to import
    judged = {path.stem: verdict(path.read_bytes()) for path in tmp_path.iterdir()}
    assert judged == dict.fromkeys(["ols", "formula", "calls", "arima", "smoothing", "inflated"], FileVerdict.CLEAN)


@pytest.mark.parametrize(
    "body",
    [
        new(*NORM) + mapped(_parse_arg_template=EVIL) + b"b",
        new(*NORM) + HONEST + b"b0" + new(*NORM) + mapped(_parse_arg_template=EVIL) + b"b",
        new(*NORM) + HONEST + b"b" + mapped(_parse_arg_template=EVIL) + b"b",
        new(*NORM) + mapped(a=b"N", _attach_methods=named("numpy", "mean")) + b"b",
        new(*NORM) + b"}(" + text("_parse_arg_template") + text(TEMPLATE) + text("_parse_arg_template") + EVIL + b"u" + b"b",
        new(*NORM) + HONEST + put(0) + text("_parse_arg_template") + EVIL + b"s" + b"b",
        # the dictionary is in other hands before it is the state
        new(*NORM) + HONEST + put(0) + b"0" + get(0) + text("_parse_arg_template") + EVIL + b"s0" + get(0) + b"b",
        new(*NORM) + HONEST + put(0) + b"0" + new("argparse", "Namespace") + get(0) + b"b0" + get(0) + b"b",
        new(*NORM) + HONEST + put(0) + b"0" + listed(get(0)) + b"0" + get(0) + b"b",
        # no dictionary of the stream, or no texts for keys
        new(*NORM) + called("collections", "OrderedDict", listed(pack(text("_parse_arg_template"), EVIL))) + b"b",
        new(*NORM) + pack(HONEST, mapped(_parse_arg_template=EVIL)) + b"b",
        new(*NORM) + b"}(" + number(0) + number(1) + b"u" + b"b",
        new(*NORM) + mapped(_parse_arg_template=called("builtins", "str", EVIL)) + b"b",
        # the class by another way than its instances
        new("argparse", "Namespace") + pack(mapped(x=b"N"), mapped(__class__=named(*NORM))) + b"b" + mapped(_parse_arg_template=EVIL) + b"b",
        called(*NORM, mapped(a=b"N")),
        called("functools", "partial", named(*NORM)),
        called("copyreg", "_reconstructor", named(*NORM), named("builtins", "object"), b"N") + mapped(_parse_arg_template=EVIL) + b"b",
        called("builtins", "getattr", new(*NORM), text("_attach_methods")),
        called("builtins", "getattr", new("argparse", "Namespace"), text("_entropy")),
        called("builtins", "getattr", new(*SMOOTHING), text("fit")),
        called("builtins", "getattr", new(*SMOOTHING), text("loglike")) + b")R",
        called("builtins", "getattr", new(*SMOOTHING), text("loglike")) + mapped(a=b"N") + b"b",
        # the template with something more, or something else
        *(
            new(*NORM) + mapped(_parse_arg_template=text(changed)) + b"b"
            for changed in (
                TEMPLATE.replace("loc=0", "loc=print(1)"), TEMPLATE.replace("scale=1", "scale=(1)"), TEMPLATE.replace("(self, ", "(self, x=print(1), "),
                TEMPLATE + "#", TEMPLATE.replace("return (", "return print("), TEMPLATE.replace("self._argcheck_rvs", "self.x"),
            )
        ),
        asked(formula=text("y ~ __import__('os').system('id')")),
        asked(formula=text("y ~ eval(a)")),
        asked(formula=text("y ~ a.pop")),
        asked(formula=text("y ~ I(open(a))")),
        asked(formula=text("y ~ {a}")),
        asked(formula=text("y ~ I((a)(b))")),
        asked(formula=text("y ~ I(a) (b)")),
        asked(formula=text("y ~ Q('a')('b')")),
        asked(formula=text("y ~ C(a, f'{b}')")),
        asked(formula=text("y ~ np.load(a)")),
        asked(formula=text("y ~ np.log.f(a)")),
        asked(formula=text("y ~ a[0]")),
        asked(formula=text("y ~ Q('a'.b)")),
        asked(formula=text("y ~ a**99999999")),
        asked(formula=called("builtins", "str", text("y ~ a"))),
        asked(),
        new(*DATA) + mapped(restore_design_info=b"\x88", orig_endog=b"N", formula=text("y ~ a")) + b"b",
        new("argparse", "Namespace") + pack(mapped(x=b"N"), mapped(__class__=named(*DATA))) + b"b",
    ],
)  # fmt: skip
def test_whatever_else_they_are_given_is_blocked(body: bytes) -> None:
    assert verdict(stream(body)) is FileVerdict.BLOCK


@pytest.mark.parametrize("formula", ["y ~ a + b", "y ~ a * (b + c) - 1", "log_y ~ 0 + a:b", "y ~ (a + b) ** 2"])
def test_formulas_that_only_look_names_up_pass(formula: str) -> None:
    assert verdict(stream(asked(formula=text(formula)))) is FileVerdict.CLEAN


@pytest.mark.parametrize(
    "formula",
    [
        "y ~ C(a)",
        "np.log(y) ~ a + I(a ** 2)",
        "y ~ Q('tax paid') + bs(x, df=4)",
        "y ~ C(a, Treatment(reference='u v')):b",
        "y ~ I(a > 30) + np.maximum(b, 0.5)",
    ],
)
def test_formulas_that_call_functions_of_formulas_pass(formula: str) -> None:
    assert verdict(stream(asked(formula=text(formula)))) is FileVerdict.CLEAN


MEMORY = ("joblib.memory", "Memory")
NOWHERE = {"location": b"N", "store_backend": b"N"}


@pytest.mark.parametrize("protocol", range(6))
def test_a_memory_that_keeps_nothing_passes_and_one_with_a_folder_is_blocked(protocol: int, tmp_path: Path) -> None:
    assert verdict(pickle.dumps(Pipeline([("model", LogisticRegression())], memory=joblib.Memory(None)), protocol)) is FileVerdict.CLEAN
    assert verdict(pickle.dumps(joblib.Memory(tmp_path), protocol)) is FileVerdict.BLOCK


@pytest.mark.parametrize(
    "state",
    [
        {"location": b"N"},
        NOWHERE | {"store_backend": text("/tmp/results")},
        NOWHERE | {"store_backend": called("pathlib", "PosixPath", text("/tmp/results"))},
        NOWHERE | {"store_backend": b"}"},
        NOWHERE | {"cache": named("numpy", "mean")},
        NOWHERE | {"__class__": named("collections", "OrderedDict")},
    ],
)
def test_a_memory_that_might_keep_something_is_blocked(state: dict[str, bytes]) -> None:
    assert verdict(stream(new(*MEMORY) + mapped(**NOWHERE) + b"b")) is FileVerdict.CLEAN
    assert verdict(stream(new(*MEMORY) + mapped(**state) + b"b")) is FileVerdict.BLOCK
    assert verdict(stream(pack(named(*MEMORY), number(1)))) is FileVerdict.BLOCK
