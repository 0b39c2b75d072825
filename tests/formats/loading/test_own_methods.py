"""Methods that an object keeps (``TfidfVectorizer(tokenizer=words.split)``): as harmless as the object, as long as nothing calls them while the file loads."""

from __future__ import annotations

import pytest
from tests.hostile.assembler import called, mapped, named, new, pack, stream, text

from aisecops.core.asset import FileVerdict
from aisecops.formats.loading.judgement import Rulings, annotate, judge
from aisecops.formats.pickle.walk import walk
from aisecops.knowledge.callables import Table

OWN = ("shop.words", "Words")
SPLIT = called("builtins", "getattr", new(*OWN), text("split"))


def verdict(body: bytes) -> FileVerdict:
    content, table = stream(body), Table()
    rulings = Rulings(table)
    trace = annotate(content, walk(content, keep_arguments=table.wants_arguments), table, rulings)
    return FileVerdict.worst(FileVerdict.CLEAN, *(concern.verdict for concern in judge(trace, table, rulings=rulings).concerns))


@pytest.mark.parametrize("owner", [new(*OWN), new(*OWN) + mapped(n=b"N") + b"b", called(*OWN), new("__main__", "Words")])
def test_a_method_of_an_object_of_the_project_is_for_review_like_the_object(owner: bytes) -> None:
    assert verdict(pack(called("builtins", "getattr", owner, text("split")))) is FileVerdict.REVIEW


WORDS = called("re", "_compile", text("[a-z]+"), b"K\x20")


def test_a_vectorizer_may_keep_the_search_of_a_regular_expression() -> None:
    assert verdict(pack(called("builtins", "getattr", WORDS, text("findall")))) is FileVerdict.CLEAN


def test_a_transformer_may_keep_a_method_of_arrays_but_none_that_writes() -> None:
    assert verdict(pack(called("builtins", "getattr", named("numpy", "ndarray"), text("astype")))) is FileVerdict.CLEAN
    assert verdict(pack(called("builtins", "getattr", named("numpy", "ndarray"), text("tofile")))) is FileVerdict.BLOCK
    assert verdict(pack(named("pandas.core.generic", "NDFrame.abs"))) is FileVerdict.CLEAN
    assert verdict(pack(named("pandas.core.generic", "NDFrame.to_csv"))) is FileVerdict.BLOCK


def test_a_schedule_may_keep_the_curve_that_it_has_chosen() -> None:
    cyclic = "torch.optim.lr_scheduler", "CyclicLR"
    assert verdict(pack(called("builtins", "getattr", named(*cyclic), text("_triangular_scale_fn")))) is FileVerdict.CLEAN
    assert verdict(pack(called("builtins", "getattr", named(*cyclic), text("step")))) is FileVerdict.BLOCK


@pytest.mark.parametrize(
    "body",
    [
        called("builtins", "getattr", WORDS, text("findall")) + text("a") + b"\x85R",
        called("builtins", "getattr", WORDS, text("__class__")),
        SPLIT + b")R",
        SPLIT + mapped(a=b"N") + b"b",
        called("builtins", "getattr", SPLIT, text("func")),
        called("builtins", "getattr", new(*OWN), text("__init__")),
        called("builtins", "getattr", new(*OWN), text("__globals__")),
        called("builtins", "getattr", new("pandas.core.frame", "DataFrame"), text("to_pickle")),
        called("builtins", "getattr", named("os", "environ"), text("pop")),
    ],
)
def test_what_is_called_at_once_or_reaches_further_is_blocked(body: bytes) -> None:
    assert verdict(body) is FileVerdict.BLOCK
