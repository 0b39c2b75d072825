"""joblib, npy and npz: streams with raw arrays inside, in every compression, and what hides behind an array or in one."""

# ruff: noqa: A001, E501, E731, RUF100 (one sample, one line; `id` is what it is)

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import sys
import zlib
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import joblib
import numpy as np

from tests.hostile.assembler import TWIN, Call, argument, called, mapped, named, new, number, pack, plain, reduce, running, stream, text
from tests.hostile.sample import INCOMPLETE, REVIEW, Sample, carrier

G = "joblib-npy"


class Runs:
    """An object that pickles to a call."""

    def __init__(self, call: Call) -> None:
        self.call = call

    def __reduce__(self) -> tuple[Any, ...]:
        if self.call == TWIN:
            _flag_module()
        return getattr(sys.modules[self.call.module], self.call.name), (self.call.argument,)


def _flag_module() -> None:
    """A stand-in for ``hostile_flag``, so that picklers find the function by its name."""
    if TWIN.module in sys.modules:
        return
    module = ModuleType(TWIN.module)
    exec(f"def {TWIN.name}(*a): return 0", vars(module))  # a function whose __module__ is that of the module
    sys.modules[TWIN.module] = module


def dumped(value: Any, compress: Any = 0) -> bytes:
    buffer = io.BytesIO()
    joblib.dump(value, buffer, compress=compress)
    return buffer.getvalue()


def objects(call: Call) -> np.ndarray:
    array = np.empty(2, dtype=object)
    array[:] = [1, Runs(call)]
    return array


def npy(array: np.ndarray, version: tuple[int, int] | None = None) -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, version=version)
    return buffer.getvalue()


def headed(header: str, body: bytes) -> bytes:
    """A .npy file with a header of our own."""
    raw = header.encode("latin-1")
    raw += b" " * (-(len(raw) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(raw)) + raw + body


def dtype(code: str = "u1", order: str = "|", *, size: int = -1, flags: int = 0) -> bytes:
    return (
        called("numpy", "dtype", text(code), b"\x89", b"\x88")
        + pack(number(3), text(order), b"N", b"N", b"N", number(size), number(size), number(flags))
        + b"b"
    )


def wrapper(
    raw: bytes, *, shape: bytes | None = None, kind: bytes | None = None, aligned: bool = False, made: bytes | None = None, **more: bytes
) -> bytes:
    """An array as joblib writes it. Before 1.2 (``aligned`` false) the raw bytes follow the BUILD directly."""
    state = {
        "subclass": named("numpy", "ndarray"),
        "shape": shape or pack(number(len(raw))),
        "order": text("C"),
        "dtype": kind or dtype(),
        "allow_mmap": b"\x88",
    }
    if aligned:
        state["numpy_array_alignment_bytes"] = number(16)
        raw = b"\x00" + raw
    return (made or new("joblib.numpy_pickle", "NumpyArrayWrapper")) + mapped(**(state | more)) + b"b" + raw


def samples() -> Iterator[Sample]:
    yield from compressed()
    yield from behind_arrays()
    yield from two_views()
    yield from odd_wrappers()
    yield from numpy_files()


def compressed() -> Iterator[Sample]:
    for method in ("zlib", "gzip", "bz2", "xz", "lzma", "lz4"):
        yield carrier(
            f"joblib-{method}",
            G,
            f"joblib compressed with {method}, the payload behind a raw array",
            lambda c, m=method: dumped([np.arange(50.0), Runs(c)], (m, 3)),
            suffix=".joblib",
            loader="joblib",
            says="posix.system",
        )
    packers = {
        "zlib": zlib.compress,
        "gzip": gzip.compress,
        "bz2": bz2.compress,
        "xz": lzma.compress,
        "lzma": lambda b: lzma.compress(b, lzma.FORMAT_ALONE),
    }
    for method, pack_up in packers.items():
        yield carrier(f"packed-{method}", G, f"a pickle compressed with {method}", lambda c, p=pack_up: p(plain(c)), suffix=".pkl", loader="joblib")
        yield carrier(
            f"packed-{method}-noname", G, f"a pickle compressed with {method}, no name", lambda c, p=pack_up: p(plain(c)), suffix="", loader="joblib"
        )
        yield carrier(
            f"packed-{method}-cut",
            G,
            f"a pickle compressed with {method}, the end cut off",
            lambda c, p=pack_up: p(plain(c) + bytes(range(256)) * 400)[:-40],
            verdict=INCOMPLETE,
            suffix=".joblib",
            loader="",
        )
        yield carrier(
            f"packed-{method}-tail",
            G,
            f"a pickle compressed with {method}, bytes behind it",
            lambda c, p=pack_up: p(plain(c)) + b"tail tail tail",
            suffix=".pkl",
            loader="",
        )
    yield carrier("packed-twice", G, "gzip in bz2 in xz", lambda c: lzma.compress(bz2.compress(gzip.compress(plain(c)))), loader="")
    yield carrier(
        "packed-lzma-small-dictionary",
        G,
        "LZMA with a dictionary of 256 bytes, which the decoder takes",
        lambda c: _lzma(plain(c), 256),
        suffix=".dat",
        loader="joblib",
    )
    yield carrier(
        "packed-lzma-no-dictionary",
        G,
        "LZMA with a dictionary of 0 bytes, which the decoder takes",
        lambda c: _lzma(plain(c), 0),
        suffix=".dat",
        loader="joblib",
    )
    yield carrier(
        "packed-lzma-sized", G, "LZMA that states its size", lambda c: _lzma(plain(c), 1 << 16, len(plain(c))), suffix=".dat", loader="joblib"
    )
    yield carrier(
        "packed-gzip-members",
        G,
        "a pickle across three gzip members",
        lambda c: gzip.compress(plain(c)[:9]) + gzip.compress(b"") + gzip.compress(plain(c)[9:]),
        suffix=".pkl.gz",
        loader="pandas",
    )
    yield carrier(
        "packed-gzip-fields", G, "gzip with a name, a comment and an extra field", lambda c: _gzip_fields(plain(c)), suffix=".dat", loader="joblib"
    )
    yield carrier("packed-zlib-levels", G, "zlib with the header of level 0", lambda c: zlib.compress(plain(c), 0), suffix=".dat", loader="joblib")
    yield carrier(
        "packed-gzip-second",
        G,
        "an honest pickle in the first gzip member, the payload in the second",
        lambda c: gzip.compress(dumped([1])) + gzip.compress(plain(c)),
        loader="",
    )
    yield carrier(
        "packed-zlib-late-error",
        G,
        "zlib that breaks 40 kB behind the payload",
        lambda c: zlib.compress(plain(c) + bytes(np.random.default_rng(0).bytes(60_000)))[:40_000] + b"\xff" * 100,
        suffix=".joblib",
        loader="joblib",
    )
    yield carrier(
        "packed-zf",
        G,
        "joblib's format before 0.10",
        lambda c: b"ZF" + hex(len(plain(c))).encode().ljust(19) + zlib.compress(plain(c)),
        suffix=".joblib",
        loader="",
    )


def _lzma(content: bytes, dictionary: int, size: int = (1 << 64) - 1) -> bytes:
    """The legacy format with a header that says what we want; the stream itself needs no dictionary."""
    raw = lzma.compress(content, lzma.FORMAT_ALONE, filters=[{"id": lzma.FILTER_LZMA1, "dict_size": 4096}])
    return raw[:1] + struct.pack("<IQ", dictionary, size) + raw[13:]


def _gzip_fields(content: bytes) -> bytes:
    deflate = zlib.compressobj(wbits=-15)
    body = deflate.compress(content) + deflate.flush()
    return (
        b"\x1f\x8b\x08\x1c\0\0\0\0\0\x03"
        + b"\x04\x00abcd"
        + b"model.pkl\0"
        + b"a comment\0"
        + body
        + struct.pack("<II", zlib.crc32(content), len(content))
    )


def behind_arrays() -> Iterator[Sample]:
    shapes = {"plain": np.arange(50.0), "fortran": np.asfortranarray(np.ones((3, 4))), "empty": np.zeros((0, 3)), "scalar": np.array(5.0), "text": np.array(["a", "b"]), "times": np.array(["2024-01-01"], "M8[D]"),
              "fields": np.zeros(3, dtype=[("a", "<i4"), ("b", "S3", (2,))]), "big-endian": np.arange(5).astype(">i8"), "opcodes": np.frombuffer(b"." * 64, "u1"), "matrix": np.asmatrix([[1, 2]])}  # fmt: skip
    for id, array in shapes.items():
        yield carrier(
            f"joblib-behind-{id}",
            G,
            f"the payload behind a raw array ({id})",
            lambda c, a=array: dumped({"w": a, "x": Runs(c)}),
            suffix=".joblib",
            loader="joblib",
            says="posix.system",
        )
    yield carrier(
        "joblib-before", G, "the payload in front of a raw array", lambda c: dumped([Runs(c), np.arange(9)]), suffix=".joblib", loader="joblib"
    )
    yield carrier(
        "joblib-objects",
        G,
        "the payload in an array of objects",
        lambda c: dumped({"w": np.arange(9), "o": objects(c), "v": np.arange(3)}),
        suffix=".joblib",
        loader="joblib",
    )
    yield carrier(
        "joblib-objects-nested",
        G,
        "an array of objects in an array of objects",
        lambda c: dumped(_boxed(objects(c))),
        suffix=".joblib",
        loader="joblib",
    )
    yield carrier(
        "joblib-after-objects",
        G,
        "the payload behind an array of objects",
        lambda c: dumped([np.array([None, "a"], dtype=object), Runs(c)]),
        suffix=".joblib",
        loader="joblib",
    )
    yield carrier(
        "joblib-fields-of-objects",
        G,
        "the payload in a structured array with a field of objects",
        lambda c: dumped(np.array([(1, Runs(c))], dtype=[("n", "i4"), ("o", "O")])),
        suffix=".joblib",
        loader="joblib",
    )
    yield carrier(
        "joblib-hundred-arrays",
        G,
        "the payload behind a hundred arrays",
        lambda c: dumped([*(np.arange(i) for i in range(100)), Runs(c)]),
        suffix=".joblib",
        loader="joblib",
    )
    yield carrier(
        "joblib-old-format",
        G,
        "raw bytes without alignment, as joblib before 1.2 wrote them",
        lambda c: stream(wrapper(b"\x00" * 40), b"0", running(c)),
        suffix=".joblib",
        loader="joblib",
    )
    yield carrier(
        "joblib-object-array-plain", G, "a pickled array of objects", lambda c: __import__("pickle").dumps(objects(c)), suffix=".pkl", loader="pickle"
    )


def _boxed(array: np.ndarray) -> np.ndarray:
    box = np.empty(1, dtype=object)
    box[0] = array
    return box


def two_views() -> Iterator[Sample]:
    """``joblib.load`` steps over the raw bytes; ``pickle.load`` executes them."""
    hidden = lambda c: b"0" + running(c) + b"."
    computed = lambda c: (
        b"0"
        + called("builtins", "str", b"C" + bytes([len(c.module)]) + c.module.encode(), text("ascii"))
        + called("builtins", "str", text(c.name))
        + b"\x93"
        + pack(argument(c))
        + b"R."
    )
    yield carrier(
        "views-raw-bytes", G, "raw bytes of an array that are opcodes for pickle.load", lambda c: stream(wrapper(hidden(c))), suffix=".joblib"
    )
    yield carrier("views-computed", G, "the same, with a computed name", lambda c: stream(wrapper(computed(c))), suffix=".joblib")
    yield carrier(
        "views-numpy-function",
        G,
        "the same, with a callable of a known package",
        lambda c: stream(wrapper(b"0" + called("numpy", "load", text("/tmp/x.npy")) + b".")),
        suffix=".joblib",
        loader="",
    )
    yield carrier(
        "views-memo",
        G,
        "the same, with a module name out of the memo of the joblib view",
        lambda c: stream(text(c.module), b"\x940", wrapper(b"0h\x00" + text(c.name) + b"\x93" + pack(argument(c)) + b"R.")),
        suffix=".joblib",
    )
    yield carrier(
        "views-second",
        G,
        "an honest array first, the opcodes in the second",
        lambda c: stream(wrapper(b"N0" * 4), b"0", wrapper(hidden(c))),
        suffix=".joblib",
    )
    yield carrier(
        "views-setstate",
        G,
        "the same, by state of a namespace",
        lambda c: stream(wrapper(b"0" + new("types", "SimpleNamespace") + mapped(__setstate__=named(c.module, c.name)) + b"b" + argument(c) + b"b.")),
        suffix=".joblib",
    )


def odd_wrappers() -> Iterator[Sample]:
    """Wrappers that nobody can follow: for joblib the file is unreadable, for pickle.load the payload runs."""
    odd = {
        "huge-shape": {"shape": pack(number(2**31 - 1), number(2**31 - 1), number(2**31 - 1))}, "negative-shape": {"shape": pack(number(-5))}, "computed-shape": {"shape": pack(called("builtins", "int", text("3")))},
        "list-shape": {"shape": b"](" + number(3) + b"e"}, "no-dtype": {"kind": b"N"}, "text-dtype": {"kind": text("u1")}, "object-flags": {"kind": dtype("O8", flags=0)}, "void": {"kind": dtype("V8", size=8, flags=1)},
    }  # fmt: skip
    for id, options in odd.items():
        yield carrier(
            f"wrapper-{id}",
            G,
            f"an array wrapper of unknown size ({id}), and the payload for pickle.load",
            lambda c, o=options: stream(wrapper(b"", **o), b"0", running(c)),
            suffix=".joblib",
        )
    yield carrier(
        "wrapper-reconstructed",
        G,
        "a wrapper made by copyreg._reconstructor",
        lambda c: stream(
            wrapper(
                b"0" * 24,
                made=called("copyreg", "_reconstructor", named("joblib.numpy_pickle", "NumpyArrayWrapper"), named("builtins", "object"), b"N"),
            ),
            b"0",
            running(c),
        ),
        suffix=".joblib",
        loader="joblib",
    )
    yield carrier(
        "wrapper-newobj-called",
        G,
        "a wrapper made by copyreg.__newobj__",
        lambda c: stream(
            wrapper(b"0" * 24, made=called("copyreg", "__newobj__", named("joblib.numpy_pickle", "NumpyArrayWrapper"))), b"0", running(c)
        ),
        verdict=INCOMPLETE,
        suffix=".joblib",
        loader="joblib",
    )
    yield carrier(
        "wrapper-twice",
        G,
        "a wrapper built twice",
        lambda c: stream(wrapper(b""), mapped(shape=pack(number(3))), b"b0", running(c)),
        suffix=".joblib",
        loader="",
    )
    yield carrier(
        "wrapper-subclass",
        G,
        "the array's subclass is a class that runs code",
        lambda c: stream(wrapper(b"\x00" * 8, subclass=named("subprocess", "Popen"))),
        suffix=".joblib",
        loader="",
    )
    yield carrier(
        "wrapper-external",
        G,
        "arrays in a file of their own (joblib before 0.10)",
        lambda c: stream(
            new("joblib.numpy_pickle_compat", "NDArrayWrapper"),
            mapped(filename=text("/etc/passwd"), subclass=named("numpy", "ndarray"), allow_mmap=b"\x89"),
            b"b",
        ),
        verdict=INCOMPLETE,
        suffix=".joblib",
        loader="",
    )
    yield carrier(
        "wrapper-external-old-name",
        G,
        "the same by its old module",
        lambda c: stream(new("joblib.numpy_pickle", "NDArrayWrapper"), mapped(filename=text("../x.npy"), subclass=named("numpy", "ndarray")), b"b"),
        verdict=INCOMPLETE,
        suffix=".joblib",
        loader="",
    )
    yield carrier(
        "wrapper-unpickler",
        G,
        "joblib's own unpickler, instantiated",
        lambda c: stream(new("joblib.numpy_pickle", "NumpyUnpickler"), mapped(filename=text("/tmp/x")), b"b"),
        suffix=".joblib",
        loader="",
    )


def numpy_files() -> Iterator[Sample]:
    for version in ((1, 0), (2, 0), (3, 0)):
        yield carrier(
            f"npy-objects-v{version[0]}",
            G,
            f"an array of objects, format {version[0]}",
            lambda c, v=version: npy(objects(c), v),
            suffix=".npy",
            loader="numpy",
            says="posix.system",
        )
    yield carrier("npy-raw-pickle", G, "a pickle named .npy: numpy.load unpickles it", plain, suffix=".npy", loader="numpy")
    yield carrier(
        "npy-fields",
        G,
        "a structured array with a field of objects",
        lambda c: npy(np.array([(1, Runs(c))], dtype=[("n", "i4"), ("o", "O")])),
        suffix=".npy",
        loader="numpy",
    )
    yield carrier(
        "npy-escape",
        G,
        "the dtype written with an escape",
        lambda c: headed("{'descr': '|\\x4f', 'fortran_order': False, 'shape': (1,), }", plain(c)),
        suffix=".npy",
        loader="numpy",
    )
    yield carrier(
        "npy-joined",
        G,
        "the dtype written as two strings",
        lambda c: headed("{'descr': '|' 'O', 'fortran_order': False, 'shape': (1,), }", plain(c)),
        suffix=".npy",
        loader="numpy",
    )
    yield carrier(
        "npy-repeated",
        G,
        "two dtypes, the last of which counts",
        lambda c: headed("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), 'descr': '|O', }", plain(c)),
        suffix=".npy",
        loader="",
    )
    yield carrier(
        "npy-object-word",
        G,
        "the dtype called object",
        lambda c: headed("{'descr': 'object', 'fortran_order': False, 'shape': (1,), }", plain(c)),
        suffix=".npy",
        loader="numpy",
    )
    yield carrier(
        "npy-comma",
        G,
        "the dtype as a list in text",
        lambda c: headed("{'descr': 'i4,O', 'fortran_order': False, 'shape': (1,), }", plain(c)),
        suffix=".npy",
        loader="numpy",
    )
    yield carrier("npy-behind", G, "a pickle behind the items of a plain array", lambda c: npy(np.arange(4)) + plain(c), suffix=".npy", loader="")
    yield carrier("npy-second", G, "an array of objects behind a plain one", lambda c: npy(np.arange(4)) + npy(objects(c)), suffix=".npy", loader="")
    yield carrier("npy-gz", G, "an array of objects, gzipped", lambda c: gzip.compress(npy(objects(c))), suffix=".npy.gz", loader="")
    yield carrier(
        "npy-short",
        G,
        "fewer items than the header says",
        lambda c: headed("{'descr': '<f8', 'fortran_order': False, 'shape': (1000,), }", b"\0" * 16),
        verdict=INCOMPLETE,
        suffix=".npy",
        loader="",
    )
    yield carrier(
        "npy-header-code",
        G,
        "an expression in the header",
        lambda c: headed("{'descr': __import__('os').system('echo hostile'), 'fortran_order': False, 'shape': (1,), }", b""),
        verdict=INCOMPLETE,
        suffix=".npy",
        loader="",
    )
    yield carrier("npz-objects", G, "an array of objects in an npz", lambda c: _npz(a=np.arange(3), b=objects(c)), suffix=".npz", loader="numpy")
    yield carrier("npz-objects-packed", G, "the same, compressed", lambda c: _npz(True, a=np.arange(3), b=objects(c)), suffix=".npz", loader="numpy")
    yield carrier("npz-plain-tail", G, "a pickle behind an npz", lambda c: _npz(a=np.arange(3)) + plain(c), verdict=REVIEW, suffix=".npz", loader="")
    yield carrier("npz-as-bin", G, "an npz with objects under an innocent name", lambda c: _npz(a=objects(c)), suffix=".bin", loader="numpy")
    yield carrier(
        "array-state-objects",
        G,
        "the state of a pickled array holds a call",
        lambda c: stream(
            called("numpy.core.multiarray", "_reconstruct", named("numpy", "ndarray"), pack(number(0)), b"C\x01b"),
            pack(number(1), pack(number(1)), dtype("O8", flags=63), b"\x89", b"](" + running(c) + b"e"),
            b"b",
        ),
    )
    yield carrier(
        "array-scalar-object",
        G,
        "numpy's scalar() of an object",
        lambda c: stream(called("numpy.core.multiarray", "scalar", dtype("O8", flags=63), running(c))),
    )
    yield carrier(
        "dtype-metadata",
        G,
        "a call in the metadata of a dtype",
        lambda c: stream(
            called("numpy", "dtype", text("u1"), b"\x89", b"\x88"),
            pack(number(4), text("|"), b"N", b"N", b"N", number(-1), number(-1), number(0), mapped(a=running(c))),
            b"b",
        ),
    )
    yield carrier(
        "dtype-align", G, "numpy.dtype of a class that runs code", lambda c: stream(called("numpy", "dtype", named("subprocess", "Popen"))), loader=""
    )
    yield carrier(
        "frombuffer",
        G,
        "numpy's _frombuffer with a call as its buffer",
        lambda c: stream(called("numpy.core.numeric", "_frombuffer", running(c), dtype(), pack(number(1)), text("C"))),
    )
    yield carrier(
        "random-ctor",
        G,
        "a random generator by a name of our own",
        lambda c: stream(reduce(named("numpy.random._pickle", "__generator_ctor"), running(c))),
    )


def _npz(packed: bool = False, **arrays: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    (np.savez_compressed if packed else np.savez)(buffer, **arrays)
    return buffer.getvalue()
