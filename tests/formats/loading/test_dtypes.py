"""Data types of numpy that lie about their fields: numpy believes their state, reads beyond the array and takes bytes of the file for addresses of objects."""

from __future__ import annotations

import io
import json
import pickle
from pathlib import Path

import joblib
import ml_dtypes
import numpy as np
import pytest
from tests.hostile.assembler import called, data, get, named, number, pack, put, stream, text

from aisecops.cli import main
from aisecops.core.asset import FileVerdict
from aisecops.formats.loading.judgement import Rulings, annotate, judge
from aisecops.formats.pickle import dtypes
from aisecops.formats.pickle.walk import walk
from aisecops.knowledge.callables import Table

OBJECTS = pickle.dumps(np.dtype("O"), 3)[2:-1]
FLOATS = pickle.dumps(np.dtype("f8"), 3)[2:-1]
NONE = b"N"


def verdict(content: bytes, *, by_joblib: bool = False) -> FileVerdict:
    table = Table()
    rulings = Rulings(table)
    trace = annotate(content, walk(content, joblib=by_joblib, keep_arguments=table.wants_arguments), table, rulings)
    return FileVerdict.worst(FileVerdict.CLEAN, *(concern.verdict for concern in judge(trace, table, rulings=rulings).concerns))


def state(field: bytes = OBJECTS, *, at: int = 0, size: int = 8, flags: int = 0, shape: bytes = NONE) -> bytes:
    names, fields = pack(text("f")), b"}(" + text("f") + pack(field, number(at)) + b"u"
    return pack(number(3), text("|"), shape, names, fields, number(size), number(1), number(flags))


def plain(size: int, flags: int) -> bytes:
    """The state of a data type without fields."""
    return pack(number(3), text("|"), NONE, NONE, NONE, number(size), number(-1), number(flags))


def array(code: bytes, fields: bytes) -> bytes:
    """An array of one item with that data type, written as numpy writes one."""
    dtype = called("numpy", "dtype", code, b"\x89", b"\x88") + fields + b"b"
    made = called("numpy._core.multiarray", "_reconstruct", named("numpy", "ndarray"), pack(number(0)), text("b"))
    return made + pack(number(1), pack(number(1)), dtype, b"\x89", data(b"A" * 8)) + b"b"


def test_a_record_of_numbers_passes() -> None:
    assert verdict(stream(array(text("V8"), state(FLOATS)))) is FileVerdict.CLEAN


@pytest.mark.parametrize(
    "body",
    [
        array(text("V8"), state()),
        array(text("f8"), state()),
        array(text("S8"), state()),
        array(named("numpy", "record"), state()),
        array(text("V8"), state(called("numpy", "dtype", named("numpy", "object_")))),
        array(text("V8"), state(called("numpy.dtypes", "ObjectDType"))),
        array(text("V8"), state(FLOATS, at=1 << 20)),
        array(text("V8"), state(FLOATS, shape=pack(OBJECTS, pack(number(1))))),
        array(text("V8"), state(number(5))),
        OBJECTS + put(9) + b"0" + array(text("V8"), state(get(9))),
        array(text("V8"), state(FLOATS) + b"b" + state()),
        pickle.dumps(np.dtype("f8"), 3)[2:-1] + b"0" + array(text("f8"), state()),
        array(text("O8"), plain(-1, 0)),
        array(text("O8"), plain(-1, 1)),
        array(text("f8"), plain(-1, 1)),
        array(named("numpy", "object_"), plain(-1, 0)),
        array(named("builtins", "object"), plain(-1, 0)),
        array(b"](" + pack(text("a"), text("O")) + b"e", plain(8, 0)),
        array(text("V8"), state(flags=63) + b"b" + plain(8, 0)),
        array(text("V8"), state(flags=1)),
        array(text("V8"), state(called("numpy", "dtype", text("V8"), b"\x89", b"\x88") + plain(4096, 0) + b"b")),
        array(text("f8"), state(FLOATS, at=1000, size=4096)),
        array(named("numpy", "float64"), state(FLOATS, at=1000, size=4096)),
    ],
)
def test_a_data_type_that_lies_is_blocked(body: bytes) -> None:
    assert verdict(stream(body)) is FileVerdict.BLOCK


@pytest.mark.parametrize("protocol", range(6))
def test_honest_data_types_pass_in_every_protocol(protocol: int) -> None:
    aligned = np.dtype({"names": ["a", "b"], "formats": ["u1", "f8"]}, align=True)
    nested = np.dtype([("a", "f4", (2, 3)), ("b", [("c", "O"), ("d", "M8[ns]")]), ("e", "U3")])
    found = {
        "objects": np.array(["a", None], object),
        "records": np.rec.array([(1, "a")], dtype=[("x", int), ("y", "U1")]),
        "arrays": [np.zeros(2, kind) for kind in (aligned, nested, ">f8", "M8[s]", "V3", "S4")],
        "types": [aligned, nested, np.dtype(("u2", [("low", "u1"), ("high", "u1")])), np.dtype("V5"), np.dtype(("f8", (2,)))],
    }
    assert verdict(pickle.dumps(found, protocol)) is FileVerdict.CLEAN
    assert verdict(pickle.dumps(np.zeros(3, ml_dtypes.bfloat16), protocol)) is FileVerdict.REVIEW  # nobody knows the package, and no word of a lie


def test_many_arrays_that_have_a_data_type_each_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """As arrays have that came out of pickles one by one: what may be read grows with the stream."""
    monkeypatch.setattr(dtypes, "_MOST_STEPS", 200)
    once = pickle.dumps(np.zeros(2, [("a", "f4"), ("b", "M8[ns]")]))
    assert verdict(pickle.dumps([pickle.loads(once) for _ in range(50)])) is FileVerdict.CLEAN


def test_records_with_objects_pass_in_joblib() -> None:
    file = io.BytesIO()
    joblib.dump({"records": np.zeros(2, [("a", "f4"), ("b", "O")])}, file)
    assert verdict(file.getvalue(), by_joblib=True) is FileVerdict.CLEAN


def test_a_twin_of_an_honest_file_that_lies_is_blocked(tmp_path: Path) -> None:
    honest, lying = (stream(array(text("V8"), state(FLOATS, at=at))) for at in (0, 9))
    plainly, denying = (stream(array(text("O8"), plain(-1, flags))) for flags in (63, 0))
    for number_ in range(3):
        (tmp_path / f"{number_}.pkl").write_bytes(honest)
        (tmp_path / f"{number_ + 3}.pkl").write_bytes(plainly)
    (tmp_path / "7.pkl").write_bytes(lying)
    (tmp_path / "8.pkl").write_bytes(denying)
    main(["scan", "--quiet", "--no-cache", "--jobs", "1", "--format", "json", "--output", str(tmp_path / "run.json"), str(tmp_path)])
    run = json.loads((tmp_path / "run.json").read_bytes())
    verdicts = {asset["path"]: asset["verdict"] for asset in run["assets"] if asset["kind"] == "model-file"}
    assert verdicts == {**{f"{number_}.pkl": "clean" for number_ in range(6)}, "7.pkl": "block", "8.pkl": "block"}
