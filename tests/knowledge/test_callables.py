"""The table of callables: what is blocked, what is for review, what is allowed, for which operation."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisecops.core.asset import FileVerdict
from aisecops.core.settings import AllowedCallable, Operation
from aisecops.knowledge.callables import Condition, Table, table_digest, torch_weights_only_allows

CLEAN, REVIEW, BLOCK = FileVerdict.CLEAN, FileVerdict.REVIEW, FileVerdict.BLOCK
REFERENCE, CALL, INSTANTIATE, STATE, ITEMS = Operation
ROOT = Path(__file__).resolve().parents[2]

# Callables that run code, import, read or write files, open connections or start processes, one per line of attack; most come from the advisories of scanners.
GADGETS = (Path(__file__).parent / "gadgets.txt").read_text("utf-8").split()

ALLOWED = """
collections:OrderedDict:rcist numpy.core.multiarray:_reconstruct:rcs numpy._core.multiarray:_reconstruct:rcs numpy:dtype:rcs numpy:ndarray:ris
numpy._core.multiarray:scalar:rc numpy.random._pickle:__randomstate_ctor:rcs copyreg:_reconstructor:rc _codecs:encode:rc builtins:set:rc
builtins:object:rcis sklearn.svm._classes:SVC:ris sklearn.tree._tree:Tree:rcs sklearn.pipeline:Pipeline:ris
sklearn.ensemble._forest:RandomForestClassifier:ris sklearn.ensemble.forest:RandomForestClassifier:ris sklearn.neighbors._kd_tree:newObj:rc
numpy:log1p:r sklearn.metrics._classification:f1_score:r scipy.special._ufuncs:expit:r scipy.sparse._csr:csr_matrix:ris
pandas.core.frame:DataFrame:ris pandas:DataFrame:ris joblib.numpy_pickle:NumpyArrayWrapper:ris xgboost.core:Booster:ris
xgboost.sklearn:XGBClassifier:ris lightgbm.basic:Booster:ris lightgbm.sklearn:LGBMClassifier:ris catboost.core:CatBoostClassifier:ris
torch._utils:_rebuild_tensor_v2:rc torch.nn.modules.linear:Linear:ris torch.nn.modules.rnn:LSTM:ris torch.nn.modules.transformer:Transformer:ris
torch.optim.adam:Adam:ris torch:FloatStorage:r torch.nn.functional:relu:r datetime:datetime:rc pathlib:PosixPath:rc argparse:Namespace:rcis
operator:itemgetter:rc functools:partial:rcs torchvision.models.resnet:ResNet:ris imblearn.pipeline:Pipeline:ris
pandas:to_numeric:r pandas.core.tools.datetimes:to_datetime:r sklearn.feature_extraction.text:strip_accents_ascii:r
polars.dataframe.frame:DataFrame:ris
polars.datatypes.classes:Int64:ris polars.schema:Schema:rct scipy.stats._stats_py:LinregressResult:rcis lightgbm.engine:CVBooster:ris
torch.nn.utils.prune:L1Unstructured:ris numpy:isin:r numpy.strings:lower:r
numpy.fft:rfft:r scipy.signal._savitzky_golay:savgol_filter:r scipy.ndimage._filters:gaussian_filter:r scipy.stats._morestats:yeojohnson:r
pandas.core.generic:NDFrame.fillna:r torch.optim.swa_utils:SWALR:ris torch.optim:Adafactor:ris xgboost.collective:communicator_print:r
torch:ScriptObject:is torch.utils.data._utils.collate:default_collate:r joblib.memory:Memory:ris
torch._utils:torch.channels_last:r pandas.core.window.rolling:Rolling:ris pandas.core.groupby.grouper:Grouper:ris pyarrow.lib:_reconstruct_table:rc
""".split()
LETTERS = {"r": REFERENCE, "c": CALL, "i": INSTANTIATE, "s": STATE, "t": ITEMS}

REVIEWED = {
    "builtins:print": {REFERENCE},
    "builtins:property": {CALL},
    "builtins:classmethod": {CALL},
    "torch.utils.data.dataloader:DataLoader": {REFERENCE, INSTANTIATE, STATE},
}
"""Gadgets that honest files keep, too: a person has to look at these."""


@pytest.fixture(scope="module")
def table() -> Table:
    return Table()


@pytest.mark.parametrize("gadget", GADGETS)
def test_what_runs_code_or_touches_files_is_blocked_for_every_operation(table: Table, gadget: str) -> None:
    module, _, name = gadget.partition(":")
    # A memory passes where its state says that it keeps nothing, dill's maker of arrays where it makes one: tests/formats/loading/test_vetting.py, test_by_value.py
    by_state = {"joblib.memory:Memory": {REFERENCE, INSTANTIATE, STATE}, "dill._dill:_create_array": {CALL}}.get(gadget, set())
    assert not by_state or table.condition(module, name)
    reviewed = REVIEWED.get(gadget, set())
    assert {table.rule(module, name, operation).verdict for operation in set(Operation) - by_state - reviewed} == {BLOCK}
    assert all(table.rule(module, name, operation).verdict is REVIEW for operation in reviewed)


@pytest.mark.parametrize("entry", ALLOWED)
def test_what_honest_models_need_is_allowed_for_exactly_these_operations(table: Table, entry: str) -> None:
    module, name, letters = entry.split(":")
    allowed = {letter for letter, operation in LETTERS.items() if table.rule(module, name, operation).verdict is CLEAN}
    assert set(letters) <= allowed
    if "c" not in letters:
        assert table.rule(module, name, CALL).verdict is BLOCK


def test_unknown_packages_are_for_review_whatever_the_operation(table: Table) -> None:
    for module, name in (("mycompany.models", "Scorer"), ("__main__", "Net"), ("hdbscan._hdbscan_tree", "__pyx_unpickle_Tree"), ("my-module", "run")):
        assert {table.rule(module, name, operation).rule for operation in Operation} == {"unknown-package"}
        assert table.rule(module, name, CALL).verdict is REVIEW


@pytest.mark.parametrize(
    ("module", "name", "rule"),
    [
        ("shop.nets", "Net.Settings", "unknown-package"), ("__main__", "Net.Settings", "unknown-package"), ("shop.nets", "Net._Uniform", "unknown-package"),
        ("shop.nets", "Path.unlink", "dotted-walk"), ("shop.nets", "net.fit", "dotted-walk"), ("shop.nets", "Net.fit.Thing", "dotted-walk"),
        ("shop.nets", "os.system", "dotted-walk"), ("shop.nets", "Net.os", "dotted-walk"), ("shop.nets", "Net.Popen", "dotted-walk"),
        ("shop.nets", "Net.__init__", "dotted-walk"), ("sklearn.svm", "SVC.Settings", "dotted-walk"), ("pathlib", "Path.Home", "dotted-walk"),
    ],
)  # fmt: skip
def test_a_class_inside_a_class_is_as_unknown_as_the_outer_one(module: str, name: str, rule: str) -> None:
    assert {Table().rule(module, name, operation).rule for operation in Operation} == {rule}


def test_a_method_of_an_unknown_class_may_be_kept_for_review_but_not_called(table: Table) -> None:
    for module, name in (("shop.nets", "Net._fit"), ("__main__", "Net.Settings.check")):
        assert {op for op in Operation if table.rule(module, name, op).rule == "unknown-package"} == {REFERENCE}
    assert table.member("shop.nets", "Net", "_fit").verdict is REVIEW
    assert table.member("shop.nets", "Net", "Kind", CALL).verdict is REVIEW
    for attribute, operation in (("_fit", CALL), ("__init__", REFERENCE), ("unlink", REFERENCE), ("system", REFERENCE), ("_fit.Popen", REFERENCE)):
        assert table.member("shop.nets", "Net", attribute, operation).verdict is BLOCK


def test_a_class_counts_only_where_it_is_defined(table: Table) -> None:
    assert table.rule("sklearn.svm._classes", "SVC", INSTANTIATE).verdict is CLEAN
    assert table.rule("sklearn.svm", "SVC", INSTANTIATE).verdict is BLOCK
    assert table.rule("sklearn.pipeline", "BaseEstimator", REFERENCE).verdict is BLOCK


def test_a_class_whose_state_runs_code_is_denied_state_or_has_it_read(table: Table) -> None:
    assert table.rule("scipy.stats._distn_infrastructure", "rv_generic", STATE).verdict is BLOCK
    ruling = table.rule("scipy.optimize._shgo", "SHGO", STATE)
    assert (ruling.verdict, ruling.rule) == (BLOCK, "class-refused")
    assert "multiprocessing" in ruling.reason
    assert table.condition("scipy.stats._continuous_distns", "norm_gen") == Condition.DISTRIBUTION
    assert table.condition("statsmodels.base.data", "PandasData") == Condition.FORMULA


def test_conditions_are_known_and_only_on_what_may_be_called(table: Table) -> None:
    for module, name, condition in (
        ("copyreg", "_reconstructor", Condition.RECONSTRUCTOR), ("copyreg", "__newobj__", Condition.CLASS_FIRST), ("_codecs", "encode", Condition.ENCODE),
        ("builtins", "getattr", Condition.MEMBER), ("torch.storage", "_load_from_bytes", Condition.NESTED_LOADER), ("numpy.core", "_ufunc_reconstruct", Condition.NAMED),
        ("torch._tensor", "_rebuild_from_type_v2", Condition.CALLABLE_FIRST), ("cloudpickle.cloudpickle", "subimport", Condition.IMPORT),
        ("cloudpickle.cloudpickle", "_builtin_type", Condition.VALUE_TYPE), ("cloudpickle.cloudpickle", "_class_setstate", Condition.RESULT_FIRST),
    ):  # fmt: skip
        assert table.condition(module, name) == condition
        assert table.wants_arguments(module, name)
    assert table.condition("collections", "OrderedDict") == ""
    assert not table.wants_arguments("os", "system")


def test_functions_by_value_are_for_review(table: Table) -> None:
    for module, name in (
        ("cloudpickle.cloudpickle", "_make_function"),
        ("dill._dill", "_create_function"),
        ("types", "CodeType"),
        ("types", "FunctionType"),
    ):
        ruling = table.rule(module, name, CALL)
        assert (ruling.verdict, ruling.rule) == (REVIEW, "function-by-value")


def test_models_of_a_closed_framework_are_made_and_given_state_and_no_more(table: Table) -> None:
    for module, name in (
        ("transformers.models.bert.modeling_bert", "BertModel"), ("transformers.models.bert.configuration_bert", "BertConfig"), ("peft.peft_model", "PeftModel"),
        ("transformers.models.gpt2.modeling_gpt2", "GPT2LMHeadModel"), ("transformers.activations", "GELUActivation"), ("peft.tuners.lora.config", "LoraConfig"),
    ):  # fmt: skip
        assert {operation for operation in Operation if table.rule(module, name, operation).verdict is CLEAN} == {INSTANTIATE, STATE}
        assert table.rule(module, name, CALL).verdict is table.rule(module, name, REFERENCE).verdict is BLOCK
    assert table.rule("peft.utils.peft_types", "PeftType", CALL).verdict is CLEAN
    for module, name in (
        ("transformers", "AutoModel"),
        ("transformers.models.bert.modeling_bert", "load_tf_weights_in_bert"),
        ("accelerate.state", "PartialState"),
    ):
        assert table.rule(module, name, CALL).verdict is BLOCK


def test_formulas_are_for_review_and_what_evaluates_them_at_once_is_blocked(table: Table) -> None:
    for module, name in (("formulaic.model_spec", "ModelSpec"), ("formulaic.parser.types.factor", "Factor")):
        assert {table.rule(module, name, operation).verdict for operation in (INSTANTIATE, STATE)} == {REVIEW}
        assert table.rule(module, name, CALL).verdict is BLOCK
    assert table.member("formulaic.parser.types.factor", "Factor", "EvalMethod", CALL).verdict is CLEAN
    assert table.rule("formulaic.parser.types.factor", "Factor.EvalMethod", CALL).verdict is CLEAN
    for module, name in (
        ("formulaic.utils.stateful_transforms", "stateful_eval"),
        ("formulaic.formula", "Formula.from_spec"),
        ("formulaic", "model_matrix"),
    ):
        assert {table.rule(module, name, operation).verdict for operation in Operation} == {BLOCK}


def test_compiled_functions_are_blocked_and_told_why(table: Table) -> None:
    ruling = table.rule("numba.core.serialize", "custom_rebuild", CALL)
    assert (ruling.verdict, ruling.rule) == (BLOCK, "numba/rebuild")
    assert "evaluates signatures" in ruling.reason
    assert table.rule("numba.core.registry", "CPUDispatcher", REFERENCE).rule == "closed-package"


def test_members_are_values_of_enumerations_and_harmless_methods(table: Table) -> None:
    assert table.member("builtins", "str", "split").verdict is CLEAN
    assert table.member("zoneinfo", "ZoneInfo", "_unpickle", CALL).verdict is CLEAN
    assert table.member("xgboost.core", "DataSplitMode", "ROW").verdict is CLEAN
    for module, name, attribute in (
        ("builtins", "str", "format"), ("builtins", "str", "__class__"), ("numpy", "ndarray", "tofile"), ("xgboost.core", "DataSplitMode", "__class__"),
        ("os", "path", "os"),
    ):  # fmt: skip
        assert table.member(module, name, attribute).verdict is BLOCK
    assert table.member("builtins", "str", "split", CALL).verdict is BLOCK


def test_imports_of_functions_by_value_are_for_review_or_blocked(table: Table) -> None:
    for module in ("numpy", "os", "sklearn.svm", "mycompany"):
        assert table.importable(module).verdict is REVIEW
    for module in ("antigravity", "idlelib.idle", "pip", "this", "numpy.__main__", "IPython", "", "a..b"):
        assert table.importable(module).verdict is BLOCK


def test_a_project_can_allow_an_exact_callable_for_an_operation_but_never_a_walk() -> None:
    entry = AllowedCallable(callable="mycompany.Scorer", operations=(INSTANTIATE,), owner="ann", reason="ours", expires="2030-01-01")
    walk = AllowedCallable(callable="mycompany.os.system", operations=(CALL,), owner="ann", reason="no", expires="2030-01-01")
    table = Table((entry, walk))
    ruling = table.rule("mycompany", "Scorer", INSTANTIATE)
    assert ruling.verdict is CLEAN
    assert "ann" in ruling.reason
    assert table.rule("mycompany", "Scorer", STATE).verdict is REVIEW
    assert table.rule("mycompany", "os.system", CALL).verdict is BLOCK


def test_torch_weights_only_knows_its_144_globals() -> None:
    assert torch_weights_only_allows("torch._utils", "_rebuild_tensor_v2")
    assert torch_weights_only_allows("collections", "OrderedDict")
    assert not torch_weights_only_allows("torch.nn.modules.linear", "Linear")
    assert not torch_weights_only_allows("builtins", "eval")


@given(module=st.text(max_size=30), name=st.text(max_size=30), operation=st.sampled_from(list(Operation)))
def test_no_name_crashes_the_table_and_strangers_are_never_clean(module: str, name: str, operation: Operation) -> None:
    assert Table().rule(module, name, operation).verdict in (REVIEW, BLOCK)


def test_every_module_of_this_standard_library_is_known(table: Table) -> None:
    for module in sys.stdlib_module_names:
        assert table.rule(module, "no_such_thing", CALL).verdict is BLOCK


def test_nothing_heavy_is_imported_and_a_ruling_costs_microseconds() -> None:
    show = (
        "print([m for m in ('json', 'yaml', 'pathlib', 'logging', 'inspect', 'dataclasses', 'importlib.metadata', 'tempfile') if m in sys.modules])"
    )
    use = "from aisecops.knowledge.callables import Table; from aisecops.core.settings import Operation; Table().rule('os', 'system', Operation.CALL)"
    loaded = [
        subprocess.run([sys.executable, "-c", f"import sys, msgspec; {code}; {show}"], capture_output=True, text=True, check=True).stdout
        for code in ("pass", use)
    ]
    assert loaded[0] == loaded[1]


def test_compiled_data_match_what_was_reviewed_and_analysed(monkeypatch: pytest.MonkeyPatch) -> None:
    import json

    import yaml

    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    import build_callables

    reviewed, analysed = yaml.safe_load(build_callables.REVIEWED.read_text("utf-8")), json.loads(build_callables.ANALYSED.read_text("utf-8"))
    files = build_callables.compile_table(reviewed, analysed)
    assert {path.name: path.read_bytes() for path in build_callables.DATA.iterdir()} == files
    assert sum(map(len, files.values())) < 1 << 20
    assert table_digest() == files["digest"].decode().strip()
    assert sum(len(names.split()) for names in reviewed["torch-weights-only"].values()) == 144
    built = {wheel.partition("@")[0] for entry in reviewed["packages"].values() for wheel in entry.get("wheels", ())}
    built |= {release for environment in reviewed["environments"].values() for release in environment["install"]}
    assert not built & set(reviewed["held-out"])
    known = {condition.value for condition in Condition}
    assert {group.get("condition", "") for group in reviewed["callables"]} <= known | {""}


def test_names_that_come_once_do_not_fill_the_memory() -> None:
    table = Table()
    for number in range(30_000):
        assert table.rule(f"stranger{number}.module", "Name", Operation.CALL).verdict is FileVerdict.REVIEW
    assert len(table._rulings) <= 20_000
    assert len(table._packages) < 100
