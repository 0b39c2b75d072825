"""joblib's raw arrays: stepped over exactly as far as joblib reads, or not at all."""

from __future__ import annotations

import io

import joblib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joblib import numpy_pickle

from aisecops.core.settings import Operation
from aisecops.formats.pickle.trace import Ending, StreamAnomaly, Trace
from aisecops.formats.pickle.walk import walk


def dumped(thing: object, protocol: int | None = None) -> bytes:
    file = io.BytesIO()
    joblib.dump(thing, file, protocol=protocol)
    return file.getvalue()


def honest(stream: bytes) -> Trace:
    trace = walk(stream, joblib=True)
    wrong = list(trace.anomalies)
    assert (trace.ending, trace.error, trace.end, wrong) == (Ending.STOP, "", len(stream), [])
    return trace


class OldWrapper(numpy_pickle.NumpyArrayWrapper):
    """As joblib before 1.2 wrote it: no alignment, no padding."""


OldWrapper.__module__, OldWrapper.__qualname__, OldWrapper.__name__ = "joblib.numpy_pickle", "NumpyArrayWrapper", "NumpyArrayWrapper"


def dumped_by_old_joblib(monkeypatch: pytest.MonkeyPatch, thing: object) -> bytes:
    create = numpy_pickle.NumpyPickler._create_array_wrapper

    def without_alignment(self: object, array: object) -> object:
        wrapper = create(self, array)
        del wrapper.numpy_array_alignment_bytes
        return wrapper

    with monkeypatch.context() as patched:
        patched.setattr(numpy_pickle.NumpyPickler, "_create_array_wrapper", without_alignment)
        return dumped(thing)


ARRAYS = {
    "floats": np.arange(6.0).reshape(2, 3),
    "fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "other byte order": np.arange(4, dtype=">i4"),
    "bool": np.ones(5, bool),
    "half": np.ones(5, np.float16),
    "long double": np.ones(3, np.longdouble),
    "complex": np.ones(3, complex),
    "no items": np.ones((3, 0)),
    "no dimensions": np.array(3.5),
    "text": np.array(["ab", "é"]),
    "8-bit text": np.array([b"ab", b"c"]),
    "void": np.zeros(2, "V5"),
    "dates": np.array(["2020-01-01"], "M8[ns]"),
    "spans": np.array([5], "m8[D]"),
    "records": np.zeros(2, [("q", "<i4"), ("z", "U3")]),
    "nested records": np.zeros(2, [("q", [("a", "<f8"), ("b", "S3")]), ("z", "<i4", (2, 2))]),
    "aligned records": np.zeros(2, np.dtype([("q", "i1"), ("z", "f8")], align=True)),
    "objects": np.array(["x", None, {"a": 1}], object),
    "records with objects": np.array([(1, "x")], [("q", "<i4"), ("o", object)]),
    "matrix": np.matrix([[1, 2]]),
}


def without_padding(raw: bytes, dtype: np.dtype) -> bytes:
    """What lies between the fields of aligned records is whatever was in memory: copies and joblib leave it unset."""
    if dtype.names is None:
        return raw
    plain = np.zeros(len(raw) // dtype.itemsize, dtype)
    for name in dtype.names:
        plain[name] = np.frombuffer(raw, dtype)[name]
    return plain.tobytes()


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
@pytest.mark.parametrize("name", ARRAYS)
def test_every_dtype_and_protocol(name: str, protocol: int) -> None:
    array = ARRAYS[name]
    stream = dumped({"before": 1, "array": array, "after": [array.copy(), array.T, "end"]}, protocol)
    trace = honest(stream)
    assert len(trace.arrays) == 3
    assert all(found.nested == array.dtype.hasobject for found in trace.arrays)
    for found in trace.arrays:
        if not found.nested:
            written = without_padding(stream[found.end - array.nbytes : found.end], array.dtype)
            assert written in (array.tobytes("C"), array.tobytes("F"), array.T.tobytes("C"))
    assert ("numpy", "ndarray") in {g.resolved for g in trace.globals} or name == "matrix"


@given(st.lists(st.sampled_from(sorted(ARRAYS)), max_size=6), st.integers(0, 5))
@settings(max_examples=40, deadline=None)
def test_many_arrays_that_share_dtypes(names: list[str], protocol: int) -> None:
    dtype = np.dtype("f8")
    things = [dtype, *(ARRAYS[name] for name in names), [np.ones(3, dtype), np.ones(2, dtype)], dtype]
    assert len(honest(dumped(things, protocol)).arrays) >= len(set(names))


@pytest.mark.parametrize("name", ARRAYS)
def test_joblib_before_alignment(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = dumped_by_old_joblib(monkeypatch, [ARRAYS[name], "after"])
    assert len(honest(stream).arrays) == 1


def test_estimators() -> None:
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import SVC

    X = np.random.default_rng(0).random((40, 4))
    y = X[:, 0] > 0.5
    for model in (RandomForestClassifier(5).fit(X, y), SVC(probability=False).fit(X, y), TfidfVectorizer().fit(["a few words", "more words"])):
        for protocol in (2, 4, 5):
            assert honest(dumped(model, protocol)).arrays


def test_code_behind_an_array_and_in_an_object_array_is_found() -> None:
    class Evil:
        def __reduce__(self) -> object:
            return eval, ("1",)

    for thing in ([np.ones(1000), Evil()], np.array([Evil(), 1], object), {"a": np.array([np.ones(3), Evil()], object)}):
        calls = [use for use in honest(dumped(thing)).uses if use.operation is Operation.CALL]
        assert "eval" in {honest(dumped(thing)).globals[use.callee].name for use in calls}


def test_arrays_are_only_skipped_where_joblib_reads() -> None:
    assert walk(dumped(np.arange(6.0))).arrays == ()


def test_a_cut_array_is_truncated() -> None:
    stream = dumped(np.arange(600.0))
    for cut in (1, 100, 4800, 4816):
        assert walk(stream[:-cut], joblib=True).ending is Ending.TRUNCATED


WRAPPER = b"cjoblib.numpy_pickle\nNumpyArrayWrapper\n"
DTYPE = b"cnumpy\ndtype\nU\x02f8\x89\x88\x87R(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
STATE = b"}(U\x08subclassNU\x05shapeK\x02\x85U\x05orderU\x01CU\x05dtype" + DTYPE + b"U\x0aallow_mmap\x89u"
BYTES = b"cos\nsystem\n)R..."


def test_a_wrapper_by_hand() -> None:
    trace = walk(b"\x80\x02" + WRAPPER + b")\x81" + STATE + b"b" + BYTES + b".", joblib=True)
    assert (trace.ending, trace.end, len(trace.arrays)) == (Ending.STOP, trace.arrays[0].end + 1, 1)
    assert trace.arrays[0].end - trace.arrays[0].start == 16
    assert "os" not in {g.module for g in trace.globals}


HOSTILE = {
    "shape is no tuple": (STATE.replace(b"K\x02\x85", b"](K\x02e"), b")\x81%sb"),
    "shape is negative": (STATE.replace(b"K\x02\x85", b"J\xff\xff\xff\xff\x85"), b")\x81%sb"),
    "shape overflows": (STATE.replace(b"K\x02\x85", b"\x8a\x09\x02\x00\x00\x00\x00\x00\x00\x00\x01\x85"), b")\x81%sb"),
    "shape is computed": (STATE.replace(b"K\x02\x85", b"cm\nf\n)R"), b")\x81%sb"),
    "dtype lacks": (STATE.replace(b"U\x05dtype" + DTYPE, b""), b")\x81%sb"),
    "dtype is text": (STATE.replace(DTYPE, b"U\x02f8"), b")\x81%sb"),
    "dtype is computed": (STATE.replace(DTYPE, b"cm\nf\nU\x02f8\x85R"), b")\x81%sb"),
    "dtype is unheard of": (STATE.replace(b"U\x02f8", b"U\x02z8"), b")\x81%sb"),
    "dtype is a type": (STATE.replace(b"U\x02f8", b"cm\nf\n"), b")\x81%sb"),
    "dtype is empty": (STATE.replace(b"U\x02f8", b"U\x02V0"), b")\x81%sb"),
    "dtype claims objects": (STATE.replace(b"K\x00tb", b"K?tb"), b")\x81%sb"),
    "dtype claims fields": (STATE.replace(b"NNNJ", b"N](U\x01ae}U\x01a" + DTYPE + b"K\x00\x86sJ"), b")\x81%sb"),
    "dtype is built twice": (STATE.replace(DTYPE, DTYPE + b"Nb"), b")\x81%sb"),
    "alignment is odd": (STATE[:-1] + b"U\x1bnumpy_array_alignment_bytes](Neu", b")\x81%sb"),
    "state from the memo": (STATE, b"q\x00" + b")\x81h\x01b"),
    "object from the memo": (STATE, b")\x81q\x07N0%sh\x07Nbb"),
    "built twice": (STATE, b")\x81q\x06%sb" + BYTES + b"h\x06h\x01b"),
    "called": (STATE, b"(NU\x00U\x00Nt" + b"R%sb"),
    "made with keywords": (STATE, b")}\x92%sb"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_is_guessed(name: str) -> None:
    state, form = HOSTILE[name]
    stream = b"\x80\x04" + state + b"q\x010" + WRAPPER + (form.replace(b"%s", state)) + BYTES + b"."
    trace = walk(stream, joblib=True)
    assert trace.ending is Ending.LIMIT
    assert "nobody can tell" in trace.error


def test_a_wrapper_that_another_function_makes() -> None:
    for call in (
        b"cm\nmake\n" + WRAPPER + b"\x85R",
        b"cm\nmake\n" + WRAPPER + b"\x85q\x000h\x00R",
        b"cm\nf\n)\x81N}U\x09__class__" + WRAPPER + b"s\x86b",
    ):
        trace = walk(b"\x80\x02" + call + STATE + b"b" + BYTES + b".", joblib=True)
        assert (trace.ending, trace.arrays) == (Ending.LIMIT, ())


def test_a_class_of_that_name_elsewhere() -> None:
    """If it is no wrapper, the bytes behind it are opcodes; if it is one, they are not."""
    for name in (b"cmine\nNumpyArrayWrapper\n", b"\x80\x04U\x06joblibU\x1enumpy_pickle.NumpyArrayWrapper\x93"):
        trace = walk(name + b")\x81" + STATE + b"b" + BYTES + b".", joblib=True)
        assert (trace.ending, trace.arrays) == (Ending.LIMIT, ())


def test_what_an_object_array_returns_takes_the_place_of_the_wrapper() -> None:
    state = STATE.replace(b"U\x02f8", b"U\x02O8").replace(b"K\x00tb", b"K?tb")
    trace = walk(b"\x80\x02" + WRAPPER + b")\x81" + state + b"b" + b"cos\nsystem\n." + b")R.", joblib=True)
    assert trace.ending is Ending.STOP
    assert (Operation.CALL, "system") in {(use.operation, trace.globals[use.callee].name) for use in trace.uses}


def test_an_array_inside_a_frame() -> None:
    body = WRAPPER + b")\x81" + STATE + b"bN0"
    stream = b"\x80\x04\x95" + len(body).to_bytes(8, "little") + body + BYTES + b"."
    trace = walk(stream, joblib=True)
    assert trace.ending is Ending.LIMIT
    assert [anomaly.kind for anomaly in trace.anomalies] == [StreamAnomaly.FRAME_DISAGREEMENT]


def test_arrays_in_files_of_their_own() -> None:
    stream = b"\x80\x02cjoblib.numpy_pickle\nNDArrayWrapper\n)\x81}(U\x08filenameU\x05x.npyU\x08subclasscnumpy\nndarray\nub."
    trace = walk(stream, joblib=True)
    assert trace.ending is Ending.STOP
    assert [anomaly.kind for anomaly in trace.anomalies] == [StreamAnomaly.EXTERNAL_FILE]
