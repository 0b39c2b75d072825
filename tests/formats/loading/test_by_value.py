"""Functions and classes pickled by value: for review, unless their code would run while loading."""

from __future__ import annotations

import subprocess
import sys

import pytest

from aisecops.core.asset import FileVerdict
from aisecops.formats.loading.judgement import annotate, judge
from aisecops.formats.pickle.walk import walk
from aisecops.knowledge.callables import Table

SCRIPT = """
import os, sys, numpy as np, {pickler}
{source}
sys.stdout.buffer.write({pickler}.dumps(it))
"""


def by_value(pickler: str, source: str) -> bytes:
    """What ``source`` calls ``it``, pickled in a main module of its own, so that no pickler can name it."""
    return subprocess.run([sys.executable, "-c", SCRIPT.format(pickler=pickler, source=source)], capture_output=True, check=True).stdout


def verdict(data: bytes) -> FileVerdict:
    table = Table()
    trace = annotate(data, walk(data, keep_arguments=table.wants_arguments), table)
    return FileVerdict.worst(*(concern.verdict for concern in judge(trace, table).concerns))


@pytest.mark.parametrize("pickler", ["cloudpickle", "dill"])
@pytest.mark.parametrize(
    "source",
    [
        "it = lambda x: np.log1p(x)",
        "class Model:\n    def predict(self, x): return x\nit = Model()",
        "import types\nit = types.SimpleNamespace(a=1, f=lambda: 2)",
    ],
    ids=["lambda", "instance", "namespace"],
)
def test_code_that_waits_to_be_called_is_for_review(pickler, source):
    assert verdict(by_value(pickler, source)) is FileVerdict.REVIEW


@pytest.mark.parametrize(
    "source",
    [
        "class E:\n    def __setstate__(self, s): os.system('true')\n    def __getstate__(self): return {'a': 1}\nit = E()",
        "class E:\n    def __new__(cls, *a): os.system('true'); return object.__new__(cls)\nit = E()",
        "class M(type):\n    def __call__(cls, *a): return 1\nclass E(metaclass=M): pass\nit = E",
        "def f(): os.system('true')\nclass E:\n    def __reduce__(self): return f, ()\nit = E()",
        "class E:\n    def __reduce__(self): return (lambda: 1), ()\nit = [E(), 1]",
        "import types\nit = types.SimpleNamespace(**{'__setstate__': lambda s: os.system('true')})",
    ],
    ids=["setstate", "new", "metaclass", "call", "call-lambda", "namespace"],
)
def test_code_that_runs_while_loading_is_blocked(source):
    assert verdict(by_value("cloudpickle", source)) is FileVerdict.BLOCK


def test_a_function_that_becomes_the_setstate_of_a_namespace_is_blocked():
    """BUILD puts a function by value where the next BUILD of the same object looks for ``__setstate__``: it runs, and no class is involved."""
    import argparse

    import cloudpickle

    space: dict[str, object] = {"__name__": "__main__"}
    exec("def hook(state): return None", space)
    hook = cloudpickle.dumps(space["hook"], protocol=2)[:-1]
    instance = f"c{argparse.Namespace.__module__}\nNamespace\n)\x81".encode("latin1")
    data = instance + b"q\xff(X\x0c\x00\x00\x00__setstate__" + hook[2:] + b"dbh\xff}X\x01\x00\x00\x00aK\x01sb."
    assert verdict(b"\x80\x02" + data) is FileVerdict.BLOCK


ARRAY = "c{module}\n_create_array\n(cnumpy._core.multiarray\n{maker}\n(cnumpy\n{made}\n(K\x00tC\x01bt(K\x01(K\x00tcnumpy\ndtype\n("
ARRAY += "X\x02\x00\x00\x00i8\x89\x88tR\x89C\x00tNtR."


def test_arrays_of_dill_are_clean_and_only_arrays() -> None:
    def array(module: str = "dill._dill", maker: str = "_reconstruct", made: str = "ndarray", behind: bytes = b".") -> FileVerdict:
        body = ARRAY.format(module=module, maker=maker, made=made).encode("latin1")
        return verdict(b"\x80\x04" + body[:-1] + behind)

    assert array() is array(made="recarray") is FileVerdict.CLEAN
    assert array(maker="scalar") is array(maker="fromfile") is array(made="memmap") is FileVerdict.BLOCK
    assert array(behind=b"}b.") is array(behind=b"cnumpy._core.multiarray\n_reconstruct\n\x86.") is FileVerdict.BLOCK


def test_an_array_of_a_class_by_value_is_blocked() -> None:
    source = "class It(np.ndarray):\n    def __array_finalize__(self, other): os.system('true')\nit = np.zeros(2).view(It)"
    assert verdict(by_value("dill", source)) is FileVerdict.BLOCK
