"""Instances of classes by value that the file itself asks something while it loads: their answer is code of the file."""

from __future__ import annotations

import pickle
import subprocess
import sys
from functools import cache

import pytest
from tests.formats.loading.test_by_value import verdict

from aisecops.core.asset import FileVerdict

SCRIPT = """
import collections, functools, os, pathlib, pickle, sys, cloudpickle, numpy as np

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
}
honest = {'model': Model(), 'class': Model, 'closure': lambda: inner, 'in lists': [[Part()], {1: Part()}]}
sys.stdout.buffer.write(pickle.dumps([{name: cloudpickle.dumps(it) for name, it in each.items()} for each in (hostile, honest)]))
"""
HOSTILE = ["str", "str of a list", "float", "bytes", "path", "dict", "scalar", "deque", "in a tuple", "items", "an item", "keys"]


@cache
def files() -> list[dict[str, bytes]]:
    made: list[dict[str, bytes]] = pickle.loads(subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, check=True).stdout)
    return made


@pytest.mark.parametrize("name", HOSTILE)
def test_an_instance_that_is_asked_while_it_loads_is_blocked(name: str) -> None:
    assert verdict(files()[0][name]) is FileVerdict.BLOCK


@pytest.mark.parametrize("name", ["model", "class", "closure", "in lists"])
def test_an_instance_that_is_only_kept_is_for_review(name: str) -> None:
    assert verdict(files()[1][name]) is FileVerdict.REVIEW


def test_what_the_pass_cannot_follow_is_blocked() -> None:
    """A number of the extension registry ends the pass: what comes behind it may be anything."""
    content = files()[1]["model"]
    assert verdict(b"\x80\x05\x82\x010" + content[2:]) is FileVerdict.BLOCK


def test_a_class_that_registers_its_own_subclasses_is_blocked() -> None:
    """cloudpickle calls ``register`` of a class whose state says that it is abstract; the class may bring its own."""
    source = (
        "import abc\nclass It: pass\n"
        "It.register = classmethod(lambda cls, other: os.system('true'))\n"
        "import cloudpickle.cloudpickle as c\nplain = c._class_getstate\n"
        "def getstate(obj):\n    state, slots = plain(obj)\n    state['_abc_impl'] = [1] if obj is It else state.get('_abc_impl')\n    return state, slots\n"
        "c._class_getstate = getstate\nit = It"
    )
    from tests.formats.loading.test_by_value import by_value

    assert verdict(by_value("cloudpickle", source)) is FileVerdict.BLOCK
