"""Classes whose instances hold an address in compiled code: made by their own reconstructors and nothing else, in whatever order files come."""

from __future__ import annotations

import pytest
from tests.hostile.assembler import called, mapped, named, new, number, pack, stream

from aisecops.core.asset import FileVerdict
from aisecops.formats.loading.judgement import Rulings, judge
from aisecops.formats.pickle.walk import walk
from aisecops.knowledge.callables import Table

BOOSTER = named("xgboost.core", "Booster")
STATE = mapped(handle=b"N")
MADE = called("copyreg", "_reconstructor", BOOSTER, named("builtins", "object"), b"N") + STATE + b"b0"
"""As protocols 0 and 1 write one."""


def verdict(content: bytes, rulings: Rulings, table: Table) -> FileVerdict:
    trace = walk(content, keep_arguments=table.wants_arguments)
    return FileVerdict.worst(FileVerdict.CLEAN, *(concern.verdict for concern in judge(trace, table, rulings=rulings).concerns))


@pytest.mark.parametrize("honest_first", [True, False])
def test_a_reference_too_many_is_told_from_those_that_make_instances(honest_first: bool) -> None:
    table = Table()
    rulings = Rulings(table)
    honest = [stream(MADE, b"N"), stream(MADE, MADE, b"N"), stream(new("xgboost.core", "Booster"), STATE, b"b")]
    swapped = stream(MADE, new("argparse", "Namespace"), pack(mapped(handle=number(4096)), mapped(__class__=BOOSTER)), b"b")
    for content in honest if honest_first else [swapped, *honest]:
        assert verdict(content, rulings, table) is (FileVerdict.BLOCK if content is swapped else FileVerdict.CLEAN)
    assert verdict(swapped, rulings, table) is FileVerdict.BLOCK


@pytest.mark.parametrize("state", [new("collections", "UserDict"), called("builtins", "dict"), BOOSTER])
def test_the_state_is_a_dictionary_of_the_stream(state: bytes) -> None:
    table = Table()
    content = stream(new("xgboost.core", "Booster"), STATE, b"b0", new("xgboost.core", "Booster"), state, b"b")
    assert verdict(content, Rulings(table), table) is FileVerdict.BLOCK


def test_other_classes_may_have_an_object_for_a_state() -> None:
    table = Table()
    assert verdict(stream(new("argparse", "Namespace"), called("collections", "OrderedDict"), b"b"), Rulings(table), table) is FileVerdict.CLEAN
