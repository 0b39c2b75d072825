"""Honest files of every format that is read, made by the libraries that write them; PyTorch's by hand, as it is too large to depend on here."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import pickle
import struct
import tarfile
import zipfile
import zlib
from collections import OrderedDict
from functools import cache

import joblib
import numpy as np

ARRAY = np.arange(60, dtype="float64").reshape(6, 10)
OBJECT = {"weights": ARRAY, "labels": np.array(["a", None, 3], dtype=object), "name": "model", "params": {"depth": 3, "rates": [0.1, 0.2]}}
EVIL = b"cos\nsystem\n(S'echo pwned'\ntR."
"""A protocol 0 pickle that calls os.system."""


def _class(module: str, name: str) -> bytes:
    return f"c{module}\n{name}\n".encode()


def state_dict_pickle(keys: list[str], count: int) -> bytes:
    """What torch.save writes as data.pkl: an OrderedDict of tensors rebuilt from storages named by persistent ids."""
    out = b"\x80\x02" + _class("collections", "OrderedDict") + b")R("
    for key in keys:
        out += b"X" + struct.pack("<I", len(key) + 1) + b"w" + key.encode()
        out += _class("torch._utils", "_rebuild_tensor_v2") + b"((X\x07\x00\x00\x00storage" + _class("torch", "FloatStorage")
        out += (
            b"X"
            + struct.pack("<I", len(key))
            + key.encode()
            + b"X\x03\x00\x00\x00cpuJ"
            + struct.pack("<i", count)
            + b"tQK\x00J"
            + struct.pack("<i", count)
        )
        out += b"\x85K\x01\x85\x89" + _class("collections", "OrderedDict") + b")RtR"
    return out + b"u."


def torch_zip(tensors: int = 3, count: int = 256, *, payload: bytes | None = None, compression: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    keys = [str(i) for i in range(tensors)]
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        archive.writestr("archive/data.pkl", payload or state_dict_pickle(keys, count))
        archive.writestr("archive/.format_version", "1")
        archive.writestr("archive/byteorder", "little")
        for key in keys:
            archive.writestr(f"archive/data/{key}", np.random.default_rng(int(key)).standard_normal(count).astype("float32").tobytes())
        archive.writestr("archive/version", "3\n")
        archive.writestr("archive/.data/serialization_id", "1234567890")
    return buffer.getvalue()


def torch_legacy(count: int = 16) -> bytes:
    keys = ["9411", "1207"]
    out = b"".join(pickle.dumps(o, 2) for o in (0x1950A86A20F9469CFC6C, 1001, {"protocol_version": 1001, "little_endian": True}))
    out += state_dict_pickle(keys, count) + pickle.dumps(sorted(keys), 2)
    for key in sorted(keys):
        out += struct.pack("<q", count) + np.full(count, int(key), "float32").tobytes()
    return out


def tar(members: dict[str, bytes], form: int = tarfile.USTAR_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def torch_tar(count: int = 16) -> bytes:
    storage = pickle.dumps(("1", "cpu", 0), 2)[:-1] + b"0" + _class("torch", "FloatStorage") + b"."
    storages = pickle.dumps(1, 2) + storage + struct.pack("<q", count) + np.zeros(count, "float32").tobytes()
    tensor = pickle.dumps(("2", "1", 0), 2)[:-1] + b"0" + _class("torch", "FloatTensor") + b"."
    tensors = pickle.dumps(1, 2) + tensor + struct.pack("<ii", 1, 0) + struct.pack("<qqq", count, 1, 0)
    members = {"sys_info": pickle.dumps({"little_endian": True}, 2), "pickle": b"\x80\x02]Q.", "tensors": tensors, "storages": storages}
    return tar(members, tarfile.PAX_FORMAT)


def joblib_file(compress: object = 0, value: object = None) -> bytes:
    buffer = io.BytesIO()
    if compress:
        joblib.dump(OBJECT if value is None else value, buffer, compress=compress)  # type: ignore[arg-type]
    else:
        joblib.dump(OBJECT if value is None else value, buffer)
    return buffer.getvalue()


def npy(array: np.ndarray, version: tuple[int, int] | None = None) -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, version=version)
    return buffer.getvalue()


def npz(*, compressed: bool = False, **arrays: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(buffer, **arrays)
    return buffer.getvalue()


def zfile(content: bytes) -> bytes:
    """joblib's compressed format before 0.10."""
    return b"ZF" + hex(len(content)).encode().ljust(19) + zlib.compress(content)


@cache
def honest() -> dict[str, bytes]:
    """Files by name; each is read to its last byte without any anomaly."""
    mixed = np.array([1, "x", None], dtype=object)
    files = {f"protocol{p}.pkl": pickle.dumps(OrderedDict(a=[1, 2.5, "x", b"y", (1,), {2}]), p) for p in range(6)}
    files |= {
        "row.pkl": pickle.dumps(1, 2) + pickle.dumps([1, 2], 0) + pickle.dumps({"a": 1}, 5),
        "plain.joblib": joblib_file(),
        "fortran.joblib": joblib_file(value=[np.asfortranarray(ARRAY), ARRAY[:0]]),
        "zlib.joblib": joblib_file(("zlib", 3)),
        "gzip.joblib": joblib_file(("gzip", 3)),
        "bz2.joblib": joblib_file(("bz2", 3)),
        "xz.joblib": joblib_file(("xz", 3)),
        "lzma.joblib": joblib_file(("lzma", 3)),
        "lz4.joblib": joblib_file(("lz4", 3)),
        "old.joblib": zfile(pickle.dumps({"a": [1, 2]}, 2)),
        "v1.npy": npy(ARRAY, (1, 0)),
        "v2.npy": npy(ARRAY.T, (2, 0)),
        "fields.npy": npy(np.zeros(5, dtype=[("a", "<i4"), ("b", "<f8", (2, 3)), ("c", "S7")])),
        "objects.npy": npy(mixed),
        "arrays.npz": npz(a=ARRAY, b=mixed),
        "packed.npz": npz(compressed=True, a=ARRAY, b=mixed),
        "model.pt": torch_zip(),
        "packed.pt": torch_zip(compression=zipfile.ZIP_DEFLATED),
        "legacy.pt": torch_legacy(),
        "tar.pt": torch_tar(),
        "archive.zip": zipped({"a.pkl": pickle.dumps([1], 4), "notes.txt": b"hello\n" * 50, "inner.zip": zipped({"b.pkl": pickle.dumps(OBJECT)})}),
        "bz2.zip": zipped({"a.pkl": pickle.dumps(OBJECT, 4)}, zipfile.ZIP_BZIP2),
        "lzma.zip": zipped({"a.pkl": pickle.dumps(OBJECT, 4)}, zipfile.ZIP_LZMA),
        "archive.tar": tar({"a.pkl": pickle.dumps([1], 4), "notes.txt": b"hello\n" * 50}),
        "long.tar": tar({"d/" * 90 + "a.pkl": pickle.dumps([1], 4)}, tarfile.GNU_FORMAT),
        "pax.tar": tar({"d/" * 90 + "é.pkl": pickle.dumps([1], 4)}, tarfile.PAX_FORMAT),
        "archive.tar.gz": gzip.compress(tar({"a.pkl": pickle.dumps([1], 4)})),
        "two.pkl.gz": gzip.compress(pickle.dumps(list(range(9)), 4)[:9]) + gzip.compress(pickle.dumps(list(range(9)), 4)[9:]),
        "model.pkl.bz2": bz2.compress(pickle.dumps(OBJECT, 4)),
        "model.pkl.xz": lzma.compress(pickle.dumps(OBJECT, 4)),
    }
    return files
