"""The pickle machine on streams of every kind: what it finds, how it ends, what it calls out."""

from __future__ import annotations

import io
import mmap
import pickle
import pickletools
from collections import OrderedDict, defaultdict, deque
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Self

import cloudpickle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisecops.core.settings import Operation
from aisecops.formats.pickle.opcodes import COUNTED, FIXED, LINES, NAMES
from aisecops.formats.pickle.trace import Argument, Ending, StreamAnomaly, Trace
from aisecops.formats.pickle.walk import walk

CALL, NEW, STATE, ITEMS, REFERENCE = Operation.CALL, Operation.INSTANTIATE, Operation.STATE, Operation.ITEMS, Operation.REFERENCE


def uses(trace: Trace) -> list[tuple[str, str, int]]:
    """(operation, callee or what made the object, count), in the order of the first use."""
    found = []
    for use in trace.uses:
        maker = trace.uses[use.origin].callee if use.origin >= 0 else -1
        named = "?" if use.callee < 0 and maker < 0 else ".".join(trace.globals[use.callee if use.callee >= 0 else maker].resolved)
        found.append((str(use.operation), f"made by {named}" if use.origin >= 0 else named, use.count))
    return found


def arguments(stream: bytes) -> list[tuple[Argument, ...] | None]:
    """The arguments of the calls in ``stream``."""
    trace = walk(stream, keep_arguments=lambda module, name: name == "f")
    return [use.arguments for use in trace.uses if use.operation in (CALL, NEW)]


def honest(stream: bytes) -> Trace:
    trace = walk(stream)
    assert (trace.ending, trace.error, trace.end, trace.anomalies) == (Ending.STOP, "", len(stream), ())
    return trace


class Recording(pickle._Unpickler):
    def find_class(self, module: str, name: str) -> object:
        self.asked.add((module, name))
        return super().find_class(module, name)


def asked(stream: bytes) -> set[tuple[str, str]]:
    unpickler = Recording(io.BytesIO(stream))
    unpickler.asked = set()
    unpickler.load()
    return unpickler.asked


class Slots:
    __slots__ = ("a",)

    def __getstate__(self) -> object:
        return None, {"a": 1}


class Node:
    def __init__(self, left: object, right: object) -> None:
        self.left, self.right = left, right


class Rows(list):
    pass


class Keyword:
    def __new__(cls, *, a: int) -> Self:
        return super().__new__(cls)

    def __getnewargs_ex__(self) -> tuple[tuple[object, ...], dict[str, int]]:
        return (), {"a": 1}


SHARED = ["shared"]
OBJECTS = [
    None, (), [], {}, set(), [SHARED, (SHARED, SHARED)], OrderedDict(a=1, b=[2]), defaultdict(list, {1: [2]}), deque([1, 2]), 1 << 70, -(1 << 3000), 1.5,
    datetime(2020, 1, 1, tzinfo=UTC), Decimal("1.5"), Fraction(1, 3), complex(1, 2), bytearray(b"xyz"), b"bytes", frozenset({"q"}), range(5), Ending.STOP,
    Slots(), Node(Node(1, 2), [Node(3, 4)]), Rows([1, 2, 3]), Keyword(a=1), OrderedDict, [len, Node], {"k" * 300: "v" * 70_000}, "\ud800é\n", Exception("x"),
    [bytes(300), bytes(70_000), bytearray(100_000), "t" * 100_000], list(range(100_000)), [f"text {i}" for i in range(20_000)],
]  # fmt: skip


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("thing", OBJECTS, ids=lambda thing: type(thing).__name__)
def test_honest_pickles(thing: object, protocol: int) -> None:
    file = io.BytesIO()
    pickle._Pickler(file, protocol).dump(thing)
    c_pickler = pickle.dumps(thing, protocol)
    for stream in {c_pickler, file.getvalue(), pickletools.optimize(c_pickler)}:
        trace = honest(stream)
        assert {(g.module, g.name) for g in trace.globals} == asked(stream)
        assert {use.callee for use in trace.uses} - {-1} == set(range(len(trace.globals)))
        assert trace.opcodes == sum(1 for _ in pickletools.genops(stream))


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.sampled_from([len, OrderedDict, Node])
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text() | st.integers(), inner)
        | st.builds(Node, inner, inner)
        | st.builds(deque, st.lists(inner))
    ),
    max_leaves=40,
)


@given(TREES, st.integers(0, 5))
@settings(max_examples=150, deadline=None)
def test_honest_pickles_of_any_shape(thing: object, protocol: int) -> None:
    stream = pickle.dumps(thing, protocol)
    assert {(g.module, g.name) for g in honest(stream).globals} == asked(stream)


@given(TREES, st.integers(0, 5))
@settings(max_examples=30, deadline=None)
def test_a_prefix_is_truncated_and_tells_no_more_than_the_whole(thing: object, protocol: int) -> None:
    stream = pickle.dumps(thing, protocol)
    whole = {(operation, name) for operation, name, _ in uses(walk(stream))}
    for length in range(0, len(stream), 1 + len(stream) // 60):
        trace = walk(stream[:length])
        assert (trace.ending, trace.end) == (Ending.TRUNCATED, length)
        assert {(operation, name) for operation, name, _ in uses(trace) if operation != "reference"} <= whole


def test_functions_by_value() -> None:
    factor = 3
    trace = honest(cloudpickle.dumps(lambda x: x * factor))
    assert ("call", "cloudpickle.cloudpickle._make_function", 1) in uses(trace)


def test_every_buffer_reads_alike(tmp_path) -> None:
    path = tmp_path / "p"
    for protocol in range(6):
        stream = pickle.dumps(OBJECTS, protocol)
        path.write_bytes(b"head" + stream + b"tail")
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            traces = [walk(data, 4) for data in (mapped, bytes(mapped), bytearray(mapped))]
            with memoryview(mapped) as view:
                traces.append(walk(view, 4))
        assert all(trace == traces[0] for trace in traces)
        assert (traces[0].ending, traces[0].start, traces[0].end) == (Ending.STOP, 4, 4 + len(stream))


STREAMS = {
    "reduce": (b"cos\nsystem\n(S'id'\ntR.", [("call", "os.system", 1)]),
    "inst": (b"(S'id'\nios\nsystem\n.", [("call", "os.system", 1)]),
    "obj, popped": (b"(cos\nsystem\nS'id'\no0N.", [("call", "os.system", 1)]),
    "newobj": (b"\x80\x02cos\nsystem\n)\x81.", [("instantiate", "os.system", 1)]),
    "newobj_ex": (b"\x80\x04cos\nsystem\n)}\x92.", [("instantiate", "os.system", 1)]),
    "returned": (b"cos\nsystem\n.", [("reference", "os.system", 1)]),
    "popped": (b"cos\nsystem\n0N.", [("reference", "os.system", 1)]),
    "popped with its mark": (b"N(cos\nsystem\n1.", [("reference", "os.system", 1)]),
    "left on the stack": (b"cos\nsystem\nN.", [("reference", "os.system", 1)]),
    "left below a mark": (b"cos\nsystem\n(N.", [("reference", "os.system", 1)]),
    "in a list": (b"](cos\nsystem\ne.", [("reference", "os.system", 1)]),
    "appended": (b"]cos\nsystem\na.", [("reference", "os.system", 1)]),
    "in a tuple": (b"cos\nsystem\n\x85.", [("reference", "os.system", 1)]),
    "in a dictionary": (b"}K\x01cos\nsystem\ns.", [("reference", "os.system", 1)]),
    "in a set": (b"\x8f(cos\nsystem\n\x90.", [("reference", "os.system", 1)]),
    "in a frozen set": (b"(cos\nsystem\n\x91.", [("reference", "os.system", 1)]),
    "duplicated": (b"cos\nsystem\n2)R0.", [("call", "os.system", 1), ("reference", "os.system", 1)]),
    "as an argument": (b"cm\nf\ncos\nsystem\n\x85R.", [("reference", "os.system", 1), ("call", "m.f", 1)]),
    "as all arguments": (b"cm\nf\ncos\nsystem\nR.", [("reference", "os.system", 1), ("call", "m.f", 1)]),
    "as a state": (b"cm\nf\n)\x81cos\nsystem\nb.", [("instantiate", "m.f", 1), ("reference", "os.system", 1), ("state", "made by m.f", 1)]),
    "by memo": (b"cos\nsystem\np5\n0g5\n)R.", [("reference", "os.system", 1), ("call", "os.system", 1)]),
    "by a memo that is written over": (b"Np0\n0cos\nsystem\np0\n0h\x00)R.", [("reference", "os.system", 1), ("call", "os.system", 1)]),
    "by stack": (b"\x80\x04\x8c\x02os\x8c\x06system\x93)R.", [("call", "os.system", 1)]),
    "by stack, other spellings": (b"\x80\x04Vo\\u0073\nS'\\x73ystem'\n\x93)R.", [("call", "os.system", 1)]),
    "many calls": (b"cos\nsystem\nq\x00" + b")R0h\x00" * 1000 + b")R.", [("call", "os.system", 1001)]),
    "state of the callable itself": (b"cm\nf\n}b0N.", [("state", "m.f", 1), ("reference", "m.f", 1)]),
    "items of the callable itself": (b"cm\nf\n(NNu.", [("items", "m.f", 1), ("reference", "m.f", 1)]),
    "items of a result": (b"cm\nf\n)R(Ne.", [("call", "m.f", 1), ("items", "made by m.f", 1)]),
    "no items of a result": (b"cm\nf\n)R(e.", [("call", "m.f", 1), ("items", "made by m.f", 1)]),
    "call of a result": (b"cm\nf\n)R)R.", [("call", "m.f", 1), ("call", "made by m.f", 1)]),
    "state of a result of a result": (b"cm\nf\n)R)RNb.", [("call", "m.f", 1), ("call", "made by m.f", 1), ("state", "made by ?", 1)]),
    "loader's object": (b"Pid\n)RPid\nNbPid\nNa.", [("call", "?", 1), ("state", "?", 1), ("items", "?", 1)]),
    "plain containers": (b"](Ne}(NNu]Na}NNs\x8f(N\x90Nb.", []),
    "Python 2 names": (b"c__builtin__\neval\n)R.", [("call", "builtins.eval", 1)]),
    "Python 2 names, moved": (b"\x80\x02curllib\nurlopen\n)R.", [("call", "urllib.request.urlopen", 1)]),
    "Python 3 names": (b"\x80\x03c__builtin__\neval\n)R.", [("call", "__builtin__.eval", 1)]),
    "the protocol at the opcode": (b"\x80\x04\x80\x00c__builtin__\neval\n\x80\x04)R.", [("call", "builtins.eval", 1)]),
}  # fmt: skip


@pytest.mark.parametrize("name", STREAMS)
def test_operations(name: str) -> None:
    stream, expected = STREAMS[name]
    trace = walk(stream)
    assert trace.ending is Ending.STOP
    assert uses(trace) == [(operation, target, count) for operation, target, count in expected]


TEXT_F = b"cm\nf\n"
DATA, NOTHING = Argument("data"), None
LOOK_ALIKES = {
    "a text and a number": (TEXT_F + b"U\x01aK\x05\x86R.", (Argument("text", "a"), DATA)),
    "memoized": (TEXT_F + b"U\x01a\x85q\x00r\x01\x00\x00\x00p2\n\x94R.", (Argument("text", "a"),)),
    "a frame between": (TEXT_F + b"U\x01a\x85\x94\x95\x02\x00\x00\x00\x00\x00\x00\x00R.", (Argument("text", "a"),)),
    "none": (TEXT_F + b")R.", ()),
    "none, by a mark": (TEXT_F + b"(tR.", ()),
    "none, by the memo": (b")q\x000" + TEXT_F + b"h\x00R.", ()),
    "a callable": (TEXT_F + b"cos\nsystem\n\x85R.", (Argument("global", index=1),)),
    "a result": (TEXT_F + TEXT_F + b")R\x85R.", [(), (Argument("result", index=0),)]),
    "the loader's": (TEXT_F + b"Pid\n\x85R.", (Argument("unknown"),)),
    "inst": (b"(U\x01aim\nf\n.", (Argument("text", "a"),)),
    "obj": (b"(" + TEXT_F + b"U\x01ao.", (Argument("text", "a"),)),
    "another tuple from the memo": (b"U\x01b\x85q\x000" + TEXT_F + b"U\x01a\x850h\x00R.", NOTHING),
    "a tuple, popped": (b"U\x01b\x85q\x000" + TEXT_F + b"h\x00U\x01a\x850R.", NOTHING),
    "a tuple, then another value swapped in": (b"U\x01b\x85q\x000" + TEXT_F + b"h\x00((U\x01at1R.", NOTHING),
    "a list": (TEXT_F + b"](U\x01aeR.", NOTHING),
    "a text that is not told": (TEXT_F + b"U\x01\xe9\x85R.", (Argument("unknown"),)),
    "bytes that look like opcodes": (b"U\x01b\x85q\x00" + TEXT_F + b"U\x01a\x850h\x00K\x94R.", NOTHING),
}  # fmt: skip


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_arguments_are_those_built_right_before(name: str) -> None:
    stream, expected = LOOK_ALIKES[name]
    assert arguments(stream) == (expected if isinstance(expected, list) else [expected])


def test_other_arguments_are_other_uses() -> None:
    stream = b"(" + b"".join(TEXT_F + b"U\x01%c\x85R" % letter for letter in b"aba") + b"t."
    trace = walk(stream, keep_arguments=lambda module, name: (module, name) == ("m", "f"))
    assert [(use.arguments, use.count) for use in trace.uses] == [((Argument("text", "a"),), 2), ((Argument("text", "b"),), 1)]


def test_arguments_are_kept_by_the_resolved_name_too() -> None:
    trace = walk(b"c__builtin__\ngetattr\nU\x01a\x85R.", keep_arguments=lambda module, name: (module, name) == ("builtins", "getattr"))
    assert trace.uses[0].arguments == (Argument("text", "a"),)


ANOMALIES = {
    "computed": (b"\x80\x04cm\nf\n)R\x8c\x01a\x93)R.", StreamAnomaly.COMPUTED_NAME),
    "computed from a constant of a module": (b"\x80\x04cos\nsep\n\x8c\x01a\x93.", StreamAnomaly.COMPUTED_NAME),
    "named in an encoding": (b"U\x01\xe9U\x01a\x93.", StreamAnomaly.COMPUTED_NAME),
    "extension": (b"\x82\x01.", StreamAnomaly.EXTENSION_CODE),
    "extension of four bytes": (b"\x84\x01\x00\x00\x00.", StreamAnomaly.EXTENSION_CODE),
    "persistent id": (b"Pid\n.", StreamAnomaly.PERSISTENT_ID),
    "buffer": (b"\x97\x98.", StreamAnomaly.OUT_OF_BAND_BUFFER),
    "an argument across the end of a frame": (b"\x95\x04\x00\x00\x00\x00\x00\x00\x00K\x01M\x01\x02.", StreamAnomaly.FRAME_DISAGREEMENT),
    "a length across the end of a frame": (b"\x95\x02\x00\x00\x00\x00\x00\x00\x00X\x01\x00\x00\x00a.", StreamAnomaly.FRAME_DISAGREEMENT),
    "a line across the end of a frame": (b"\x95\x03\x00\x00\x00\x00\x00\x00\x00I12\n.", StreamAnomaly.FRAME_DISAGREEMENT),
    "a name across the end of a frame": (b"\x95\x05\x00\x00\x00\x00\x00\x00\x00cos\nsystem\n.", StreamAnomaly.FRAME_DISAGREEMENT),
    "a bad name across the end of a frame": (b"\x95\x03\x00\x00\x00\x00\x00\x00\x00c\xff\xff\xff\nf\n.", StreamAnomaly.FRAME_DISAGREEMENT),
    "a frame in a frame": (b"\x95\x0b\x00\x00\x00\x00\x00\x00\x00\x95\x01\x00\x00\x00\x00\x00\x00\x00NN.", StreamAnomaly.FRAME_DISAGREEMENT),
    "a frame beyond the data": (b"\x95\x0b\x00\x00\x00\x00\x00\x00\x00N.", StreamAnomaly.FRAME_DISAGREEMENT),
    "a stop inside a frame": (b"\x95\x03\x00\x00\x00\x00\x00\x00\x00N.N", StreamAnomaly.FRAME_DISAGREEMENT),
    "an empty name": (b"cos\n\n.", StreamAnomaly.TEXT_DISAGREEMENT),
    "a NUL in a memo index": (b"Np1\x00\n0g1\n.", StreamAnomaly.TEXT_DISAGREEMENT),
    "a memo index beyond C": (b"Np99999999999999999999\n.", StreamAnomaly.TEXT_DISAGREEMENT),
}  # fmt: skip


@pytest.mark.parametrize("name", ANOMALIES)
def test_anomalies(name: str) -> None:
    stream, expected = ANOMALIES[name]
    assert expected in {anomaly.kind for anomaly in walk(stream).anomalies}


def test_frames_that_end_between_the_pieces_of_an_argument_are_read_alike() -> None:
    for stream in (
        b"\x95\x01\x00\x00\x00\x00\x00\x00\x00K\x01.",
        b"\x95\x05\x00\x00\x00\x00\x00\x00\x00X\x01\x00\x00\x00a.",
        b"\x95\x04\x00\x00\x00\x00\x00\x00\x00cos\nsep\n.",
        b"\x95\x00\x00\x00\x00\x00\x00\x00\x00\x95\x01\x00\x00\x00\x00\x00\x00\x00N.",
        b"\x95\x09\x00\x00\x00\x00\x00\x00\x00\x95\x02\x00\x00\x00\x00\x00\x00\x00N.",
    ):
        assert honest(stream).opcodes == sum(1 for _ in pickletools.genops(stream))
        assert pickle.loads(stream) == pickle._loads(stream) == pickle.load(io.BytesIO(stream))


def test_last_line_without_line_feed_is_run_by_pickle_py() -> None:
    trace = walk(b"(S'id'\nios\nsystemX")
    assert trace.ending is Ending.TRUNCATED
    assert uses(trace) == [("call", "os.system", 1)]
    assert [anomaly.kind for anomaly in trace.anomalies] == [StreamAnomaly.TEXT_DISAGREEMENT]
    assert uses(walk(b"cos\nX")) == [("reference", "os.", 1)]
    assert uses(walk(b"cosX")) == [("reference", "os.", 1)]


@pytest.mark.parametrize(
    "text",
    [
        b"I0x41\n",
        b"I 7 \n",
        b"I0b1\n",
        b"I0o7\n",
        b"L0x4_1L\n",
        b"L\t5\n",
        b"F 1_0.5\n",
        b"Finf\n",
        b"S'\\xe9'\n",
        b'S"a\'b"\n',
        b"V\\u00e9\n",
        b"Np 0_1 \n",
    ],
)
def test_text_that_only_some_parsers_take(text: bytes) -> None:
    assert uses(walk(text + b"0cos\nsystem\n)R.")) == [("call", "os.system", 1)]


MALFORMED = {
    b"\xff", b"N\xffN.", b"R", b"K\x01R", b"0", b"1", b"N1", b"t", b"\x85", b"K\x01\x86.", b"N(\x85.", b"h\x00.", b"g7\n.", b"Np-1\n.", b"Npx\n.", b"Np\n.",
    b"N\x80\x06.", b"\x8b\x00\x00\x00\x80N.", b"\x95\x00\x00\x00\x00\x00\x00\x00\xffN.", b"q\x00.", b"(q\x00.", b"\x94.", b"2.", b".", b"(.", b"c\xff\nf\n.",
    b"i\xc3\xa9\nf\n.", b"\x93.", b"K\x01\x93.", b"Q.", b"Nb.", b"Na.", b"Ns.", b"(o.", b"cos\nsystem\nR.", b"N\x98\x98(\x98.", b"ios\nsystem\n.",
}  # fmt: skip


@pytest.mark.parametrize("stream", sorted(MALFORMED))
def test_malformed(stream: bytes) -> None:
    trace = walk(stream + b"N" * 20)
    assert trace.ending is Ending.MALFORMED
    assert trace.error
    assert trace.end < len(stream)


@pytest.mark.parametrize("opcode", sorted({*FIXED, *COUNTED, *LINES} - {0x68, 0x6A, 0x67}))
def test_truncated_argument(opcode: int) -> None:
    head = b"N(N"
    whole = {1: b"\x05", 2: b"\x05\x00", 4: b"\x05\x00\x00\x00", 8: b"\x05" + bytes(7)}
    argument = whole[FIXED[opcode]] if opcode in FIXED else whole[COUNTED[opcode]] + b"abcde" if opcode in COUNTED else b"1\n2\n"
    for length in range(len(argument) if opcode not in LINES else 1):
        trace = walk(head + bytes([opcode]) + argument[:length])
        assert (trace.ending, trace.end) == (Ending.TRUNCATED, len(head) + 1 + length)


def test_empty() -> None:
    assert walk(b"").ending is Ending.TRUNCATED
    assert walk(b"N.", 2).ending is Ending.TRUNCATED


def test_lengths_of_any_size_end_the_walk() -> None:
    for opcode, width in COUNTED.items():
        for length in (1 << (8 * width)) - 1, (1 << (8 * width - 1)) + 1, 200:
            assert walk(bytes([opcode]) + length.to_bytes(width, "little") + b"N" * 60).ending in (Ending.TRUNCATED, Ending.MALFORMED)


def test_memo_counts_as_the_unpicklers_count() -> None:
    """MEMOIZE puts at the number of entries set, which may be an index that is taken."""
    assert pickle._loads(b"\x80\x04Nq\x010K\x05\x940K\x06\x94h\x01.") == 6
    with pytest.raises(pickle.UnpicklingError):
        pickle.loads(b"\x80\x04Nq\x010K\x05\x940h\x02.")
    assert walk(b"\x80\x04Nq\x010K\x05\x940h\x02.").ending is Ending.MALFORMED
    far = b"N" + b"r\x00\x00\x00\x80" + b"0cos\nsystem\n\x940h\x01)R."
    assert uses(walk(far)) == [("reference", "os.system", 1), ("call", "os.system", 1)]


@pytest.mark.slow
def test_limits_end_the_walk_honestly() -> None:
    assert walk(b"N" * 3_000_000 + b".", max_held=1 << 20).ending is Ending.LIMIT
    assert walk(b"(" * 3_000_000 + b".", max_held=1 << 20).ending is Ending.LIMIT
    assert walk(b"N" + b"\x94" * 3_000_000 + b".", max_held=1 << 20).ending is Ending.LIMIT
    assert walk(b"N0" * 500_000 + b"N.", max_opcodes=1000).ending is Ending.LIMIT
    assert walk(b"cm\nf\n)R" + b")R" * 200_000 + b".").ending is Ending.LIMIT
    assert walk(b"".join(b"cm\nf%d\n0" % number for number in range(100_100)) + b"N.").ending is Ending.LIMIT
    long_name = b"X\x00\xff\x00\x00" + b"a" * 0xFF00
    assert walk(b"".join(b"U\x01%c" % (97 + number % 26) + long_name + b"\x93" for number in range(20)) * 20 + b"N.").ending in (
        Ending.STOP,
        Ending.LIMIT,
    )
    assert walk(b"Np" + b"1" * 5000 + b"\n.").ending is Ending.LIMIT


def test_names_of_absurd_length_are_no_names() -> None:
    trace = walk(b"c" + b"a" * 70_000 + b"\nf\n)R.")
    assert trace.globals == ()
    assert [anomaly.kind for anomaly in trace.anomalies] == [StreamAnomaly.COMPUTED_NAME]


def test_persistent_ids_are_told_with_their_items() -> None:
    one = b"(U\x07storagectorch\nFloatStorage\nU\x01%cU\x03cpuK\x05tQ"
    trace = walk(b"(" + one % 48 + one % 49 + one % 48 + b"U\x01xQt.")
    storage = (Argument("text", "storage"), Argument("global", index=0), Argument("text", "0"), Argument("text", "cpu"), DATA)
    assert [pid.items for pid in trace.persistent_ids] == [storage, (*storage[:2], Argument("text", "1"), *storage[3:]), None]
    assert [anomaly.kind for anomaly in trace.anomalies] == [StreamAnomaly.PERSISTENT_ID]
    assert uses(trace) == [("reference", "torch.FloatStorage", 3)]


def test_every_opcode_is_known() -> None:
    assert {ord(opcode.code): opcode.name for opcode in pickletools.opcodes} == NAMES
