"""Calls into a quarantine, and everything that can go wrong with one."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from aisecops.core.errors import UserError
from aisecops.isolation import batches
from aisecops.isolation.errors import DiedError, GarbageError, RaisedError, StartError, TimedOutError
from aisecops.isolation.in_process import InProcess
from aisecops.isolation.limits import MIB, Limits
from aisecops.isolation.messages import Answer, ArrayHeader, Channel, MalformedError, plain
from aisecops.isolation.quarantine import Quarantine
from aisecops.isolation.texts import decode_texts, encode_texts

HERE = os.path.dirname(__file__)
NOWHERE = batches.SharedMemory(1 << 20)
LIMITS = Limits(memory_bytes=512 * MIB, call_seconds=20, start_seconds=60, file_bytes=64 * MIB)


def misbehaving(request=None, **settings):
    return Quarantine("served:serve", request or {}, **{"readable": [HERE], "limits": LIMITS, "allow_weak": True} | settings)


@pytest.fixture(scope="module")
def quarantine():
    with misbehaving() as quarantine:
        yield quarantine


def test_values_and_arrays_come_back_as_they_went(quarantine):
    values = {"text": "naïve", "n": 2**53, "x": [1.5, None, True, b"\x00"], "deep": {"a": {"b": []}}}
    answered, arrays = quarantine.call("double", values, {"small": np.arange(6.0).reshape(2, 3), "none": np.zeros((0, 4), np.float32)})
    assert answered == values
    np.testing.assert_array_equal(arrays["small"], np.arange(6.0).reshape(2, 3) * 2)
    assert arrays["none"].shape == (0, 4)


def test_large_batches_grow_and_shrink_without_a_trace_of_the_last(quarantine):
    for n in (10, 400_000, 7, 50_000):
        x = np.random.default_rng(n).normal(size=(n, 3)).astype(np.float32)
        _, arrays = quarantine.call("double", {}, {"x": x[::-1].T, "y": np.arange(n)})
        np.testing.assert_array_equal(arrays["x"], x[::-1].T * 2)
        np.testing.assert_array_equal(arrays["y"], np.arange(n) * 2)


def test_an_answer_is_the_callers_to_write(quarantine):
    for n in (3, 30_000):
        _, first = quarantine.call("double", {}, {"x": np.ones(n)})
        first["x"] += 1
        quarantine.call("double", {}, {"x": np.zeros(n)})
        np.testing.assert_array_equal(first["x"], np.full(n, 3.0))


def test_an_exception_inside_is_one_inert_line_and_not_the_end(quarantine):
    with pytest.raises(RaisedError) as caught:
        quarantine.call("raises", {"text": "no\x1b[31m such\ncolumn \u202e" + "x" * 5000})
    message = str(caught.value)
    assert "ValueError: no\\x1b[31m such column \\u202ex" in message
    assert len(message) < 500
    assert isinstance(caught.value, UserError)
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    assert quarantine.call("double", {"a": 1}) == ({"a": 1}, {})


def test_objects_do_not_cross(quarantine):
    with pytest.raises(TypeError, match="only arrays of numbers"):
        quarantine.call("double", {}, {"x": np.array(["a"])})
    with pytest.raises(RaisedError, match="only arrays of numbers"):
        quarantine.call("objects")


def test_the_limit_on_memory_is_named(quarantine):
    with pytest.raises(RaisedError, match="more than 512 MiB of memory"):
        quarantine.call("take", {"bytes": 900 * MIB})
    assert quarantine.call("take", {"bytes": 1000})[0] == {"sum": 1000}


def test_an_answer_larger_than_allowed_is_refused(quarantine):
    with pytest.raises((RaisedError, GarbageError)):
        quarantine.call("zeros", {"shape": [9 * MIB]})
    assert quarantine.alive
    assert quarantine.call("zeros", {"shape": [MIB]})[1]["zeros"].shape == (MIB,)


def test_nothing_of_ours_is_inside():
    with misbehaving() as quarantine:
        values, _ = quarantine.call("environment")
    assert set(values["environment"]) <= {
        *("HOME", "TMPDIR", "USER", "LANG", "PATH", "JOBLIB_MULTIPROCESSING", "TZ", "LD_LIBRARY_PATH", "LC_CTYPE", "KMP_INIT_AT_FORK"),
        *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "KMP_DUPLICATE_LIB_OK", "DYLD_LIBRARY_PATH"),
    }
    assert len(values["descriptors"]) == 7  # standard streams, the channel, two pieces of memory, and the one that lists them


@pytest.mark.parametrize("said", [{"OMP_NUM_THREADS": "1"}, {"OMP_NUM_THREADS": "3", "MKL_NUM_THREADS": "2"}, {}])
def test_a_number_of_threads_that_was_said_holds_for_every_library(said, monkeypatch):
    """Torch heeds the variable of MKL first: set by us, it gave two threads, which waited for each other, where one was asked for."""
    names = {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"}
    for name in names:
        monkeypatch.delenv(name, raising=False)
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    with misbehaving() as quarantine:
        inside, _ = quarantine.call("environment")
    told = {name: value for name, value in inside["environment"].items() if name in names}
    assert told == said if said else set(told) == names


@pytest.mark.parametrize(
    ("method", "values", "limits", "words"),
    [
        ("abort", {}, {}, "SIG"),
        ("crash", {}, {}, "SIGSEGV"),
        ("leave", {"status": 7}, {}, "status 7"),
        ("spin", {}, {"cpu_seconds": 1}, "more than 1 seconds of processor time"),
    ],
)
def test_a_death_says_how_and_a_new_one_can_be_started(method, values, limits, words):
    import msgspec

    with misbehaving(limits=msgspec.structs.replace(LIMITS, **limits), name="fraud.joblib") as quarantine:
        with pytest.raises(DiedError, match=words) as caught:
            quarantine.call(method, values)
        assert caught.value.where == "fraud.joblib"
        assert not quarantine.alive
        with pytest.raises(DiedError):
            quarantine.call("double")
    assert not os.path.exists(quarantine.folder)


def test_a_call_that_takes_too_long_is_ended():
    with misbehaving() as quarantine:
        began = time.monotonic()
        with pytest.raises(TimedOutError, match=r"did not answer within 0\.3 seconds"):
            quarantine.call("hang", seconds=0.3)
        assert time.monotonic() - began < 30
        assert not quarantine.alive


def test_a_load_that_fails_says_why():
    with pytest.raises(RaisedError, match="RuntimeError: bad file"):
        misbehaving({"raise": "bad file"})
    with pytest.raises(TimedOutError, match="did not load"):
        misbehaving({"hang": True}, limits=Limits(start_seconds=2))
    with pytest.raises(RaisedError, match="ModuleNotFoundError"):
        misbehaving(readable=[])
    with pytest.raises(ValueError, match="module:function"):
        Quarantine("os.system", {})


def test_a_confinement_that_breaks_is_no_start(monkeypatch):
    monkeypatch.setattr("aisecops.isolation.quarantine.import_path", lambda readable: [])
    with pytest.raises(StartError, match="did not confine itself"):
        misbehaving()


def test_the_process_outlives_the_thread_that_started_it():
    made = []
    thread = threading.Thread(target=lambda: made.append(misbehaving()))
    thread.start()
    thread.join()
    time.sleep(0.2)
    with made[0] as quarantine:
        assert quarantine.call("double", {"a": 1}) == ({"a": 1}, {})


PARENT = """
import os, sys, time
from aisecops.isolation.quarantine import Quarantine
quarantine = Quarantine("aisecops.isolation.echo:serve", {}, allow_weak=True)
print(quarantine.folder, *quarantine.processes, flush=True)
time.sleep(60)
"""


def test_nothing_is_left_when_the_parent_is_killed():
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    folder, supervisor = parent.stdout.readline().split()
    assert alive(int(supervisor))
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and (os.path.exists(folder) or alive(int(supervisor))):
        time.sleep(0.05)
    assert not os.path.exists(folder)
    assert not alive(int(supervisor))


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_closing_leaves_no_descriptor_and_no_folder():
    misbehaving().close()
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        quarantine = misbehaving()
        quarantine.close()
        quarantine.close()
        assert not os.path.exists(quarantine.folder)
    assert len(os.listdir("/proc/self/fd")) == before


def test_the_folder_stays_where_what_is_above_it_may_be_read(tmp_path, monkeypatch):
    """Its place on disk is then seen inside: to remove that would take the folder away from the process."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "beside").write_text("read me")
    with misbehaving(readable=[HERE, str(tmp_path)]) as quarantine:
        values, _ = quarantine.call("write", {"path": str(tmp_path / "beside")})
        assert values == {"own": "written", "beside": "read me", "refused": True}
    assert os.listdir(tmp_path) == ["beside"]


def test_in_process_answers_the_same(quarantine):
    sys.path.insert(0, HERE)
    try:
        with InProcess("served:serve", {}) as here:
            there = quarantine.call("double", {"a": 1}, {"x": np.arange(4)})
            values, arrays = here.call("double", {"a": 1}, {"x": np.arange(4)}, seconds=1)
            assert values == there[0]
            np.testing.assert_array_equal(arrays["x"], there[1]["x"])
            assert here.alive
        assert not here.alive
    finally:
        sys.path.remove(HERE)


# -- hostile answers: what the parent does with bytes that no honest process sends


class Puppet:
    """A quarantine whose process says what a test wants it to."""

    def __init__(self, quarantine):
        self.quarantine = quarantine
        ours, theirs = socket.socketpair()
        self.real, quarantine._process.channel = quarantine._process.channel, Channel(ours)
        self.theirs = theirs

    def say(self, data):
        self.theirs.sendall(data)


def framed(data):
    return len(data).to_bytes(4, "little") + data


def encoded(*arguments):
    import msgspec

    return framed(msgspec.msgpack.encode(Answer(*arguments)))


HOSTILE = {
    "not a message": framed(b"\xc1\xc1\xc1"),
    "no text": framed(b"\x91\xa2\x00\x80"),
    "endless": b"\xff\xff\xff\xff",
    "another number": encoded(99, {}, (), b""),
    "two": encoded(1, {}, (), b"") * 2,
    "deep": framed(b"\x95\xa6answer\x01" + b"\x81\xa1a" * 50_000 + b"\xc0" + b"\x90\xc4\x00"),
    "extension": encoded(1, {"a": __import__("datetime").datetime.now(__import__("datetime").UTC)}, (), b""),
    "wrong type": framed(__import__("msgspec").msgpack.encode(["answer", "one", {}, [], b""])),
    "object dtype": encoded(1, {}, (ArrayHeader("x", "|O", (1,)),), b"\0" * 64),
    "text dtype": encoded(1, {}, (ArrayHeader("x", "<U4", (1,)),), b"\0" * 64),
    "negative side": encoded(1, {}, (ArrayHeader("x", "<f8", (-1,)),), b""),
    "overflowing sides": encoded(1, {}, (ArrayHeader("x", "<f8", (1 << 40, 1 << 40, 1 << 40)),), b""),
    "too many axes": encoded(1, {}, (ArrayHeader("x", "<f8", (1,) * 40),), b"\0" * 64),
    "short inline": encoded(1, {}, (ArrayHeader("x", "<f8", (4,)),), b"\0" * 8),
    "not in memory": encoded(1, {}, (ArrayHeader("x", "<f8", (1 << 20,)),), b""),
    "too many arrays": encoded(1, {}, tuple(ArrayHeader(f"x{i}", "<f8", (0,)) for i in range(2000)), b""),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_garbage_is_refused_and_its_process_ended(data):
    quarantine = Quarantine("aisecops.isolation.echo:serve", {}, allow_weak=True, limits=LIMITS)
    puppet = Puppet(quarantine)
    try:
        puppet.say(data)
        with pytest.raises(GarbageError, match="not an answer"):
            quarantine.call("echo", seconds=5)
        assert not quarantine.alive
    finally:
        puppet.theirs.close()
        puppet.real.end.close()
        quarantine._process.channel.end.close()


@given(st.binary(max_size=200))
@settings(max_examples=150, deadline=None)
def test_random_bytes_never_do_more_than_be_refused(data):
    import msgspec

    from aisecops.core.decoding import UNDECODABLE
    from aisecops.isolation.messages import FromChild

    try:
        message = msgspec.msgpack.decode(data, type=FromChild)
        plain(getattr(message, "values", {}))
    except UNDECODABLE:  # what the quarantine refuses
        pass


@given(hnp.arrays(st.sampled_from(["?", "i1", "u8", "f2", "f4", ">f8", "<i4"]), hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=6)))
@settings(max_examples=60, deadline=None)
def test_packing_and_unpacking_is_the_identity(array):
    with tempfile.TemporaryFile() as file:
        memory = batches.SharedMemory(file.fileno())
        headers, inline = batches.pack({"a": array, "b": array[..., None]}, memory)
        arrays = batches.unpack(headers, inline, memory, 1 << 20)
    np.testing.assert_array_equal(arrays["a"], array)
    assert arrays["b"].shape == (*array.shape, 1)


def test_a_truth_value_of_any_byte_is_true_or_false():
    arrays = batches.unpack((ArrayHeader("x", "|b1", (3,)),), bytes([0, 1, 77]).ljust(64, b"\0"), NOWHERE, 1 << 20)
    assert arrays["x"].view(np.uint8).tolist() == [0, 1, 1]


@given(st.lists(st.text(st.characters(codec=None), max_size=20), max_size=20))
def test_texts_cross_with_all_that_is_in_them(texts):
    assert decode_texts(encode_texts(texts)) == texts


@pytest.mark.parametrize(
    "arrays",
    [
        {},
        {"texts.utf8": np.zeros(3, np.uint8)},
        {"texts.utf8": np.zeros(3, np.uint8), "texts.offsets": np.array([0, 5])},
        {"texts.utf8": np.zeros(3, np.uint8), "texts.offsets": np.array([0, 3, 1, 3])},
        {"texts.utf8": np.zeros(3, np.uint8), "texts.offsets": np.zeros(0, np.int64)},
        {"texts.utf8": np.full(3, 255, np.uint8), "texts.offsets": np.array([0, 3])},
        {"texts.utf8": np.zeros(3), "texts.offsets": np.array([0, 3])},
    ],
)
def test_texts_that_do_not_fit_are_garbage(arrays):
    with pytest.raises(GarbageError):
        decode_texts(arrays)


def test_batches_that_claim_too_much_are_malformed():
    with pytest.raises(MalformedError):
        batches.unpack((ArrayHeader("x", "<f8", (1 << 30,)),), b"", NOWHERE, 1 << 20)


def memory_of(sealed):
    """What a quarantine shares with its parent, where memory can be sealed and where it cannot."""
    if not sealed:
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the memory
        return file, batches.SharedMemory(file.fileno())
    from aisecops.isolation.quarantine import _memory

    file = os.fdopen(_memory("test"), "r+b")
    return file, batches.SharedMemory(file.fileno())


@pytest.mark.parametrize("sealed", [True, False])
def test_both_kinds_of_memory_carry_large_arrays(sealed):
    file, ours = memory_of(sealed)
    with file:
        theirs = batches.SharedMemory(file.fileno())
        for n in (20_000, 5_000, 90_000):
            array = np.random.default_rng(n).normal(size=(n, 2))
            headers, inline = batches.pack({"a": array, "b": array > 0}, ours)
            assert inline == b""
            arrays = batches.unpack(headers, inline, theirs, 1 << 30)
            np.testing.assert_array_equal(arrays["a"], array)
            np.testing.assert_array_equal(arrays["b"], array > 0)
            ours, theirs = theirs, ours


def test_the_other_side_cannot_cut_memory_short():
    """Touching a map that was cut short would end us by a signal."""
    file, memory = memory_of(sealed=True)
    with file:
        headers, inline = batches.pack({"a": np.zeros(100_000)}, memory)
        with pytest.raises(PermissionError):
            os.ftruncate(file.fileno(), 10)
        assert batches.unpack(headers, inline, memory, 1 << 30)["a"].shape == (100_000,)
    file, memory = memory_of(sealed=False)
    with file:
        headers, inline = batches.pack({"a": np.zeros(100_000)}, memory)
        os.ftruncate(file.fileno(), 10)
        with pytest.raises(MalformedError):
            batches.unpack(headers, inline, memory, 1 << 30)
