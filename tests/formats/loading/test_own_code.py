"""Instances of classes by value that the file itself asks something while it loads: their answer is code of the file."""

from __future__ import annotations

import pickle
import subprocess
import sys
from functools import cache

import pytest
from tests.formats.loading.test_by_value import by_value, verdict

from aisecops.core.asset import FileVerdict

SCRIPT = """
import abc, collections, copyreg, dataclasses, functools, os, pathlib, pickle, sys, cloudpickle, numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import Ridge

class Call:
    def __init__(self, function, *arguments): self.function, self.arguments = function, arguments
    def __reduce__(self): return self.function, self.arguments

class Hostile:
    def __str__(self): os.system('true'); return ''
    __float__ = __index__ = __bytes__ = __fspath__ = __iter__ = keys = __str__

class Listed(list):
    def extend(self, items): os.system('true')
    append = extend

class Mapped(dict):
    def __setitem__(self, key, value): os.system('true')

def fire(*_): os.system('true')

class New:
    __class__ = property(lambda self: self.made)
    def __init__(self, made, state): self.made, self.state = made, state
    def __reduce_ex__(self, protocol): return copyreg.__newobj__, (self.made,), self.state

class Settable: p = property(lambda self: 0, fire)

class Described:
    def __set__(self, instance, value): os.system('true')

class Slotted: p = Described()

class Word(str): pass
Word.__eq__ = Word.__ne__ = lambda self, other: bool(os.system('true'))

class Base: pass
class Derived(Base): pass

class Args(tuple):
    def __iter__(self): os.system('true'); return iter(())

@dataclasses.dataclass
class Settings:
    depth: int = 1

class Abstract(abc.ABC):
    @abc.abstractmethod
    def size(self): ...
    @property
    def twice(self): return 2 * self.size()
    @staticmethod
    def one(): return 1
    @classmethod
    def make(cls): return cls()

class Sized(Abstract):
    def size(self): return 1

class Logs(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None): return self
    def transform(self, X): return np.log1p(X)

class Part:
    def __len__(self): return 3
    def __getitem__(self, index): return [1, 2, 3][index]
    def __call__(self): return 1
    def __str__(self): return 'part'

class Model:
    part = Part()
    def __init__(self):
        self.parts = [Part(), {'a': (Part(),)}]
        self.named = collections.OrderedDict(a=Part())
        self.weights = np.arange(3.0)
        self.objects = np.empty(2, dtype=object)
        self.objects[0] = Part()
        self.later = functools.partial(Part(), 1)
    def predict(self, x, default=Part()): return np.log1p(x), default, PART

PART = Part()
inner = Part()
mapped = Mapped(); dict.__setitem__(mapped, 1, 2)
hostile = {
    'str': Call(str, Hostile()), 'str of a list': Call(str, [Hostile()]), 'float': Call(float, Hostile()), 'bytes': Call(bytes, Hostile()),
    'path': Call(pathlib.PurePosixPath, Hostile()), 'dict': Call(dict, Hostile()), 'scalar': Call(np.float64, Hostile()),
    'deque': Call(collections.deque, Hostile()), 'in a tuple': Call(str, (1, {'a': Hostile()})), 'items': Listed([1, 2]), 'an item': Listed([1]), 'keys': mapped,
    'property': New(Settable, (None, {'p': 1})), 'descriptor': New(Slotted, (None, {'p': 1})), 'key': {'a': 1, Word('a'): 2}, 'member': [{'a', Word('a')}],
    'version': New(Ridge, {'_sklearn_version': Word('1')}), 'arguments': New(functools.partial, (len, Args(), {}, {})),
    'shape': Call(np.ndarray.__reduce__(np.ones(1))[0], np.ndarray, (Hostile(),), b'b'),
}
honest = {
    'settings': Settings(), 'properties': Sized(), 'estimator': Logs(), 'model': Model(), 'class': Model, 'closure': lambda: inner, 'in lists': [[Part()], {1: Part()}],
}
sys.stdout.buffer.write(pickle.dumps([{name: cloudpickle.dumps(it) for name, it in each.items()} for each in (hostile, honest)]))
"""
HOSTILE = [
    "str",
    "str of a list",
    "float",
    "bytes",
    "path",
    "dict",
    "scalar",
    "deque",
    "in a tuple",
    "items",
    "an item",
    "keys",
    "property",
    "descriptor",
    "key",
    "member",
    "version",
    "arguments",
    "shape",
]


@cache
def files() -> list[dict[str, bytes]]:
    made: list[dict[str, bytes]] = pickle.loads(subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, check=True).stdout)
    return made


@pytest.mark.parametrize("name", HOSTILE)
def test_an_instance_that_is_asked_while_it_loads_is_blocked(name: str) -> None:
    assert verdict(files()[0][name]) is FileVerdict.BLOCK


@pytest.mark.parametrize("name", ["model", "class", "closure", "in lists", "settings", "properties", "estimator"])
def test_an_instance_that_is_only_kept_is_for_review(name: str) -> None:
    assert verdict(files()[1][name]) is FileVerdict.REVIEW


def test_what_the_pass_cannot_follow_is_blocked() -> None:
    """A number of the extension registry ends the pass: what comes behind it may be anything."""
    content = files()[1]["model"]
    assert verdict(b"\x80\x05\x82\x010" + content[2:]) is FileVerdict.BLOCK


PATCHED = """
import cloudpickle.cloudpickle as c
class It: pass
class Under(It): pass
def fire(*_): os.system('true')
arguments, state = c._class_getnewargs, c._class_getstate
def getnewargs(made):
    kind, name, bases, namespace, *rest = arguments(made)
    return kind, name, bases, {**namespace, **(within if made is It else {})}, *rest
def getstate(made):
    attributes, slots = state(made)
    return {**attributes, **(after if made is It else {})}, slots
c._class_getnewargs, c._class_getstate = getnewargs, getstate
within, after = {}, {}
"""


@pytest.mark.parametrize(
    "source",
    [
        "after = {'register': classmethod(fire), '_abc_impl': [1]}; it = It",
        "within = {'__init_subclass__': classmethod(fire)}; it = Under",
        "within = {'__dict__': property(lambda self: {'a': fire()})}; it = It(); it.a = 1",
        "after = {'__hash__': lambda self: fire() or 1}; it = [It(), {It(): 1}]",
    ],
    ids=["register", "init-subclass", "dict", "hash"],
)
def test_what_only_a_changed_pickler_writes_is_blocked(source: str) -> None:
    assert verdict(by_value("cloudpickle", PATCHED + source)) is FileVerdict.BLOCK


def test_a_search_that_takes_too_long_counts_as_a_question(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aisecops.formats.pickle.own_code._SEARCHED", 3)
    assert verdict(files()[1]["model"]) is FileVerdict.BLOCK
